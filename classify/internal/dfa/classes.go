package dfa

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// A runeSet is a set of runes as pairs of first and last.
type runeSet []rune

// newRuneSet returns the runes that an instruction (InstRune, InstRune1) matches.
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

// Classes number the runes, so that runes that no set tells apart have the same
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
	bounds []rune
	part   []int // of each interval, the part it is in
	size   []int // of each part, how many intervals it has

	hit   []int // of each part, how many intervals are in the set at hand
	moved []int // of each part, the new part for those; 0: none yet
}

// newPartition returns the partition with all intervals in one part.
func newPartition(sets []runeSet) *partition {
	bounds := []rune{0}
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
	return &partition{
		bounds: bounds, part: make([]int, len(bounds)), size: []int{len(bounds)},
		hit: []int{0}, moved: []int{0},
	}
}

func (p *partition) split(set runeSet) {
	var hit []int // the parts that the set has intervals of
	p.intervals(set, func(i int) {
		part := p.part[i]
		if p.hit[part] == 0 {
			hit = append(hit, part)
		}
		p.hit[part]++
	})
	p.intervals(set, func(i int) {
		if part := p.part[i]; p.hit[part] < p.size[part] && p.hit[part] > 0 {
			p.move(i, part)
		}
	})
	for _, part := range hit {
		if p.hit[part] < p.size[part] {
			p.size[part] -= p.hit[part]
		}
		p.hit[part], p.moved[part] = 0, 0
	}
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

// move moves an interval from a part to the new one that is split off it.
func (p *partition) move(interval, part int) {
	to := p.moved[part]
	if to == 0 {
		to = len(p.size)
		p.size = append(p.size, 0)
		p.hit = append(p.hit, 0)
		p.moved = append(p.moved, 0)
		p.moved[part] = to
	}
	p.part[interval] = to
	p.size[to]++
}

// number returns the parts as classes, in the order of their smallest runes.
func (p *partition) number() classes {
	c := classes{bounds: p.bounds, class: make([]int32, len(p.bounds)), sample: []rune{-1}}
	number := make([]int32, len(p.size))
	for i, part := range p.part {
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
