// Package dfa says whether, and which of, several regular expressions match a
// text: in one pass, and with the answers of package regexp.
//
// # The idea
//
// The expressions are compiled by regexp/syntax and their programs joined into
// one. A text is then walked by a deterministic automaton that is made while it
// is used (Ken Thompson, "Regular Expression Search Algorithm", 1968; Russ Cox,
// "Regular Expression Matching in the Wild", 2010). Its states are sets of
// instructions; a state, and a transition between two of them, is made when a
// text first asks for it. From then on a byte costs one look at a table.
//
//   - program: the joined instructions, and the classes of runes that none of
//     them tells apart. The automaton reads classes of runes, not bytes: so
//     invalid UTF-8, case folding and Unicode classes mean what they mean to regexp.
//   - machine: steps a set of instructions over one rune, the slow way.
//   - automaton: keeps what the machine found out, in a table, and walks it.
//
// # Invariants
//
//   - A state stands between two runes. Assertions on what comes before it are
//     settled; those on what comes after it wait in the state for the next rune
//     or the end, which is a class of its own.
//   - What has matched stays matched: a state holds the expressions found so
//     far, and no instruction of theirs. So the state at the end of the text is
//     the answer, and nothing is recorded on the way.
//   - A state is finished if nothing that follows can change its answer. Every
//     state behind the end is.
//   - A state is its key: states with the same key are the same, and the key is
//     all a machine needs to go on from it. So any walk can go on without the
//     table, or with another one.
//   - Tables are read without a lock and written with one. An entry changes
//     once, from unknown to its value.
//
// # Bounds
//
// Time is linear in the text. A table that is full is thrown away and begun
// anew. If it filled up without being of use, texts that leave what it knows
// are for a while walked by the machine alone, which costs a step for each live
// instruction and rune, as in regexp. The size of a table is bounded too: see
// [Set].
package dfa

import (
	"regexp/syntax"
	"slices"
	"sync"
)

// A Set answers which of several regular expressions match a text, in one pass.
// It is safe for concurrent use, and meant to be shared by all goroutines.
//
// The answers are those of package regexp, with one exception: a surrogate half
// in an expression (\x{D800}) matches nothing, where regexp now and then takes
// U+FFFD for it.
//
// A Set is compiled when it is first asked. It then takes up to 64 KiB for each
// expression, at most 2 MiB, for Match and as much for Matches; more only for
// huge expressions, where it is in proportion to the compiled program. A Set of
// one expression answers both from one table.
type Set struct {
	trees   []*syntax.Regexp // until compiled
	compile sync.Once
	some    *automaton // stops at the first expression found
	each    *automaton // finds them all
}

// Room for the tables of an automaton, in bytes.
const (
	roomPerExpression = 64 << 10
	roomAtMost        = 2 << 20
)

// New returns the Set of the expressions, which have been parsed with
// syntax.Perl. They are not modified, and must not be modified afterwards.
func New(trees ...*syntax.Regexp) *Set {
	return &Set{trees: slices.Clone(trees)}
}

// Match reports whether at least one of the expressions matches text.
func (s *Set) Match(text []byte) bool {
	s.compile.Do(s.doCompile)
	var one [1]int
	return len(s.some.walk(text, one[:0])) > 0
}

// Matches appends to found the index of each expression that matches text, each
// once and in ascending order.
func (s *Set) Matches(text []byte, found []int) []int {
	s.compile.Do(s.doCompile)
	return s.each.walk(text, found)
}

func (s *Set) doCompile() {
	p := newProgram(s.trees)
	room := min(len(s.trees)*roomPerExpression, roomAtMost)
	s.some = newAutomaton(p, true, room)
	s.each = s.some
	if len(s.trees) > 1 {
		s.each = newAutomaton(p, false, room)
	}
	s.trees = nil
}
