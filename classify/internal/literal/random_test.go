package literal

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestRandom makes patterns, and texts that match them, and looks for a match
// that does not meet a set.
func TestRandom(t *testing.T) {
	const patterns, each = 6000, 8
	r := random{rand.New(rand.NewPCG(6, 2026))}
	matches, sets := 0, 0
	for range patterns {
		pattern := r.flags() + r.pattern(4)
		re, err := regexp.Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		tree := parse(t, pattern)
		required := Required(tree, 1+r.IntN(3))
		sets += len(required)
		for range each {
			match := re.Find([]byte(r.text(tree)))
			if match == nil {
				continue // for a ^ or \b within
			}
			matches++
			for _, s := range required {
				if !s.found(match) {
					t.Fatalf("%q matches %q, which holds none of %q", pattern, match, told([]Set{s}))
				}
			}
		}
	}
	if matches < patterns*each/2 || sets < patterns*9/10 {
		t.Errorf("only %d matches and %d sets of %d patterns: this shows little", matches, sets, patterns)
	}
}

// A random makes things at random.
type random struct{ *rand.Rand }

func (r random) one(of ...string) string { return of[r.IntN(len(of))] }

func (r random) flags() string { return r.one("", "", "(?i)", "(?m)", "(?s)", "(?U)", "(?is)") }

// pattern returns a pattern whose parts are nested at most so deep.
func (r random) pattern(depth int) string {
	if depth == 0 {
		return r.atom()
	}
	part := func() string { return r.pattern(depth - 1) }
	switch r.IntN(8) {
	case 0, 1, 2, 3:
		return part() + part()
	case 4:
		return "(?:" + part() + "|" + part() + r.one("", "|", "|"+part()) + ")"
	case 5:
		return "(" + part() + ")" + r.one("?", "*", "+", "+?", "{2}", "{0}", "{0,1}", "{2,}", "{1,3}", "{0,2}")
	case 6:
		return "(?i:" + part() + ")"
	}
	return r.one("^", "$", `\b`, `\B`, `\A`, "") + part()
}

// atom returns a pattern of a character or a few.
func (r random) atom() string {
	return r.one(
		"a", "b", "ab", "abc", "foo", "fob", "k", "s", "K", "S", "disk", "Ask", "é", "É", "ſ", "\u212a", "ß", "µ", "Σ", " ", ": ", `\.`, "0", "42",
		"[Ee]", "[ab]", "[^a]", "[a-c]", "[k-s]", "[0-9]", `\d`, `\w`, `\s`, `\S`, `\pL`, "[é-ë]", "[kK]", "[Ssſ]", ".", ".", "(?s:.)",
		`\x{FFFD}`, `[\x{FFF0}-\x{FFFF}]`, `[a\x{FFFD}]`, `\n`, `[\x{D7FF}-\x{E001}]`)
}

// text returns a text that an expression matches, but for its zero-width
// assertions.
func (r random) text(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		var b strings.Builder
		for _, c := range re.Rune {
			b.WriteString(r.character(c, re.Flags&syntax.FoldCase != 0))
		}
		return b.String()
	case syntax.OpCharClass:
		i := 2 * r.IntN(len(re.Rune)/2)
		return r.character(re.Rune[i]+r.Int32N(re.Rune[i+1]-re.Rune[i]+1), false)
	case syntax.OpAnyChar:
		return r.one("x", "K", "\u212a", "ſ", "é", "\n", "\xff", "\xe2\x84", "\uFFFD")
	case syntax.OpAnyCharNotNL:
		return r.one("x", "s", "\u212a", "ſ", "é", " ", "\xff", "\xc5", "\uFFFD")
	case syntax.OpAlternate:
		return r.text(re.Sub[r.IntN(len(re.Sub))])
	}
	return r.texts(re)
}

// texts returns a text of the parts of an expression.
func (r random) texts(re *syntax.Regexp) string {
	least, most := 1, 1
	switch re.Op {
	case syntax.OpQuest:
		least = 0
	case syntax.OpStar:
		least, most = 0, 3
	case syntax.OpPlus:
		most = 3
	case syntax.OpRepeat:
		least, most = re.Min, max(re.Max, re.Min)
	}
	var b strings.Builder
	for range least + r.IntN(most-least+1) {
		for _, sub := range re.Sub {
			b.WriteString(r.text(sub))
		}
	}
	return b.String()
}

// character returns a text that a character matches.
func (r random) character(c rune, fold bool) string {
	if c == utf8.RuneError {
		return r.one("\uFFFD", "\xff", "\x80", "\xe2", "\xc5", "\xed")
	}
	if fold {
		for range r.IntN(4) {
			c = unicode.SimpleFold(c)
		}
	}
	return string(c)
}
