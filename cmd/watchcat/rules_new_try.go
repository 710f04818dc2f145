package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/draft"
)

// drafted is a rule as rules new tells of it.
type drafted struct {
	classify.Rule
	Tests []draftedTest `json:"tests"`
	Line  int           `json:"line"` // that the pattern is for
	TOML  string        `json:"toml"`
	Notes []string      `json:"notes,omitempty"`
	Tried []tried       `json:"tried,omitempty"`
}

// draftedTest is a test of a rule.
type draftedTest struct {
	Log  string `json:"log"`
	Want string `json:"want"`
}

// newDrafted puts together what is told of a rule.
func newDrafted(d *draft.Draft, e patterns.Entry, notes []string, tries []tried) drafted {
	out := drafted{Rule: e.Rule, Line: d.Line, TOML: string(format(e)), Notes: notes, Tried: tries}
	for _, t := range e.Tests {
		out.Tests = append(out.Tests, draftedTest{t.Log, t.Want})
	}
	return out
}

// tried is what a rule matches in the logs of a folder.
type tried struct {
	Folder   string    `json:"folder"`
	Passing  bool      `json:"passing,omitzero"` // the builds passed: nothing should match
	Of       int       `json:"of"`               // logs looked at
	Logs     int       `json:"logs"`             // logs in which the rule matches
	Lines    int       `json:"lines"`            // lines that it matches, each log's counted to 100 for each message
	Unread   int       `json:"unread,omitzero"`  // logs that could not be read
	Examples []example `json:"examples,omitempty"`

	unlike int // matches on lines that look otherwise
}

// example is a line that a rule matches.
type example struct {
	Log  string `json:"log"`
	Line int    `json:"line"`
	Text string `json:"text"`
}

// examples is how many of them are shown of a folder.
const examples = 3

// String says it in a line, with a line for each example.
func (t tried) String() string {
	var b strings.Builder
	what := "logs"
	if t.Passing {
		what = "logs of builds that passed"
	}
	fmt.Fprintf(&b, "%s: matches in %d of %d %s", t.Folder, t.Logs, t.Of, what)
	if t.Logs > 0 {
		fmt.Fprintf(&b, ", %s", counted(t.Lines, "line"))
	}
	if t.Unread > 0 {
		fmt.Fprintf(&b, "; %d could not be read", t.Unread)
	}
	for _, e := range t.Examples {
		fmt.Fprintf(&b, "\n  %s:%d: %s", e.Log, e.Line, e.Text)
	}
	return b.String()
}

// tooMuch reports whether a pattern that matches this is to be made stricter.
func (t tried) tooMuch() bool {
	const handful = 5
	return t.Passing && t.Logs > 0 || t.unlike > handful
}

// tryAll tries a rule on the folders that the user named, and makes it
// stricter while it matches too much there.
func (w *draftWork) tryAll(ctx context.Context, d *draft.Draft) ([]tried, error) {
	folders := map[string][]classify.Job{}
	for _, name := range append(w.flags.try[:len(w.flags.try):len(w.flags.try)], w.flags.passed...) {
		jobs, problems, err := inputs(ctx, []string{name}, true)
		if _, missing := os.Stat(name); missing != nil && !strings.Contains(name, "://") {
			err = usage(missing)
		}
		if err != nil {
			return nil, err
		}
		for _, problem := range problems {
			w.app.notef("watchcat: %s", problem)
		}
		folders[name] = jobs
	}
	for {
		tries, err := w.tryOnce(ctx, d, folders)
		if err != nil || !anyTooMuch(tries) || !d.Specialise() {
			return tries, err
		}
	}
}

// anyTooMuch reports whether a pattern matches too much anywhere.
func anyTooMuch(tries []tried) bool {
	return slices.ContainsFunc(tries, tried.tooMuch)
}

// anyUnread reports whether a log could not be read.
func anyUnread(tries []tried) bool {
	return slices.ContainsFunc(tries, func(t tried) bool { return t.Unread > 0 })
}

// tryOnce tries the rule as it stands.
func (w *draftWork) tryOnce(ctx context.Context, d *draft.Draft, folders map[string][]classify.Job) ([]tried, error) {
	e, err := d.Entry()
	if err != nil {
		return nil, usage(err)
	}
	c, err := classify.Compile([]classify.Rule{e.Rule})
	if err != nil {
		return nil, usage(err)
	}
	var tries []tried
	for _, name := range w.flags.try {
		tries = append(tries, w.tryFolder(ctx, c, d, tried{Folder: name}, folders[name]))
	}
	for _, name := range w.flags.passed {
		tries = append(tries, w.tryFolder(ctx, c, d, tried{Folder: name, Passing: true}, folders[name]))
	}
	return tries, ctx.Err()
}

// tryFolder tries the rule on each log of a folder but the one that it is made of.
func (w *draftWork) tryFolder(ctx context.Context, c *classify.Classifier, d *draft.Draft, t tried, jobs []classify.Job) tried {
	w.app.status.set("trying the rule", len(jobs))
	stop := w.app.status.show()
	defer stop()
	for r := range w.app.status.count(c.Run(ctx, w.reader, jobs)) {
		if r.LogURL == w.job.LogURL {
			continue
		}
		t.Of++
		if incomplete(r) && len(r.Matches) == 0 {
			t.Unread++
		}
		if len(r.Matches) > 0 {
			t.Logs++
		}
		for _, m := range r.Matches {
			t.Lines += int(m.Count)
			if !d.Like(m.Text) {
				t.unlike++
			}
			if len(t.Examples) < examples {
				t.Examples = append(t.Examples, example{r.File, m.Line, m.Text})
			}
		}
	}
	return t
}
