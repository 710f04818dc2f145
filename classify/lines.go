package classify

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// The limits of the text that rules are tried on.
const (
	// MaxLine is the length in bytes up to which a cleaned line is seen whole.
	// A longer one is seen in pieces of that length.
	MaxLine = 64 << 10
	// Overlap is how much two neighbouring pieces have in common at least: no
	// match is lost that is at most this long.
	Overlap = 4 << 10
)

// A piece is what rules are tried on: a cleaned line, or a part of one that is
// longer than MaxLine. A line of the file that holds carriage returns is
// several cleaned lines with one number.
type piece struct {
	text  []byte // valid until the next piece
	line  int    // number of the line in the file, from 1
	index int    // number of the cleaned line in the file, from 1
	first bool   // the cleaned line begins here
	last  bool   // the cleaned line ends here
	torn  bool   // it ends here only because reading the file failed
}

// errNoText says that a log holds nothing to read.
var errNoText = errors.New("no text")

// errEmpty says that a log is empty.
var errEmpty = fmt.Errorf("the file is empty: %w", errNoText)

// readPieces reads r to its end and calls visit for each piece of it. It
// returns r's error, if that is not io.EOF, after what came before was visited,
// and errNoText for what is empty or no text.
func readPieces(r io.Reader, visit func(piece)) error {
	c := cleaner{visit: visit, line: 1, buf: make([]byte, 0, 4096)}
	in := bufio.NewReaderSize(r, 64<<10)
	if err := checkText(in); err != nil {
		return err
	}
	for {
		chunk, err := in.ReadSlice('\n')
		c.write(chunk)
		switch err {
		case nil, bufio.ErrBufferFull:
		case io.EOF:
			c.close()
			return nil
		default:
			c.torn = true
			c.close()
			return err
		}
	}
}

// checkText looks at the beginning of a log, and passes over a byte order mark.
func checkText(in *bufio.Reader) error {
	head, err := in.Peek(4096)
	switch {
	case len(head) == 0 && err == io.EOF:
		return errEmpty
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return fmt.Errorf("the file is in UTF-16, convert it to UTF-8: %w", errNoText)
	case packed(head) != "":
		return fmt.Errorf("the file is %s: %w", packed(head), errNoText)
	case isBinary(head):
		return fmt.Errorf("the file is binary: %w", errNoText)
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := in.Discard(3)
		return err
	}
	return nil
}

// packed returns the format of a compressed file or an archive, by its first
// bytes, and what to do; "" for anything else.
func packed(head []byte) string {
	for magic, format := range map[string]string{
		"\x1f\x8b": "gzip, unpack it", "\xfd7zXZ\x00": "xz, unpack it", "BZh": "bzip2, unpack it",
		"\x28\xb5\x2f\xfd": "zstd, unpack it", "PK\x03\x04": "a zip archive, name its members as ARCHIVE//MEMBER",
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return format
		}
	}
	return ""
}

// isBinary reports whether more than a twentieth of a file's beginning, and not
// just a few, are control characters that text does not have. NUL does not count: a crash
// leaves runs of these in a log.
func isBinary(head []byte) bool {
	controls, all := 0, 0
	for _, c := range head {
		if c == 0 {
			continue
		}
		all++
		if c < 0x20 && (c < '\a' || c > '\r') && c != 0x1b || c == 0x7f {
			controls++
		}
	}
	return controls > 8 && controls*20 > all
}

// A cleaner turns the bytes of a log into pieces, in bounded memory.
type cleaner struct {
	visit   func(piece)
	line    int    // current line of the file
	index   int    // cleaned lines begun so far
	buf     []byte // cleaned text not visited yet
	open    bool   // a piece of the current cleaned line was visited already
	visited bool   // something of the current line was visited already
	dirty   bool   // the current line has bytes
	torn    bool   // reading the file failed
	esc     escape
}

// write takes the next bytes of the log.
func (c *cleaner) write(b []byte) {
	for len(b) > 0 {
		if c.esc != noEscape && b[0] != '\n' && b[0] != '\r' {
			c.esc = c.esc.next(b[0])
			b = b[1:]
			continue
		}
		n := plainLen(b)
		c.text(b[:n])
		if n == len(b) {
			return
		}
		c.control(b[n])
		b = b[n+1:]
	}
}

// plainLen returns how many bytes of b come before the next one that control handles.
func plainLen(b []byte) int {
	for i, ch := range b {
		if ch < ' ' && ch != '\t' || ch == 0x7f {
			return i
		}
	}
	return len(b)
}

// control takes a byte that ends a line, begins an escape sequence, or does not
// show: that is dropped.
func (c *cleaner) control(b byte) {
	c.dirty = true
	switch b {
	case 0x1b:
		c.esc = escapeStart
	case '\r':
		c.esc = noEscape
		if len(c.buf) > 0 {
			c.end()
		}
	case '\n':
		c.esc = noEscape
		c.endLine()
		c.line++
	}
}

// text takes bytes that stand for themselves.
func (c *cleaner) text(b []byte) {
	for len(b) > 0 {
		c.dirty = true
		n := min(len(b), MaxLine+1-len(c.buf))
		c.buf = append(c.buf, b[:n]...)
		b = b[n:]
		if len(c.buf) > MaxLine {
			c.cut()
		}
	}
}

// endLine ends a line of the file. A line without any text is visited as "".
func (c *cleaner) endLine() {
	if len(c.buf) > 0 || !c.visited {
		c.end()
	}
	c.visited, c.dirty = false, false
}

// close ends the log, whose last line may lack its LF.
func (c *cleaner) close() {
	if c.dirty {
		c.endLine()
	}
}

// end ends a cleaned line.
func (c *cleaner) end() {
	c.emit(len(c.buf), true)
	c.buf, c.open = c.buf[:0], false
}

// cut visits the first piece of an overlong text and keeps the rest with the
// overlap. It cuts where no word is cut, so that \b holds at the cut as it
// would without it; only a run of word characters longer than the overlap is
// cut inside.
func (c *cleaner) cut() {
	to := cutBefore(c.buf, MaxLine)
	c.emit(to, false)
	from := cutAfter(c.buf, to-Overlap)
	c.buf = c.buf[:copy(c.buf, c.buf[from:])]
}

// cutBefore returns the last place up to n before which text may end.
func cutBefore(text []byte, n int) int {
	for i := n; i > n-Overlap; i-- {
		if c := text[i]; c < utf8.RuneSelf && !isWord(c) {
			return i
		}
	}
	return runeStart(text, n)
}

// cutAfter returns the last place up to n at which text may begin.
func cutAfter(text []byte, n int) int {
	for i := n; i > n-Overlap; i-- {
		if c := text[i-1]; c < utf8.RuneSelf && !isWord(c) {
			return i
		}
	}
	return runeStart(text, n)
}

// runeStart returns the place at or shortly before n at which a rune begins.
func runeStart(text []byte, n int) int {
	for i := n; i > n-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			return i
		}
	}
	return n
}

// emit visits the first n bytes of the text as a piece.
func (c *cleaner) emit(n int, last bool) {
	text := c.buf[:n]
	if !c.open {
		c.index++
		text = text[prefixLen(text):]
	}
	c.visit(piece{text: text, line: c.line, index: c.index, first: !c.open, last: last, torn: c.torn})
	c.open, c.visited = true, true
}
