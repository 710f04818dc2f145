// Package stream reads a log in blocks of whole lines, ahead of who looks at
// them, and takes the terminal's escape sequences out of it.
//
// A [Reader] fills buffers of [Size] bytes. Most end behind a line feed; what
// follows that is carried over to the next buffer. A line too long for a buffer
// is parted behind a carriage return or, where it has none, where one of its
// pieces ends (see [Cut]): so each block can be looked at by itself, and no
// piece of a line lies in two of them.
//
// Escape sequences are taken out of a block in place: a block without an ESC, as
// most are, costs one search for that byte. What is left is the text of the log
// with its line ends, line by line.
//
// The first block is filled when it is asked for, the others by a goroutine that
// is a block or two ahead: reading and unpacking go on while a block is looked at.
// As unpacking is what takes longest, that goroutine does nothing else. Blocks are
// parted in the text as it was read, for no sequence holds a line end, and who
// asks for a block takes the sequences out of it; but those of a line that fills
// its buffer are out before it is parted, as its pieces are parts of what is left.
// A log that fits one block has no goroutine.
package stream

import (
	"bytes"
	"io"
	"sync"
)

// Size is how many bytes of a log are read into a buffer.
const Size = 256 << 10

// A Block is a stretch of a log.
type Block struct {
	// Text is whole lines, each with its LF, without escape sequences. Only the
	// log's last line may lack its LF, and one that is too long for a block.
	Text []byte
	// Open says that Text ends with a piece of an overlong line, which goes on in
	// the next block: there with Inside, and with some bytes once more.
	Open, Inside bool
	// Err is nil if more blocks follow, io.EOF where the log ends, and what went
	// wrong where reading it ended otherwise.
	Err error

	buf   *[Size]byte
	plain int    // Text up to here is without escape sequences, before strip
	esc   escape // the state there
}

var buffers = sync.Pool{New: func() any { return new([Size]byte) }}

// Release gives back the memory of a block, whose Text is not to be used any more.
func (b *Block) Release() {
	if b.buf != nil {
		buffers.Put(b.buf)
		b.Text, b.buf = nil, nil
	}
}

// strip takes the escape sequences out of the block.
func (b *Block) strip() {
	n, state := strip(b.Text[b.plain:], b.esc)
	b.plain, b.esc = b.plain+n, state
	b.Text = b.Text[:b.plain]
}

// A Reader reads a log in blocks. Close ends it.
type Reader struct {
	fill  filler
	begun bool
	done  bool
	ahead chan *Block   // filled blocks; nil until the second is asked for
	stop  chan struct{} // closed to end the goroutine
	fault any           // what the log's reader panicked with, once ahead is closed
}

// NewReader returns a Reader of a log.
func NewReader(r io.Reader) *Reader { return &Reader{fill: filler{in: r}} }

// Next returns the next block, which the caller releases; nil after the last one.
// It panics as the log's reader does.
// The first call returns ErrNoText, or an error that wraps it, for what is empty
// or no text.
func (r *Reader) Next() (*Block, error) {
	switch {
	case r.done:
		return nil, nil
	case !r.begun:
		r.begun = true
		b, err := r.fill.first()
		if err != nil {
			r.done = true
			return nil, err
		}
		return r.got(b), nil
	case r.ahead == nil:
		r.ahead, r.stop = make(chan *Block, 1), make(chan struct{})
		go r.readAhead()
	}
	b, ok := <-r.ahead
	if !ok { // the log's reader gave up its goroutine
		r.done = true
		panic(r.fault)
	}
	return r.got(b), nil
}

// got makes a filled block ready to be looked at.
func (r *Reader) got(b *Block) *Block {
	b.strip()
	r.done = b.Err != nil
	return b
}

// readAhead fills blocks until the log ends or the Reader is closed.
func (r *Reader) readAhead() {
	defer close(r.ahead)
	defer func() { r.fault = recover() }()
	for {
		b := r.fill.next()
		select {
		case r.ahead <- b:
		case <-r.stop:
			b.Release()
			return
		}
		if b.Err != nil {
			return
		}
	}
}

// Close ends reading. It returns when the log is not read any more.
func (r *Reader) Close() {
	r.done = true
	if r.ahead == nil {
		return
	}
	close(r.stop)
	for b := range r.ahead {
		b.Release()
	}
	r.ahead = nil
}

// A filler fills blocks with what a log holds.
type filler struct {
	in     io.Reader
	rest   []byte // what the next block begins with: not within an escape sequence
	inside bool   // rest begins inside an overlong line
}

// first is next for the first block: the beginning tells what is no text.
func (f *filler) first() (*Block, error) {
	b := &Block{buf: buffers.Get().(*[Size]byte)}
	n, err := readFull(f.in, b.buf[:headSize])
	skip, noText := checkHead(b.buf[:n], err)
	if noText != nil {
		b.Release()
		return nil, noText
	}
	f.finish(b, copy(b.buf[:], b.buf[skip:n]), err)
	return b, nil
}

// next fills a block.
func (f *filler) next() *Block {
	b := &Block{buf: buffers.Get().(*[Size]byte), Inside: f.inside}
	f.finish(b, copy(b.buf[:], f.rest), nil)
	return b
}

// finish fills a block that holds n bytes already, and parts it from the next.
// The error is that of reading those.
func (f *filler) finish(b *Block, n int, err error) {
	f.rest, f.inside = f.rest[:0], false
	for known := 0; ; known = n { // before it there is no line end
		if err == nil {
			var more int
			more, err = readFull(f.in, b.buf[n:])
			n += more
		}
		b.Text, b.Err = b.buf[:n], err
		if err != nil {
			return
		}
		if end := known + lastLineEnd(b.Text[known:]); end > known {
			f.part(b, end, end)
			return
		}
		if b.strip(); len(b.Text) == Size { // and its last byte is no sequence's
			b.Open, f.inside = true, true
			end, next := lastCut(b.Text)
			f.part(b, end, next)
			return
		}
		n = len(b.Text)
	}
}

// part ends a block, and lets the next one begin at a place in it.
func (f *filler) part(b *Block, end, next int) {
	f.rest = append(f.rest, b.Text[next:]...)
	b.Text, b.plain = b.Text[:end], min(end, b.plain)
}

// lastLineEnd returns the place behind the last LF in text, behind the last CR if
// there is none, and 0 if there is neither.
func lastLineEnd(text []byte) int {
	if end := behindLast(text, '\n'); end > 0 {
		return end
	}
	return behindLast(text, '\r')
}

// behindLast returns the place behind the last c in text, 0 if there is none.
func behindLast(text []byte, c byte) int {
	if bytes.IndexByte(text, c) < 0 { // which is much quicker than a search from behind
		return 0
	}
	return bytes.LastIndexByte(text, c) + 1
}

// readFull reads until buf is full or r fails, at its end with io.EOF.
func readFull(r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var more int
		more, err = readSome(r, buf[n:])
		n += more
	}
	return n, err
}

// maxEmptyReads is how often in a row a reader may give nothing.
const maxEmptyReads = 100

// readSome reads at least one byte, or fails.
func readSome(r io.Reader, buf []byte) (int, error) {
	for range maxEmptyReads {
		if n, err := r.Read(buf); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}
