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
