package democi

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// A stencil is a line whose fields ("{n}", "{w}") are filled in anew each time
// it is written. It is cut into pieces once, so that writing costs no more
// than the copying.
type stencil []piece

// piece is plain text and the field behind it.
type piece struct {
	text  string
	field field // zero: none
}

// field is what is filled in.
type field byte

// fields names the fields as templates write them.
func fields() map[string]field {
	return map[string]field{
		"d": 'd', "n": 'n', "N": 'N', "x": 'x', "X": 'X', "w": 'w', "W": 'W', "a": 'a', "A": 'A', "f": 'f', "p": 'p', "t": 't', "ip": 'i',
	}
}

// parseStencil cuts a line. A brace that begins no field is plain text.
func parseStencil(line string, known map[string]field) stencil {
	var t stencil
	var text strings.Builder
	for line != "" {
		head, rest, ok := strings.Cut(line, "{")
		text.WriteString(head)
		if !ok {
			break
		}
		name, after, ends := strings.Cut(rest, "}")
		if f, ok := known[name]; ok && ends {
			t = append(t, piece{text.String(), f})
			text.Reset()
			line = after
			continue
		}
		text.WriteByte('{')
		line = rest
	}
	return append(t, piece{text: text.String()})
}

// parseStencils cuts lines after names such as "<job>" were replaced in them.
func parseStencils(lines []string, names *strings.Replacer, known map[string]field) []stencil {
	all := make([]stencil, len(lines))
	for i, line := range lines {
		all[i] = parseStencil(names.Replace(line), known)
	}
	return all
}

// filler fills fields in: always the same for one seed.
type filler struct {
	rng     *rand.Rand
	words   []string
	word    string        // of the group of lines
	at      time.Duration // time of day
	percent uint64
}

// append writes t to dst.
func (f *filler) append(dst []byte, t stencil) []byte {
	for _, p := range t {
		dst = append(dst, p.text...)
		if p.field != 0 {
			dst = f.fill(dst, p.field)
		}
	}
	return dst
}

func (f *filler) fill(dst []byte, what field) []byte {
	r := f.rng.Uint64()
	switch what {
	case 'd':
		return append(dst, byte('0'+r%8))
	case 'n':
		return strconv.AppendUint(dst, r%1000, 10)
	case 'N':
		return strconv.AppendUint(dst, 1000+r%90000, 10)
	case 'x':
		return appendHex(dst, r, 7)
	case 'X':
		return appendHex(appendHex(dst, r, 16), f.rng.Uint64(), 16)
	case 'w':
		return append(dst, f.words[r%uint64(len(f.words))]...)
	case 'W':
		return appendName(dst, f.words[r%uint64(len(f.words))])
	case 'a':
		return append(dst, f.word...)
	case 'A':
		return appendName(dst, f.word)
	case 'f':
		return appendPadded(append(strconv.AppendUint(dst, r%10, 10), '.'), int(r>>8%1000), 3)
	case 'p':
		return strconv.AppendUint(dst, f.percent, 10)
	case 't':
		return appendClock(dst, f.at)
	default:
		return appendAddress(dst, r)
	}
}

// appendName writes a word of small letters with a capital one at its head.
func appendName(dst []byte, word string) []byte {
	return append(append(dst, word[0]-'a'+'A'), word[1:]...)
}

// appendHex writes the lowest n hexadecimal digits of v.
func appendHex(dst []byte, v uint64, n int) []byte {
	for range n {
		dst = append(dst, "0123456789abcdef"[v&15])
		v >>= 4
	}
	return dst
}

// appendAddress writes an address of the network 10.0.0.0/8.
func appendAddress(dst []byte, v uint64) []byte {
	dst = append(dst, "10"...)
	for range 3 {
		dst = strconv.AppendUint(append(dst, '.'), v%254+1, 10)
		v >>= 8
	}
	return dst
}

// appendClock writes a time of day as 15:04:05.
func appendClock(dst []byte, d time.Duration) []byte {
	s := int(d / time.Second)
	dst = appendPadded(dst, s/3600, 2)
	dst = appendPadded(append(dst, ':'), s/60%60, 2)
	return appendPadded(append(dst, ':'), s%60, 2)
}

// appendPadded writes v with n digits.
func appendPadded(dst []byte, v, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	for i := len(dst) - 1; v > 0 && n > 0; i, n = i-1, n-1 {
		dst[i] = byte('0' + v%10)
		v /= 10
	}
	return dst
}
