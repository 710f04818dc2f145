package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/report"
)

// What is a consequence of the reason is told as such, and the known bug behind
// a reason is linked to, if it is an address.
func TestConsequencesAndBugs(t *testing.T) {
	result := classify.Result{
		Job: classify.Job{Name: "job", Result: "FAILURE"}, Outcome: classify.OutcomeMatched, Rule: "oom", Tag: "infra", Reason: "out of memory",
		Matches: []classify.Match{
			{Rule: "oom", Tag: "infra", Tier: classify.TierCause, Message: "out of memory", Line: 3, URL: "https://bugs.example.org/7"},
			{Rule: "exit", Tag: "test", Tier: classify.TierCause, Message: "tests failed", Line: 9, HiddenBy: "oom", URL: "javascript:alert(1)"},
		},
	}
	var text, page bytes.Buffer
	if err := report.WriteVerdict(&text, result, report.TableOptions{Width: 100}); err != nil {
		t.Fatal(err)
	}
	if err := report.New([]classify.Result{result}, report.About{}).WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"see https://bugs.example.org/7", "tests failed (a consequence of oom)"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	for _, want := range []string{`href="https://bugs.example.org/7"`, "tests failed (a consequence of oom)"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("no %q in the page", want)
		}
	}
	result.Matches[0].URL = "javascript:alert(1)"
	text.Reset()
	if err := report.WriteVerdict(&text, result, report.TableOptions{}); err != nil || strings.Contains(text.String(), "alert") {
		t.Errorf("%v\n%s", err, text.String())
	}
}
