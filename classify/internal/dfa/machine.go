package dfa

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// A machine steps the instructions of a program over a text: the slow way, and
// the one that the states of an automaton are made by. It is one state at a time.
type machine struct {
	p    *program
	some bool // stop at the first expression found

	// the state
	live   []uint32 // instructions that take a rune, or wait for one to settle an assertion
	waits  bool     // whether one of them waits
	before rune     // a rune like the one before; beginning
	found  []int    // the expressions found, ascending
	over   bool     // finished: nothing that follows changes found

	// what it works with
	old   []uint32
	seen  instSet
	stack []uint32
	isIn  []bool // of each expression, whether it is in found
	holds syntax.EmptyOp
	open  syntax.EmptyOp // assertions that wait for the next rune
	buf   []byte
}

func newMachine(p *program) *machine {
	return &machine{p: p, seen: newInstSet(len(p.inst)), isIn: make([]bool, len(p.starts))}
}

// start sets the machine to the begin of a text.
func (m *machine) start() {
	m.forget()
	m.arrive(beginning)
	for _, pc := range m.p.starts {
		m.follow(pc)
	}
	m.settle(0)
}

// step takes the machine over a rune of a class, or to the end.
func (m *machine) step(class int) {
	known := len(m.found)
	after := rune(-1)
	if class < m.p.end() {
		after = m.p.sample[class]
	}
	if m.waits {
		m.resolve(after)
	}
	if class == m.p.end() {
		m.live, m.over = m.live[:0], true
	} else {
		m.take(after)
	}
	m.settle(known)
}

// resolve settles the assertions that wait, now that the next rune is known;
// -1 is the end.
func (m *machine) resolve(after rune) {
	m.holds, m.open = syntax.EmptyOpContext(m.before, after), 0
	m.turn()
	for _, pc := range m.old {
		m.follow(pc)
	}
}

// take goes on with what comes behind each instruction that takes the rune, and
// begins anew with the expressions that are not found yet.
func (m *machine) take(r rune) {
	m.arrive(m.p.kind(r))
	for _, pc := range m.old {
		if inst := &m.p.inst[pc]; takes(inst, r) {
			m.follow(inst.Out)
		}
	}
	for i, pc := range m.p.starts {
		if m.p.again[i] && !m.isIn[i] {
			m.follow(pc)
		}
	}
}

// takes reports whether an instruction takes a rune.
func takes(inst *syntax.Inst, r rune) bool {
	switch inst.Op {
	case syntax.InstRune1:
		return r == inst.Rune[0]
	case syntax.InstRune:
		return inst.MatchRune(r)
	case syntax.InstRuneAny:
		return true
	case syntax.InstRuneAnyNotNL:
		return r != '\n'
	}
	return false
}

// arrive begins the state at the next position.
func (m *machine) arrive(before rune) {
	m.before = before
	m.holds = syntax.EmptyOpContext(before, other) & aboutPast
	m.open = ^syntax.EmptyOp(aboutPast)
	m.turn()
}

// turn makes the state the old one, and the new one empty.
func (m *machine) turn() {
	m.old, m.live = m.live, m.old[:0]
	m.waits = false
	m.seen.clear()
}

// follow adds to the state what can be reached from an instruction without
// taking a rune.
func (m *machine) follow(pc uint32) {
	if m.p.inst[pc].Op >= syntax.InstRune { // the usual case, and quicker so
		if m.seen.add(pc) {
			m.live = append(m.live, pc)
		}
		return
	}
	m.stack = m.stack[:0]
	for {
		m.chase(pc)
		n := len(m.stack)
		if n == 0 {
			return
		}
		pc, m.stack = m.stack[n-1], m.stack[:n-1]
	}
}

// chase is follow without the branches that it leaves on the stack.
func (m *machine) chase(pc uint32) {
	for m.seen.add(pc) {
		inst := &m.p.inst[pc]
		if inst.Op >= syntax.InstRune {
			m.live = append(m.live, pc)
			return
		}
		if !m.pass(pc, inst) {
			return
		}
		pc = inst.Out
	}
}

// pass reports whether what is behind an instruction that takes no rune can be
// reached now. It puts the other branch of an alternative on the stack, and
// keeps an assertion if it is not known whether it holds.
func (m *machine) pass(pc uint32, inst *syntax.Inst) bool {
	switch inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		m.stack = append(m.stack, inst.Arg)
		return true
	case syntax.InstCapture, syntax.InstNop:
		return true
	case syntax.InstMatch:
		m.find(int(inst.Arg))
	case syntax.InstEmptyWidth:
		op := syntax.EmptyOp(inst.Arg)
		if op&^m.holds == 0 {
			return true
		}
		if op&m.open != 0 {
			m.live = append(m.live, pc)
			m.waits = true
		}
	}
	return false
}

func (m *machine) find(expression int) {
	if !m.isIn[expression] {
		m.isIn[expression] = true
		at, _ := slices.BinarySearch(m.found, expression)
		m.found = slices.Insert(m.found, at, expression)
	}
}

// settle drops what can add nothing to the expressions found, of which the
// first so many were known before the step.
func (m *machine) settle(known int) {
	if len(m.found) > known {
		m.live = slices.DeleteFunc(m.live, func(pc uint32) bool { return m.some || m.isIn[m.p.owner(pc)] })
		m.waits = slices.ContainsFunc(m.live, func(pc uint32) bool { return m.p.inst[pc].Op == syntax.InstEmptyWidth })
	}
	m.over = m.over || len(m.live) == 0 && !m.hopes()
}

// hopes reports whether an expression that is not found can still begin.
func (m *machine) hopes() bool {
	if m.some && len(m.found) > 0 {
		return false
	}
	for i, in := range m.isIn {
		if !in && m.p.again[i] {
			return true
		}
	}
	return false
}

// startsAgain reports whether a match of the expression may start elsewhere
// than at the begin of the text.
func (m *machine) startsAgain(expression int) bool {
	m.forget()
	m.arrive(newline)
	m.follow(m.p.starts[expression])
	return len(m.live) > 0 || len(m.found) > 0
}

// forget empties the machine.
func (m *machine) forget() {
	m.live, m.waits, m.over = m.live[:0], false, false
	for _, i := range m.found {
		m.isIn[i] = false
	}
	m.found = m.found[:0]
}

// What a key begins with: how the state stands to its neighbours.
const (
	keyOver  = 0 // finished
	keyPlain = 1 // what is before does not matter
	keyWaits = 2 // and more: what is before, from beginning = 2 on
)

// key returns the state as bytes: the same for the same state. They are good
// until the next call.
func (m *machine) key() []byte {
	b := m.buf[:0]
	switch {
	case m.over:
		b = append(b, keyOver)
	case m.waits:
		b = append(b, byte(keyWaits+m.before-beginning))
	default:
		b = append(b, keyPlain)
	}
	b = binary.AppendUvarint(b, uint64(len(m.found)))
	for _, i := range m.found {
		b = binary.AppendUvarint(b, uint64(i))
	}
	slices.Sort(m.live)
	last := uint32(0)
	for _, pc := range m.live {
		b = binary.AppendUvarint(b, uint64(pc-last))
		last = pc
	}
	m.buf = b
	return b
}

// load sets the machine to the state with a key.
func (m *machine) load(key string) {
	m.forget()
	m.over = key[0] == keyOver
	m.waits = key[0] >= keyWaits
	m.before = rune(key[0]) - keyWaits + beginning
	rest := append(m.buf[:0], key[1:]...)
	m.buf = rest
	number := func() int {
		x, n := binary.Uvarint(rest)
		rest = rest[n:]
		return int(x)
	}
	for range number() {
		m.find(number())
	}
	for pc := 0; len(rest) > 0; {
		pc += number()
		m.live = append(m.live, uint32(pc))
	}
}

// An instSet is a set of instructions (Briggs and Torczon, "An Efficient
// Representation for Sparse Sets", 1993).
type instSet struct {
	dense, sparse []uint32
}

func newInstSet(n int) instSet {
	return instSet{make([]uint32, 0, n), make([]uint32, n)}
}

func (s *instSet) clear() { s.dense = s.dense[:0] }

// add adds an instruction, and reports whether it was not there.
func (s *instSet) add(pc uint32) bool {
	if i := s.sparse[pc]; int(i) < len(s.dense) && s.dense[i] == pc {
		return false
	}
	s.sparse[pc] = uint32(len(s.dense))
	s.dense = append(s.dense, pc)
	return true
}
