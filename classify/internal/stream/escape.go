package stream

import "bytes"

// An escape follows the terminal's escape sequences (ECMA-48, and the private
// strings of Buildkite and GitLab) through a log, byte by byte.
type escape int

const (
	noEscape     escape = iota
	escapeStart         // after ESC
	escapeInter         // after ESC and an intermediate byte, as in ESC ( B
	escapeCSI           // after ESC [
	escapeString        // after ESC ] P X ^ _: up to BEL or ESC \
	escapeEnd           // after ESC in a string
	escapeOver          // after a whole sequence: a shift in or out is part of it
)

const esc = 0x1b

// strip takes the escape sequences out of text, in place, and returns how many
// bytes are left. A line end ends every sequence, so that a broken one costs its
// line only. The state is that after the text before, and that after this one.
func strip(text []byte, state escape) (int, escape) {
	from := 0
	if state == noEscape {
		if from = bytes.IndexByte(text, esc); from < 0 {
			return len(text), noEscape
		}
	}
	to := from
	for from < len(text) {
		from, state = skip(text, from, state)
		plain := bytes.IndexByte(text[from:], esc)
		if plain < 0 {
			plain = len(text) - from
		}
		to += copy(text[to:], text[from:from+plain])
		from += plain
	}
	return to, state
}

// skip returns where the escape sequences end in which text is at from: at an
// ESC, or within one as the state says.
func skip(text []byte, from int, state escape) (int, escape) {
	for ; from < len(text); from++ {
		c := text[from]
		if state.over(c) {
			return from, noEscape
		}
		state = state.next(c)
		if state == escapeCSI { // a colour, nearly always
			for from+1 < len(text) && 0x20 <= text[from+1] && text[from+1] <= 0x3f {
				from++
			}
		}
	}
	return from, state
}

// over reports whether c, which follows what led to the state, is text.
func (e escape) over(c byte) bool {
	switch {
	case c == '\n' || c == '\r':
		return true
	case c == esc:
		return false
	}
	return e == noEscape || e == escapeOver && !isShift(c)
}

// isShift reports whether c is the shift in or out that some terminals' way to
// reset colours ends with.
func isShift(c byte) bool { return c == 0x0e || c == 0x0f }

// next returns the state after c, which is no line end and belongs to a sequence
// or begins one.
func (e escape) next(c byte) escape {
	if c == esc && e != escapeString {
		return escapeStart
	}
	switch e {
	case escapeStart:
		switch {
		case c == '[':
			return escapeCSI
		case c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_':
			return escapeString
		case 0x20 <= c && c <= 0x2f:
			return escapeInter
		}
	case escapeInter:
		if 0x20 <= c && c <= 0x2f {
			return escapeInter
		}
	case escapeCSI:
		if 0x20 <= c && c <= 0x3f {
			return escapeCSI
		}
	case escapeString, escapeEnd:
		switch {
		case c == '\a' || e == escapeEnd && c == '\\':
			return escapeOver
		case c == esc:
			return escapeEnd
		}
		return escapeString
	case escapeOver: // the shift
		return noEscape
	}
	return escapeOver
}
