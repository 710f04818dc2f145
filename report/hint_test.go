package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
)

// TestUndatedJobs prints what classify knows of a log: a name and a reason.
func TestUndatedJobs(t *testing.T) {
	results := []classify.Result{
		{Job: classify.Job{File: "a.log"}, Outcome: classify.OutcomeMatched, Tag: "test", Reason: "test x failed", Rule: "r",
			Matches: []classify.Match{{File: "a.log", Line: 7}}},
		{Job: classify.Job{File: "b.log"}, Outcome: classify.OutcomeUnmatched, Hint: "the knob is gone",
			Evidence: []classify.Evidence{{File: "b.log", Line: 3, EndLine: 4, Text: []string{"TASK [turn the knob]", "the knob is gone"}}}},
	}
	got := render(t, func(b *bytes.Buffer) error { return New(results, About{}).WriteTable(b, TableOptions{}) })
	for _, want := range []string{
		"a.log\n  test: test x failed\n  a.log:7\n",
		"b.log\n  unexplained: the knob is gone\n  b.log:4\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

// TestSpot has the table and CSV name one place of a hint.
func TestSpot(t *testing.T) {
	r := classify.Result{Outcome: classify.OutcomeUnmatched, Hint: "broken", Evidence: []classify.Evidence{
		{File: "a", Line: 3, EndLine: 4, Text: []string{"x", "y"}}, {File: "a", Line: 7, EndLine: 8, Text: []string{"z", "broken"}}}}
	if file, line := spot(&r); file != "a" || line != 8 {
		t.Errorf("%s:%d", file, line)
	}
	got := render(t, func(b *bytes.Buffer) error { return New([]classify.Result{r}, About{}).WriteCSV(b) })
	if !strings.Contains(got, "broken,a,8,") {
		t.Errorf("CSV: %s", got)
	}
}

func TestWhy(t *testing.T) {
	for in, want := range map[string]string{
		"get http://x:1/a/b.log: 404 Not Found (nor y)": "404 Not Found (nor y)",
		"get https://x/a: connection refused; is it up": "connection refused; is it up",
		"cut short: gzip: unexpected EOF":               "cut short: gzip: unexpected EOF",
		"get rich: or not":                              "get rich: or not",
	} {
		if got := why(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestOthersAndFilters says what jobs there were besides the results, and what
// the results were selected by.
func TestOthersAndFilters(t *testing.T) {
	r := New([]classify.Result{at("2026-11-20 10:00")}, About{
		Filters: []string{`--project "a/*"`, "--limit 3"},
		Others:  Others{Passed: 41, Skipped: 2, Superseded: 3},
		Beyond:  7,
	})
	if c := r.Summary.Counts; c.Jobs != 47 || c.Superseded != 3 || c.Outcomes[classify.OutcomePassed] != 41 || c.Failures != 1 {
		t.Errorf("%+v", c)
	}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"table": func(b *bytes.Buffer) error { return r.WriteTable(b, TableOptions{}) }, "JSON": func(b *bytes.Buffer) error { return r.WriteJSON(b) },
		"HTML": func(b *bytes.Buffer) error { return r.WriteHTML(b) }, "Markdown": func(b *bytes.Buffer) error { return r.WriteMarkdown(b) },
	} {
		if got := render(t, write); !strings.Contains(got, "--limit 3") || name != "JSON" && !strings.Contains(got, "7 more left out") {
			t.Errorf("%s does not say what the jobs were selected by", name)
		}
	}
}
