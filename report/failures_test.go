package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// tested is a job of which n tests failed.
func tested(n int) classify.Result {
	r := classify.Result{
		Job: classify.Job{Name: "job"}, Outcome: classify.OutcomeMatched, Rule: classify.TestsRule, Tag: "test", Reason: "some of 1204 tests failed",
		Evidence: []classify.Evidence{
			{File: "a.xml", Line: 4, EndLine: 4, Text: []string{"FAILED t0: m"}}, {File: "a.xml", Line: 4, EndLine: 5, Text: []string{"why", "and where"}},
			{File: "a.xml", Line: 9, EndLine: 9, Text: []string{"FAILED t1: m"}}},
		Tests: &classify.Tests{Total: 1204, Failed: n},
	}
	for i := range min(n, classify.MaxFailures) {
		r.Tests.Failures = append(r.Tests.Failures, classify.FailedTest{Name: fmt.Sprint("t", i), Suite: "s", Message: "m", File: "x.go", Line: i, Report: "a.xml"})
	}
	return r
}

// TestVerdictOfTests lists what failed; lines that stand on one line of a report are
// shown together.
func TestVerdictOfTests(t *testing.T) {
	var b bytes.Buffer
	if err := WriteVerdict(&b, tested(2), TableOptions{}); err != nil {
		t.Fatal(err)
	}
	const want = `job
  test: some of 1204 tests failed
  by its test reports

  a.xml
  4  FAILED t0: m
  4  why
  5  and where

  9  FAILED t1: m

  Failed tests
  s::t0  m  x.go
  s::t1  m  x.go:1
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestVerdictOfTasks lists tasks only where no test failed.
func TestVerdictOfTasks(t *testing.T) {
	tasks := &classify.Tests{Total: 9, Failed: 2, Failures: []classify.FailedTest{{Name: "Run tox"}, {Name: "Clean up"}}}
	for _, tests := range []int{0, 2} {
		r := tested(tests)
		r.Tasks = tasks
		var b bytes.Buffer
		if err := WriteVerdict(&b, r, TableOptions{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "Run tox") != (tests == 0) {
			t.Errorf("%d failed tests:\n%s", tests, b.String())
		}
	}
}

// TestFailuresBounded counts the failed tests that are not shown.
func TestFailuresBounded(t *testing.T) {
	for _, tt := range []struct {
		failed        int
		verdict, page string
	}{{1, "", "<li>s::t0: m"}, {15, "s::t14", "<li>s::t14: m"}, {1002, "and 987 more failed tests", "<li>and 902 more</li>"}} {
		var verdict, page bytes.Buffer
		r := tested(tt.failed)
		if err := WriteVerdict(&verdict, r, TableOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := New([]classify.Result{r}, about()).WriteHTML(&page); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(verdict.String(), tt.verdict) || strings.Contains(verdict.String(), "Failed tests") != (tt.verdict != "") {
			t.Errorf("%d failed, no %q in:\n%s", tt.failed, tt.verdict, verdict.String())
		}
		if !strings.Contains(page.String(), tt.page) {
			t.Errorf("%d failed, no %q on the page", tt.failed, tt.page)
		}
	}
}
