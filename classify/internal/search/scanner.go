package search

import (
	"cmp"
	"encoding/binary"
	"slices"
)

const (
	tableBits = 15 // a table of bytes then fits the first-level cache
	letters   = 0x2020202020202020
	// multiplier spreads grams over the table: 2^64 divided by the golden ratio
	// (Knuth, The Art of Computer Programming 3, 6.4).
	multiplier = 0x9E3779B97F4A7C15
)

// A scanner finds the literals of one tier. It is immutable once made.
type scanner struct {
	shift   [1 << tableBits]uint8  // by hash of a gram: how far the cursor may go on; 0: a window may end here
	first   [1 << tableBits]uint16 // by hash of a last gram: 1 + the index of its first window
	windows []window               // by hash of their last gram
	mask    uint64                 // the bits of eight bytes that make a gram
	span    int                    // bytes in a window
	gram    int                    // bytes in a gram
}

// A window is the part of a literal that a scanner looks for.
type window struct {
	tail     uint64 // the literal's last bytes before end, the last one highest
	tailMask uint64 // the bits of tail to compare
	end      int    // where in the literal the window ends
	literal  Literal
	last     bool // no further window ends with this gram
}

// newScanner returns a scanner for a tier that is not empty.
func newScanner(t tier) *scanner {
	s := &scanner{span: t.span, gram: t.gram, mask: ^uint64(letters) >> (64 - 8*t.gram)}
	for i := range s.shift {
		s.shift[i] = uint8(t.span - t.gram + 1)
	}
	for _, l := range t.literals {
		s.add(l, rarest(l.Text, t.span, t.gram))
	}
	s.chain()
	return s
}

// add enters the window of a literal that begins at from.
func (s *scanner) add(l Literal, from int) {
	end := from + s.span
	for at := from; at+s.gram <= end; at++ {
		h := s.hash(pack(l.Text[at : at+s.gram]))
		s.shift[h] = min(s.shift[h], uint8(end-s.gram-at))
	}
	w := window{end: end, literal: l}
	tail := l.Text[max(0, end-8):end]
	for i := range len(tail) {
		at := 8 * (8 - len(tail) + i)
		bits := uint64(0xff)
		if l.Fold && isLetter(tail[i]) {
			bits = 0xff &^ 0x20
		}
		w.tail |= uint64(tail[i]) & bits << at
		w.tailMask |= bits << at
	}
	s.windows = append(s.windows, w)
}

// chain sorts the windows and enters them in first.
func (s *scanner) chain() {
	hash := func(w window) uint64 { return s.hash(pack(w.literal.Text[w.end-s.gram : w.end])) }
	slices.SortStableFunc(s.windows, func(a, b window) int { return cmp.Compare(hash(a), hash(b)) })
	for i := range s.windows {
		w := &s.windows[i]
		w.last = i+1 == len(s.windows) || hash(s.windows[i+1]) != hash(*w)
		if h := hash(*w); s.first[h] == 0 {
			s.first[h] = uint16(i + 1)
		}
	}
}

// hash returns the place in the tables of the gram with which eight bytes of
// text begin.
func (s *scanner) hash(bytes uint64) uint64 {
	return bytes & s.mask * multiplier >> (64 - tableBits)
}

// compare appends a hit for every literal whose window has its last gram at.
func (s *scanner) compare(text []byte, at int, hits []Hit) []Hit {
	end := at + s.gram
	if end > len(text) {
		return hits
	}
	next := s.first[s.hash(load(text, at))]
	if next == 0 {
		return hits
	}
	tail := before(text, end)
	for {
		w := &s.windows[next-1]
		if tail&w.tailMask == w.tail && w.literal.at(text, end-w.end) {
			hits = append(hits, Hit{int32(at), w.literal.ID})
		}
		if w.last {
			return hits
		}
		next++
	}
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

// before returns the eight bytes before end, the last one highest; zeros before
// the text.
func before(text []byte, end int) uint64 {
	if end >= 8 {
		return binary.LittleEndian.Uint64(text[end-8:])
	}
	return load(text[:end], 0) << (8 * (8 - end))
}

// pack returns up to eight bytes as load does.
func pack(gram string) uint64 {
	var packed uint64
	for i := range len(gram) {
		packed |= uint64(gram[i]) << (8 * i)
	}
	return packed
}
