// Package search finds all literals of all rules in one pass over a text.
//
// The idea is that of Wu and Manber, "A Fast Algorithm for Multi-Pattern
// Searching" (1994), with longer grams and several cursors. Of each literal a
// window of m bytes is chosen, the same m for all. A table tells for each gram
// of q bytes how far its rightmost place in any window is from the window's end:
// a cursor that looks at the gram at p of the text may go on by that distance,
// and by m-q+1, the most there is, if the gram stands in no window. Most of the
// text is thus never looked at. Where the distance is 0 a window may end, and
// the literals with such a window are compared.
//
// Literals differ in length, and a short one makes the steps of all short. So
// they are parted into tiers by length (tier.go), each with its own m, q and
// tables, each a pass of its own over the same 128 KiB while they are in the
// cache. Where the processor has AVX2 the text is not stepped over for the shorter
// ones but sieved, every byte of it, 64 at a time: by a narrow sieve for few of
// them or by a wide one for many (sieve.go).
//
// The tables of a scanner (scanner.go) are
//
//   - shift, by a hash of the gram: the distance. Grams that share a hash share
//     the least of their distances, which costs time and no hit;
//   - windows, with a key each, a hash of (nearly) the whole window, by which
//     they are found: first tells where those begin that share the top bits of
//     a key.
//
// Grams and keys are hashed with bit 0x20 of every byte cleared, so literals
// that fold need no entries of their own. Case is looked at when literals are
// compared. Which window of a literal is chosen matters most: one whose grams,
// the last one above all, are rare in logs stops the cursors least.
//
// A step of a cursor has to wait for two loads and a multiplication, one after
// the other. So the text is parted between eight cursors that step in turn
// (scan.go): the processor works on their steps at the same time. They see the
// text as an array of fixed size, in which an index that is masked needs no
// check; and where a window may end they only make a mark, so that nothing is
// called in between.
//
// What holds: a cursor at p has marked every window whose last gram begins
// before p in its part of the text, and p is at most where the next one's last
// gram begins. The hits of one cursor are in order, and the parts are; hits of
// several tiers are merged. What is told was compared byte by byte. A text of n
// bytes takes at most n steps a tier; a step takes longer the more literals have
// the same window.
package search

import (
	"slices"
	"sync"
)

// A Literal is a text to look for.
type Literal struct {
	Text string // at least one byte; in ASCII lower case if Fold
	Fold bool   // ASCII letters are found in either case; every other byte is only itself
	ID   int32  // told with each hit; several literals may share one
}

// A Hit is a place where a literal was found.
type Hit struct {
	At int32 // a place inside the occurrence (anywhere from its first to its last byte)
	ID int32
}

// A Set finds literals. It is immutable once made and safe for concurrent use.
// The zero Set finds nothing.
type Set struct {
	scanners []*scanner
}

// New returns a Set that finds the literals.
func New(literals []Literal) *Set { return newSet(literals, canSieve) }

// newSet is New, with or without sieves.
func newSet(literals []Literal, sieves bool) *Set {
	s := new(Set)
	for _, t := range tiers(literals, sieves) {
		s.scanners = append(s.scanners, newScanner(t))
	}
	return s
}

// Find appends a hit for every occurrence of every literal in text, which is
// at most 1 GiB long, ordered by At, and returns the extended hits. It allocates
// nothing if hits has room.
func (s *Set) Find(text []byte, hits []Hit) []Hit {
	p := passes.Get().(*pass)
	defer passes.Put(p)
	p.text = text
	defer p.forget()
	for from := 0; from < len(text); from += viewSize {
		start := len(hits)
		for _, sc := range s.scanners {
			p.scan(sc, from, min(from+viewSize, len(text)))
			hits = p.collect(hits, start)
		}
	}
	return hits
}

// passes keeps the memory of passes that are done.
var passes = sync.Pool{New: func() any { return new(pass) }}

// collect merges the hits of all cursors into hits[start:], both in order, and
// forgets them.
func (p *pass) collect(hits []Hit, start int) []Hit {
	left := len(hits)
	for _, found := range p.found {
		hits = append(hits, found...)
	}
	to := len(hits)
	if to == left {
		return hits
	}
	for i, found := range slices.Backward(p.found[:]) {
		for _, h := range slices.Backward(found) {
			for left > start && hits[left-1].At > h.At {
				left, to = left-1, to-1
				hits[to] = hits[left]
			}
			to--
			hits[to] = h
		}
		p.found[i] = found[:0]
	}
	return hits
}
