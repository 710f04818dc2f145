package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// stdinURL is the LogURL of the job whose log is standard input.
const stdinURL = "stdin:///-"

// stdinLogs is Logs in which one job's log is standard input.
type stdinLogs struct {
	*logs.Logs
	stdin    io.Reader
	maxBytes int64
	taken    atomic.Bool
}

// Open opens standard input for the job that is it, once.
func (l *stdinLogs) Open(ctx context.Context, job classify.Job, file string) (io.ReadCloser, error) {
	if job.LogURL != stdinURL {
		return l.Logs.Open(ctx, job, file)
	}
	if l.taken.Swap(true) {
		return nil, errors.New("standard input can be read only once")
	}
	r, err := logs.Decode(l.stdin, logs.DecodeOptions{MaxBytes: l.maxBytes})
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return io.NopCloser(r), nil
}
