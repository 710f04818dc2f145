package search

import "encoding/binary"

const (
	viewSize = 1 << 17 // a power of two, so that an index can be masked
	cursors  = 8
	// short is the length up to which a text is scanned by one cursor: less
	// than it costs to set all of them to work.
	short = 1 << 10
)

// A view is part of a text, with room to load eight bytes at each of the first
// viewSize.
type view [viewSize + 7]byte

// load returns the eight bytes from at, which is below viewSize.
func (v *view) load(at uint) uint64 {
	i := at & (viewSize - 1)
	return binary.LittleEndian.Uint64(v[i : i+8])
}

// A pass is the state of a call of Find.
type pass struct {
	text   []byte
	base   uint            // where in the text the view begins
	marks  [1 << 10]uint64 // places where a window may end, and the cursors that were there
	marked uint
	sieved [sieveMarks]sieveMark
	found  [cursors][]Hit // of each cursor, in the order of the text
	copy   view           // of a text that is too short for a view
}

// forget lets go of what belongs to the caller.
func (p *pass) forget() { p.text = nil }

// scan finds the windows of the scanner with their last gram in the text from
// from to to, at most viewSize apart.
func (p *pass) scan(s *scanner, from, to int) {
	from = max(from, s.span-s.gram) // no window ends earlier
	whole := min(to, len(p.text)-7) // up to here eight bytes can be loaded
	if s.sieve != nil {
		from = p.sift(s, from, whole)
	} else if whole-from > short {
		p.stride(s, p.view(from), uint(from), uint(whole))
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
	base := min(from, len(p.text)-len(p.copy))
	p.base = uint(base)
	return (*view)(p.text[base:])
}

// stride is scan with all cursors, each in its own part. As long as none can
// reach the end of its part, nor fill the marks, they step without looking.
func (p *pass) stride(s *scanner, v *view, from, to uint) {
	from, to = from-p.base, to-p.base
	var at, end [cursors]uint
	for i := range at {
		at[i] = from + uint(i)*(to-from)/cursors
		end[i] = from + uint(i+1)*(to-from)/cursors
	}
	for {
		steps := uint(len(p.marks) / cursors)
		for i := range at {
			steps = min(steps, (end[i]-at[i])/uint(s.furthest()))
		}
		if steps < 8 {
			break
		}
		p.steps(s, v, &at, steps)
		p.compare(s)
	}
	p.finish(s, v, &at, &end)
}

// steps moves all cursors so many steps.
func (p *pass) steps(s *scanner, v *view, at *[cursors]uint, steps uint) {
	p0, p1, p2, p3, p4, p5, p6, p7 := at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]
	shift, mask := &s.shift, s.mask
	for ; steps > 0; steps-- {
		d0 := uint(shift[v.load(p0)&mask*multiplier>>(64-tableBits)])
		if d0 == 0 {
			d0 = p.mark(0, p0)
		}
		p0 += d0
		d1 := uint(shift[v.load(p1)&mask*multiplier>>(64-tableBits)])
		if d1 == 0 {
			d1 = p.mark(1, p1)
		}
		p1 += d1
		d2 := uint(shift[v.load(p2)&mask*multiplier>>(64-tableBits)])
		if d2 == 0 {
			d2 = p.mark(2, p2)
		}
		p2 += d2
		d3 := uint(shift[v.load(p3)&mask*multiplier>>(64-tableBits)])
		if d3 == 0 {
			d3 = p.mark(3, p3)
		}
		p3 += d3
		d4 := uint(shift[v.load(p4)&mask*multiplier>>(64-tableBits)])
		if d4 == 0 {
			d4 = p.mark(4, p4)
		}
		p4 += d4
		d5 := uint(shift[v.load(p5)&mask*multiplier>>(64-tableBits)])
		if d5 == 0 {
			d5 = p.mark(5, p5)
		}
		p5 += d5
		d6 := uint(shift[v.load(p6)&mask*multiplier>>(64-tableBits)])
		if d6 == 0 {
			d6 = p.mark(6, p6)
		}
		p6 += d6
		d7 := uint(shift[v.load(p7)&mask*multiplier>>(64-tableBits)])
		if d7 == 0 {
			d7 = p.mark(7, p7)
		}
		p7 += d7
	}
	*at = [cursors]uint{p0, p1, p2, p3, p4, p5, p6, p7}
}

// mark notes that a window may end where a cursor is, and returns how far the
// cursor may go on.
func (p *pass) mark(cursor, at uint) uint {
	p.marks[p.marked%uint(len(p.marks))] = uint64(cursor)<<32 | uint64(at)
	p.marked++
	return 1
}

// compare compares the literals that may be at the marks.
func (p *pass) compare(s *scanner) {
	for _, m := range p.marks[:p.marked] {
		cursor, at := m>>32, uint(uint32(m))
		if at := int(p.base + at); s.knows(s.key(p.text, at+s.gram)) {
			p.found[cursor] = s.compare(p.text, at, p.found[cursor])
		}
	}
	p.marked = 0
}

// finish takes the cursors at to the ends of their parts.
func (p *pass) finish(s *scanner, v *view, at, end *[cursors]uint) {
	for busy := true; busy; {
		busy = false
		for i := range at {
			if at[i] >= end[i] {
				continue
			}
			busy = true
			d := s.shift[s.hash(v.load(at[i]))]
			if d == 0 {
				p.found[i] = s.compare(p.text, int(p.base+at[i]), p.found[i])
				d = 1
			}
			at[i] += uint(d)
		}
	}
}
