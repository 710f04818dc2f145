package classify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/watchcat-ci/watchcat/classify/internal/stream"
)

// readFile reads one file for groups, and for all others that would read the
// same file. The error says why it was not read; unless the file alone is not
// there, it was noted.
func (l *look) readFile(ctx context.Context, name string, groups []*group) error {
	earlier, again := l.opened[name]
	if earlier != nil {
		return fail(groups, earlier)
	}
	log, err := l.open(ctx, name)
	if err != nil {
		return fail(groups, err)
	}
	defer log.Close()
	if !again {
		groups = append(slices.Clip(groups), l.alsoReading(name)...)
	}
	l.any = true
	for _, g := range groups {
		g.exists = true
	}
	if len(groups) == 1 && groups[0].asksExistence() {
		return nil
	}
	return l.scan(ctx, name, log, groups)
}

// open opens a file. Unless the file alone is not there, it notes why it could
// not.
func (l *look) open(ctx context.Context, name string) (io.ReadCloser, error) {
	log, err := l.logs.Open(ctx, l.job, name)
	l.opened[name] = err
	if err != nil {
		l.down = l.down || errors.Is(err, ErrUnreachable)
		if l.down || !errors.Is(err, fs.ErrNotExist) {
			l.miss(name, err)
		}
	}
	return log, err
}

// fail notes that a file could not be read for groups, if it is there, and
// returns err, the reason.
func fail(groups []*group, err error) error {
	for _, g := range groups {
		g.failed = g.failed || !errors.Is(err, fs.ErrNotExist)
	}
	return err
}

// scan reads a log for groups.
func (l *look) scan(ctx context.Context, name string, log io.Reader, groups []*group) error {
	s := l.newScan(name, groups)
	if l.order[name] == 0 {
		l.order[name] = len(l.order) + 1
	}
	hasRules := func(g *group) bool { return len(g.rules) > 0 }
	seen := seenLog{file: name, console: slices.Contains(l.Console, name), asked: slices.ContainsFunc(groups, hasRules)}
	s.order, s.known, s.spool = l.order[name], l.found, l.spoolFor(seen)
	err := s.read(ctxReader{ctx, log})
	switch {
	case errors.Is(err, stream.ErrNoText):
		l.miss(name, err)
		if errors.Is(err, stream.ErrEmpty) {
			l.add(s)
		} else {
			_ = fail(groups, err)
		}
		return nil
	case err != nil:
		l.miss(name, fmt.Errorf("cut short: %w", err))
		for _, g := range groups {
			g.failed = true
		}
	}
	l.add(s)
	if len(groups) == 0 || slices.ContainsFunc(groups, func(g *group) bool { return g.main || hasRules(g) }) {
		l.read++
	}
	seen.spool, seen.steps = s.spool, s.steps.outline()
	if l.takeReport(name, log) {
		l.see(seen)
	} else {
		s.spool.release()
	}
	return nil
}

// newScan prepares the scan of a file for groups.
func (l *look) newScan(name string, groups []*group) *scan {
	var all []*fileRules
	for _, g := range groups {
		if g.all != nil {
			all = append(all, g.all)
		}
	}
	s := l.plans.of(all).newScan(name, &l.job)
	s.told, s.several = l.told, l.several
	return s
}

// alsoReading returns the groups not looked at yet whose first candidate that
// is there is known to be the file, and counts them as served.
func (l *look) alsoReading(name string) []*group {
	var also []*group
	for _, g := range l.groups {
		if !g.served && l.resolves(g.files, name) {
			g.served = true
			also = append(also, g)
		}
	}
	return also
}

// resolves reports whether the first of the candidates that is there is known to be the file.
func (l *look) resolves(candidates []string, name string) bool {
	for _, c := range candidates {
		if c == name {
			return true
		}
		if err := l.opened[c]; !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return false
}

// ctxReader is a reader that ends when its context does.
type ctxReader struct {
	ctx context.Context
	io.Reader
}

// Read reads, unless the context has ended.
func (r ctxReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
