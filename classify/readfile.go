package classify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
)

// readFile reads one file for groups, and for all others that would read the
// same file. The error says why it was not read; unless the file alone is not
// there, it was noted.
func (l *look) readFile(ctx context.Context, name string, groups []*group) error {
	earlier, again := l.opened[name]
	if earlier != nil {
		return fail(groups, earlier)
	}
	log, err := l.logs.Open(ctx, l.job, name)
	l.opened[name] = err
	if err != nil {
		l.down = l.down || errors.Is(err, ErrUnreachable)
		if l.down || !errors.Is(err, fs.ErrNotExist) {
			l.miss(name, err)
		}
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
	var rules []*rule
	var conds []*condition
	for _, g := range groups {
		rules, conds = append(rules, g.rules...), append(conds, g.conds...)
	}
	s := l.newScan(name, rules, conds)
	if l.order[name] == 0 {
		l.order[name] = len(l.order) + 1
	}
	s.order, s.known, s.excerpt = l.order[name], l.found, &excerpt{}
	err := s.read(ctxReader{ctx, log})
	switch {
	case errors.Is(err, errNoText):
		l.miss(name, err)
		if errors.Is(err, errEmpty) {
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
	if len(groups) == 0 || slices.ContainsFunc(groups, func(g *group) bool { return g.main || len(g.rules) > 0 }) {
		l.read++
	}
	l.excerpts = append(l.excerpts, excerptOf{name, slices.Contains(l.Console, name), len(rules) > 0, s.excerpt})
	return nil
}

// newScan prepares the scan of a file, to be explained if that is wanted.
func (l *look) newScan(name string, rules []*rule, conds []*condition) *scan {
	s := newScan(name, rules, conds)
	for _, t := range s.tracks {
		t.told = l.told[t.rule]
	}
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
