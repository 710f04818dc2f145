package classify

import (
	"cmp"
	"slices"
)

// result sums up what was found.
func (l *look) result() Result {
	ranked := l.found.ranked()
	r := l.verdict(l.job, l.outcome(ranked))
	for _, f := range ranked {
		r.Matches = append(r.Matches, f.Match)
	}
	if len(r.Matches) > 0 {
		primary := ranked[0]
		r.Rule, r.Tag, r.Reason = primary.Rule, primary.Tag, primary.Message
		r.Evidence = primary.block.evidence(primary.File)
	}
	if r.Outcome != OutcomeMatched {
		lines, hint := l.excerpt(r.Evidence)
		r.Evidence, r.Hint = append(r.Evidence, lines...), hint
	}
	r.Missing = l.missing
	if r.Outcome == OutcomeNoLogs && len(r.Missing) == 0 {
		r.Missing = []Missing{{File: l.mainLog(), Why: errNoAddress.Error()}}
	}
	r.Partial = len(r.Missing) > 0
	return r
}

// outcome says what became of the job.
func (l *look) outcome(ranked []*finding) Outcome {
	switch {
	case len(ranked) > 0 && ranked[0].Tier == TierCause:
		return OutcomeMatched
	case l.read == 0:
		return OutcomeNoLogs
	case len(ranked) > 0:
		return OutcomeSymptom
	}
	return OutcomeUnmatched
}

// mainLog returns a name for the job's main log.
func (l *look) mainLog() string {
	if len(l.Console) > 0 {
		return l.Console[0]
	}
	return "log"
}

// excerptOf is the excerpt of one file.
type excerptOf struct {
	file    string
	console bool // the file is the job's main log
	asked   bool // rules name the file, not just conditions
	*excerpt
}

// excerpt returns the lines that look most like the reason, and the one that
// does so most: of the main log, if it was read, else of the file with the most
// telling line. Lines in shown are left out.
func (l *look) excerpt(shown []Evidence) (lines []Evidence, hint string) {
	if len(l.excerpts) == 0 {
		return nil, ""
	}
	best := slices.MaxFunc(l.excerpts, func(a, b excerptOf) int {
		return cmp.Or(compareBool(a.console, b.console), compareBool(a.asked, b.asked), cmp.Compare(a.best(), b.best()))
	})
	return best.evidence(best.file, shown)
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
