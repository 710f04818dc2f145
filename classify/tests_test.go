package classify_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
)

// reportFile is a test report in a folder.
type reportFile struct {
	tests, tasks classify.Tests
	err          error // at its end
}

func (r reportFile) text() string {
	return fmt.Sprintf("%d of %d failed\n", r.tests.Failed+r.tasks.Failed, r.tests.Total+r.tasks.Total)
}

// openReport is an opened report.
type openReport struct {
	io.Reader
	reportFile
}

func (openReport) Close() error                           { return nil }
func (r openReport) Tests() (tests, tasks classify.Tests) { return r.tests, r.tasks }
func (r openReport) Evidence() (shown []classify.Evidence) {
	for _, f := range append(r.tests.Failures, r.tasks.Failures...) {
		shown = append(shown, classify.Evidence{Line: f.ReportLine, EndLine: f.ReportLine + 1, Text: []string{"FAILED " + f.Name, "why"}})
	}
	return shown
}

// tested is a listed folder with test reports.
type tested struct{ listed }

func (f tested) Open(ctx context.Context, job classify.Job, file string) (io.ReadCloser, error) {
	if r, ok := f.folder[file].(reportFile); ok {
		return openReport{io.MultiReader(strings.NewReader(r.text()), failing{cmp.Or(r.err, io.EOF)}), r}, nil
	}
	return f.folder.Open(ctx, job, file)
}

// failing is a reader that ends in an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// failedTests are n tests, the first of which failed.
func failedTests(n int, names ...string) classify.Tests {
	t := classify.Tests{Total: n, Failed: len(names)}
	for i, name := range names {
		t.Failures = append(t.Failures, classify.FailedTest{Name: name, Message: "no " + name, ReportLine: 10 * (i + 1)})
	}
	return t
}

// ofReports looks at a job with reports, and rules on its console.
func ofReports(t *testing.T, files folder, rules ...classify.Rule) classify.Result {
	t.Helper()
	c := compile(t, rules...)
	c.Reports = []string{"**/*.xml", "tasks.json"}
	return one(t, c, tested{listed{files}})
}

// TestReportsRank holds what test reports say against what rules say.
func TestReportsRank(t *testing.T) {
	const console = "error: cannot compile\nexit code 1\n"
	cause := func(priority int) classify.Rule { return classify.Rule{Literal: "cannot compile", Priority: priority} }
	symptom := func(priority int) classify.Rule {
		return classify.Rule{Literal: "exit code", Priority: priority, Tier: classify.TierSymptom}
	}
	tests, tasks := reportFile{tests: failedTests(9, "a")}, reportFile{tasks: failedTests(7, "t")}
	for _, tt := range []struct {
		name   string
		report reportFile
		rules  []classify.Rule
		want   string
	}{
		{"no rule", tests, nil, "matched @tests"},
		{"a symptom", tests, []classify.Rule{symptom(100)}, "matched @tests rule-0"},
		{"a cause", tests, []classify.Rule{cause(0)}, "matched @tests rule-0"},
		{"a cause of the same priority", tests, []classify.Rule{cause(classify.ReportPriority)}, "matched @tests rule-0"},
		{"a cause of a higher priority", tests, []classify.Rule{cause(classify.ReportPriority + 1)}, "matched rule-0 @tests"},
		{"tasks, no rule", tasks, nil, "symptom @tasks"},
		{"tasks and a symptom", tasks, []classify.Rule{symptom(0)}, "symptom @tasks rule-0"},
		{"tasks and a cause", tasks, []classify.Rule{cause(-50)}, "matched rule-0 @tasks"},
		{"tasks and tests", reportFile{tests.tests, tasks.tasks, nil}, nil, "matched @tests @tasks"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := ofReports(t, folder{"console": console, "a.xml": tt.report}, tt.rules...)
			got := string(r.Outcome)
			for _, m := range r.Matches {
				got += " " + m.Rule
			}
			if got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if r.Rule != r.Matches[0].Rule || r.Reason != r.Matches[0].Message || r.Evidence[0].File != r.Matches[0].File {
				t.Errorf("the reason is %s: %s in %v", r.Rule, r.Reason, r.Evidence[0])
			}
		})
	}
}

// TestReportsTold spells out what a result says of reports.
func TestReportsTold(t *testing.T) {
	r := ofReports(t, folder{
		"console": "-",
		"b.xml":   reportFile{tests: classify.Tests{Total: 1195, Skipped: 3, Flaky: 2}},
		"a.xml":   reportFile{tests: failedTests(9, "x", "y", "z")},
	})
	want := classify.Result{
		Job: r.Job, Rules: r.Rules, Engine: r.Engine,
		Outcome: classify.OutcomeMatched, Rule: "@tests", Tag: "test", Reason: "3 of 1204 tests failed: x, y, z",
		Evidence: []classify.Evidence{
			{File: "a.xml", Line: 10, EndLine: 11, Text: []string{"FAILED x", "why"}, Rule: "@tests"},
			{File: "a.xml", Line: 20, EndLine: 21, Text: []string{"FAILED y", "why"}, Rule: "@tests"},
			{File: "a.xml", Line: 30, EndLine: 31, Text: []string{"FAILED z", "why"}, Rule: "@tests"},
		},
		Matches: []classify.Match{{Rule: "@tests", Tag: "test", Tier: classify.TierCause, Message: "3 of 1204 tests failed: x, y, z",
			File: "a.xml", Line: 10, EndLine: 10, Text: "FAILED x", Count: 3}},
		Tests: &classify.Tests{Total: 1204, Failed: 3, Skipped: 3, Flaky: 2, Failures: []classify.FailedTest{
			{Name: "x", Message: "no x", Report: "a.xml", ReportLine: 10},
			{Name: "y", Message: "no y", Report: "a.xml", ReportLine: 20},
			{Name: "z", Message: "no z", Report: "a.xml", ReportLine: 30},
		}},
	}
	if diff := gocmp.Diff(want, r); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestReportsReason bounds what a reason says.
func TestReportsReason(t *testing.T) {
	long := strings.Repeat("€", 1000)
	many := make([]string, 7)
	for i := range many {
		many[i] = fmt.Sprint("t", i)
	}
	unnamed := failedTests(4, "a")
	unnamed.Failures[0] = classify.FailedTest{Suite: "s"}
	silent := failedTests(4, "a")
	silent.Failures[0] = classify.FailedTest{}
	for _, tt := range []struct {
		name  string
		tests classify.Tests
		want  string
	}{
		{"one", failedTests(4, "a"), "1 of 4 tests failed: a: no a"},
		{"two", failedTests(4, "a", "b"), "2 of 4 tests failed: a, b"},
		{"many", failedTests(9, many...), "7 of 9 tests failed: t0, t1, t2, t3, t4 and 2 more"},
		{"a suite", unnamed, "1 of 4 tests failed: s"},
		{"nameless", silent, "1 of 4 tests failed: a test without a name"},
		{"unknown", classify.Tests{Total: 3, Failed: 2}, "2 of 3 tests failed"},
		{"long", failedTests(4, long), "1 of 4 tests failed: " + strings.Repeat("€", 16) + "…" + strings.Repeat("€", 32) + "…: no " + strings.Repeat("€", 99) + "…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := ofReports(t, folder{"console": "-", "a.xml": reportFile{tests: tt.tests}})
			if diff := gocmp.Diff(tt.want, r.Reason); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestReportsWithoutFailures gives no reason, and no line of them as the likeliest.
func TestReportsWithoutFailures(t *testing.T) {
	passed := reportFile{tests: classify.Tests{Total: 4, Skipped: 1, Flaky: 2}}
	for name, files := range map[string]folder{
		"beside a log": {"console": "error: it broke\n", "a.xml": passed},
		"alone":        {"a.xml": passed},
	} {
		t.Run(name, func(t *testing.T) {
			r := ofReports(t, files)
			if r.Outcome != classify.OutcomeUnmatched || r.Reason != "" || len(r.Matches) > 0 || r.Tests == nil || r.Tests.Flaky != 2 {
				t.Errorf("%+v", r)
			}
			for _, e := range r.Evidence {
				if e.File != "console" {
					t.Errorf("evidence %+v", e)
				}
			}
		})
	}
}

// TestManyReports adds up more reports than a glob of a rule may name, and names
// no more tests than it may.
func TestManyReports(t *testing.T) {
	files := folder{"console": "-"}
	for i := range 300 {
		var names []string
		for n := range 5 {
			names = append(names, fmt.Sprint("t", i, "-", n))
		}
		files[fmt.Sprintf("r/TEST-%03d.xml", i)] = reportFile{tests: failedTests(10, names...)}
	}
	r := ofReports(t, files)
	if r.Tests.Total != 3000 || r.Tests.Failed != 1500 || len(r.Tests.Failures) != classify.MaxFailures || r.Partial {
		t.Errorf("%d of %d failed, %d named, missing %v", r.Tests.Failed, r.Tests.Total, len(r.Tests.Failures), r.Missing)
	}
	if !strings.HasPrefix(r.Reason, "1500 of 3000 tests failed: t0-0, ") || r.Matches[0].Count != classify.MoreThan100 {
		t.Errorf("%s, %s times", r.Reason, r.Matches[0].Count)
	}
	lines := 0
	for _, e := range r.Evidence {
		lines += len(e.Text)
	}
	if lines != 30 {
		t.Errorf("%d lines of evidence", lines)
	}
	for i := range 1000 {
		files[fmt.Sprintf("r/more-%04d.xml", i)] = reportFile{tests: classify.Tests{Total: 1}}
	}
	if r := ofReports(t, files); len(r.Missing) != 1 || r.Missing[0].Why != "one of 1300 test reports, of which 1000 were read" {
		t.Errorf("missing %v", r.Missing)
	}
}

// TestReportsLost tells what could not be read of reports; it costs these alone.
func TestReportsLost(t *testing.T) {
	r := ofReports(t, folder{
		"console": "-",
		"a.xml":   reportFile{tests: failedTests(3, "a"), err: io.ErrUnexpectedEOF},
		"b.xml":   errors.New("500"),
		"c.xml":   fs.ErrNotExist, // gone since it was listed
		"d.xml":   "<project/>\n",
		"e.xml":   reportFile{tests: failedTests(3, "e")},
	})
	want := []classify.Missing{{File: "a.xml", Why: "cut short: unexpected EOF"}, {File: "b.xml", Why: "500"}}
	if diff := gocmp.Diff(want, r.Missing); diff != "" || !r.Partial {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Reason != "2 of 6 tests failed: a, e" {
		t.Errorf("reason %q", r.Reason)
	}
}

// TestReportsNotListed passes over reports where files cannot be listed, and tells
// of a listing that fails.
func TestReportsNotListed(t *testing.T) {
	c := compile(t, classify.Rule{Literal: "E1"})
	c.Reports = []string{"**/*.xml"}
	for _, tt := range []struct {
		name string
		logs classify.Logs
		want []classify.Missing
	}{
		{"no lister", folder{"console": "E1"}, nil},
		{"unsupported", halfListed{listed{folder{"console": "E1"}}, errors.ErrUnsupported}, nil},
		{"no folder", halfListed{listed{folder{"console": "E1"}}, fs.ErrNotExist}, nil},
		{"broken", halfListed{listed{folder{"console": "E1"}}, errors.New("list: 500")}, []classify.Missing{{File: "**/*.xml", Why: "list: 500"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := one(t, c, tt.logs)
			if diff := gocmp.Diff(tt.want, r.Missing); diff != "" || r.Reason != "matched" {
				t.Errorf("reason %q, missing (-want +got):\n%s", r.Reason, diff)
			}
		})
	}
}

// TestReportsOnce counts a report once that several rules ask for, one of which is
// for another file among its candidates.
func TestReportsOnce(t *testing.T) {
	r := ofReports(t, folder{"console": "E1", "a.xml": reportFile{tests: failedTests(3, "a")}},
		classify.Rule{Files: []string{"*.xml"}, Pattern: `^\d+ of \d+ failed`, Tier: classify.TierSymptom},
		classify.Rule{Files: []string{"x", "a.xml"}, Pattern: `failed$`, Tier: classify.TierSymptom},
	)
	if r.Tests.Total != 3 || r.Reason != "1 of 3 tests failed: a: no a" || len(r.Matches) != 3 {
		t.Errorf("%d tests, %s, %d matches", r.Tests.Total, r.Reason, len(r.Matches))
	}
}

// TestReportAlone reads a report that is given by itself.
func TestReportAlone(t *testing.T) {
	c := compile(t)
	c.Reports = []string{"**/*.xml"}
	job := classify.Job{LogURL: "file:///a.xml"}
	for r := range c.Run(t.Context(), tested{listed{folder{"a.xml": reportFile{tests: failedTests(3, "a")}}}}, []classify.Job{job}) {
		if r.Reason != "1 of 3 tests failed: a: no a" || r.Partial {
			t.Errorf("%+v", r)
		}
	}
}

// TestReportsFallback leaves the reports of a folder without a main log out of the
// files that are read in its place, if these are too many.
func TestReportsFallback(t *testing.T) {
	files := folder{"step.log": "E1\n"}
	for i := range 200 {
		files[fmt.Sprintf("TEST-%03d.xml", i)] = reportFile{tests: classify.Tests{Total: 1}}
	}
	c := compile(t, classify.Rule{Literal: "E1"})
	c.Fallback, c.Reports = "**", []string{"**/*.xml"}
	if r := one(t, c, tested{listed{files}}); r.Reason != "matched" || r.Partial || r.Tests.Total != 200 {
		t.Errorf("%q, %v, missing %v", r.Reason, r.Tests, r.Missing)
	}
}

// TestExplainBesideReports says why a rule did not give the reason.
func TestExplainBesideReports(t *testing.T) {
	c := compile(t, classify.Rule{Literal: "E1"})
	c.Reports = []string{"*.xml"}
	_, all := c.Explain(t.Context(), tested{listed{folder{"console": "E1", "a.xml": reportFile{tests: failedTests(3, "a")}}}},
		classify.Job{Result: "FAILURE", LogURL: "http://logs/1/"})
	if len(all) != 1 || all[0].Standing != classify.StandingListed || all[0].Why != `"@tests" gives the reason: priority 5 goes before 0` {
		t.Errorf("%+v", all)
	}
}

// TestReportsTwice counts the same failures once, whatever reports tell of them.
func TestReportsTwice(t *testing.T) {
	inOne, inTwo := failedTests(9, "m.C.a", "m.C.b"), failedTests(8, "b", "a")
	for i := range inTwo.Failures {
		inTwo.Failures[i].Suite = "m.C"
	}
	r := ofReports(t, folder{
		"console": "-",
		"a.xml":   reportFile{tests: inOne},
		"b.xml":   reportFile{tests: inTwo},
		"c.xml":   reportFile{tests: failedTests(7, "m.C.a")},
	})
	if r.Reason != "3 of 16 tests failed: m.C.a, m.C.b, m.C.a" {
		t.Error(r.Reason)
	}
}
