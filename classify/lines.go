package classify

import (
	"bytes"
	"io"

	"github.com/watchcat-ci/watchcat/classify/internal/stream"
)

// The limits of the text that rules are tried on.
const (
	// MaxLine is the length in bytes up to which a cleaned line is seen whole.
	// A longer one is seen in pieces of that length.
	MaxLine = stream.MaxLine
	// Overlap is how much two neighbouring pieces have in common at least: no
	// match is lost that is at most this long.
	Overlap = stream.Overlap
)

// A piece is what rules are tried on: a cleaned line, or a part of one that is
// longer than MaxLine. A line of the file that holds carriage returns is
// several cleaned lines with one number.
type piece struct {
	text  []byte // valid until the next block
	line  int    // number of the line in the file, from 1
	index int    // number of the cleaned line, see cursor
	first bool   // the cleaned line begins here
	last  bool   // the cleaned line ends here
	torn  bool   // it ends here only because reading the file failed

	end int // in the block, of what it was cleaned from
}

// A segment is a cleaned line as it lies in a block, before it is cleaned: what
// stands between two line ends, of which a carriage return is one.
type segment struct {
	from, to    int // in the block
	line, index int
	first       bool // it begins in the block
	last        bool // it ends in the block
	torn        bool
}

// A cursor goes forward through the segments of a log, block by block. It counts
// the lines of the file, and numbers the cleaned lines in ascending order: from 1
// without a gap if it is exact, else by where they begin, which costs nothing.
type cursor struct {
	*stream.Block
	exact bool

	pos   int  // where it stands: the beginning of a segment, or the block's end
	lf    int  // the first LF from pos on, or the block's end; not known if it is before pos
	cr    int  // likewise the first carriage return
	line  int  // of the file at pos, from 1
	index int  // of the cleaned line before pos
	shown bool // the line of the file has a cleaned line already
	begun bool // the line of the file has bytes in the block before
	base  int  // where the block begins

	here segment // the cleaned line before pos, once next or seek has gone beyond one
}

// newCursor returns a cursor before the first block of a log.
func newCursor(exact bool) cursor { return cursor{line: 1, exact: exact} }

// enter goes to the beginning of the block that follows the one it left.
func (c *cursor) enter(b *stream.Block) { c.Block, c.pos, c.lf, c.cr = b, 0, -1, -1 }

// leave goes to the end of the block, which is not looked at any more. It returns
// the last segment of a block that ends inside one, else the one that follows.
func (c *cursor) leave() segment {
	n := len(c.Text)
	last := segment{from: n}
	if (c.Open || c.failed()) && c.seek(n) {
		last = c.here
	} else {
		c.skip(n)
		last.line, last.index = c.line, c.index+1
	}
	if n > 0 {
		c.begun = c.Text[n-1] != '\n'
	}
	c.base += n
	c.Block, c.pos = nil, 0
	return last
}

// goBack goes to a place behind an LF and before a segment of the block.
func (c *cursor) goBack(to int, known segment) {
	between := c.Text[to:known.from]
	lfs := bytes.Count(between, []byte{'\n'})
	c.pos, c.shown = to, false
	c.line = known.line - lfs
	c.index = known.index - 1 - c.countLines(between, lfs)
}

// following returns the index of the segment that next returns, if the cursor is
// exact.
func (c *cursor) following() int {
	if c.pos == 0 && c.Inside {
		return c.index
	}
	return c.index + 1
}

// seek goes beyond the segment in which a place of the block is, which is not
// before the cursor: that is here then.
func (c *cursor) seek(at int) bool {
	if c.segmentEnd() < at {
		c.skip(segmentStart(c.Text, at))
	}
	return c.next()
}

// segmentStart returns where the segment begins in which text is at a place,
// behind a line end.
func segmentStart(text []byte, at int) int {
	for !isLineEnd(text[at-1]) {
		at--
	}
	return at
}

func isLineEnd(c byte) bool { return c == '\n' || c == '\r' }

// next goes beyond the next segment that is a cleaned line, which is here then,
// and returns false if the block has no more.
func (c *cursor) next() bool {
	for c.pos < len(c.Text) {
		end := c.segmentEnd()
		ended := end < len(c.Text)
		lf := end == c.lf && ended
		is := c.pos < end || lf && !c.shown
		if is {
			c.here.from, c.here.to, c.here.line = c.pos, end, c.line
			c.here.first, c.here.last, c.here.torn = c.pos > 0 || !c.Inside, ended || !c.Open, !ended && c.failed()
			c.number()
		}
		c.pos = min(end+1, len(c.Text))
		c.shown = !lf && (c.shown || is)
		if lf {
			c.line++
		}
		if is {
			return true
		}
	}
	return c.lastLine()
}

// number gives the segment here its index.
func (c *cursor) number() {
	switch {
	case !c.here.first: // it has that of its first piece
	case c.exact:
		c.index++
	default:
		c.index = c.base + c.here.from + 1
	}
	c.here.index = c.index
}

// segmentEnd returns where the segment at the cursor ends.
func (c *cursor) segmentEnd() int {
	if c.lf < c.pos {
		c.lf = c.find('\n')
	}
	if c.cr < c.pos {
		c.cr = c.find('\r')
	}
	return min(c.lf, c.cr)
}

// find returns the place of the first such byte from the cursor on, or the
// block's end.
func (c *cursor) find(b byte) int {
	if n := bytes.IndexByte(c.Text[c.pos:], b); n >= 0 {
		return c.pos + n
	}
	return len(c.Text)
}

// lastLine goes beyond the last line of a log that has no LF, if it holds nothing
// but carriage returns: an empty one.
func (c *cursor) lastLine() bool {
	begun, n := c.begun, len(c.Text)
	if n > 0 {
		begun = c.Text[n-1] != '\n'
	}
	if c.Err == nil || !begun || c.shown {
		return false
	}
	c.shown = true
	c.here = segment{from: n, to: n, line: c.line, first: true, last: true, torn: c.failed()}
	c.number()
	return true
}

// failed reports whether the log could not be read beyond the block.
func (c *cursor) failed() bool { return c.Err != nil && c.Err != io.EOF }

// skip goes to a place that is the beginning of a segment or the block's end,
// and counts what it passes.
func (c *cursor) skip(to int) {
	passed := c.Text[c.pos:to]
	if len(passed) == 0 {
		return
	}
	lines := bytes.Count(passed, []byte{'\n'})
	if c.exact {
		c.index += c.countLines(passed, lines)
	}
	if lines > 0 {
		c.line += lines
		c.shown = false
		passed = passed[bytes.LastIndexByte(passed, '\n')+1:]
	}
	c.shown = c.shown || len(bytes.TrimLeft(passed, "\r")) > 0
	c.pos = to
}

// countLines returns how many cleaned lines begin in a text at the cursor, which
// holds so many LFs.
func (c *cursor) countLines(text []byte, lfs int) int {
	n := lfs // each line is one, its CR LF or LF at its end
	if c.pos == 0 && c.Inside {
		n-- // what is counted below began before
	}
	if c.shown && text[0] == '\n' {
		n-- // likewise what follows a carriage return in the block before
	}
	for at := 0; ; at++ {
		next := bytes.IndexByte(text[at:], '\r')
		if next < 0 {
			return n
		}
		at += next
		ends := at > 0 && !isLineEnd(text[at-1]) // a part that is not empty
		lf := at+1 < len(text) && text[at+1] == '\n'
		switch {
		case !lf && ends:
			n++
		case lf && !ends && c.showsIn(text[:at]):
			n-- // it is one of lfs
		}
	}
}

// showsIn reports whether the line has a cleaned line that begins in a text at the
// cursor or before it, where the text ends with the line's last segment, an empty
// one.
func (c *cursor) showsIn(text []byte) bool {
	text = bytes.TrimRight(text, "\r")
	if len(text) == 0 {
		return c.shown
	}
	return text[len(text)-1] != '\n'
}

// piece returns the piece of the segment here that begins at a place in the block,
// and where the next one does; the same place as the segment's end if it is the
// last.
func (c *cursor) piece(from int) (p piece, next int) {
	s := &c.here
	raw := c.Text[from:s.to]
	end, skip := stream.Cut(raw)
	whole := end == len(raw)
	p = piece{line: s.line, index: s.index, first: s.first && from == s.from, last: s.last && whole, torn: s.torn && whole, end: from + end}
	p.text = clean(raw[:end], p.first, p.last)
	return p, from + skip
}

// clean returns a text without what does not show at the ends of a line and
// without the runner's prefix.
func clean(text []byte, first, last bool) []byte {
	if last {
		for len(text) > 0 && isHidden(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
	}
	if !first {
		return text
	}
	for len(text) > 0 && isHidden(text[0]) {
		text = text[1:]
	}
	return text[prefixLen(text):]
}

// isHidden reports whether c is a control byte that takes no place on a line.
func isHidden(c byte) bool { return c < ' ' && c != '\t' || c == 0x7f }

// readPieces reads r to its end and calls visit for each piece of it, until visit
// returns false. It returns what eachBlock does.
func readPieces(r io.Reader, visit func(piece) bool) error {
	c := newCursor(true)
	return eachBlock(r, func(b *stream.Block) bool {
		c.enter(b)
		defer c.leave()
		return c.eachPiece(visit)
	})
}

// eachBlock reads r to its end and calls visit for each block of it, which is
// released then. It returns r's error, if that is not io.EOF, after what came
// before was visited, and one that wraps stream.ErrNoText for what is empty or no
// text. It stops early, without an error, if visit returns false.
func eachBlock(r io.Reader, visit func(*stream.Block) bool) error {
	in := stream.NewReader(r)
	defer in.Close()
	for {
		b, err := in.Next()
		if err != nil {
			return err
		}
		more := visit(b)
		err = b.Err
		b.Release()
		switch {
		case !more || err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// eachPiece visits the pieces of the block until visit returns false.
func (c *cursor) eachPiece(visit func(piece) bool) bool {
	for c.next() {
		for from := c.here.from; ; {
			p, next := c.piece(from)
			if !visit(p) {
				return false
			}
			if next == c.here.to {
				break
			}
			from = next
		}
	}
	return true
}
