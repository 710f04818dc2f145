package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// DownError says that a host gave no answer: to this request, through all its
// tries, or to some before it, and is left alone now. So whoever counts what a
// DownError cost, by Host, knows what the host cost.
//
// A host is left alone after one request that could not connect to it or that
// it was too busy for (429, 503), and after three in a row that it answered
// with silence or an error of its own (5xx): for 30 s, or as long as it asked for,
// up to an hour. If it fails again after that, for twice as long, up to 10 min;
// any other answer ends its troubles. What is asked meanwhile fails at once,
// in the words of what failed last.
type DownError struct {
	Host  string    // with its port, unless that is the usual one
	Since time.Time // when it first failed
	Err   error     // why, as Get would say it; wraps classify.ErrUnreachable
}

// Error is that of Err.
func (e *DownError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *DownError) Unwrap() error { return e.Err }

// downError is what a host failed with a while ago: it was not asked again.
type downError struct {
	err   error
	since time.Time
}

func (e *downError) Error() string { return e.err.Error() }
func (e *downError) Unwrap() error { return e.err }

const (
	downFor  = 30 * time.Second // a host is left alone at first
	maxDown  = 10 * time.Minute // and later
	maxAsked = time.Hour        // and if it asks for it
)

// trouble counts the requests in a row that a host failed.
type trouble struct {
	failures int
	since    time.Time // of the first
	last     time.Time
	until    time.Time // left alone
	err      error     // of the last
}

// How much a failed request says of its host: as much as so many of the lightest.
const (
	saysNothing = 0
	says        = 1
	saysMuch    = 3 // enough to leave the host alone
)

// recall returns why a host is left alone, if it is.
func (s *server) recall() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Now().Before(s.until) {
		return &downError{s.err, s.since}
	}
	return nil
}

// answered notes that the host answers. What was asked before it last failed
// says nothing of how it is now.
func (s *server) answered(a *asked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !a.at.Before(s.last) {
		s.trouble = trouble{}
	}
}

// failed notes a request that was given up, and returns since when the host
// fails. Several that were under way at the same time count as one: it was the
// same trouble.
func (s *server) failed(a *asked, err error) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures > 0 && a.at.Before(s.last) {
		return s.since
	}
	s.last = time.Now()
	if s.failures == 0 {
		s.since = s.last
	}
	s.failures, s.err = max(s.failures+1, weigh(err)), err
	if again := s.failures - saysMuch; again >= 0 {
		wait := max(min(downFor<<min(again, 16), maxDown), min(asksFor(err), maxAsked))
		s.until = s.last.Add(wait)
		s.log.Info("the host is left alone", "host", s.name, "for", wait)
	}
	return s.since
}

func asksFor(err error) time.Duration {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.After
	}
	return 0
}

// weigh tells how much an error says of its host.
func weigh(err error) int {
	if isType[*RefusedError](err) || isType[*downError](err) || errors.Is(err, errProxy) {
		return saysNothing
	}
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.weight()
	}
	op, ok := errors.AsType[*net.OpError](err)
	switch {
	case ok && (op.Op == "dial" || op.Op == "proxyconnect"), isTLS(err):
		return saysMuch
	case errors.Is(err, classify.ErrUnreachable), isType[*TimeoutError](err):
		return says
	}
	return saysNothing
}

func (e *StatusError) weight() int {
	switch {
	case e.busy():
		return saysMuch
	case statusMayPass(e.Code) && e.Code != http.StatusRequestTimeout:
		return says
	}
	return saysNothing
}

// isTLS reports whether two sides do not agree on TLS, which trying again does
// not change.
func isTLS(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == tlsAlert || isType[*tls.CertificateVerificationError](err) ||
		isType[tls.RecordHeaderError](err) || errors.Is(err, http.ErrSchemeMismatch)
}

// givenUp notes a request for one URL that was given up at the same or at
// another that it was redirected to, and returns the error that tells of it.
func (t *transport) givenUp(ctx context.Context, wanted, at *url.URL, cause error) error {
	err := failure(wanted, cause)
	s := t.servers.get(at)
	if down, ok := errors.AsType[*downError](cause); ok {
		return &DownError{Host: s.name, Since: down.since, Err: err}
	}
	if ctx.Err() != nil || weigh(cause) == saysNothing {
		return err
	}
	return &DownError{Host: s.name, Since: s.failed(askedIn(ctx), cause), Err: err}
}
