package fetch

import (
	"errors"
	"net"
	"net/url"
	"sync"
	"time"
)

// downList remembers for a short time which hosts could not be connected to or
// are too busy, so that such a host costs its time-outs and waits once and not
// once a log.
type downList struct {
	mu sync.Mutex
	of map[string]downHost // by host and port, as in URLs
}

type downHost struct {
	until time.Time
	err   error
}

// downError is a failure that is remembered: to connect, or a *StatusError.
type downError struct{ err error }

func (e *downError) Error() string { return e.err.Error() }
func (e *downError) Unwrap() error { return e.err }

// learn remembers a request that failed for good, if it failed to connect.
func (d *downList) learn(err error) {
	failed, ok := errors.AsType[*url.Error](err)
	if !ok || !isDown(failed.Err) {
		return
	}
	if u, err := url.Parse(failed.URL); err == nil {
		d.remember(u.Host, failed.Err)
	}
}

// learnStatus remembers what a host answered to the last try, if it is busy.
func (d *downList) learnStatus(host string, status *StatusError) {
	if status.busy() {
		d.remember(host, status)
	}
}

func (d *downList) remember(host string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.of == nil {
		d.of = map[string]downHost{}
	}
	d.of[host] = downHost{until: time.Now().Add(downFor), err: err}
}

func isDown(err error) bool {
	if isType[*downError](err) || isType[*RefusedError](err) {
		return false
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// recall returns why the host could not be had a moment ago.
func (d *downList) recall(host string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	down, ok := d.of[host]
	if !ok {
		return nil
	}
	if time.Now().After(down.until) {
		delete(d.of, host)
		return nil
	}
	return &downError{down.err}
}
