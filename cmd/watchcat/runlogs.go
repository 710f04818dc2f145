package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// runLogs are the logs of a run: they are opened within its budget, and what a
// host that is down costs is counted. The run goes on when the budget is used
// up: it says of each log what became of it.
type runLogs struct {
	classify.Logs
	budget budget
	losses *losses
	local  []string // the sources whose jobs may have their logs on this machine
}

// Open opens a log, which is cut when the time is over.
func (l runLogs) Open(ctx context.Context, job classify.Job, file string) (io.ReadCloser, error) {
	if err := l.mayOpen(job); err != nil {
		return nil, err
	}
	ctx, cancel := l.budget.context(ctx)
	if err := ctx.Err(); err != nil {
		cancel()
		return nil, blame(ctx, err)
	}
	log, err := l.Logs.Open(ctx, job, file)
	if err != nil {
		defer cancel()
		err = blame(ctx, err)
		l.losses.count(job, err)
		return nil, err
	}
	return &runLog{ReadCloser: log, ctx: ctx, cancel: cancel}, nil
}

// mayOpen refuses files of this machine to jobs of other sources.
func (l runLogs) mayOpen(job classify.Job) error {
	if !isLocal(job.LogURL) || slices.Contains(l.local, job.Source) {
		return nil
	}
	return fmt.Errorf("%s is a file of this machine, and source %s is not: %w", job.LogURL, job.Source, classify.ErrUnreachable)
}

// allFiles is the glob that names all files of a job: the fallback where none
// has the name of a console, as in folders and archives that people made.
const allFiles = "**"

// List lists files, where the logs can.
func (l runLogs) List(ctx context.Context, job classify.Job, glob string) ([]string, error) {
	lister, ok := l.Logs.(classify.Lister)
	if !ok || glob == allFiles && !isLocal(job.LogURL) { // a server is not asked for all that it has
		return nil, errors.ErrUnsupported
	}
	if err := l.mayOpen(job); err != nil {
		return nil, err
	}
	ctx, cancel := l.budget.context(ctx)
	defer cancel()
	names, err := lister.List(ctx, job, glob)
	err = blame(ctx, err)
	l.losses.count(job, err)
	return names, err
}

// runLog is an opened log.
type runLog struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelFunc
}

// Read reads, unless the time is over.
func (l *runLog) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = blame(l.ctx, err)
	}
	return n, err
}

// Close closes the log.
func (l *runLog) Close() error {
	defer l.cancel()
	return l.ReadCloser.Close()
}

// losses counts what hosts that are down cost. The zero value has seen none. It
// is safe for use by several goroutines at once.
type losses struct {
	mu sync.Mutex
	of map[string]*loss // by host
}

// loss is what one host cost.
type loss struct {
	why  string          // it is left alone
	said map[string]bool // what was said of it, in the words of missing logs
	jobs map[string]bool // by id
}

// count notes the job that an error cost its logs, if a host that is down did.
func (l *losses) count(job classify.Job, err error) {
	down, ok := errors.AsType[*sources.DownError](err)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = map[string]*loss{}
	}
	if l.of[down.Host] == nil {
		l.of[down.Host] = &loss{why: down.Err.Error(), said: map[string]bool{}, jobs: map[string]bool{}}
	}
	l.of[down.Host].said[err.Error()] = true
	l.of[down.Host].jobs[cmp.Or(job.ID, job.LogURL)] = true
}

// problems says of each host, once, how many jobs it cost.
func (l *losses) problems() []string {
	var out []string
	for _, host := range slices.Sorted(maps.Keys(l.of)) {
		h := l.of[host]
		out = append(out, fmt.Sprintf("host %s cost the logs of %s: %s", host, counted(len(h.jobs), "job"), h.why))
	}
	return out
}

// told reports whether problems tells of what is said of a missing log.
func (l *losses) told(why string) bool {
	for _, h := range l.of {
		if h.said[why] {
			return true
		}
	}
	return false
}
