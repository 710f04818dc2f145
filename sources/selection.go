package sources

import (
	"fmt"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// Selection is what a Filter selected, and what became of the rest.
type Selection struct {
	Jobs    []classify.Job // in the order in which they were given
	Listed  int            // how many were given
	Removed []Removed      // one a condition that removed any, in the order of application
	Beyond  int            // jobs that passed, but not the limit
}

// Removed says what one condition of a Filter did.
type Removed struct {
	Filter  string // as on the command line: `--job "*-unit"`
	Jobs    int    // that passed all conditions before it, but not this one
	Unknown int    // how many of Jobs because what the condition asks for is not known
	Passes  int    // how many of all jobs listed pass this condition
}

// Then returns what s, made before all was known of the jobs, and next, made of
// its jobs after that, come to together.
func (s Selection) Then(next Selection) Selection {
	out := Selection{Jobs: next.Jobs, Listed: s.Listed, Removed: slices.Clone(s.Removed), Beyond: next.Beyond}
	for _, r := range next.Removed {
		at := slices.IndexFunc(out.Removed, func(o Removed) bool { return o.Filter == r.Filter })
		fail := next.Listed - r.Passes // of those that passed s
		if at < 0 {
			r.Passes = s.Listed - fail
			out.Removed = append(out.Removed, r)
			continue
		}
		o := &out.Removed[at]
		o.Jobs, o.Unknown, o.Passes = o.Jobs+r.Jobs, r.Unknown, max(0, o.Passes-fail)
	}
	return out
}

// Explain says in one line, without a full stop, why nothing was selected: what
// each condition left, and of the one that left none how many of all jobs pass
// it. It returns "" if something was selected.
func (s Selection) Explain() string {
	switch {
	case len(s.Jobs) > 0:
		return ""
	case s.Listed == 0:
		return "no jobs: the sources listed none"
	}
	left := s.Listed
	steps := make([]string, len(s.Removed))
	for i, r := range s.Removed {
		left -= r.Jobs
		steps[i] = r.explain(left, s.Listed)
	}
	return fmt.Sprintf("no jobs: %d listed; %s", s.Listed, strings.Join(steps, "; "))
}

// explain says what a condition left of the jobs.
func (r Removed) explain(left, listed int) string {
	why := ""
	if r.Unknown > 0 {
		why = fmt.Sprintf(", for %d it is not known", r.Unknown)
	}
	if left > 0 {
		return fmt.Sprintf("%s left %d%s", r.Filter, left, why)
	}
	if r.Passes == 0 {
		return fmt.Sprintf("%s left none (not one of the %d passes it%s)", r.Filter, listed, why)
	}
	return fmt.Sprintf("%s left none (%d of the %d pass it%s)", r.Filter, r.Passes, listed, why)
}
