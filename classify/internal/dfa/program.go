package dfa

import (
	"regexp/syntax"
	"slices"
	"sort"
	"sync"
	"unicode/utf8"
)

// A program is the programs of several expressions in one table. It does not
// change once made.
type program struct {
	inst    []syntax.Inst // Arg of InstMatch: the expression
	bases   []uint32      // of each expression, the first of its instructions
	starts  []uint32      // of each expression, where it starts at the begin of the text
	again   []bool        // of each expression, whether a match can start further on
	asserts syntax.EmptyOp
	classes
	machines sync.Pool // of *machine
}

func newProgram(trees []*syntax.Regexp) *program {
	p := &program{again: make([]bool, len(trees))}
	for i, tree := range trees {
		prog, err := syntax.Compile(tree.Simplify())
		if err != nil {
			panic(err) // cannot be: Compile has no errors of its own
		}
		p.join(i, prog)
	}
	p.classes = classify(p.runeSets())
	p.machines.New = func() any { return newMachine(p) }
	m := newMachine(p)
	defer p.machines.Put(m)
	for i := range trees {
		p.again[i] = m.startsAgain(i)
	}
	return p
}

// join appends the instructions of an expression.
func (p *program) join(expression int, prog *syntax.Prog) {
	base := uint32(len(p.inst))
	p.bases = append(p.bases, base)
	p.starts = append(p.starts, base+uint32(prog.Start))
	p.inst = append(p.inst, prog.Inst...)
	joined := p.inst[base:]
	for i := range joined {
		inst := &joined[i]
		inst.Out += base
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			inst.Arg += base
		case syntax.InstMatch:
			inst.Arg = uint32(expression)
		case syntax.InstEmptyWidth:
			p.asserts |= syntax.EmptyOp(inst.Arg)
		}
	}
}

// owner returns the expression that an instruction belongs to.
func (p *program) owner(pc uint32) int {
	return sort.Search(len(p.bases), func(i int) bool { return p.bases[i] > pc }) - 1
}

// runeSets returns the sets of runes that the program tells from all others.
func (p *program) runeSets() []runeSet {
	single := []rune{'\n'}
	var sets []runeSet
	type slice struct { // copies of an instruction, as x{9} has them, share their runes
		first *rune
		n     int
	}
	seen := make(map[slice]bool)
	for i := range p.inst {
		switch inst := &p.inst[i]; inst.Op {
		case syntax.InstRune1:
			single = append(single, inst.Rune[0])
		case syntax.InstRune:
			if len(inst.Rune) == 0 {
				continue
			}
			if runes := (slice{&inst.Rune[0], len(inst.Rune)}); !seen[runes] {
				seen[runes] = true
				sets = append(sets, newRuneSet(inst))
			}
		}
	}
	slices.Sort(single)
	for _, r := range slices.Compact(single) {
		sets = append(sets, runeSet{r, r})
	}
	if p.asserts&aboutWords != 0 {
		sets = append(sets, runeSet{'0', '9', 'A', 'Z', '_', '_', 'a', 'z'})
	}
	return sets
}

const (
	aboutWords = syntax.EmptyWordBoundary | syntax.EmptyNoWordBoundary
	aboutPast  = syntax.EmptyBeginLine | syntax.EmptyBeginText // settled by what comes before
)

// next returns the class of the first rune of text and its length in bytes; of
// an empty text the class of the end, and 0.
func (p *program) next(text []byte) (class, width int) {
	if len(text) == 0 {
		return p.end(), 0
	}
	if c := text[0]; c < utf8.RuneSelf {
		return int(p.ascii[c]), 1
	}
	r, width := utf8.DecodeRune(text)
	return p.of(r), width
}

// What may stand before a position: an assertion sees no other differences.
const (
	beginning rune = -1
	newline   rune = '\n'
	word      rune = 'a'
	other     rune = ' '
)

// kind returns which of word, newline and other a rune is, as far as the
// program asks.
func (p *program) kind(r rune) rune {
	switch {
	case p.asserts&aboutWords != 0 && syntax.IsWordChar(r):
		return word
	case p.asserts&syntax.EmptyBeginLine != 0 && r == '\n':
		return newline
	}
	return other
}
