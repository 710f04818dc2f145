package search

import "encoding/binary"

const (
	viewSize = 1 << 17 // a power of two, so that an index can be masked
	cursors  = 6
	// short is the length up to which a text is scanned by one cursor: less
	// than it costs to set all of them to work.
	short = 1 << 10
)

// A view is part of a text, with room to load eight bytes at each of the first
// viewSize.
type view [viewSize + 7]byte

// load returns the eight bytes from at, which is below viewSize.
func (v *view) load(at int) uint64 {
	i := uint(at) & (viewSize - 1)
	return binary.LittleEndian.Uint64(v[i : i+8])
}

// A pass is the state of a call of Find.
type pass struct {
	text  []byte
	base  int            // where in the text the view begins
	found [cursors][]Hit // of each cursor, in the order of the text
	copy  view           // of a text that is too short for a view
}

// forget lets go of what belongs to the caller.
func (p *pass) forget() { p.text = nil }

// scan finds the windows of the scanner with their last gram in the text from
// from to to, at most viewSize apart.
func (p *pass) scan(s *scanner, from, to int) {
	from = max(from, s.span-s.gram) // no window ends earlier
	whole := min(to, len(p.text)-7) // up to here eight bytes can be loaded
	if whole-from > short {
		p.stride(s, p.view(from), from, whole)
		from = whole
	}
	p.walk(s, from, min(to, len(p.text)-s.gram+1))
}

// walk is scan with one cursor, for few bytes.
func (p *pass) walk(s *scanner, at, to int) {
	found := &p.found[cursors-1]
	for at < to {
		d := int(s.shift[s.hash(load(p.text, at))])
		if d == 0 {
			*found = s.compare(p.text, at, *found)
			d = 1
		}
		at += d
	}
}

// view returns a view of the text that holds viewSize bytes from from, or all
// there are, and sets base.
func (p *pass) view(from int) *view {
	if len(p.text) < len(p.copy) {
		p.base = 0
		copy(p.copy[:], p.text)
		return &p.copy
	}
	p.base = min(from, len(p.text)-len(p.copy))
	return (*view)(p.text[p.base:])
}

// stride is scan with all cursors, each in its own part. As long as none can
// reach the end of its part they step without looking.
func (p *pass) stride(s *scanner, v *view, from, to int) {
	from, to = from-p.base, to-p.base
	part := (to - from) / cursors
	p0, p1, p2, p3, p4, p5 := from, from+part, from+2*part, from+3*part, from+4*part, from+5*part
	e0, e1, e2, e3, e4, e5 := p1, p2, p3, p4, p5, to
	mask, furthest := s.mask, s.span-s.gram+1
	for {
		steps := min(e0-p0, e1-p1, e2-p2, e3-p3, e4-p4, e5-p5) / furthest
		if steps < 8 {
			break
		}
		for range steps {
			d0 := int(s.shift[v.load(p0)&mask*multiplier>>(64-tableBits)])
			if d0 == 0 {
				d0 = p.candidate(s, 0, p0)
			}
			p0 += d0
			d1 := int(s.shift[v.load(p1)&mask*multiplier>>(64-tableBits)])
			if d1 == 0 {
				d1 = p.candidate(s, 1, p1)
			}
			p1 += d1
			d2 := int(s.shift[v.load(p2)&mask*multiplier>>(64-tableBits)])
			if d2 == 0 {
				d2 = p.candidate(s, 2, p2)
			}
			p2 += d2
			d3 := int(s.shift[v.load(p3)&mask*multiplier>>(64-tableBits)])
			if d3 == 0 {
				d3 = p.candidate(s, 3, p3)
			}
			p3 += d3
			d4 := int(s.shift[v.load(p4)&mask*multiplier>>(64-tableBits)])
			if d4 == 0 {
				d4 = p.candidate(s, 4, p4)
			}
			p4 += d4
			d5 := int(s.shift[v.load(p5)&mask*multiplier>>(64-tableBits)])
			if d5 == 0 {
				d5 = p.candidate(s, 5, p5)
			}
			p5 += d5
		}
	}
	p.finish(s, v, [cursors]int{p0, p1, p2, p3, p4, p5}, [cursors]int{e0, e1, e2, e3, e4, e5})
}

// finish takes the cursors at to the ends of their parts.
func (p *pass) finish(s *scanner, v *view, at, end [cursors]int) {
	for busy := true; busy; {
		busy = false
		for i := range at {
			if at[i] >= end[i] {
				continue
			}
			busy = true
			d := int(s.shift[s.hash(v.load(at[i]))])
			if d == 0 {
				d = p.candidate(s, i, at[i])
			}
			at[i] += d
		}
	}
}

// candidate looks whether the last gram of a window, which a cursor is at, ends
// a literal, and returns how far the cursor may go on.
func (p *pass) candidate(s *scanner, cursor, at int) int {
	p.found[cursor] = s.compare(p.text, p.base+at, p.found[cursor])
	return 1
}
