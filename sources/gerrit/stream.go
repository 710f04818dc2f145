package gerrit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxLine is how long a line of an answer may be. One change with many comments
// exceeds 3 MiB in practice.
const maxLine = 64 << 20

// page is one answer to a query.
type page struct {
	changes  []change
	rows     int     // changes that the server sent, those included that could not be read
	more     bool    // there are more changes behind these
	problems []error // lines that could not be read
}

// row is one line of an answer: a change where Type is empty, else a statement
// about the answer.
type row struct {
	Type        string `json:"type"`
	Message     string `json:"message"`
	MoreChanges *bool  `json:"moreChanges"` // nil: a Gerrit before 2.11, which does not say
	change
}

// errCut says that an answer lacks its last row.
var errCut = errors.New("the answer was cut short: its last row is missing")

// readPage reads the answer to a query for limit changes. An error does not void
// the page: it holds what was read until then. A line that makes no sense costs
// that line only.
//
// The format is that of "gerrit query --format=JSON": a JSON object a line, a
// change each, and in the end one of type "stats", or one of type "error".
func readPage(r io.Reader, limit, maxLine int) (page, error) {
	var p page
	lines := lineReader{r: bufio.NewReaderSize(r, 64<<10), max: maxLine}
	for {
		line, err := lines.next()
		if err == io.EOF {
			return p, errCut
		}
		if errors.Is(err, bufio.ErrTooLong) {
			p.pass(fmt.Errorf("%w: more than %d MiB", err, maxLine>>20))
			continue
		}
		if err != nil {
			return p, fmt.Errorf("%w (%w)", errCut, err)
		}
		done, err := p.add(line, limit)
		if done || err != nil {
			return p, err
		}
	}
}

// add adds a line to the page. It is done with the line that ends the answer, or
// with what is above the limit, from a server that does not heed it.
func (p *page) add(line []byte, limit int) (done bool, err error) {
	if len(bytes.TrimSpace(line)) == 0 {
		return false, nil
	}
	var r row
	if err := json.Unmarshal(line, &r); err != nil {
		p.pass(err)
		return false, nil
	}
	switch {
	case r.Type == "stats":
		p.more = p.rows >= limit
		if r.MoreChanges != nil {
			p.more = *r.MoreChanges
		}
		return true, nil
	case r.Type == "error":
		return true, fmt.Errorf("the server says: %s", clean(r.Message, maxDetail))
	case p.rows >= limit:
		p.more = true
		return true, nil
	case r.Type != "":
		return false, nil // some statement that later versions make
	}
	if err := r.change.check(); err != nil {
		p.pass(err)
		return false, nil
	}
	p.rows++
	p.changes = append(p.changes, r.change)
	return false, nil
}

// pass counts a line that could not be read and goes on.
func (p *page) pass(why error) {
	p.rows++
	p.problems = append(p.problems, fmt.Errorf("change %d of the answer cannot be read: %w", p.rows, why))
}

// lineReader reads lines of any length up to max.
type lineReader struct {
	r    *bufio.Reader
	max  int
	line []byte
}

// next returns the next line, which is valid until the next call. A line longer
// than max is read to its end, and bufio.ErrTooLong returned in its place. A
// last line without line feed was cut, and is not returned but for its error.
func (l *lineReader) next() ([]byte, error) {
	l.line = l.line[:0]
	tooLong := false
	for {
		part, err := l.r.ReadSlice('\n')
		if tooLong = tooLong || len(l.line)+len(part) > l.max; !tooLong {
			l.line = append(l.line, part...)
		}
		switch {
		case err == bufio.ErrBufferFull:
		case err != nil:
			return nil, err
		case tooLong:
			l.line = nil
			return nil, bufio.ErrTooLong
		default:
			return l.line, nil
		}
	}
}
