package lint

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
)

func TestCovers(t *testing.T) {
	tests := []struct {
		a, b string
		want answer
	}{
		{`foo`, `foobar`, yes},
		{`foobar`, `foo`, no},
		{`(?i)foo`, `fOo`, yes},
		{`foo`, `(?i)foo`, no},
		{`a.c`, `abc`, yes},
		{`^a`, `^\Aab`, yes},
		{`^a`, `a`, no},
		{`a$`, `^a$`, yes},
		{`\bcat\b`, `the cat sat`, yes},
		{`\bcat\b`, `the cats`, no},
		{`\w+`, `[a-z]`, yes},
		{`[a-z]{2,3}`, `[a-m]{3}`, yes},
		{`x|y`, `y+`, yes},
		{`x*y`, `y`, yes},
		{`\d\d*`, `\d+`, yes},
		{`error: .+`, `error: .*x`, yes},
		{`k`, `(?i)k`, no}, // the Kelvin sign
		{`é|e`, `[eé]`, yes},
		{`foo`, `x^y`, yes}, // nothing matches b
	}
	for _, test := range tests {
		is, line := covers(newText(test.a).prog, newText(test.b).prog)
		if is != test.want {
			t.Errorf("covers(%s, %s) = %v, %q; want %v", test.a, test.b, is, line, test.want)
		}
		if is == no && (regexp.MustCompile(test.a).MatchString(line) || !regexp.MustCompile(test.b).MatchString(line)) {
			t.Errorf("covers(%s, %s): %q is no example", test.a, test.b, line)
		}
	}
}

func TestNeverMatches(t *testing.T) {
	tests := []struct {
		pattern string
		want    answer
	}{
		{`a$b`, yes}, {`a^b`, yes}, {`a\bb`, yes}, {`-\b-`, yes}, {`a\B-`, yes}, {`\n`, yes}, {`x[\r\n]y`, yes}, {`[^\x00-\x{10FFFF}]`, yes},
		{`a$`, no}, {`^$`, no}, {`a\b-`, no}, {`(?m)a$`, no}, {`a|b$c`, no}, {`$^`, no}, {`.`, no},
	}
	for _, test := range tests {
		if got := neverMatches(newText(test.pattern).prog); got != test.want {
			t.Errorf("neverMatches(%s) = %v, want %v", test.pattern, got, test.want)
		}
	}
}

// FuzzAutomaton holds the automaton to regexp: both say the same of a line, and
// what it proves of two patterns holds for it; and a pattern taken apart is put
// together to the same.
func FuzzAutomaton(f *testing.F) {
	for _, seed := range [][3]string{
		{`foo`, `fo+bar`, "xfoobar"}, {`(?i)\bk+$`, `[^a-z]K`, "-K"}, {`^(a|b*)c{1,3}`, `\d\D.`, "bbcc"},
		{`\x{e9}|\Q.*\E`, `[[:alpha:]\]]+?`, "é.*]"}, {`(?P<n>a)(?m:^b)`, `(?U)a*$`, "ab"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, a, b, line string) {
		if len(a)+len(b) > 60 || len(line) > 60 || strings.ContainsAny(line, "\n\r\x1b") {
			return
		}
		one, err := regexp.Compile(a)
		other, err2 := regexp.Compile(b)
		if err != nil || err2 != nil {
			return
		}
		if got := join(tokens(a)); got != a {
			t.Errorf("tokens of %q are %q", a, got)
		}
		first, second := newText(a), newText(b)
		if got, want := matches(first.prog, line), one.MatchString(line); got != want {
			t.Errorf("%q on %q: automaton says %v", a, line, got)
		}
		if is, example := covers(first.prog, second.prog); is == yes && other.MatchString(line) && !one.MatchString(line) {
			t.Errorf("%q covers %q, but not on %q", a, b, line)
		} else if is == no && (one.MatchString(example) || !other.MatchString(example)) {
			t.Errorf("%q is no example of what %q matches and %q does not", example, b, a)
		}
		if neverMatches(first.prog) == yes && one.MatchString(line) {
			t.Errorf("%q never matches, but does %q", a, line)
		}
	})
}

// FuzzTokens holds tokens to what syntax makes of a pattern: what it takes for
// a dot to leave out makes another pattern of it, and its groups are counted.
func FuzzTokens(f *testing.F) {
	for _, seed := range []string{`a.b(c)[^]x].\.\Q.\E`, `(?i)(?P<x>a{2}?)(?:b{,3})\x{2e}\pL`, `[[:^alpha:]-z].`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			return
		}
		list := tokens(pattern)
		if join(list) != pattern {
			t.Errorf("tokens of %q are %q", pattern, join(list))
		}
		if got, want := len(openings(list)), tree.MaxCap(); got != want {
			t.Errorf("%q has %d groups, not %d", pattern, want, got)
		}
	})
}
