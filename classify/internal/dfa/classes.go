package dfa

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// A runeSet is a set of runes as pairs of first and last.
type runeSet []rune

// newRuneSet returns the runes that an instruction (InstRune) matches.
func newRuneSet(inst *syntax.Inst) runeSet {
	if len(inst.Rune) > 1 {
		return inst.Rune
	}
	r := inst.Rune[0]
	set := runeSet{r, r}
	if syntax.Flags(inst.Arg)&syntax.FoldCase != 0 {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			set = append(set, f, f)
		}
	}
	return set
}

// classes number the runes, so that runes that no set tells apart have the same
// number. Numbers begin at 1 and follow the smallest rune of each class: those
// of ASCII fit a byte.
type classes struct {
	ascii  [256]uint8 // the class of each ASCII byte; 0 for the others
	bounds []rune     // the first rune of each interval, ascending from 0
	class  []int32    // the class of each interval
	sample []rune     // a rune of each class; sample[0] is none
}

// end is the number of the class that stands for the end of the text, and the
// greatest.
func (c *classes) end() int { return len(c.sample) }

// of returns the class of a rune.
func (c *classes) of(r rune) int {
	i, here := slices.BinarySearch(c.bounds, r)
	if !here {
		i--
	}
	return int(c.class[i])
}

// classify returns the classes of the runes that the sets tell apart.
func classify(sets []runeSet) classes {
	p := newPartition(sets)
	for _, set := range sets {
		p.split(set)
	}
	return p.number()
}

// A partition is what is known of the classes while they are made. Sets are
// looked at in turn; each splits the parts that it holds some of, but not all.
type partition struct {
	bounds []rune // the first rune of each interval
	of     []int  // of each interval, the part it is in
	parts  []part
	hit    []int // the parts that the set at hand has intervals of
}

type part struct {
	size  int // intervals
	hit   int // those in the set at hand
	moved int // the new part for those; 0: none
}

// newPartition returns the partition with all intervals in one part.
func newPartition(sets []runeSet) *partition {
	bounds := make([]rune, 1, 2+2*len(sets))
	for _, set := range sets {
		for i := 0; i < len(set); i += 2 {
			bounds = append(bounds, set[i])
			if set[i+1] < unicode.MaxRune {
				bounds = append(bounds, set[i+1]+1)
			}
		}
	}
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)
	p := &partition{bounds: bounds, of: make([]int, len(bounds)), parts: make([]part, 1, len(bounds))}
	p.parts[0].size = len(bounds)
	return p
}

// split splits the parts of which some intervals, but not all, are in the set.
func (p *partition) split(set runeSet) {
	p.intervals(set, p.count)
	p.intervals(set, p.move)
	for _, i := range p.hit {
		if part := &p.parts[i]; part.moved != 0 {
			part.size -= part.hit
		}
		p.parts[i].hit, p.parts[i].moved = 0, 0
	}
	p.hit = p.hit[:0]
}

// intervals calls do with each interval of the set.
func (p *partition) intervals(set runeSet, do func(int)) {
	for ; len(set) > 0; set = set[2:] {
		i, _ := slices.BinarySearch(p.bounds, set[0])
		for ; i < len(p.bounds) && p.bounds[i] <= set[1]; i++ {
			do(i)
		}
	}
}

// count counts an interval of the set for its part.
func (p *partition) count(interval int) {
	part := &p.parts[p.of[interval]]
	if part.hit == 0 {
		p.hit = append(p.hit, p.of[interval])
	}
	part.hit++
}

// move moves an interval of the set to the part that is split off its own.
func (p *partition) move(interval int) {
	from := p.of[interval]
	if p.parts[from].hit == p.parts[from].size {
		return
	}
	if p.parts[from].moved == 0 {
		p.parts[from].moved = len(p.parts)
		p.parts = append(p.parts, part{})
	}
	p.of[interval] = p.parts[from].moved
	p.parts[p.of[interval]].size++
}

// number returns the parts as classes, in the order of their smallest runes.
func (p *partition) number() classes {
	c := classes{bounds: p.bounds, class: make([]int32, len(p.bounds)), sample: []rune{-1}}
	number := make([]int32, len(p.parts))
	for i, part := range p.of {
		if number[part] == 0 {
			number[part] = int32(len(c.sample))
			c.sample = append(c.sample, p.bounds[i])
		}
		c.class[i] = number[part]
	}
	for r := range rune(utf8.RuneSelf) {
		c.ascii[r] = uint8(c.of(r))
	}
	return c
}
