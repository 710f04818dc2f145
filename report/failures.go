package report

import "github.com/watchcat-ci/watchcat/classify"

// pageFailures is how many failed tests of a job the page names. All are in JSON.
const pageFailures = 100

// failures returns the tests that failed as the reports of a job name them, or the
// tasks where no test did, and how many did that they do not name.
func failures(r *classify.Result) (named []classify.FailedTest, more int) {
	for _, t := range []*classify.Tests{r.Tests, r.Tasks} {
		if t != nil && t.Failed > 0 {
			return t.Failures, t.Failed - len(t.Failures)
		}
	}
	return nil, 0
}

// failures lists what failed, unless that is one test, of which the reason tells.
func (v *verdict) failures() {
	named, more := failures(v.result)
	if len(named) == 1 && (v.result.Rule == classify.TestsRule || v.result.Rule == classify.TasksRule) {
		return
	}
	g := grid{room: v.room - margin, pen: v.pen, untitle: true, columns: []column{
		{most: 70, least: 6, rank: 1, left: true},
		{least: 8, rank: 3, drop: 2},
		{most: 40, least: 8, rank: 2, left: true, drop: 1},
	}}
	for _, t := range named[:min(len(named), listed)] {
		g.rows = append(g.rows, gridRow{cells: []cell{{oneLine(t.ID()), ""}, {oneLine(t.Message), ""}, {place(t.File, t.Line), faint}}})
	}
	v.listBelow(&g, len(named)+more, "failed tests")
}

// pageFailure is what the page shows of a failed test.
type pageFailure struct{ Name, Message, Where string }

// pageFailed returns what the page shows of failed tests, and how many more there are.
func pageFailed(r *classify.Result) (shown []pageFailure, more int) {
	named, more := failures(r)
	for _, t := range named[:min(len(named), pageFailures)] {
		where := ""
		if t.File != "" {
			where = place(t.File, t.Line)
		}
		shown = append(shown, pageFailure{short(oneLine(t.ID())), short(oneLine(t.Message)), name(where)})
	}
	return shown, more + len(named) - len(shown)
}
