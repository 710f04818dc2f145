package dfa

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"
)

// parse returns the trees of expressions.
func parse(t testing.TB, expressions ...string) []*syntax.Regexp {
	t.Helper()
	var trees []*syntax.Regexp
	for _, e := range expressions {
		tree, err := syntax.Parse(e, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		trees = append(trees, tree)
	}
	return trees
}

// A pair is a Set and, as its reference, the same expressions for regexp.
type pair struct {
	set  *Set
	each []*regexp.Regexp
}

func newPair(t testing.TB, expressions ...string) pair {
	t.Helper()
	p := pair{set: New(parse(t, expressions...)...)}
	for _, e := range expressions {
		p.each = append(p.each, regexp.MustCompile(e))
	}
	return p
}

// newSmall returns a pair with a Set whose tables have room for so many bytes,
// or for a few states if that is more.
func newSmall(t testing.TB, room int, expressions ...string) pair {
	t.Helper()
	p := newPair(t, expressions...)
	program := p.automaton().p
	p.set.some = newAutomaton(program, true, room)
	p.set.each = newAutomaton(program, false, room)
	return p
}

// automaton returns the compiled automaton that finds all expressions.
func (p pair) automaton() *automaton {
	p.set.compile.Do(p.set.doCompile)
	return p.set.each
}

// compare tells where the answers about a text, the first time and the second,
// are not those of regexp.
func (p pair) compare(t *testing.T, text string) {
	t.Helper()
	var want []int
	for i, e := range p.each {
		if e.MatchString(text) {
			want = append(want, i)
		}
	}
	for _, times := range []string{"first", "second"} {
		if got := p.set.Matches([]byte(text), nil); !slices.Equal(got, want) {
			t.Errorf("%s Matches(%q) of %v = %v, want %v", times, text, p.each, got, want)
		}
		if got := p.set.Match([]byte(text)); got != (len(want) > 0) {
			t.Errorf("%s Match(%q) of %v = %v", times, text, p.each, got)
		}
	}
}

// seeds are expressions in pairs, with texts that come near their borders.
var seeds = []struct {
	one, other string
	texts      []string
}{
	{``, `a`, []string{"", "a", "b", "\n"}},
	{`^$`, `\A\z`, []string{"", "\n", "a", "\xff"}},
	{`^error: .*$`, `(?m)^error: .*$`, []string{"error: x", "an error: x", "a\nerror: x\nb", "error: x\n"}},
	{`(?m)$^`, `(?m)^$`, []string{"", "\n", "a\n", "a\n\nb", "ab"}},
	{`\bfail\b`, `\Bail\B`, []string{"fail", "a fail.", "failed", "xfail", "mails", "fail\xff", "fáil", "éfailé"}},
	{`\b`, `\B`, []string{"", " ", "a", "é", "ab", "a b", "\xff"}},
	{`x\b$`, `^\b.`, []string{"x", "x ", "yx", "-x", "é"}},
	{`(?i)key`, `(?i)MASS`, []string{"KEY", "key", "\u212aey", "ma\u017fs", "MAſſ", "kez"}},
	{`(?i)\x{212a}`, `[^k]`, []string{"k", "K", "\u212a", "kk", "j"}},
	{`a.c`, `(?s)a.c`, []string{"abc", "a\nc", "a\xffc", "aéc", "a\xe2\x82c", "ac", "a\xe2\x82\xacc"}},
	{`a\x{fffd}c`, "\ufffd$", []string{"a\ufffdc", "a\xffc", "\xff", "\xe2\x82", "a\xe2\x82c"}},
	{`[^\x00-\x7f]{3}`, `\pL+\d`, []string{"äöü", "äö", "a\xff\xff\xffb", "é1", "é", "α1"}},
	{`^\d{3}`, `\d{3}$`, []string{"123", "a123", "123a", "12"}},
	{`[0-9a-f]{64}`, `(?:[0-9a-f]{2}:){5}`, []string{strings.Repeat("0a", 32), strings.Repeat("0a", 31) + "0", "00:11:22:33:44:", "00:11:22:33:4:"}},
	{`x{100}`, `(?:x{10}y?){10}`, []string{strings.Repeat("x", 99), strings.Repeat("x", 100), strings.Repeat("xxxxx", 20) + "y"}},
	{`(?:a|ab)(?:c|bcd)$`, `(a*)*b`, []string{"abcd", "ac", "abc", "ad", "b", "aaaa"}},
	{`^(?:a|\bb|c$)`, `(?:^|-)x(?:-|$)`, []string{"a", "b", "c", "ca", "x", "-x-", "ax", "xa"}},
	{`[^\n]`, `[[:^ascii:]]`, []string{"\n", "a", "é", "\x80"}},
	{`\x{10ffff}`, `[\x{ff}-\x{10fffe}]`, []string{"\U0010ffff", "\U0010fffe", "\xff", "ÿ", "þ"}},
	{`\z`, `\Aa|\bb`, []string{"", "a", "b", "ab", "a b"}},
	{`[^\x00-\x{10FFFF}]`, `a|[^\x00-\x{10FFFF}]`, []string{"", "a", "b"}},
}

func TestSet(t *testing.T) {
	for _, c := range seeds {
		for _, p := range []pair{newPair(t, c.one, c.other), newPair(t, c.one), newPair(t, c.other)} {
			for _, text := range c.texts {
				p.compare(t, text)
			}
		}
	}
}

func TestNoExpressions(t *testing.T) {
	newPair(t).compare(t, "")
	newPair(t).compare(t, "text")
}

// TestMatchesAppends tests that Matches leaves what is in the slice.
func TestMatchesAppends(t *testing.T) {
	s := New(parse(t, "c", "b", "a", "x")...)
	got := s.Matches([]byte("abc"), []int{7})
	if want := []int{7, 0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestTreesStay tests that the trees of the caller are not changed.
func TestTreesStay(t *testing.T) {
	for _, c := range seeds {
		trees := parse(t, c.one, c.other)
		New(trees...).Match([]byte("text"))
		for i, want := range parse(t, c.one, c.other) {
			if !trees[i].Equal(want) {
				t.Errorf("%v has become %v", want, trees[i])
			}
		}
	}
}

func FuzzSet(f *testing.F) {
	for _, c := range seeds {
		for _, text := range c.texts {
			f.Add(c.one, c.other, text)
		}
	}
	f.Fuzz(func(t *testing.T, one, other, text string) {
		if len(one)+len(other) > 200 || len(text) > 2000 {
			t.Skip("too long to be quick")
		}
		for _, e := range []string{one, other} {
			tree, err := syntax.Parse(e, syntax.Perl)
			if err != nil || hasSurrogate(tree) {
				t.Skip("no expression, or one that regexp does not have right")
			}
		}
		newPair(t, one, other).compare(t, text)
		newPair(t, one).compare(t, text)
	})
}

func hasSurrogate(tree *syntax.Regexp) bool {
	if tree.Op == syntax.OpLiteral && slices.ContainsFunc(tree.Rune, func(r rune) bool { return !utf8.ValidRune(r) }) {
		return true
	}
	return slices.ContainsFunc(tree.Sub, hasSurrogate)
}

// A maker makes expressions and texts that have a good chance to meet.
type maker struct{ *rand.Rand }

func newMaker(seed uint64) maker { return maker{rand.New(rand.NewPCG(seed, 6))} }

func (m maker) one(of ...string) string { return of[m.IntN(len(of))] }

func (m maker) expression(depth int) string {
	if depth == 0 {
		return m.one("a", "b", "k", "s", "é", "0", "-", " ", `\n`, ".", `\w`, `\W`, `\d`, `\s`, "[^a]", "[a-k]", "[^é-ü]", `\pL`,
			"^", "$", `\b`, `\B`, `\A`, `\z`, "", "(?i:k)", "(?i:s)", "(?s:.)", "(?m:^)", "(?m:$)", `\x{fffd}`, `\x{212a}`)
	}
	sub := func() string { return m.expression(m.IntN(depth)) }
	switch m.IntN(8) {
	case 0:
		return "(?:" + sub() + "|" + sub() + ")"
	case 1:
		return "(" + sub() + ")" + m.one("*", "+", "?", "{2}", "{1,3}", "{0,2}", "*?", "{2,}")
	case 2:
		return m.one("(?i)", "(?s)", "(?m)", "(?ims)") + sub() + sub()
	}
	return sub() + sub() + sub()
}

func (m maker) text(most int) string {
	var b strings.Builder
	for range m.IntN(most + 1) {
		b.WriteString(m.one("a", "b", "k", "K", "s", "\u017f", "\u212a", "é", "0", "-", " ", "\n", "\xff", "\xe2\x82", "\ufffd", "_", "z"))
	}
	return b.String()
}

func TestRandom(t *testing.T) {
	cases := 4000
	if testing.Short() {
		cases = 400
	}
	for seed := range uint64(cases) {
		m := newMaker(seed)
		expressions := make([]string, 1+m.IntN(4))
		for i := range expressions {
			expressions[i] = m.expression(1 + m.IntN(4))
		}
		p := newPair(t, expressions...)
		for range 12 {
			p.compare(t, m.text(12))
		}
		if t.Failed() {
			t.Fatal("with seed ", seed)
		}
	}
}

// TestFull tests a table that has room for few states only.
func TestFull(t *testing.T) {
	for seed := range uint64(300) {
		m := newMaker(seed)
		p := newSmall(t, 1, m.expression(4), m.expression(4), `(?i)k.{3,9}s`, `[ab].{5}[0k]$`)
		for range 10 {
			p.compare(t, m.text(60))
		}
		if a := p.set.each; a.size > a.room {
			t.Errorf("table of %d bytes, with room for %d", a.size, a.room)
		}
		if t.Failed() {
			t.Fatal("with seed ", seed)
		}
	}
}

// TestGenerations tests what becomes of a full table: one that was of use is
// begun anew at once, one that was not after a pause.
func TestGenerations(t *testing.T) {
	p := newSmall(t, 20_000, `[ab].{8}[ab]$`)
	a := p.set.some
	m := newMaker(1)
	word := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(m.one("a", "b", "c"))
		}
		return b.String()
	}
	paused := false
	for range 50 {
		p.compare(t, word(200))
		paused = paused || a.pause > 0
	}
	if !paused {
		t.Error("many states for few bytes, and no pause")
	}
	for a.pause > 0 {
		before := a.pause
		if a.walk([]byte(word(200)), nil); a.pause >= before {
			t.Fatalf("pause %d after %d", a.pause, before)
		}
	}
	before := a.table.Load().generation
	for range 50 {
		p.compare(t, strings.Repeat(word(10), 100))
	}
	if after := a.table.Load().generation; after == before || a.pause > 0 {
		t.Errorf("many bytes for few states: table %d after %d, pause %d", after, before, a.pause)
	}
}

// TestOldTable tests a walk that goes on with a table after it was thrown away.
func TestOldTable(t *testing.T) {
	a := newPair(t, `ab|bc`).automaton()
	a.walk([]byte("xa"), nil)
	old := a.table.Load()
	row, _ := old.run(&a.p.ascii, []byte("xa"), old.first, 0)
	a.renew(old.generation + 1)
	a.walk([]byte("xb"), nil)
	a.walk([]byte("xbb"), nil)
	now, next := a.extend(old, row, int(a.p.ascii['b']), 0)
	if next >= 0 || !slices.Equal(now.at(-next).found, []int{0}) {
		t.Errorf("transition to %d", next)
	}
	if now != a.table.Load() {
		t.Error("not with the newest table")
	}
}

// TestStates tests that what cannot change the answer makes no states.
func TestStates(t *testing.T) {
	m := newMachine(newPair(t, `a`, `b(?:\bx|c.*d|)`).automaton().p)
	m.start()
	m.step(int(m.p.ascii['b']))
	if !slices.Equal(m.found, []int{1}) || len(m.live) != 1 || m.waits || m.over {
		t.Errorf("after b: found %v, live %v, waits %v, over %v", m.found, m.live, m.waits, m.over)
	}
	m.step(int(m.p.ascii['a']))
	if !slices.Equal(m.found, []int{0, 1}) || len(m.live) > 0 || !m.over {
		t.Errorf("after ba: found %v, live %v, over %v", m.found, m.live, m.over)
	}
}

// TestKey tests that the order in which a machine came by its instructions does
// not matter.
func TestKey(t *testing.T) {
	m := newMachine(newPair(t, `a.*b.*c`, `\bx|y$`).automaton().p)
	m.start()
	m.step(int(m.p.ascii['a']))
	want := string(m.key())
	slices.Reverse(m.live)
	if got := string(m.key()); got != want {
		t.Errorf("key %q, and %q in reverse", want, got)
	}
	m.forget()
	if m.load(want); string(m.key()) != want {
		t.Errorf("key %q, after load %q", want, m.key())
	}
}

// TestWalkedTogether has goroutines make the states of one small table.
func TestWalkedTogether(t *testing.T) {
	for _, room := range []int{1, 1 << 13, 1 << 20} {
		p := newSmall(t, room, `(?i)k.{3,9}s`, `[ab].{5}[0k]$`, `\bé+\b`, `^a`)
		var all sync.WaitGroup
		for g := range uint64(4) {
			all.Go(func() {
				m := newMaker(g)
				for range 150 {
					p.compare(t, m.text(40))
				}
			})
		}
		all.Wait()
	}
}

func TestCompiledTogether(t *testing.T) {
	p := newPair(t, `a+b`, `b+a`)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { p.compare(t, "aab") })
	}
	all.Wait()
}

func TestAllocations(t *testing.T) {
	const text = "2026-11-20 10:11:12 worker-3: fetched 12 packages, é, in 3.4s"
	s := New(parse(t, `\d+s$`, `(?i)PACKAGE\b`, `\w{40}`)...)
	buf := make([]int, 0, 3)
	run := func() {
		s.Match([]byte(text))
		buf = s.Matches([]byte(text), buf[:0])
	}
	if n := testing.AllocsPerRun(100, run); n > 0 {
		t.Errorf("%v allocations a run", n)
	}
}

// TestBig tests expressions with huge programs: answers, and bounds.
func TestBig(t *testing.T) {
	var names []string
	for i := range 4000 {
		names = append(names, fmt.Sprintf("%x", i*7919))
	}
	hex := strings.Repeat("0123456789abcdef", 80)
	for _, e := range []string{
		`[0-9a-f]{1000}`, `(?:[0-9a-f]{30}x?){33}`, `(?:\pL{10}|[^a]{10}){9}`, strings.Join(names, "|"), `(?:(?:[a-f]|\d){10}){100}`,
	} {
		p := newPair(t, e)
		for _, text := range []string{hex, hex[:999], "xyz" + hex, strings.Repeat("é", 95), "x" + names[77]} {
			p.compare(t, text)
		}
		if a := p.set.some; a.size > a.room {
			t.Errorf("%.20s: table of %d bytes, with room for %d", e, a.size, a.room)
		}
	}
}

// TestClasses tests that a class holds runes of the same sets, and that runes of
// the same sets have one class.
func TestClasses(t *testing.T) {
	sets := []runeSet{{'a', 'z'}, {'k', 'k', 0x212a, 0x212a}, {0, 'j', 'l', 0x10ffff}, {'é', 'ü', 0x400, 0x4ff}, {0x10ffff, 0x10ffff}, {'a', 'a'}}
	c := classify(sets)
	in := func(r rune) (bits int) { // the sets that hold a rune
		for n, set := range sets {
			for i := 0; i < len(set); i += 2 {
				if set[i] <= r && r <= set[i+1] {
					bits |= 1 << n
				}
			}
		}
		return bits
	}
	class, bits := make(map[int]int), make(map[int]int)
	for r := range unicode.MaxRune + 1 {
		b, got := in(r), c.of(r)
		if class[b] == 0 && bits[got] == 0 {
			class[b], bits[got] = got, b
		}
		if class[b] != got || bits[got] != b {
			t.Fatalf("rune %#x, in sets %b, has class %d; those in %b have too", r, b, got, bits[got])
		}
		if r < utf8.RuneSelf && int(c.ascii[r]) != got {
			t.Fatalf("byte %#x has class %d, the rune %d", r, c.ascii[r], got)
		}
	}
	if want := len(class) + 1; c.end() != want {
		t.Errorf("end() = %d, want %d", c.end(), want)
	}
}

// TestPartition tests that each part has intervals, and knows how many.
func TestPartition(t *testing.T) {
	sets := []runeSet{{'a', 'z'}, {'k', 'k'}, {0, 'j', 'l', unicode.MaxRune}}
	p := newPartition(sets)
	for range 2 {
		for _, set := range sets {
			p.split(set)
		}
	}
	want := make([]part, len(p.parts))
	for _, i := range p.of {
		want[i].size++
	}
	if !slices.Equal(p.parts, want) || slices.Contains(want, part{}) {
		t.Errorf("parts %v, want %v", p.parts, want)
	}
}
