package classify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// maxGlob is how many files of a job one glob may name.
const maxGlob = 100

// A look is what is known of one job while its logs are read.
type look struct {
	*Classifier
	logs     Logs
	job      Job
	served   []bool           // by index of Classifier.files: these rules were tried
	opened   map[string]error // by file: how opening it went
	read     int              // logs that were read
	found    findings
	excerpts []excerptOf
	missing  []Missing
	absent   []Missing // not there, which is a loss only if nothing else is
	down     bool      // none of the job's logs can be had
}

// look reads the logs of a job that the rules ask for.
func (c *Classifier) look(ctx context.Context, logs Logs, job Job) *look {
	l := &look{Classifier: c, logs: logs, job: job, served: make([]bool, len(c.files)), opened: map[string]error{}, found: findings{}}
	l.tryResult()
	if name, ok := single(job); ok {
		for i := range l.served {
			l.served[i] = true
		}
		if err := l.readFile(ctx, name, l.rulesOf(name)); errors.Is(err, fs.ErrNotExist) {
			l.miss(name, err)
		}
	} else if job.LogURL != "" {
		l.readFolder(ctx)
	}
	if l.read == 0 {
		l.missing = append(l.missing, l.absent...)
	}
	return l
}

// miss notes, once, that a file could not be read, or not to its end.
func (l *look) miss(file string, err error) {
	if m := (Missing{File: file, Why: err.Error()}); !slices.Contains(l.missing, m) {
		l.missing = append(l.missing, m)
	}
}

// tryResult tries the rules on ResultFile.
func (l *look) tryResult() {
	text := strings.TrimSpace(l.job.Result + " " + l.job.Detail)
	for i, f := range l.files {
		if !slices.Contains(f.files, ResultFile) {
			continue
		}
		l.served[i] = true
		if text != "" {
			s := scan{name: ResultFile, rules: f.rules, found: l.found}
			_ = s.read(strings.NewReader(text)) // which does not fail
		}
	}
}

// readFolder reads the files that the rules name, in the order in which the
// rules name them, and the job's main log.
func (l *look) readFolder(ctx context.Context) {
	for i, f := range l.files {
		if !l.served[i] {
			l.served[i] = true
			l.readFirst(ctx, f)
		}
	}
	if len(l.Console) > 0 && !slices.ContainsFunc(l.files, l.isConsole) {
		l.readFirst(ctx, fileRules{files: l.Console})
	}
}

// isConsole reports whether rules are on the job's main log.
func (l *look) isConsole(f fileRules) bool { return slices.Equal(f.files, l.Console) }

// readFirst reads the first of the candidates that is there; a glob stands for
// all the files it names. Once none of the job's logs can be had, no other is
// tried.
func (l *look) readFirst(ctx context.Context, f fileRules) {
	var absent error
	candidates := f.files
	if l.Fallback != "" && l.isConsole(f) {
		candidates = append(slices.Clip(candidates), l.Fallback)
	}
	for _, candidate := range candidates {
		if l.down {
			return
		}
		names, err := l.expand(ctx, candidate)
		found := false
		for _, name := range names {
			err = l.readFile(ctx, name, f.rules)
			found = found || err == nil
		}
		switch {
		case found, l.down:
			return
		case errors.Is(err, fs.ErrNotExist):
			if absent == nil {
				absent = err
			}
		}
	}
	if absent == nil {
		return
	}
	m := absentAll(f.files, absent)
	if l.isConsole(f) {
		l.missing = append(l.missing, m)
	} else {
		l.absent = append(l.absent, m)
	}
}

// absentAll says that none of the candidates is there; err is why the first is not.
func absentAll(candidates []string, err error) Missing {
	m := Missing{File: candidates[0], Why: err.Error()}
	if n := len(candidates) - 1; n > 0 {
		m.Why += fmt.Sprintf(" (nor is one of its %d other names there)", n)
	}
	return m
}

// expand returns the files that a candidate names. The error says why a glob
// names none; where the job's files could not be listed, or not all, it was noted.
func (l *look) expand(ctx context.Context, candidate string) ([]string, error) {
	if !IsGlob(candidate) {
		return []string{candidate}, nil
	}
	lister, ok := l.logs.(Lister)
	var names []string
	err := fmt.Errorf("the files of this job cannot be listed: %w", errors.ErrUnsupported)
	if ok {
		names, err = lister.List(ctx, l.job, candidate)
	}
	switch {
	case errors.Is(err, errors.ErrUnsupported) && candidate == l.Fallback:
		return nil, fmt.Errorf("%s: %w", candidate, fs.ErrNotExist)
	case err != nil:
		l.miss(candidate, err)
		l.down = l.down || errors.Is(err, ErrUnreachable)
		if len(names) == 0 {
			return nil, err
		}
	}
	names = slices.Sorted(slices.Values(names))
	if len(names) > maxGlob {
		l.miss(candidate, fmt.Errorf("names %d files, of which %d were read", len(names), maxGlob))
		names = names[:maxGlob]
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: %w", candidate, fs.ErrNotExist)
	}
	return names, nil
}

// readFile reads one file, and tries rules on it and all other rules that would
// read the same file. The error says why it was not read; unless the file alone is
// not there, it was noted.
func (l *look) readFile(ctx context.Context, name string, rules []*rule) error {
	earlier, again := l.opened[name]
	if earlier != nil {
		return earlier
	}
	log, err := l.logs.Open(ctx, l.job, name)
	l.opened[name] = err
	if err != nil {
		l.down = l.down || errors.Is(err, ErrUnreachable)
		if l.down || !errors.Is(err, fs.ErrNotExist) {
			l.miss(name, err)
		}
		return err
	}
	defer log.Close()
	if !again {
		rules = append(slices.Clip(rules), l.alsoReading(name)...)
	}
	s := scan{name: name, order: l.read, rules: rules, found: l.found, excerpt: &excerpt{}}
	switch err := s.read(ctxReader{ctx, log}); {
	case errors.Is(err, errNoText):
		l.miss(name, err)
		return nil
	case err != nil:
		l.miss(name, fmt.Errorf("cut short: %w", err))
	}
	l.read++
	l.excerpts = append(l.excerpts, excerptOf{name, slices.Contains(l.Console, name), s.excerpt})
	return nil
}

// alsoReading returns the rules not tried yet whose first candidate that is
// there is known to be the file, and counts them as served.
func (l *look) alsoReading(name string) []*rule {
	var rules []*rule
	for i, f := range l.files {
		if !l.served[i] && l.resolves(f.files, name) {
			l.served[i] = true
			rules = append(rules, f.rules...)
		}
	}
	return rules
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
