package democi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// Expected is a planted fault: what is to be reported of one build.
type Expected struct {
	Fault    string // what was planted, for messages
	Job      string
	Change   int // zero: a periodic job
	PatchSet int
	Build    string    // part of the build's log address; empty: it has no logs
	Time     time.Time // when it was reported

	Outcome    classify.Outcome
	Rule       string // of the primary reason; empty: no rule knows it
	Point      string // the evidence holds this text; empty: there is no evidence
	Partial    bool
	Superseded bool
}

// Expected returns the faults of the last 24 hours, superseded ones among them,
// in the order of time. Jobs that passed or were skipped are no faults.
func (w *World) Expected() []Expected {
	var all []Expected
	for _, b := range w.facts.builds {
		if b.outcome().Failed() && b.reported().After(w.facts.now.Add(-day)) {
			all = append(all, b.expected())
		}
	}
	slices.SortFunc(all, func(a, b Expected) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Job, b.Job), cmp.Compare(a.Build, b.Build))
	})
	return all
}

// reported is when the CI told of the build.
func (b *build) reported() time.Time {
	if b.run == nil {
		return b.ended
	}
	return b.run.ended
}

func (b *build) expected() Expected {
	e := Expected{Job: b.job.name, Time: b.reported(), Outcome: b.outcome(), Superseded: b.reran, Partial: b.store == storeCut}
	if b.run != nil {
		e.Change, e.PatchSet = b.run.change.number, b.run.patchSet
	}
	if b.store != storeNone {
		e.Build = strings.Trim(b.dir(), "/")
	}
	if b.fault != nil {
		e.Fault, e.Rule, e.Point = b.fault.name, b.fault.rule, b.fault.point
	}
	return e
}

// Check compares a report with what was planted. It returns an error for each
// planted fault of the last 24 hours that is not in it as it was planted, and
// for each failure in it that nobody planted. Results of older builds, and of
// jobs that passed or were skipped, may be there or not; where they are, they
// must be right.
func (w *World) Check(results []classify.Result) []error {
	var errs []error
	seen := map[*build]bool{}
	for _, r := range results {
		b := w.find(r)
		switch {
		case b == nil && r.Outcome.Failed():
			errs = append(errs, fmt.Errorf("%s: a failure that nobody planted: %s %q", describe(r), r.Outcome, r.Reason))
		case b == nil: // nobody's job, and no failure
		case seen[b]:
			errs = append(errs, fmt.Errorf("%s: reported twice", describe(r)))
		default:
			seen[b] = true
			if err := b.compare(r); err != nil {
				errs = append(errs, err)
			}
		}
	}
	for _, b := range w.facts.builds {
		if !seen[b] && b.outcome().Failed() && b.reported().After(w.facts.now.Add(-day)) {
			e := b.expected()
			errs = append(errs, fmt.Errorf("%s, change %d,%d: planted fault %q was not reported", e.Job, e.Change, e.PatchSet, e.Fault))
		}
	}
	return errs
}

// find returns the build that a result is about, or nil.
func (w *World) find(r classify.Result) *build {
	for _, b := range w.facts.builds {
		if e := b.expected(); e.Job == r.Name && e.Change == r.Change && e.PatchSet == r.PatchSet && b.isAt(r.LogURL, r.URL) {
			return b
		}
	}
	return nil
}

// isAt reports whether one of the addresses is that of the build's logs or page,
// or none is given and the build has none.
func (b *build) isAt(logURL, url string) bool {
	if b.store == storeNone {
		return logURL == "" && url == ""
	}
	both := logURL + " " + url
	return strings.Contains(both, strings.Trim(b.dir(), "/")) || strings.Contains(both, b.id)
}

// compare says how a result differs from what was planted.
func (b *build) compare(r classify.Result) error {
	e := b.expected()
	wrong := func(what string, got, want any) error {
		return fmt.Errorf("%s: planted fault %q: %s is %v, want %v (reason %q)", describe(r), cmp.Or(e.Fault, "none"), what, got, want, r.Reason)
	}
	switch {
	case r.Outcome != e.Outcome:
		return wrong("outcome", r.Outcome, e.Outcome)
	case r.Rule != e.Rule:
		return wrong("rule", r.Rule, e.Rule)
	case r.Partial != e.Partial && e.Outcome != classify.OutcomeNoLogs:
		return wrong("partial", r.Partial, e.Partial)
	case r.Superseded != e.Superseded:
		return wrong("superseded", r.Superseded, e.Superseded)
	case e.Point != "" && !strings.Contains(evidence(r), e.Point):
		return wrong("evidence", fmt.Sprintf("%q", evidence(r)), fmt.Sprintf("one that holds %q", e.Point))
	}
	return nil
}

// evidence returns the lines shown as a result's reason.
func evidence(r classify.Result) string {
	var all []string
	for _, e := range r.Evidence {
		all = append(all, e.Text...)
	}
	return strings.Join(all, "\n")
}

func describe(r classify.Result) string {
	return fmt.Sprintf("%s, change %d,%d, %s", r.Name, r.Change, r.PatchSet, cmp.Or(r.LogURL, r.URL, "no log address"))
}
