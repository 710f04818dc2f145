package literal

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRequired(t *testing.T) {
	for pattern, want := range map[string][]string{
		`abc`:                       {"abc"},
		`^ERROR: (\S+) not found$`:  {" not found"},
		`ab(c)d`:                    {"abcd"},
		`ab*cde`:                    {"cde"},
		`(abc)+`:                    {"abc"},
		`(abc){2,}`:                 {"abc"},
		`(abc)?`:                    nil,
		`(abc){0,3}`:                nil,
		`foo|barn`:                  {"barn", "foo"},
		`foo|.*`:                    nil,
		`foo|ba`:                    nil, // shorter than three
		`x(foo|bar)y`:               {"bar", "foo"},
		`(?i)Fatal`:                 {"fatal"},
		`(?i)disk full`:             {" full"}, // k and s have other cases beyond ASCII
		`(?i)ÄRGER`:                 {"rger"},
		`Ärger`:                     {"Ärger"},
		`abc\x{FFFD}de`:             {"abc"},
		`[ab]cdef`:                  {"cdef"},
		`\bword\b`:                  {"word"},
		`.*`:                        nil,
		`(?:error|ERROR): (\w+) at`: {"error"},
	} {
		re, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, Required(re, 3)); diff != "" {
			t.Errorf("%s: %s", pattern, diff)
		}
	}
}

// FuzzRequired looks for a match that lacks every required text.
func FuzzRequired(f *testing.F) {
	for _, seed := range [][2]string{
		{`(?i)ab|c.d`, "AB"}, {`a(b|c)+d?`, "abcd"}, {`(?i)k\b`, "\u212a"}, {`(x{2}|y)z`, "xxz"}, {`a\x{FFFD}b`, "a\xffb"}, {`(?i)straße`, "STRASSE"},
	} {
		f.Add(seed[0], []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, pattern string, text []byte) {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return
		}
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		m := re.Find(text)
		if m == nil {
			return
		}
		required := Required(tree, 1)
		for _, r := range required {
			if bytes.Contains(Fold(m), []byte(r)) {
				return
			}
		}
		if required != nil {
			t.Errorf("%q matches %q, which holds none of %q", pattern, m, required)
		}
	})
}
