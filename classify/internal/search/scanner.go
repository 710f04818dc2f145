package search

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/watchcat-ci/watchcat/classify/internal/literal"
)

const (
	tableBits = 16 // half as many were slower with 1000 literals, though the first-level cache holds them
	firstBits = 13
	knownBits = 16
	letters   = 0x2020202020202020
	// multiplier spreads grams over the table: 2^64 divided by the golden ratio
	// (Knuth, The Art of Computer Programming 3, 6.4).
	multiplier = 0x9E3779B97F4A7C15
)

// A scanner finds the literals of one tier. It is immutable once made.
type scanner struct {
	shift   [1 << tableBits]uint8       // by hash of a gram: how far a cursor may go on; 0: a window may end here
	known   [1 << knownBits / 64]uint64 // by the top bits of a key, a bit each: a window has them
	first   [1 << firstBits]uint32      // by fewer of them: 1 + the index of the first window with them
	windows []window                    // by their keys
	mask    uint64                      // the bits of eight bytes that make a gram, those of the case cleared
	tail    uint64                      // likewise the bits of the bytes that make a key
	span    int                         // bytes in a window
	gram    int                         // bytes in a gram
	sieve   *sieve                      // finds the grams, if the tier has one
}

// A window is the part of a literal that a scanner looks for.
type window struct {
	key     uint64 // a hash of its last bytes, case cleared
	literal Literal
	end     int  // where in the literal the window ends
	more    bool // the key of the next window has the same top bits
}

// newScanner returns a scanner for a tier that is not empty.
func newScanner(t tier) *scanner {
	s := &scanner{span: t.span, gram: t.gram}
	s.mask = ^uint64(letters) >> (64 - 8*t.gram)
	s.tail = ^uint64(letters) << (64 - 8*min(t.span, 8))
	for i := range s.shift {
		s.shift[i] = uint8(s.furthest())
	}
	from := make([]int, len(t.literals))
	if t.sieve != noSieve {
		s.sieve, from = newSieve(t.literals, s.gram, t.sieve)
	} else {
		for i, l := range t.literals {
			from[i] = s.rarest(l.Text)
		}
	}
	for i, l := range t.literals {
		s.add(l, from[i])
	}
	s.chain()
	return s
}

// rarest returns where in the text the window begins that stops cursors least.
func (s *scanner) rarest(text string) int {
	if len(text) == s.span {
		return 0
	}
	bytes := []byte(text)
	met := make([]float64, len(text)-s.gram+1) // of each gram, how often
	for i := range met {
		met[i] = literal.Frequency(text[i : i+s.gram])
	}
	at, least := 0, math.Inf(1)
	for from := 0; from+s.span <= len(text); from++ {
		last := from + s.span - s.gram
		sum := miss * met[last]
		for i := from; i < last; i++ {
			sum += met[i] * float64(i-from+1) / float64(s.furthest())
		}
		if s.inRows(load(bytes, last)) {
			sum += 1
		}
		if sum < least {
			at, least = from, sum
		}
	}
	return at
}

// inRows reports whether the gram with which eight bytes begin shares its hash
// with a row of one of the bytes that logs have long rows of.
func (s *scanner) inRows(bytes uint64) bool {
	for _, c := range []byte(" -=.#*_/") {
		if s.hash(uint64(c)*0x0101010101010101) == s.hash(bytes) {
			return true
		}
	}
	return false
}

// furthest returns how far a cursor can go on at most.
func (s *scanner) furthest() int { return s.span - s.gram + 1 }

// add enters the window of a literal that begins at from.
func (s *scanner) add(l Literal, from int) {
	text, end := []byte(l.Text), from+s.span
	for at := from; at+s.gram <= end; at++ {
		d := &s.shift[s.hash(load(text, at))]
		*d = min(*d, uint8(end-s.gram-at))
	}
	s.windows = append(s.windows, window{key: s.key(text, end), literal: l, end: end})
}

// chain sorts the windows and enters them in first.
func (s *scanner) chain() {
	slices.SortFunc(s.windows, func(a, b window) int { return cmp.Compare(a.key, b.key) })
	for i := range slices.Backward(s.windows) {
		w := &s.windows[i]
		first := &s.first[w.key>>(64-firstBits)]
		w.more = *first != 0
		*first = uint32(i + 1)
		bit := w.key >> (64 - knownBits)
		s.known[bit/64] |= 1 << (bit % 64)
	}
}

// hash returns the place in shift of the gram with which eight bytes begin.
func (s *scanner) hash(bytes uint64) uint64 {
	return bytes & s.mask * multiplier >> (64 - tableBits)
}

// key returns the key of a window that would end there: a hash of its last eight
// bytes, case cleared, or of all if they are fewer.
func (s *scanner) key(text []byte, end int) uint64 {
	return loadBefore(text, end) & s.tail * multiplier
}

// knows reports whether a window may have a key.
func (s *scanner) knows(key uint64) bool {
	bit := key >> (64 - knownBits)
	return s.known[bit/64]>>(bit%64)&1 != 0
}

// compare appends a hit for every literal whose window has its last gram at.
func (s *scanner) compare(text []byte, at int, hits []Hit) []Hit {
	end := at + s.gram
	if end > len(text) {
		return hits
	}
	key := s.key(text, end)
	if !s.knows(key) {
		return hits
	}
	next := int(s.first[key>>(64-firstBits)])
	for more := next > 0; more; next++ {
		w := &s.windows[next-1]
		if w.key == key && w.literal.at(text, end-w.end) {
			hits = append(hits, Hit{int32(at), w.literal.ID})
		}
		more = w.more
	}
	return hits
}

// at reports whether the literal stands in the text from a place that may lie
// outside it.
func (l *Literal) at(text []byte, from int) bool {
	if from < 0 || from+len(l.Text) > len(text) {
		return false
	}
	text = text[from : from+len(l.Text)]
	if !l.Fold {
		return string(text) == l.Text
	}
	for i, c := range text {
		if c != l.Text[i] && (!isLetter(c) || c|0x20 != l.Text[i]) {
			return false
		}
	}
	return true
}

// isLetter reports whether c is an ASCII letter.
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// load returns the eight bytes from at, the first one lowest; zeros behind the
// text.
func load(text []byte, at int) uint64 {
	if at+8 <= len(text) {
		return binary.LittleEndian.Uint64(text[at:])
	}
	var eight [8]byte
	copy(eight[:], text[at:])
	return binary.LittleEndian.Uint64(eight[:])
}

// loadBefore returns the eight bytes before end, the last one highest; zeros
// before the text.
func loadBefore(text []byte, end int) uint64 {
	if end >= 8 {
		return binary.LittleEndian.Uint64(text[end-8:])
	}
	var eight [8]byte
	copy(eight[8-end:], text[:end])
	return binary.LittleEndian.Uint64(eight[:])
}
