package dfa

import (
	"regexp/syntax"
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
	for _, inst := range prog.Inst {
		inst.Out += base
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			inst.Arg += base
		case syntax.InstMatch:
			inst.Arg = uint32(expression)
		case syntax.InstEmptyWidth:
			p.asserts |= syntax.EmptyOp(inst.Arg)
		}
		p.inst = append(p.inst, inst)
	}
}

// owner returns the expression that an instruction belongs to.
func (p *program) owner(pc uint32) int {
	return sort.Search(len(p.bases), func(i int) bool { return p.bases[i] > pc }) - 1
}

// runeSets returns the sets of runes that the program tells from all others.
func (p *program) runeSets() []runeSet {
	type slice struct { // copies of an instruction, as x{9} has them, share their runes
		first *rune
		n     int
	}
	seen := make(map[slice]bool)
	sets := []runeSet{{'\n', '\n'}}
	for i := range p.inst {
		switch inst := &p.inst[i]; inst.Op {
		case syntax.InstRune, syntax.InstRune1:
			if len(inst.Rune) == 0 {
				continue
			}
			if key := (slice{&inst.Rune[0], len(inst.Rune)}); !seen[key] {
				seen[key] = true
				sets = append(sets, newRuneSet(inst))
			}
		}
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
