package stream

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

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
		if n := colour(text[from:]); n > 0 && state == noEscape {
			from += n
		} else {
			from, state = skip(text, from, state)
		}
		n := plain(text, to, from)
		to, from = to+n, from+n
	}
	return to, state
}

// What follows works on eight bytes at once.
const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
	short = 2 // so many eights are looked at before a search for the next ESC pays
)

// colour returns the length of the escape sequence that text begins with if it is
// of the kind that nearly all are, ESC [ 1 ; 3 1 m with few digits, and nothing
// but text or another one follows; else 0.
func colour(text []byte) int {
	if len(text) < 12 || text[1] != '[' {
		return 0
	}
	rest := binary.LittleEndian.Uint64(text[2:])
	others := (rest ^ 0x20*ones) & (0xe0 * ones) // not digits and the like: one of them ends it
	n := bits.TrailingZeros64(others) / 8
	if others == 0 || byte(rest>>(8*n)) < 0x40 || isShift(text[3+n]) {
		return 0
	}
	return 3 + n
}

// plain copies the text at from, up to the next ESC, to a place before it, and
// returns its length.
func plain(text []byte, to, from int) int {
	n := 0
	for range short {
		if from+n+8 > len(text) {
			break
		}
		eight := binary.LittleEndian.Uint64(text[from+n:])
		found := zeros(eight ^ esc*ones)
		if found != 0 && from-to < 8 { // what is behind the ESC must stay
			end := n + bits.TrailingZeros64(found)/8
			copy(text[to+n:], text[from+n:from+end])
			return end
		}
		binary.LittleEndian.PutUint64(text[to+n:], eight)
		if found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
		n += 8
	}
	rest := bytes.IndexByte(text[from+n:], esc)
	if rest < 0 {
		rest = len(text) - from - n
	}
	return n + copy(text[to+n:], text[from+n:from+n+rest])
}

// zeros returns a number whose lowest bit is the highest one of the lowest byte
// of eight that is zero; 0 if none is.
func zeros(eight uint64) uint64 { return (eight - ones) & ^eight & highs }

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
