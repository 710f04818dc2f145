package patterns

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/watchcat-ci/watchcat/classify"
)

// documents are rule files with something in them that is not easily written.
var documents = []Document{
	{
		Comment: "Two lines\n\nof comment.",
		Tags:    map[string]string{"odd.tag": `with "quotes", a \ and a tab	`, "plain": "text"},
		Files:   map[string][]string{"one": {"a.log"}, "screen-c.txt": {strings.Repeat("long/", 12) + "a.log", strings.Repeat("long/", 12) + "b.log"}},
		Entries: []Entry{{
			Comment: "a rule\twith \x01 control characters",
			Rule: classify.Rule{
				ID: "all-keys", Files: []string{"one"}, Pattern: `^it's '''(?P<a>\d+)\\"$`, Message: `{a} "and" \ {{}}`, Tag: "odd.tag",
				Tier: classify.TierSymptom, Priority: -7, Exclude: []string{"a\tb", `\n`},
			},
			Tests: []Test{{Log: `it's "quoted" \n`}, {Log: "a\r\nb\n", Want: "x"}, {Log: "a\n\"\"\"\"b\\\n\"", Want: "é\u2028\u007f"}},
		}},
	},
	{Entries: []Entry{
		{
			Rule: classify.Rule{
				ID: "every-key", Files: []string{"console"}, Pattern: `a(\d)`, Message: "{1}", Tag: "code",
				Next: `^\s`, Until: "^$", Occurrence: classify.OccurrenceLast, Context: classify.Context{Before: 2},
				Unless: []classify.Unless{
					{Pattern: `it's`}, {Literal: "b", Within: classify.WithinNext}, {Literal: "c", Within: classify.WithinFile}, {Pattern: "d", Within: 7},
				},
				All:  []classify.Condition{{Files: []string{"other/*.log"}}, {Literal: "e"}},
				None: []classify.Condition{{Files: []string{"third.log"}, Pattern: `f\d`}},
				Jobs: []string{"a*", "!ab"}, Projects: []string{"p"}, Branches: []string{"b"}, Pipelines: []string{"l"},
				Hides: []string{"other"}, Expires: "2027-03-01", URL: "https://bugs.example.org/1", Description: "why",
			},
			Tests: []Test{{
				Log: "a1\n x", Want: "1", Files: map[string]string{"other/*.log": "g\nh", "third.log": `"`},
				Job: "ax", Project: "p", Branch: "b", Pipeline: "l",
			}},
		},
		{Rule: classify.Rule{
			ID: "other", Files: []string{"console"}, Literal: "zz", Message: "m", Tag: "code", Occurrence: classify.OccurrenceFirst,
			Context: classify.Context{After: 3}, Unless: []classify.Unless{{Literal: "y"}},
		}},
	}},
	{Entries: []Entry{
		{Rule: classify.Rule{ID: "a", Files: []string{"console"}, Literal: `'\t"`, Message: "m", Tag: "code"}},
		{Rule: classify.Rule{ID: "b", Files: []string{"*.log"}, Pattern: "ends in '", Message: "m", Tag: "code", Tier: classify.TierCause}},
		{Rule: classify.Rule{ID: "c", Files: []string{"@result"}, Pattern: "'in' it", Message: "m", Tag: "code"}},
		{Rule: classify.Rule{ID: "d", Files: []string{"console"}, Pattern: "a\tb''", Message: "m", Tag: "code"}},
	}},
}

// TestFormat holds Format to what Load reads.
func TestFormat(t *testing.T) {
	for _, d := range documents {
		checkFormat(t, d)
	}
}

// checkFormat formats a document without mistakes and compares what Load reads.
func checkFormat(t *testing.T, d Document) {
	t.Helper()
	text := Format(d)
	set, err := loadText(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var rules []classify.Rule
	var tests []Test
	for _, e := range d.Entries {
		rules = append(rules, resolved(e.Rule, set))
		for _, test := range e.Tests {
			test.Rule = e.ID
			tests = append(tests, test)
		}
	}
	same := cmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Test{}, "Origin")}
	if diff := cmp.Diff(rules, set.Rules, same); diff != "" {
		t.Errorf("rules (-want +got):\n%s\n%s", diff, text)
	}
	if diff := cmp.Diff(tests, set.Tests, same); diff != "" {
		t.Errorf("tests (-want +got):\n%s\n%s", diff, text)
	}
	for name, meaning := range d.Tags {
		if set.Tags[name] != meaning {
			t.Errorf("tag %q is %q, want %q", name, set.Tags[name], meaning)
		}
	}
	for name, files := range d.Files {
		if !slices.Equal(set.Files[name], files) {
			t.Errorf("file %q is %q, want %q", name, set.Files[name], files)
		}
	}
}

// resolved is a rule as Load makes it of an entry.
func resolved(r classify.Rule, set *Set) classify.Rule {
	if files, logical := set.Files[r.Files[0]]; logical {
		r.Files = files
	}
	resolve := func(conditions []classify.Condition) []classify.Condition {
		conditions = slices.Clone(conditions)
		for i, c := range conditions {
			if len(c.Files) > 0 && set.Files[c.Files[0]] != nil {
				conditions[i].Files = set.Files[c.Files[0]]
			}
		}
		return conditions
	}
	r.All, r.None = resolve(r.All), resolve(r.None)
	if r.Tier == classify.TierCause {
		r.Tier = ""
	}
	if r.Occurrence == classify.OccurrenceFirst {
		r.Occurrence = ""
	}
	return r
}

// TestFormatTexts writes random texts, made of what is hard to quote, in every
// place that takes one.
func TestFormatTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func(alphabet string) string {
		letters := []rune(alphabet)
		s := make([]rune, 1+random.IntN(8))
		for i := range s {
			s[i] = letters[random.IntN(len(letters))]
		}
		return "x" + string(s) + "x"
	}
	const inLine = "ab'\"\\ \t#=[]{}é\u0001\u007f\u0085\u2028\u202e\U0001F600"
	for range 500 {
		checkFormat(t, Document{
			Comment: text(inLine + "\n\r"),
			Tags:    map[string]string{"t": text(inLine + "\n")},
			Files:   map[string][]string{"f": {text("ab'\"# é.")}},
			Entries: []Entry{{
				Comment: text(inLine + "\n"),
				Rule: classify.Rule{
					ID: "r", Files: []string{"f"}, Literal: text(inLine), Message: text("ab'\"\\ #=[]é"), Tag: "t",
					Exclude: []string{"!" + text(inLine), "!" + text(inLine)},
				},
				Tests: []Test{{Log: text(inLine + "\n\r"), Want: text(inLine + "\n")}, {Log: text("'\""), Want: text("'\"")}},
			}},
		})
	}
}

func FuzzFormat(f *testing.F) {
	f.Add("a", "b", `\d'`)
	f.Add("\x00\xff", "'''", "\n\"\"\"\\")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		set, err := loadText(Format(Document{Comment: a, Entries: []Entry{{
			Comment: b,
			Rule:    classify.Rule{ID: "r", Files: []string{"console"}, Literal: "x" + c, Message: "m", Tag: "code", Exclude: []string{"x" + c + "!" + b}},
			Tests:   []Test{{Log: "x" + a, Want: b + "."}},
		}}}))
		if strings.ContainsAny(b+c, neverInLine) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		r, test := set.Rules[0], set.Tests[0]
		if r.Literal != "x"+valid(c) || r.Exclude[0] != valid("x"+c+"!"+b) || test.Log != "x"+valid(a) || test.Want != valid(b)+"." {
			t.Errorf("%q, %q, %q became %+v %+v", a, b, c, r, test)
		}
	})
}
