package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// client returns the HTTP client that a configuration asks for. The typed hosts
// are those that the user named on the command line.
func (a *app) client(c *config, typed []string) (*sources.Client, error) {
	o := sources.ClientOptions{
		Typed:   typed,
		Timeout: c.Logs.Timeout,
		Retries: retries(c.Logs.Retries),
		Log:     a.log,
	}
	for _, host := range c.Logs.Hosts {
		o.Hosts = append(o.Hosts, string(host))
	}
	if c.Logs.Credentials != "" {
		var err error
		if o.Credentials, err = sources.ReadCredentials(c.file(c.Logs.Credentials)); err != nil {
			return nil, usage(err)
		}
	}
	client, err := sources.NewClient(o)
	return client, usage(err)
}

// retries turns the configuration's number, in which 0 means none, into the
// client's, in which 0 means its own default.
func retries(n *int) int {
	switch {
	case n == nil:
		return 0
	case *n == 0:
		return -1
	}
	return *n
}

// logs returns the door to logs that a configuration asks for; what it does not
// know stands in o.
func (a *app) logs(c *config, o logs.Options) (*logs.Logs, error) {
	var err error
	if o.CacheDir, err = a.cacheDir(c); err != nil {
		return nil, usage(err)
	}
	o.MaxBytes = int64(c.Logs.MaxSize)
	o.Log = a.log
	l, err := logs.New(o)
	return l, usage(err)
}

// cacheDir returns the folder that downloaded logs are kept in, "" for none.
func (a *app) cacheDir(c *config) (string, error) {
	if c.Logs.Cache != nil {
		return c.file(*c.Logs.Cache), nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for downloaded logs: %w; name one with cache in [logs], or none with cache = \"\"", err)
	}
	return filepath.Join(dir, "watchcat"), nil
}

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
