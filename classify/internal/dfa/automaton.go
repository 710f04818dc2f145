package dfa

import (
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
)

// An automaton walks texts, and keeps the states it comes by in a table.
type automaton struct {
	p     *program
	some  bool // stop at the first expression found
	room  int  // how large a table may get, in bytes
	table atomic.Pointer[table]

	mu     sync.Mutex
	rows   map[string]int32 // of each state in the table, its row; negative if finished
	size   int              // of the table, in bytes, with all that belongs to it
	walked int              // bytes walked with this table, as far as they are known
	pause  int              // bytes to walk without making states
}

// A table is what an automaton knows: rows of transitions, one for each state.
// A row is named by where it begins in next. The first is not in use, so that 0
// is no row.
//
// Tables of the same generation have the same rows: the later ones have more.
type table struct {
	generation int
	columns    int // of a row: one for each class and the end; column 0 stays empty
	next       []atomic.Int32
	states     []state // by row
	first      int32   // where a text begins; negative if finished there
}

// A state is what a row stands for.
type state struct {
	key   string
	found []int // what the key says of it
}

// A transition is 0 where it is not known yet, a row, or the row of a finished
// state, negative.
const unknown = 0

const (
	stateSize = 120 // bytes that a state takes beside its row and its key
	firstRows = 8   // of a table
	// A table has been of use if it was walked so many bytes for each of its
	// states: to make one costs as much as a few steps of a machine.
	worthwhile = 10
	// After a table that was not, so many bytes for each of its states are left
	// to a machine.
	pauseFactor = 4 * worthwhile
)

func newAutomaton(p *program, some bool, room int) *automaton {
	a := &automaton{p: p, some: some}
	largest := a.cost(binary.MaxVarintLen32 * (len(p.inst) + len(p.starts) + 2))
	a.room = max(room, 4*largest)
	a.renew(0)
	return a
}

// cost returns how many bytes a state takes whose key has so many.
func (a *automaton) cost(key int) int { return stateSize + 4*(a.p.end()+1) + key }

// walk appends to found the expressions that match text.
func (a *automaton) walk(text []byte, found []int) []int {
	t := a.table.Load()
	row := t.first
	for done, told := 0, 0; row > 0; {
		row, done = t.run(&a.p.ascii, text, row, done)
		class, width := a.p.next(text[done:])
		next := t.next[int(row)+class].Load()
		if next == unknown {
			from := t.at(row)
			if t, next = a.extend(t, row, class, done-told); next == unknown {
				return a.walkAlone(from, text[done:], found)
			}
			told = done
		}
		row, done = next, done+width
	}
	return append(found, t.at(-row).found...)
}

// run walks text from a byte on, as long as it is ASCII and leads to rows that
// are known and not finished. It returns the last row, and the byte that leads
// on from it.
//
// Each byte waits for the row that the last one led to: the loop must be nothing
// but that chain, which it is not where it has to share registers.
//
//go:noinline
func (t *table) run(ascii *[256]uint8, text []byte, row int32, from int) (int32, int) {
	next, at := t.next, uint32(row)
	for i, c := range text[from:] {
		to := next[at+uint32(ascii[c])].Load()
		if to <= 0 {
			return int32(at), from + i
		}
		at = uint32(to)
	}
	return int32(at), len(text)
}

// at returns the state of a row.
func (t *table) at(row int32) *state { return &t.states[int(row)/t.columns] }

// walkAlone is walk from a state on, by a machine.
func (a *automaton) walkAlone(from *state, text []byte, found []int) []int {
	m := a.machine()
	defer a.p.machines.Put(m)
	m.load(from.key)
	done := 0
	for !m.over {
		class, width := a.p.next(text[done:])
		m.step(class)
		done += width
	}
	a.rest(done)
	return append(found, m.found...)
}

// machine returns a machine, which is to go back to the pool of the program.
func (a *automaton) machine() *machine {
	m := a.p.machines.Get().(*machine)
	m.some = a.some
	return m
}

// rest counts bytes that a machine has walked, and ends the pause after enough
// of them.
func (a *automaton) rest(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.pause > 0 {
		a.pause -= n + 1
		if a.pause <= 0 {
			a.renew(a.table.Load().generation + 1)
		}
	}
}

// extend makes the transition from a row of t for a class. The walk that asks
// for it has come so many bytes since it last did. It returns a table and the
// transition's value there; or unknown, if no states are to be made now.
func (a *automaton) extend(t *table, row int32, class, walked int) (*table, int32) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.table.Load()
	if now.generation == t.generation {
		if next := now.next[int(row)+class].Load(); next != unknown {
			return now, next
		}
	}
	if a.pause > 0 {
		return t, unknown
	}
	a.walked += walked
	m := a.machine()
	defer a.p.machines.Put(m)
	m.load(t.at(row).key)
	m.step(class)
	next := a.keep(m)
	if now = a.table.Load(); now.generation == t.generation {
		now.next[int(row)+class].Store(next)
	}
	return now, next
}

// keep returns the row of a machine's state, which it makes if need be, or
// unknown if there shall be no more.
func (a *automaton) keep(m *machine) int32 {
	key := m.key()
	if row, ok := a.rows[string(key)]; ok {
		return row
	}
	if a.size+a.cost(len(key)) <= a.room {
		return a.add(a.table.Load(), string(key), m)
	}
	if a.walked < worthwhile*len(a.rows) {
		a.pause = pauseFactor * len(a.rows)
		return unknown
	}
	a.renew(a.table.Load().generation + 1)
	return a.keep(m)
}

// renew begins a new table, with nothing but the first state.
func (a *automaton) renew(generation int) {
	columns := a.p.end() + 1
	t := &table{generation: generation, columns: columns}
	t.next, t.states = make([]atomic.Int32, firstRows*columns), make([]state, firstRows)
	a.rows = make(map[string]int32)
	a.size, a.walked, a.pause = 0, 0, 0
	m := a.machine()
	defer a.p.machines.Put(m)
	m.start()
	t.first = a.add(t, string(m.key()), m)
	a.table.Store(t)
}

// add makes a state in the newest table, and returns its row.
func (a *automaton) add(t *table, key string, m *machine) int32 {
	n := len(a.rows) + 1
	if n == len(t.states) {
		t = a.grow(t)
	}
	t.states[n] = state{key: key, found: slices.Clone(m.found)}
	row := int32(n * t.columns)
	if m.over {
		row = -row
	}
	a.rows[key] = row
	a.size += a.cost(len(key))
	return row
}

// grow makes room for more rows.
func (a *automaton) grow(t *table) *table {
	rows := min(2*len(t.states), a.room/a.cost(0)+2)
	larger := *t
	larger.next, larger.states = make([]atomic.Int32, rows*t.columns), make([]state, rows)
	copy(larger.states, t.states)
	for i := range t.next {
		larger.next[i].Store(t.next[i].Load())
	}
	a.table.Store(&larger)
	return &larger
}
