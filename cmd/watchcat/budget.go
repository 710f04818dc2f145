package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// budget is the time that a run may take. The zero value is unlimited.
type budget struct {
	length time.Duration
	end    time.Time
}

// newBudget begins now to count. Zero: there is no limit.
func newBudget(length time.Duration) budget {
	if length <= 0 {
		return budget{}
	}
	return budget{length: length, end: time.Now().Add(length)}
}

// overError says that the time was over before something was reached. It wraps
// classify.ErrUnreachable: what else a job has is not reached either.
type overError struct{ length time.Duration }

func (e *overError) Error() string {
	return fmt.Sprintf("not reached: the run's time budget of %s (--deadline) was used up", e.length)
}

func (e *overError) Unwrap() error { return classify.ErrUnreachable }

// context returns a context that ends with the budget.
func (b budget) context(ctx context.Context) (context.Context, context.CancelFunc) {
	if b.end.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, b.end, &overError{b.length})
}

// blame returns the error that says so if err came from the end of the budget,
// else err.
func blame(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if over, ok := errors.AsType[*overError](context.Cause(ctx)); ok {
		return over
	}
	return err
}

// budgetLogs opens logs until the budget is used up. The run itself goes on: it
// says of each log what became of it.
type budgetLogs struct {
	classify.Logs
	budget budget
}

// logs returns logs that are opened and read within the budget only.
func (b budget) logs(logs classify.Logs) classify.Logs {
	if b.end.IsZero() {
		return logs
	}
	return budgetLogs{Logs: logs, budget: b}
}

// Open opens a log, which is cut when the time is over.
func (l budgetLogs) Open(ctx context.Context, job classify.Job, file string) (io.ReadCloser, error) {
	ctx, cancel := l.budget.context(ctx)
	if err := ctx.Err(); err != nil {
		cancel()
		return nil, blame(ctx, err)
	}
	log, err := l.Logs.Open(ctx, job, file)
	if err != nil {
		defer cancel()
		return nil, blame(ctx, err)
	}
	return &budgetLog{ReadCloser: log, ctx: ctx, cancel: cancel}, nil
}

// List lists files, where the logs can.
func (l budgetLogs) List(ctx context.Context, job classify.Job, glob string) ([]string, error) {
	lister, ok := l.Logs.(classify.Lister)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	ctx, cancel := l.budget.context(ctx)
	defer cancel()
	names, err := lister.List(ctx, job, glob)
	return names, blame(ctx, err)
}

// budgetLog is an opened log.
type budgetLog struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelFunc
}

// Read reads, unless the time is over.
func (l *budgetLog) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = blame(l.ctx, err)
	}
	return n, err
}

// Close closes the log.
func (l *budgetLog) Close() error {
	defer l.cancel()
	return l.ReadCloser.Close()
}
