package classify

import "context"

// result sums up what was found.
func (l *look) result(ctx context.Context) Result {
	ranked := l.found.ranked()
	r := l.verdict(l.job, l.outcome(ranked))
	for _, f := range ranked {
		r.Matches = append(r.Matches, f.Match)
	}
	if len(ranked) > 0 {
		r.Rule, r.Tag, r.Reason = ranked[0].Rule, ranked[0].Tag, ranked[0].Message
		r.Evidence = ranked[0].evidence()
	}
	switch {
	case l.NoExcerpt:
	case r.Outcome == OutcomeMatched:
		r.Evidence = l.reason(ranked)
	default:
		lines, hint := l.excerpt(ctx, r.Evidence)
		r.Evidence, r.Hint = append(r.Evidence, lines...), hint
	}
	r.Step = l.step(r.Evidence)
	r.Tests, r.Tasks = l.reports.tests.told(), l.reports.tasks.told()
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
