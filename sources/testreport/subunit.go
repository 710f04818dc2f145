package testreport

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// The wire format of subunit v2, see "Version 2" in subunit's README.
const (
	signature = 0xb3
	maxPacket = 4 << 20 // the format's own limit

	hasTestID    = 0x0800
	hasTime      = 0x0200
	hasTags      = 0x0080
	hasMIME      = 0x0020
	hasFile      = 0x0040
	statusOfFlag = 0x0007
)

// The states of tests in a packet.
const (
	subunitBegun = iota + 2
	subunitSuccess
	subunitUnexpected
	subunitSkip
	subunitFail
	subunitExpected
)

// errPacket is the error for a packet that is not as it should be.
var errPacket = errors.New("damaged packet")

// subunit reads subunit v2. What others print between packets is passed over.
type subunit struct {
	in      *bufio.Reader
	buf     []byte
	tests   map[string]*subunitTest // those which have not ended
	begun   int
	held    int
	damaged int // packets
	queue   []record
}

type subunitTest struct {
	record
	order int
	since time.Time
}

// packet is what is used of one.
type packet struct {
	id, mime, file string
	content        []byte
	status         int
	time           time.Time // zero: not told
}

func newSubunit(r *bufio.Reader) *subunit {
	return &subunit{in: r, tests: map[string]*subunitTest{}}
}

func (s *subunit) at() int { return 0 }

func (s *subunit) next() (record, error) {
	for len(s.queue) == 0 {
		p, err := s.packet()
		switch {
		case err == nil:
			s.take(p)
		case errors.Is(err, errPacket):
			s.damaged++
		default:
			if err = s.ended(err); len(s.queue) == 0 {
				return record{}, err
			}
		}
	}
	rec := s.queue[0]
	s.queue = s.queue[1:]
	return rec, nil
}

// ended tells the tests that have no end.
func (s *subunit) ended(err error) error {
	for _, id := range slices.SortedFunc(maps.Keys(s.tests), func(a, b string) int { return cmp.Compare(s.tests[a].order, s.tests[b].order) }) {
		t := s.tests[id]
		t.verdict, t.Message = failed, cmp.Or(t.Message, notEnd)
		s.queue = append(s.queue, t.record)
		s.damaged++
	}
	clear(s.tests)
	if err == io.EOF && s.damaged > 0 {
		return fmt.Errorf("%d packets or tests are not complete: %w", s.damaged, io.ErrUnexpectedEOF)
	}
	return err
}

// packet reads the next packet.
func (s *subunit) packet() (packet, error) {
	for {
		b, err := s.in.ReadByte()
		if err != nil {
			return packet{}, err
		}
		if b != signature {
			continue
		}
		head, err := s.in.Peek(5)
		if len(head) < 5 {
			if err == io.EOF {
				err = fmt.Errorf("the report is not complete: %w", io.ErrUnexpectedEOF)
			}
			return packet{}, err
		}
		size, _, ok := number(head[2:])
		if head[0]>>4 != 2 || !ok || size < 8 || size > maxPacket {
			continue // no packet: what somebody printed
		}
		return s.body(size)
	}
}

// body reads a packet of size bytes behind its signature.
func (s *subunit) body(size int) (packet, error) {
	s.buf = append(slices.Grow(s.buf[:0], size)[:0], signature)[:size]
	if _, err := io.ReadFull(s.in, s.buf[1:]); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return packet{}, fmt.Errorf("the report is not complete: %w", err)
	}
	body, sum := s.buf[:size-4], binary.BigEndian.Uint32(s.buf[size-4:])
	if crc32.ChecksumIEEE(body) != sum {
		return packet{}, errPacket
	}
	f := fields{rest: body[3:]}
	f.number() // the size
	return f.packet(binary.BigEndian.Uint16(body[1:]))
}

// fields are the fields of a packet, in order.
type fields struct {
	rest []byte
	bad  bool
}

func (f *fields) packet(flags uint16) (p packet, err error) {
	p.status = int(flags & statusOfFlag)
	if flags&hasTime != 0 {
		if at := f.take(4); len(at) == 4 {
			p.time = time.Unix(int64(binary.BigEndian.Uint32(at)), int64(f.number()))
		}
	}
	if flags&hasTestID != 0 {
		p.id = string(f.text())
	}
	if flags&hasTags != 0 {
		for range f.number() {
			if f.text(); f.bad {
				break
			}
		}
	}
	if flags&hasMIME != 0 {
		p.mime = string(f.text())
	}
	if flags&hasFile != 0 {
		p.file, p.content = string(f.text()), f.text()
	}
	if f.bad {
		return packet{}, errPacket
	}
	return p, nil
}

func (f *fields) text() []byte { return f.take(f.number()) }

func (f *fields) take(n int) []byte {
	if f.bad = f.bad || n > len(f.rest); f.bad {
		return nil
	}
	b := f.rest[:n]
	f.rest = f.rest[n:]
	return b
}

func (f *fields) number() int {
	n, size, ok := number(f.rest)
	if f.bad = f.bad || !ok; f.bad {
		return 0
	}
	f.rest = f.rest[size:]
	return n
}

// number reads a number of one to four bytes, whose first two bits tell how many.
func number(b []byte) (n, size int, ok bool) {
	if len(b) == 0 || len(b) < int(b[0]>>6)+1 {
		return 0, 0, false
	}
	size = int(b[0]>>6) + 1
	n = int(b[0] & 0x3f)
	for _, c := range b[1:size] {
		n = n<<8 | int(c)
	}
	return n, size, true
}

// take adds a packet to what is known of its test.
func (s *subunit) take(p packet) {
	if p.id == "" || p.status == 1 {
		return // output of nobody's; that a test exists
	}
	t := s.open(cut(p.id, maxName))
	if t.since.IsZero() {
		t.since = p.time
	}
	isText := p.mime == "" || strings.HasPrefix(p.mime, "text/")
	if text := cut(string(p.content), maxRun); isText && text != "" && s.held+len(text) <= maxHeld {
		s.held += len(text)
		t.attach(p.file, text)
	}
	if p.status >= subunitSuccess {
		s.end(t, p)
	}
}

// open returns a test that has not ended; one of its own where too much is held.
func (s *subunit) open(id string) *subunitTest {
	t := s.tests[id]
	if t == nil {
		s.begun++
		t = &subunitTest{order: s.begun}
		t.Name = id
		if s.held+512+len(id) <= maxHeld {
			s.held += 512 + len(id)
			s.tests[id] = t
		}
	}
	return t
}

// attach adds what a test printed.
func (t *subunitTest) attach(name, text string) {
	t.tell(0, text)
	if strings.HasPrefix(name, "traceback") || name == "reason" {
		t.Message = cmp.Or(t.Message, cut(raised(text), maxMessage))
	}
}

// raised returns the line of a Python traceback that names the exception.
func raised(traceback string) string {
	last := ""
	frames := true
	for line := range strings.Lines(traceback) {
		switch indented := strings.HasPrefix(line, " "); {
		case indented:
			frames = true
		case frames && strings.TrimSpace(line) != "":
			last, frames = strings.TrimSpace(line), false
		}
	}
	return last
}

// end ends a test.
func (s *subunit) end(t *subunitTest, p packet) {
	switch p.status {
	case subunitFail, subunitUnexpected:
		t.verdict = failed
	case subunitSkip:
		t.verdict = skipped
	}
	if p.status == subunitUnexpected {
		t.Message = cmp.Or(t.Message, "passed, which was not expected")
	}
	t.Duration = duration(p.time.Sub(t.since).Seconds(), !t.since.IsZero() && !p.time.IsZero())
	t.retry = retry{name: t.Name}
	delete(s.tests, t.Name)
	if len(s.tests) == 0 {
		s.held = 0
	}
	s.queue = append(s.queue, t.record)
}
