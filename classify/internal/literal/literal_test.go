package literal

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// told returns sets as tests write them: the texts of a set parted by "|", one
// that is folded with "~" before it.
func told(sets []Set) []string {
	var told []string
	for _, s := range sets {
		var texts []string
		for _, t := range s {
			if t.Fold {
				t.Text = "~" + t.Text
			}
			texts = append(texts, t.Text)
		}
		told = append(told, strings.Join(texts, "|"))
	}
	return told
}

func parse(t testing.TB, pattern string) *syntax.Regexp {
	t.Helper()
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestRequired(t *testing.T) {
	for _, test := range []struct {
		pattern string
		want    []string
	}{
		{`abc`, []string{"abc"}},
		{`^ERROR: (\S+) not found$`, []string{"ERROR: ", " not found"}},
		{`ab(c)d`, []string{"abcd"}},
		{`ab*cde`, []string{"cde"}},
		{`ab`, nil}, // shorter than three
		{`foo|ba`, nil},
		{`.*`, nil},
		{`\bword\b`, []string{"word"}},
		{`foo\b$(?m:$)^\Bbar`, []string{"foobar"}},
		{`abc.def`, []string{"abc", "def"}},
		{`(?s)abc.def`, []string{"abc", "def"}},

		// Repetition.
		{`(abc)+`, []string{"abc"}},
		{`(ab)+`, nil},
		{`x(ab)+y`, []string{"xab", "aby"}},
		{`(ab){2,}`, []string{"abab"}},
		{`(abc){2,5}`, []string{"abcabc"}},
		{`x(abc){2}y`, []string{"xabcabcy"}},
		{`(a.bcd){2}`, []string{"bcda"}},
		{`(abc)?`, nil},
		{`(abc){0,3}`, nil},
		{`ab{0}c d`, []string{"ac d"}},
		{`https?://`, []string{"http://|https://"}},

		// Alternation.
		{`foo|barn`, []string{"barn|foo"}},
		{`foo|.*`, nil},
		{`foo||bar`, nil},
		{`x(foo|bar)y`, []string{"xbary|xfooy"}},
		{`foobar|foobaz`, []string{"fooba"}},
		{`foo|foobar|xfoo`, []string{"foo"}},
		{`x(foo.*a|bar)y`, []string{"xbary|xfoo"}},
		{`a(one .* two|three|)`, nil},
		{`Error: (one .*|two .*)`, []string{"Error: one |Error: two "}},
		{`(one .*|two .*)?(x.*y|z): not found`, []string{"y: not found|z: not found"}},
		{`\d failed(, .*)? in \d`, []string{" failed in | failed, ", " in "}},
		{`Test(\d+ of |.*)\.java:`, []string{".java:", "Test"}},
		{`[0-9](foo.*x|bar.*y)`, []string{"bar|foo"}},
		{`(ab.*cdef|gh.*ijkl)`, []string{"cdef|ijkl"}},
		{`((one|two) fish|.* (red|blue) fish)`, []string{" blue fish| red fish|one fish|two fish"}},

		// Classes.
		{`[ab]cdef`, []string{"cdef"}},
		{`[0-9]cdefghijk`, []string{"cdefghijk"}},
		{`[Ee]rror`, []string{"~error"}},
		{`abc[^x]def`, []string{"abc", "def"}},
		{`abc[ä-å]def`, []string{"abcädef|abcådef"}},

		// Cases.
		{`(?:error|ERROR): (\w+) at`, []string{"ERROR: |error: ", " at"}},
		{`(?i)Fatal`, []string{"~fatal"}},
		{`FA(?i:tal)`, []string{"~fatal"}},
		{`(?i)disk`, []string{"~disk|~dis\u212a|~di\u017fk|~di\u017f\u212a"}},
		{`(?i)ÄRGER`, []string{"~Ärger|~ärger"}},
		{`Ärger`, []string{"Ärger"}},
		{`(?i)12:34`, []string{"12:34"}},

		// Bytes that are not valid UTF-8.
		{`abc\x{FFFD}de`, []string{"abc"}},
		{`ab[x\x{FFFD}]cde`, []string{"cde"}},
	} {
		if diff := cmp.Diff(test.want, told(Required(parse(t, test.pattern), 3))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.pattern, diff)
		}
	}
}

// found reports whether text holds one of the texts of a set.
func (s Set) found(text []byte) bool {
	small := Fold(text)
	for _, t := range s {
		if bytes.Contains(text, []byte(t.Text)) || t.Fold && bytes.Contains(small, []byte(t.Text)) {
			return true
		}
	}
	return false
}

// FuzzRequired looks for a match that lacks every text of a required set.
func FuzzRequired(f *testing.F) {
	for _, seed := range [][2]string{
		{`(?i)ab|c.d`, "AB"}, {`a(b|c)+d?`, "abcd"}, {`(?i)k\b`, "\u212a"}, {`(x{2}|y)z`, "xxz"}, {`a\x{FFFD}b`, "a\xffb"}, {`(?i)straße`, "STRASSE"},
		{`[xz]a{200}[bc]d`, "z" + strings.Repeat("a", 200) + "bd"},
		{`(?:([ab]c){80}qq|z.*zz)END`, strings.Repeat("ac", 80) + "qqEND"},
		{`(?:a.*b|cd)(?:e|f.*g)`, "axbe"}, {`(?i)[^a]k+s{2,3}`, "b\u212aK\u017fs"},
	} {
		f.Add(seed[0], []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, pattern string, text []byte) {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return
		}
		tree := parse(t, pattern)
		m := re.Find(text)
		if m == nil {
			return
		}
		for _, s := range Required(tree, 1) {
			if !s.found(m) {
				t.Errorf("%q matches %q, which holds none of %q", pattern, m, told([]Set{s}))
			}
		}
	})
}

// TestRequiredLimits holds the limits that the doc of Required names.
func TestRequiredLimits(t *testing.T) {
	long := strings.Repeat("0123456789", 100)
	for _, pattern := range []string{
		long, "(?i)" + strings.Repeat("sky", 100), "x{1000}", "(?:" + long + "|b)ccc", "[0-9][a-z]cde", "[a-h][a-h]x[a-h]yz",
		strings.Repeat("(?:a|bc)", 200), strings.Repeat("(?:ab.)?", 300), strings.Repeat("(?:ab.c|d)", 300), strings.Repeat("(", 400) + "ab" + strings.Repeat("){2,}", 8) + strings.Repeat(")+", 392),
	} {
		sets := Required(parse(t, pattern), 2)
		if len(sets) > maxSets {
			t.Errorf("%.30q: %d sets", pattern, len(sets))
		}
		for i, s := range sets {
			if len(s) == 0 || len(s) > maxTexts || i > 0 && len(s) > maxLater {
				t.Errorf("%.30q: set %d has %d texts", pattern, i, len(s))
			}
			for _, text := range s {
				if len(text.Text) < 2 || len(text.Text) > maxLength {
					t.Errorf("%.30q: a text of %d bytes", pattern, len(text.Text))
				}
			}
		}
	}
}

// BenchmarkRequired finds the texts of a thousand rules.
func BenchmarkRequired(b *testing.B) {
	var trees []*syntax.Regexp
	for _, pattern := range benchPatterns(b) {
		trees = append(trees, parse(b, pattern))
	}
	model()
	for b.Loop() {
		for _, tree := range trees {
			Required(tree, 3)
		}
	}
}

// benchPatterns returns the rules of the benchmarks, as patterns.
func benchPatterns(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(shared, "bench/rules.1000.json"))
	if err != nil {
		t.Skip("no rules beside the project: ", err)
	}
	var rules []struct{ Kind, Pat string }
	if err := json.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	var patterns []string
	for _, r := range rules {
		if r.Kind == "lit" {
			r.Pat = regexp.QuoteMeta(r.Pat)
		}
		patterns = append(patterns, r.Pat)
	}
	return patterns
}
