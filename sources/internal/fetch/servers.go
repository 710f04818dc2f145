package fetch

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// servers are the hosts that were asked for something, by scheme, name and port.
type servers struct {
	perHost int
	limit   rate.Limit
	log     *slog.Logger
	mu      sync.Mutex
	of      map[string]*server
}

func newServers(o Options) *servers {
	limit := rate.Limit(o.PerSecond)
	if o.PerSecond < 0 {
		limit = rate.Inf
	}
	return &servers{perHost: o.PerHost, limit: limit, log: o.Log, of: map[string]*server{}}
}

// maxServers is the number of hosts above which those that nothing is going on
// with are forgotten: links of strangers may name any number of them.
const maxServers = 1000

func (s *servers) get(u *url.URL) *server {
	name := serverName(u)
	key := u.Scheme + "://" + name
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.of[key]; ok {
		return known
	}
	if len(s.of) >= maxServers {
		maps.DeleteFunc(s.of, func(_ string, old *server) bool { return old.idle() })
	}
	s.of[key] = &server{
		name:  name,
		log:   s.log,
		slots: make(chan struct{}, s.perHost),
		pace:  rate.NewLimiter(s.limit, s.perHost),
	}
	return s.of[key]
}

// serverName returns the host of a URL, with its port unless that is the one
// that its scheme has anyway.
func serverName(u *url.URL) string {
	host, port, err := splitHost(u)
	if err != nil {
		return u.Host
	}
	if port == defaultPort(u.Scheme) {
		return host
	}
	return net.JoinHostPort(host, port)
}

// server is one host, as it behaved so far.
type server struct {
	name  string
	log   *slog.Logger
	slots chan struct{} // requests under way
	pace  *rate.Limiter

	mu     sync.Mutex
	paused time.Time    // it asked to be left alone until then
	busy   *StatusError // in these words
	trouble
}

// enter waits until the host may be asked: until one of its places is free, and
// it is this request's turn. The places are given back by leave.
func (s *server) enter(ctx context.Context) (leave func(), err error) {
	if err := s.recall(); err != nil {
		return nil, err
	}
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	leave = func() { <-s.slots }
	if err := s.turn(ctx); err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

// turn keeps the pace of the host, and leaves it alone while it wants that.
func (s *server) turn(ctx context.Context) error {
	place := s.pace.Reserve()
	if err := sleep(ctx, place.Delay()); err != nil {
		place.Cancel() // who comes later need not wait for it
		return err
	}
	asked := askedIn(ctx)
	for {
		wait, err := s.pause(asked.waited)
		if err != nil || wait == 0 {
			return err
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		asked.waited += wait
	}
}

// pause tells how long the host still wants to be left alone, or that it is
// down, or wants more of a request than its waits may come to.
func (s *server) pause(waited time.Duration) (time.Duration, error) {
	if err := s.recall(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	left := max(s.paused.Sub(now), 0)
	if left > 0 && waited+left > maxRetryAfter {
		return 0, &downError{s.busy, now}
	}
	return left, nil
}

// heed reads from an answer for how long the host wants to be left alone, which
// holds for all requests. A host that wants too much is not waited for.
func (s *server) heed(resp *http.Response) {
	now := time.Now()
	wait, ok := retryAfter(resp, now)
	if !ok || wait > maxRetryAfter {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if until := now.Add(wait); until.After(s.paused) {
		s.paused = until
		s.busy = &StatusError{Code: resp.StatusCode, After: wait}
		s.log.Info("the server asks to wait", "host", s.name, "wait", wait)
	}
}

func (s *server) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	return len(s.slots) == 0 && now.After(s.paused) && now.After(s.until)
}

func sleep(ctx context.Context, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// asked is what is known of a request through all its tries and redirects. Only
// the goroutine that makes it touches it.
type asked struct {
	at     time.Time     // when it was made
	waited time.Duration // because servers asked for it
	spent  time.Duration // waiting for servers' answers
}

type askedKey struct{}

func withAsked(ctx context.Context) context.Context {
	return context.WithValue(ctx, askedKey{}, &asked{at: time.Now()})
}

func askedIn(ctx context.Context) *asked {
	if a, ok := ctx.Value(askedKey{}).(*asked); ok {
		return a
	}
	return &asked{at: time.Now()}
}
