package classify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"
)

// TestReport is an optional ability of a log that Logs opened: it is a report of
// tests, as test runners write them, or of the tasks of a deployment. What the
// methods return is asked for once the log was read to its end, or as far as it
// could be.
type TestReport interface {
	// Tests returns what the report says. It tells of tests or of tasks; the
	// other has a Total of 0. The fields that name a report are left empty.
	Tests() (tests, tasks Tests)

	// Evidence returns the lines that show the failures, in the order in which Tests
	// tells of these, or of the first of them. Its File is left empty.
	Evidence() []Evidence
}

// Tests is what the reports of a job say of its tests, or of its tasks, taken
// together. A test that failed and passed when it was tried again is flaky: it
// did not fail. Of reports that name the same failed tests the first counts: they
// are one in several formats, or of several runs.
type Tests struct {
	Total   int `json:"total"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped,omitzero"`
	Flaky   int `json:"flaky,omitzero"`

	Failures []FailedTest `json:"failures,omitempty"` // in the order of the reports' names, at most MaxFailures
}

// MaxFailures is how many failed tests of a job are named. All are counted.
const MaxFailures = 1000

// FailedTest is a test that failed, or a task.
type FailedTest struct {
	Name       string `json:"name,omitempty"`       // empty: what failed is the suite itself
	Suite      string `json:"suite,omitempty"`      // class, package or role that it belongs to
	Message    string `json:"message,omitempty"`    // one line
	File       string `json:"file,omitempty"`       // source, as the report has it
	Line       int    `json:"line,omitzero"`        // in File, from 1
	Report     string `json:"report"`               // file of the job that tells of it
	ReportLine int    `json:"report_line,omitzero"` // in Report, from 1; left out where it has no lines
}

// ID returns what names a test among others: "suite::name".
func (t *FailedTest) ID() string {
	switch {
	case t.Suite == "":
		return cmp.Or(t.Name, "a test without a name")
	case t.Name == "":
		return t.Suite
	}
	return t.Suite + "::" + t.Name
}

// The rules of the engine's own, whose matches tell of the failures in test
// reports. That of tests is a cause, that of tasks a symptom: most tasks that fail
// only say which command did. Among the matches of their tier they stand as those
// of a rule of ReportPriority, before others of that priority: so they go before
// what the rules of most tools say of single tests, and a rule of a higher
// priority, as on a full disk, goes before them.
const (
	TestsRule      = "@tests"
	TasksRule      = "@tasks"
	ReportPriority = 5
)

var (
	testsRule = &rule{Rule: Rule{ID: TestsRule, Tag: "test", Tier: TierCause, Priority: ReportPriority}, place: -2}
	tasksRule = &rule{Rule: Rule{ID: TasksRule, Tier: TierSymptom, Priority: ReportPriority}, place: -1}
)

const (
	maxReports       = 1000 // files of a job
	maxReportLines   = 30   // shown as evidence
	maxReasonNames   = 5    // tests that a reason names
	maxReasonName    = 150  // bytes of such a name
	maxReasonMessage = 300  // bytes of a message in a reason
)

// reports is what the test reports of a job say. The zero value: there are none.
type reports struct {
	read         map[string]bool // by file
	tests, tasks reported
}

// reported is what reports say of tests, or of tasks.
type reported struct {
	Tests
	shown []Evidence
	known map[uint64]bool // by fingerprint: reports with failures
}

// readReports reads the test reports of a job that were not read yet.
func (l *look) readReports(ctx context.Context) {
	for _, name := range l.reportFiles(ctx) {
		if _, known := l.opened[name]; known || l.down {
			continue
		}
		log, err := l.open(ctx, name)
		if err != nil {
			continue
		}
		if _, ok := log.(TestReport); ok {
			_ = l.scan(ctx, name, log, l.alsoReading(name)) // what goes wrong is noted
		} else {
			delete(l.opened, name) // nobody read it
		}
		log.Close()
	}
}

// reportFiles returns the files that may be test reports.
func (l *look) reportFiles(ctx context.Context) []string {
	lister, ok := l.logs.(Lister)
	if !ok {
		return nil
	}
	var names []string
	for _, glob := range l.Reports {
		if l.down {
			return nil
		}
		named, err := lister.List(ctx, l.job, glob)
		names = append(names, named...)
		if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			l.miss(glob, err)
			l.down = errors.Is(err, ErrUnreachable)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if n := len(names); n > maxReports {
		l.miss(names[maxReports], fmt.Errorf("one of %d test reports, of which %d were read", n, maxReports))
		names = names[:maxReports]
	}
	return names
}

// takeReport takes over what a log that was read says if it is a test report. It
// reports whether there is anything in the log that may be a reason.
func (l *look) takeReport(file string, log io.Reader) bool {
	report, ok := log.(TestReport)
	if !ok {
		return true
	}
	return l.reports.add(file, report)
}

// isReport reports whether a file may be a test report.
func (c *Classifier) isReport(name string) bool {
	return slices.ContainsFunc(c.Reports, func(glob string) bool { return MatchFile(glob, name) })
}

// add takes over what a report says, once, and reports whether anything failed.
func (r *reports) add(file string, report TestReport) bool {
	tests, tasks := report.Tests()
	if !r.read[file] {
		if r.read == nil {
			r.read = map[string]bool{}
		}
		r.read[file] = true
		shown := report.Evidence()
		r.tests.add(file, tests, shown)
		r.tasks.add(file, tasks, shown)
	}
	return tests.Failed+tasks.Failed > 0
}

// fingerprint returns the same number for reports of the same failed tests, in any
// order: "a.B" and "c" in one format are "a.B.c" in another.
func (t *Tests) fingerprint() (sum uint64) {
	for i := range t.Failures {
		sum += hashMessage(strings.ReplaceAll(t.Failures[i].ID(), "::", "."))
	}
	return sum + uint64(t.Failed)
}

// add adds what a report says, unless another said the same.
func (r *reported) add(file string, t Tests, shown []Evidence) {
	if id := t.fingerprint(); t.Failed > 0 {
		if r.known[id] {
			return
		}
		if r.known == nil {
			r.known = map[uint64]bool{}
		}
		r.known[id] = true
	}
	r.Total += t.Total
	r.Failed += t.Failed
	r.Skipped += t.Skipped
	r.Flaky += t.Flaky
	for _, failure := range t.Failures[:min(len(t.Failures), MaxFailures-len(r.Failures))] {
		failure.Report = file
		failure.Name, failure.Suite, failure.File = cutText(failure.Name, maxText), cutText(failure.Suite, maxText), cutText(failure.File, maxText)
		failure.Message = cutText(failure.Message, maxText)
		r.Failures = append(r.Failures, failure)
	}
	for _, e := range shown {
		e.File = file
		if t.Failed > 0 && lineCount(r.shown)+len(e.Text) <= maxReportLines {
			r.shown = append(r.shown, e)
		}
	}
}

func lineCount(runs []Evidence) (n int) {
	for _, e := range runs {
		n += len(e.Text)
	}
	return n
}

// told returns what was reported, nil if nothing was.
func (r *reported) told() *Tests {
	if r.Total == 0 {
		return nil
	}
	return &r.Tests
}

// find puts what reports say of failures among the findings.
func (r *reports) find(all findings) {
	for _, of := range []struct {
		*reported
		rule *rule
		what string
	}{{&r.tests, testsRule, "tests"}, {&r.tasks, tasksRule, "tasks"}} {
		if of.Failed > 0 {
			all[of.rule] = &kept{list: []*finding{of.finding(of.rule, of.what)}}
		}
	}
}

// finding tells of the failures as of a match in the report of the first of them.
func (r *reported) finding(by *rule, what string) *finding {
	f := &finding{rule: by, shown: r.shown, Match: Match{
		Rule: by.ID, Tag: by.Tag, Tier: by.Tier, Message: r.reason(what), Line: 1, Count: Count(min(r.Failed, int(MoreThan100))),
	}}
	if len(r.Failures) > 0 {
		first := &r.Failures[0]
		f.File, f.Line, f.Text = first.Report, max(first.ReportLine, 1), first.says()
	}
	if len(r.shown) > 0 && len(r.shown[0].Text) > 0 {
		f.File, f.Line, f.Text = r.shown[0].File, r.shown[0].Line, r.shown[0].Text[0]
	}
	f.EndLine, f.lead = f.Line, f.Line
	return f
}

// says names a failed test and what it says, in one line.
func (t *FailedTest) says() string {
	return cutText(strings.TrimSuffix(t.ID()+": "+t.Message, ": "), maxText)
}

// reason names what failed: "3 of 1204 tests failed: a, b, c". Of a single one it
// also says why.
func (r *reported) reason(what string) string {
	var names []string
	for i := range r.Failures[:min(len(r.Failures), maxReasonNames)] {
		names = append(names, shorten(r.Failures[i].ID(), maxReasonName))
	}
	text := fmt.Sprintf("%d of %d %s failed", r.Failed, r.Total, what)
	if len(names) > 0 {
		text += ": " + strings.Join(names, ", ")
	}
	switch more := r.Failed - len(names); {
	case more > 0 && len(names) > 0:
		text += fmt.Sprintf(" and %d more", more)
	case r.Failed == 1 && len(names) == 1 && r.Failures[0].Message != "":
		text += ": " + cutText(r.Failures[0].Message, maxReasonMessage)
	}
	return text
}

// shorten leaves out the middle of a name of more than n bytes: what it ends with
// tells more than the package that it begins with.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	from, to := n/3, len(s)-2*n/3
	for from > 0 && !utf8.RuneStart(s[from]) {
		from--
	}
	for to < len(s) && !utf8.RuneStart(s[to]) {
		to++
	}
	return s[:from] + "…" + s[to:]
}
