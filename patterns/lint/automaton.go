package lint

import (
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxStates is how many states of an automaton are looked at before the answer
// is "not known". Real patterns need a few hundred.
const maxStates = 3000

// answer is what can be said of all lines at once.
type answer int

const (
	unknown answer = iota
	yes
	no
)

// covers tells whether a matches every line that b matches, and if not, a line
// that b matches and a does not. A line has no end of a line and no escape in it.
func covers(a, b *syntax.Prog) (answer, string) {
	return search([]*syntax.Prog{a, b}, func(matched []bool) verdict {
		switch {
		case matched[0]:
			return prune
		case matched[1]:
			return found
		}
		return goOn
	})
}

// neverMatches tells whether there is no line at all that p matches.
func neverMatches(p *syntax.Prog) answer {
	is, _ := search([]*syntax.Prog{p}, func(matched []bool) verdict {
		if matched[0] {
			return found
		}
		return goOn
	})
	return is
}

// verdict is what to make of the beginning of a line.
type verdict int

const (
	goOn  verdict = iota
	prune         // nothing that begins like this is of interest
	found         // if the line ends here, it is what is looked for
)

// state is what programs that run side by side know after the beginning of a line.
type state struct {
	before  rune // the character before: -1 at the beginning; else one of its kind
	threads [][]uint32
	matched []bool
	from    int // index of the state before
	by      rune
}

// machine runs programs side by side over all lines at once: it makes the
// states of the product of their automata as they are reached.
type machine struct {
	progs  []*syntax.Prog
	runes  []rune // one character of each kind that the programs tell apart
	states []state
	seen   map[string]bool
}

// search looks for a line on whose end judge says found, shortest first: yes if
// there is none, no and the line if there is.
func search(progs []*syntax.Prog, judge func(matched []bool) verdict) (answer, string) {
	m := &machine{progs: progs, runes: alphabet(progs), seen: map[string]bool{}}
	m.add(state{before: -1, threads: make([][]uint32, len(progs)), matched: make([]bool, len(progs)), from: -1})
	for i := 0; i < len(m.states); i++ {
		end := m.step(m.states[i], -1)
		if judge(end.matched) == found {
			return no, m.line(i)
		}
		for _, r := range m.runes {
			if next := m.step(m.states[i], r); judge(next.matched) != prune {
				next.from = i
				m.add(next)
			}
		}
		if len(m.states) > maxStates {
			return unknown, ""
		}
	}
	return yes, ""
}

// matches reports whether a program matches a line.
func matches(p *syntax.Prog, line string) bool {
	m := &machine{progs: []*syntax.Prog{p}}
	now := state{before: -1, threads: make([][]uint32, 1), matched: make([]bool, 1)}
	for _, r := range line {
		now = m.step(now, r)
	}
	return m.step(now, -1).matched[0]
}

// add takes in a state, if it is new.
func (m *machine) add(s state) {
	key := s.key()
	if !m.seen[key] {
		m.seen[key] = true
		m.states = append(m.states, s)
	}
}

// key returns what makes two states the same.
func (s state) key() string {
	var b strings.Builder
	b.WriteRune(s.before + 1)
	for i, threads := range s.threads {
		if s.matched[i] {
			b.WriteByte('!')
		}
		for _, pc := range threads {
			b.WriteString(strconv.FormatUint(uint64(pc), 36))
			b.WriteByte(',')
		}
		b.WriteByte(';')
	}
	return b.String()
}

// line returns the beginning of a line that leads to a state.
func (m *machine) line(i int) string {
	var runes []rune
	for ; m.states[i].from >= 0; i = m.states[i].from {
		runes = append(runes, m.states[i].by)
	}
	slices.Reverse(runes)
	return string(runes)
}

// step returns the state after one character more, -1 for the end of the line.
func (m *machine) step(s state, r rune) state {
	next := state{before: kind(r), by: r, threads: make([][]uint32, len(m.progs)), matched: slices.Clone(s.matched)}
	for n, prog := range m.progs {
		if s.matched[n] {
			continue
		}
		t := threads{prog: prog, before: s.before, after: r, seen: make([]bool, len(prog.Inst))}
		for _, pc := range s.threads[n] {
			t.follow(pc)
		}
		t.follow(uint32(prog.Start)) // a match may begin anywhere
		next.matched[n] = t.matched
		if !t.matched && r >= 0 {
			next.threads[n] = t.advance()
		}
	}
	return next
}

// kind returns a character that stands for r where only its kind matters: to
// what comes after it.
func kind(r rune) rune {
	if syntax.IsWordChar(r) {
		return 'a'
	}
	return '-'
}

// threads are the places in a program that are reached between two characters.
type threads struct {
	prog          *syntax.Prog
	before, after rune
	seen          []bool
	matched       bool
	waiting       []uint32 // instructions that take a character
}

// follow goes on from an instruction to all that take a character.
func (t *threads) follow(pc uint32) {
	if t.seen[pc] {
		return
	}
	t.seen[pc] = true
	switch in := &t.prog.Inst[pc]; in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		t.follow(in.Out)
		t.follow(in.Arg)
	case syntax.InstCapture, syntax.InstNop:
		t.follow(in.Out)
	case syntax.InstEmptyWidth:
		if in.MatchEmptyWidth(t.before, t.after) {
			t.follow(in.Out)
		}
	case syntax.InstMatch:
		t.matched = true
	case syntax.InstFail:
	default:
		t.waiting = append(t.waiting, pc)
	}
}

// advance returns the places after the character.
func (t *threads) advance() []uint32 {
	var out []uint32
	for _, pc := range t.waiting {
		if in := &t.prog.Inst[pc]; takes(in, t.after) {
			out = append(out, in.Out)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// takes reports whether an instruction takes a character.
func takes(in *syntax.Inst, r rune) bool {
	switch in.Op {
	case syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true // a line has no end of a line in it
	}
	return in.MatchRune(r)
}

// alphabet returns one character of each kind that the programs tell apart,
// friendly ones first.
func alphabet(progs []*syntax.Prog) []rune {
	var takers []*syntax.Inst
	bounds := []rune{'0', '9' + 1, 'A', 'Z' + 1, '_', '_' + 1, 'a', 'z' + 1, 'x', ' ', 0, '\n' + 1, '\r' + 1, 0x1b + 1, 0xE000}
	for _, prog := range progs {
		for i := range prog.Inst {
			if in := &prog.Inst[i]; in.Op == syntax.InstRune || in.Op == syntax.InstRune1 {
				takers = append(takers, in)
				bounds = append(bounds, edges(in)...)
			}
		}
	}
	slices.SortFunc(bounds, func(a, b rune) int { return dislike(a) - dislike(b) })
	var runes []rune
	seen := map[string]bool{}
	for _, r := range bounds {
		if r < 0 || r > unicode.MaxRune || 0xD800 <= r && r < 0xE000 || strings.ContainsRune("\n\r\x1b", r) {
			continue
		}
		if is := signature(takers, r); !seen[is] {
			seen[is] = true
			runes = append(runes, r)
		}
	}
	return runes
}

// edges returns the characters at which what an instruction takes changes.
func edges(in *syntax.Inst) []rune {
	var bounds []rune
	for i, r := range in.Rune {
		bounds = append(bounds, r)
		if i%2 == 1 || len(in.Rune) == 1 {
			bounds = append(bounds, r+1)
		}
		if len(in.Rune) == 1 && syntax.Flags(in.Arg)&syntax.FoldCase != 0 {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				bounds = append(bounds, f, f+1)
			}
		}
	}
	return bounds
}

// signature tells which instructions take a character, and of what kind it is.
func signature(takers []*syntax.Inst, r rune) string {
	is := make([]byte, 0, len(takers)+1)
	is = append(is, byte(kind(r)))
	for _, in := range takers {
		if in.MatchRune(r) {
			is = append(is, '1')
		} else {
			is = append(is, '0')
		}
	}
	return string(is)
}

// dislike orders characters by how good they look in an example.
func dislike(r rune) int {
	switch {
	case 'a' <= r && r <= 'z':
		return int(r)
	case 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == ' ':
		return 1<<8 + int(r)
	case r < 0x7f && r > ' ':
		return 1<<9 + int(r)
	}
	return 1<<10 + int(r)
}
