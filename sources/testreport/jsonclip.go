package testreport

import (
	"bufio"
	"io"
)

// jsonClip is JSON on its way to encoding/json, which holds each string in
// memory, and blanks between values too: long ones are cut, and it is remembered
// where lines begin.
type jsonClip struct {
	in      *bufio.Reader
	handed  int64        // bytes handed on
	breaks  []lineBreaks // after the line that was asked for
	line    int          // of what was asked for, from 1
	blanks  int          // in a row
	quoted  bool
	escaped int  // bytes that belong to an escape sequence
	run     int  // bytes of the string, or of what is none
	hex     bool // the escape is \uXXXX
}

// lineBreaks are LFs before a byte.
type lineBreaks struct {
	offset int64 // in what was handed on
	n      int
}

const maxBlanks = 1 << 10 // that are handed on in a row

// Read hands on a little at a time, so that breaks stays short.
func (c *jsonClip) Read(p []byte) (n int, err error) {
	p = p[:min(len(p), 4<<10)]
	for n < len(p) && (n == 0 || c.in.Buffered() > 0) {
		b, err := c.in.ReadByte()
		if err != nil {
			return n, err
		}
		if b == '\n' {
			c.lineBreak()
		}
		if !c.keep(b) {
			continue
		}
		p[n] = b
		n++
		c.handed++
	}
	return n, nil
}

// lineBreak notes an LF, whether or not it is handed on.
func (c *jsonClip) lineBreak() {
	if n := len(c.breaks); n > 0 && c.breaks[n-1].offset == c.handed {
		c.breaks[n-1].n++
		return
	}
	c.breaks = append(c.breaks, lineBreaks{c.handed, 1})
}

// keep reports whether a byte is handed on.
func (c *jsonClip) keep(b byte) bool {
	c.run++
	switch {
	case !c.quoted:
		return c.plain(b)
	case c.escaped > 0:
		c.escaped--
		if b == 'u' && c.escaped == 0 && !c.hex {
			c.escaped, c.hex = 4, true
		} else if c.escaped == 0 {
			c.hex = false
		}
		return true
	case b == '"':
		c.quoted, c.run = false, 0
		return true
	case c.run > maxRun:
		if b == '\\' {
			c.skipEscape()
		}
		return false
	case b == '\\':
		c.escaped = 1
	}
	return true
}

// skipEscape leaves out the byte after a backslash, which may be a quote.
func (c *jsonClip) skipEscape() { c.in.Discard(1) }

// plain is keep for what stands between strings. A number longer than any is cut.
func (c *jsonClip) plain(b byte) bool {
	if b > ' ' {
		c.blanks = 0
	}
	switch b {
	case '"':
		c.quoted, c.run = true, 0
		return true
	case ' ', '\t', '\r', '\n':
		c.run = 0
		c.blanks++
		return c.blanks <= maxBlanks
	case '[', ']', '{', '}', ',', ':':
		c.run = 0
		return true
	}
	return c.run < 1<<10
}

// lineOf returns the line of an offset in what was handed on. Offsets grow from
// call to call.
func (c *jsonClip) lineOf(offset int64) int {
	for len(c.breaks) > 0 && c.breaks[0].offset < offset {
		c.line += c.breaks[0].n
		c.breaks = c.breaks[1:]
	}
	return c.line
}

var _ io.Reader = (*jsonClip)(nil)
