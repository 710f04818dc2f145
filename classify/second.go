package classify

import (
	"cmp"
	"context"
	"slices"

	"github.com/watchcat-ci/watchcat/classify/internal/stream"
)

// A seenLog is a log that was read, of which an excerpt may be wanted once it is
// known that no rule gives the reason.
type seenLog struct {
	file    string
	console bool // it is the job's main log
	asked   bool // rules name it, not just conditions
	steps   outline
	spool   *spool // its last blocks, nil if they were not kept
}

// compare orders logs by how likely the reason is in them, the likeliest last.
func (s seenLog) compare(other seenLog) int {
	return cmp.Or(compareBool(s.console, other.console), compareBool(s.asked, other.asked))
}

// spoolFor returns a spool for a log that is about to be read, if the excerpt
// would come from it rather than from those that were read before.
func (l *look) spoolFor(log seenLog) *spool {
	if l.NoExcerpt || l.explained() {
		return nil
	}
	for _, s := range l.seen {
		if log.compare(s) <= 0 {
			return nil
		}
	}
	return &spool{}
}

// see notes that a log was read. What was kept of others makes room for it.
func (l *look) see(log seenLog) {
	for i, s := range l.seen {
		if log.spool != nil {
			s.spool.release()
			l.seen[i].spool = nil
		}
	}
	l.seen = append(l.seen, log)
}

// explained reports whether a rule found the reason and nothing that is still to
// be read can change that: so no excerpt is wanted.
func (l *look) explained() bool {
	for r := range l.found {
		if r.Tier == TierCause && len(r.others) == 0 && !r.hidden {
			return true
		}
	}
	return false
}

// excerpt returns the lines that look most like the reason, and the one that
// does so most: of the main log, if it was read, else of the file with the most
// telling line. Lines in shown are left out.
func (l *look) excerpt(ctx context.Context, shown []Evidence) (lines []Evidence, hint string) {
	if len(l.seen) == 0 {
		return nil, ""
	}
	likeliest := slices.MaxFunc(l.seen, seenLog.compare)
	var best *excerpt
	file := ""
	for _, log := range l.seen {
		if log.compare(likeliest) < 0 {
			continue
		}
		e := l.excerptOf(ctx, log)
		if e.steps = log.steps; best == nil || e.best() > best.best() {
			best, file = e, log.file
		}
	}
	return best.evidence(file, shown)
}

// excerptOf reads a log once more for its excerpt: what was kept of it if that is
// all of it or all there is, else from where it came.
func (l *look) excerptOf(ctx context.Context, log seenLog) *excerpt {
	if log.spool != nil && !log.spool.over {
		return log.spool.excerpt()
	}
	e := newExcerpt(newCursor(true))
	again, err := l.logs.Open(ctx, l.job, log.file)
	if err == nil {
		defer again.Close()
		err = eachBlock(ctxReader{ctx, again}, func(b *stream.Block) bool { e.read(b); return true })
	}
	if err != nil && len(e.kept) == 0 && log.spool != nil {
		return log.spool.excerpt()
	}
	return e
}

// forget gives back the memory of the logs that were read.
func (l *look) forget() {
	for _, s := range l.seen {
		s.spool.release()
	}
	l.seen = nil
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
