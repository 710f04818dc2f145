package testreport

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

const maxTag = 1 << 20 // bytes of an XML tag with its attributes, each cut at maxRun

// errTag is the error for a tag that is longer than maxTag.
var errTag = errors.New("a tag of more than 1 MiB")

// xmlDeclared finds the encoding in an XML declaration.
var xmlDeclared = regexp.MustCompile(`^\s*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

// xmlClip is XML on its way to encoding/xml, which holds each text in memory
// and ends at what XML does not allow: long texts are cut, comments emptied, characters that may
// not be there become blanks, and lines are counted. It reads nothing ahead, so
// the line is that of the byte that was read last.
type xmlClip struct {
	in   *bufio.Reader
	line int   // from 1
	err  error // why reading ended

	state   xmlState
	end     string // what ends a comment, a CDATA section, a quoted value
	run     int    // bytes handed on of what may be cut
	tag     int    // bytes of the tag
	forced  int    // of the next bytes, which belong together
	pending string // to be handed on instead of what was read
}

type xmlState int

const (
	inText xmlState = iota
	inTag
	inQuote   // of a tag
	inSection // comment or CDATA
)

// newXMLClip returns r as UTF-8. UTF-16 was decoded already by who opened it.
func newXMLClip(r *bufio.Reader) *xmlClip {
	start, _ := r.Peek(sniffBytes)
	label := "utf-8"
	if m := xmlDeclared.FindSubmatch(start); m != nil && !bytes.HasPrefix(bytes.ToLower(m[1]), []byte("utf-16")) {
		label = string(m[1])
	}
	text, err := charset.NewReaderLabel(label, r)
	if err != nil {
		text, _ = charset.NewReaderLabel("utf-8", r)
	}
	return &xmlClip{in: bufio.NewReaderSize(text, 64<<10), line: 1}
}

// Read is there for encoding/xml's sake, which uses ReadByte.
func (c *xmlClip) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := c.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

// ReadByte returns the next byte.
func (c *xmlClip) ReadByte() (byte, error) {
	for c.err == nil {
		if c.pending != "" {
			b := c.pending[0]
			c.pending = c.pending[1:]
			return b, nil
		}
		b, err := c.in.ReadByte()
		if err != nil {
			c.err = err
			break
		}
		if b == '\n' {
			c.line++
		}
		if b, ok := c.step(b); ok {
			return b, nil
		}
	}
	return 0, c.err
}

// step takes the next byte and says what is handed on for it, if anything is.
func (c *xmlClip) step(b byte) (byte, bool) {
	if c.forced > 0 {
		c.forced--
		c.run++
		return b, true
	}
	switch c.state {
	case inText:
		if b == '<' {
			c.open()
			return b, true
		}
		return c.text(b)
	case inTag:
		return b, c.inTag(b)
	}
	if string(b) == c.end[:1] && c.follows(c.end[1:]) {
		c.forced, c.run = len(c.end)-1, 0
		if c.state == inQuote {
			c.state = inTag
		} else {
			c.state = inText
		}
		return b, true
	}
	return c.text(b)
}

// open begins what stands after "<".
func (c *xmlClip) open() {
	c.state, c.run, c.tag = inTag, 0, 0
	switch {
	case c.follows("!--"):
		c.state, c.end, c.forced = inSection, "-->", 3
	case c.follows("![CDATA["):
		c.state, c.end, c.forced = inSection, "]]>", 8
	}
}

// inTag follows a tag, and ends all where it is too long.
func (c *xmlClip) inTag(b byte) bool {
	c.tag++
	switch {
	case c.tag > maxTag:
		c.err = errTag
		return false
	case b == '>':
		c.state, c.run = inText, 0
	case b == '"' || b == '\'':
		c.state, c.end, c.run = inQuote, string(b), 0
	}
	return true
}

// text hands on a byte of a text, unless there was enough of it.
func (c *xmlClip) text(b byte) (byte, bool) {
	if c.end == "-->" && c.state == inSection {
		return 0, false
	}
	if c.run >= maxRun && (c.run > maxRun+utf8.UTFMax || utf8.RuneStart(b)) {
		c.run = maxRun + utf8.UTFMax + 1 // nothing more, no rune's rest either
		return 0, false
	}
	c.run++
	if c.state == inQuote {
		c.tag++
	}
	switch {
	case b == '&' && c.state != inSection:
		return c.entity(b)
	case b == '\r' && c.follows("\n"):
		return 0, false
	case b < ' ' && b != '\t' && b != '\n':
		return ' ', true
	}
	return b, true
}

// entity keeps an entity whole. A line break in it stays one, which is no line of
// the file; what XML does not allow becomes a blank.
func (c *xmlClip) entity(b byte) (byte, bool) {
	next, _ := c.in.Peek(12)
	name, _, ok := bytes.Cut(next, []byte(";"))
	if !ok || bytes.ContainsAny(name, "<\"' \n") {
		return b, true
	}
	number, ok := strings.CutPrefix(string(name), "#")
	if !ok {
		c.forced = len(name) + 1
		return b, true
	}
	base := 10
	if hex, ok := strings.CutPrefix(number, "x"); ok {
		number, base = hex, 16
	}
	code, err := strconv.ParseUint(number, base, 32)
	switch {
	case err != nil:
		return b, true
	case code == '\n':
		c.pending = "&#13;"
	case code < ' ' && code != '\t' && code != '\r', code >= 0xd800 && code < 0xe000, code == 0xfffe, code == 0xffff, code > 0x10ffff:
		c.pending = " "
	default:
		c.forced = len(name) + 1
		return b, true
	}
	c.in.Discard(len(name) + 1)
	return 0, false
}

// follows reports whether text comes next.
func (c *xmlClip) follows(text string) bool {
	next, err := c.in.Peek(len(text))
	return err == nil && string(next) == text
}

// cutShort reports whether reading ended at the end of the data.
func (c *xmlClip) cutShort() bool { return errors.Is(c.err, io.EOF) }
