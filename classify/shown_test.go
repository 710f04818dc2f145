package classify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// TestShown looks at what is shown as the reason beside the match that names it.
func TestShown(t *testing.T) {
	rule := func(id, pattern string, more ...func(*classify.Rule)) classify.Rule {
		r := classify.Rule{ID: id, Files: []string{"*"}, Pattern: pattern, Message: id + " {what}"}
		for _, change := range more {
			change(&r)
		}
		return r
	}
	first := func(r *classify.Rule) { r.Priority = 9 }
	symptom := func(r *classify.Rule) { r.Tier = classify.TierSymptom }
	a := rule("a", "^a(?P<what>.*)", first)
	b := rule("b", "^b(?P<what>.*)")
	gap := func(n int) string { return strings.Repeat("\n", n) }
	for _, tt := range []struct {
		name  string
		rules []classify.Rule
		log   string
		want  string
	}{
		{"further matches of the rule", []classify.Rule{a}, "a1\n ^\n\na2\n ^\n\nend", "log 1-2 4-5"},
		{"near the one before", []classify.Rule{a}, "a1\n" + gap(29) + "a2\n" + gap(29) + "a3\n" + gap(30) + "a4", "log 1-1 31-31 61-61"},
		{"in a row", []classify.Rule{a}, "a1\na2\n b\n", "log 1-3"},
		{"of other rules", []classify.Rule{a, b}, "a1\n\nb1\n\na2\n", "log 1-1 3-3 5-5"},
		{"thirty lines", []classify.Rule{a}, "a1\n a\n a\n a\n a\n a\n a\n\na2\n a\n a\n a\n a\n a\n\na3\n a\n a\n a\n a\n a\n\na4\n a\n a\n a\n a\n\na5\n a\n a\n a\n a\n a\n a\n a\n", "log 1-7 9-14 16-21 23-27 29-34"},
		{"no symptom", []classify.Rule{a, rule("b", "^b(?P<what>)", symptom)}, "a1\n\nb\n", "log 1-1"},
		{"another rule's above, by two lines", []classify.Rule{a, b}, "b1\n b\n b\n\na1\n", "log 5-5 1-2"},
		{"another rule's far below", []classify.Rule{a, b}, "a1\n" + gap(40) + "b1\n b\n b\n" + gap(40) + "b2", "log 1-1 42-43"},
		{"another rule's where enough is shown", []classify.Rule{a, b}, "b1\n\na1\n a\n a\n a\n", "log 3-6"},
		{"another rule's of the same priority", []classify.Rule{a, rule("b", "^b(?P<what>.*)", first)}, "a1\n a\n a\n a\n" + gap(40) + "b1\n", "log 1-4 45-45"},
		{"in a step that did not fail", []classify.Rule{a, b}, "$ x\nb1\nThe command \"x\" exited with 0.\n$ y\na1\nThe command \"y\" exited with 1.\n", "log 5-5"},
		{"a consequence", []classify.Rule{rule("a", "^a(?P<what>)", first, func(r *classify.Rule) { r.Hides = []string{"b"} }), b}, "a\n\nb1\n", "log 1-1"},
		{"a block", []classify.Rule{a, rule("b", "^b(?P<what>)", func(r *classify.Rule) { r.Until = "^=" })}, "a1\n\nb1\n\nb\n=\nend\n", "log 1-1 3-6"},
		{"more than thirty where a rule asks for it", []classify.Rule{rule("a", "^a(?P<what>)", first, func(r *classify.Rule) { r.Context.After = 40 }), b}, "a\n" + gap(40) + "b1\n", "log 1-41"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := classify.Compile(tt.rules)
			if err != nil {
				t.Fatal(err)
			}
			r := c.Log(t.Context(), "log", strings.NewReader(tt.log))
			got := "log"
			lines := strings.Split(tt.log, "\n")
			for _, e := range r.Evidence {
				got += fmt.Sprintf(" %d-%d", e.Line, e.EndLine)
				if diff := cmp.Diff(lines[e.Line-1:e.EndLine], e.Text); diff != "" {
					t.Error(diff)
				}
			}
			if got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestShownOfSeveralFiles shows the other rule's cause though lines of the same number
// are shown of another file, and no failed tests of a report beside a rule's cause.
func TestShownOfSeveralFiles(t *testing.T) {
	rules := []classify.Rule{
		{ID: "a", Files: []string{"a"}, Pattern: "^a", Message: "a", Priority: 9},
		{ID: "b", Files: []string{"b"}, Pattern: "^b", Message: "b"},
	}
	if got := places(shownOf(t, rules, folder{"a": "a1\n a\n", "b": "b1\n b\n b\n"})); got != "a:1-2 b:1-1" {
		t.Error(got)
	}
	c := mustCompile(t, rules[:1])
	c.Reports = []string{"**/*.xml"}
	r := one(t, c, tested{listed{folder{"a": "a1\n", "x.xml": reportFile{tests: failedTests(9, "x")}}}})
	if got := places(r); got != "a:1-1" || r.Rule != "a" {
		t.Errorf("%s by %s", got, r.Rule)
	}
}

// TestShownBlockOfAnother shows no more than thirty lines of another rule's block.
func TestShownBlockOfAnother(t *testing.T) {
	rules := []classify.Rule{
		{ID: "a", Files: []string{"a"}, Pattern: "^a", Message: "a", Priority: 9},
		{ID: "b", Files: []string{"a"}, Pattern: "^b", Message: "b", Until: "^="},
	}
	if got := places(shownOf(t, rules, folder{"a": "a1\n\nb1\n" + strings.Repeat("x\n", 60) + "=\n"})); got != "a:1-1 a:3-31" {
		t.Error(got)
	}
}

// shownOf looks at a job's files.
func shownOf(t *testing.T, rules []classify.Rule, files folder) classify.Result {
	t.Helper()
	return one(t, mustCompile(t, rules), listed{files})
}

func mustCompile(t *testing.T, rules []classify.Rule) *classify.Classifier {
	t.Helper()
	c, err := classify.Compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// places writes the runs of lines that a result shows.
func places(r classify.Result) string {
	var all []string
	for _, e := range r.Evidence {
		all = append(all, fmt.Sprintf("%s:%d-%d", e.File, e.Line, e.EndLine))
	}
	return strings.Join(all, " ")
}
