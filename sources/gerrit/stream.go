package gerrit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/watchcat-ci/watchcat/classify"
)

// maxLine is how long a line of an answer may be. One change with many comments
// exceeds 3 MiB in practice.
const maxLine = 32 << 20

// maxAnswer is how long an answer may be. What is behind counts as cut off.
const maxAnswer = 4 << 30

// question asks for limit changes of a query: those behind the first start or,
// of a Gerrit that knows no start, those behind the one with a sort key. Of a
// change no more is kept than what jobs returns for it.
type question struct {
	query string
	start int
	after string // the sort key; zero: start counts
	limit int
	jobs  func(*change) []classify.Job
}

// page is the answer to a question.
type page struct {
	changes  []reported
	rows     int     // changes that the server sent, those included that could not be read
	more     bool    // there are more changes behind these
	unsaid   bool    // more is a guess, as the server does not say
	broken   []error // a row each that could not be read
	problems []error // what else could not be read, or is not as the server says
}

// reported is what is kept of a change: its comments may be very long.
type reported struct {
	number  int
	updated string // when, as the server writes it
	sortKey string // where it stands in the order of a Gerrit before 2.10
	jobs    []classify.Job
}

// row is one line of an answer: a change where Type is empty, else a statement
// about the answer.
type row struct {
	Type        string `json:"type"`
	Message     string `json:"message"`
	MoreChanges *bool  `json:"moreChanges"` // nil: a Gerrit before 2.11, which does not say
	RowCount    *int   `json:"rowCount"`    // nil: not said
	change
}

var (
	// errCut says that an answer lacks its last row.
	errCut = errors.New("the answer was cut short: its last row is missing")
	// errTooLong says that a line is longer than is read.
	errTooLong = errors.New("the line is too long")
)

// readPage reads the answer to a question. An error does not void the page: it
// holds what was read until then. A line that makes no sense, or is longer than
// maxLine, costs that line only.
//
// The format is that of "gerrit query --format=JSON": a JSON object a line, a
// change each, and in the end one of type "stats", or one of type "error".
func readPage(r io.Reader, q question, maxLine int) (page, error) {
	var p page
	lines := lineReader{r: bufio.NewReaderSize(io.LimitReader(r, maxAnswer), 64<<10), max: maxLine}
	for {
		line, err := lines.next()
		if err == io.EOF {
			return p, errCut
		}
		if err != nil && err != errTooLong {
			return p, fmt.Errorf("%w (%w)", errCut, err)
		}
		r := new(row)
		if err == nil {
			err = r.parse(line)
		} else {
			err = fmt.Errorf("its line is longer than %s, the change is left out", size(maxLine))
		}
		done, err := p.add(r, err, q)
		if err == nil && r.Type == "stats" {
			p.checkRest(lines.r)
		}
		if done || err != nil {
			return p, err
		}
	}
}

// size writes a number of bytes for people.
func size(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// checkRest adds a problem if an answer goes on behind its last row.
func (p *page) checkRest(r io.Reader) {
	text := make([]byte, 1<<10)
	for range maxRest / len(text) {
		n, err := r.Read(text)
		if said := bytes.TrimSpace(text[:n]); len(said) > 0 {
			p.problems = append(p.problems, fmt.Errorf("the answer goes on behind its last row: %q", clean(string(said), 100)))
			return
		}
		if err != nil {
			return
		}
	}
}

// parse reads a line. A blank one becomes a row of no known type.
func (r *row) parse(line []byte) error {
	if len(bytes.TrimSpace(line)) == 0 {
		r.Type = "blank"
		return nil
	}
	if err := json.Unmarshal(line, r); err != nil {
		return explainType(err)
	}
	if r.Type == "" {
		return r.change.check()
	}
	return nil
}

// add adds a row to the page, or why it could not be read. It is done with the
// row that ends the answer, or with what is above the limit, from a server that
// does not heed it.
func (p *page) add(r *row, unread error, q question) (done bool, err error) {
	switch {
	case unread == nil && r.Type == "stats":
		p.end(r)
		return true, nil
	case unread == nil && r.Type == "error":
		return true, fmt.Errorf("the server says: %s", clean(r.Message, maxDetail))
	case unread == nil && r.Type != "":
		return false, nil // some statement that later versions make
	case p.rows >= q.limit:
		p.more = true
		return true, nil
	}
	p.rows++
	if unread != nil {
		p.broken = append(p.broken, fmt.Errorf("change %d of the answer cannot be read: %w", q.start+p.rows, unread))
		return false, nil
	}
	for _, odd := range r.Comments.odd {
		p.problems = append(p.problems, fmt.Errorf("change %d: %w", r.number, odd))
	}
	p.changes = append(p.changes, reported{r.number, string(r.LastUpdated), r.SortKey, q.jobs(&r.change)})
	return false, nil
}

// end reads the last row. Where it does not say whether there are more changes,
// there may be: nobody knows how many the server shows at once.
func (p *page) end(r *row) {
	p.more, p.unsaid = p.rows > 0, true
	if r.MoreChanges != nil {
		p.more, p.unsaid = *r.MoreChanges, false
	}
	if r.RowCount != nil && *r.RowCount != p.rows {
		p.problems = append(p.problems, fmt.Errorf("the server says it sent %d changes, %d came", *r.RowCount, p.rows))
	}
}

// lineReader reads lines of any length up to max.
type lineReader struct {
	r    *bufio.Reader
	max  int
	line []byte
}

// next returns the next line, which is valid until the next call. A line longer
// than max is read to its end without being kept, and errTooLong returned in its
// place. A last line
// without line feed was cut, and only its error is returned.
func (l *lineReader) next() ([]byte, error) {
	l.line = l.line[:0]
	tooLong := false
	for {
		part, err := l.r.ReadSlice('\n')
		if tooLong = tooLong || len(l.line)+len(part) > l.max; tooLong {
			l.line = nil
		} else {
			l.line = append(l.line, part...)
		}
		switch {
		case err == bufio.ErrBufferFull:
		case err != nil && tooLong:
			return nil, fmt.Errorf("in a line longer than %s: narrow the query, so that it leaves this change out: %w", size(l.max), err)
		case err != nil:
			return nil, err
		case tooLong:
			return nil, errTooLong
		default:
			return l.line, nil
		}
	}
}
