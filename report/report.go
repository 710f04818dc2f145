// Package report sums up the results of a run and prints them: as a table on a
// terminal, as JSON lines, CSV, Markdown, or one page of HTML.
//
// New adds everything up once, and every format prints from that one Summary,
// so that the numbers agree wherever they are read. What comes from logs,
// comments and pages is taken for hostile: terminal escapes, control
// characters and marks that reorder text are removed or escaped in every
// format, and links are http or https.
package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// Report is a set of results and what they add up to. It is made by New and
// not changed afterwards; its methods may be called by several goroutines at
// once.
type Report struct {
	About   About
	Results []classify.Result // the newest first, by Job.Time; those without a time last
	Summary Summary
}

// About is what a report says besides its results: where they came from, and
// when. Every field may be left out.
type About struct {
	Now      time.Time      // when the report was made: what "today" is relative to
	Location *time.Location // the zone of every date that is shown; nil: UTC

	Since, Until time.Time // the window that jobs were selected from; zero: open
	Filters      []string  // what else they were selected by, as on the command line

	Others Others // jobs that were looked for but are not among the results
	Beyond int    // jobs that would be among the results but for a limit to their number

	Sources  []SourceState
	Problems []string // what could not be read, besides the sources' own problems

	Rules  string            // hash of the rule set
	Engine string            // version of the engine
	Tags   map[string]string // what each tag means
	Title  string            // heading of the page; "": "watchcat"
}

// Others counts jobs that did not fail, as Counts does.
type Others struct{ Passed, Skipped, Superseded int }

// SourceState is what became of one source.
type SourceState struct {
	Name     string   `json:"name"`
	Changes  int      `json:"changes"`            // changes, pages or builds that were looked at
	What     string   `json:"what,omitempty"`     // which of these: "change", "page", "build"
	Jobs     int      `json:"jobs"`               // jobs it gave
	Cap      int      `json:"cap,omitzero"`       // changes it was allowed to look at; zero: no cap
	Capped   bool     `json:"capped"`             // there were more
	Error    string   `json:"error,omitempty"`    // why it failed; "": it did not
	Problems []string `json:"problems,omitempty"` // single items that could not be read
}

// New sums results up. It keeps neither the slice nor the maps and slices of
// about, but shares what they point to.
func New(results []classify.Result, about About) *Report {
	about.Location = cmp.Or(about.Location, time.UTC)
	about.Now = about.Now.In(about.Location)
	results = slices.Clone(results)
	slices.SortStableFunc(results, func(a, b classify.Result) int { return b.Time.Compare(a.Time) })
	return &Report{About: about, Results: results, Summary: summarize(results, about)}
}

// counted reports whether r counts as a failure: it failed, and the same job
// did not run again on the same patch set.
func counted(r *classify.Result) bool { return r.Outcome.Failed() && !r.Superseded }
