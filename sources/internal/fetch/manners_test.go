package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// getMany fetches n files of a host at the same time, and returns the errors.
func getMany(t *testing.T, c *Client, n int) []error {
	t.Helper()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { _, errs[i] = get(t, c, fmt.Sprintf("http://log.test/%d", i)) })
	}
	wg.Wait()
	return errs
}

func TestPace(t *testing.T) {
	for _, tt := range []struct {
		name      string
		perSecond float64
		want      time.Duration // for 30 requests, of which the first 10 go at once
	}{
		{"as configured", 2, 10 * time.Second},
		{"less than one a second", 0.5, 40 * time.Second},
		{"by default", 0, 400 * time.Millisecond},
		{"no bound", -1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{PerHost: 10, PerSecond: tt.perSecond}
			bubble(t, o, func(http.ResponseWriter, *http.Request) {}, func(t *testing.T, c *Client) {
				took := elapsed(func() {
					if err := errors.Join(getMany(t, c, 30)...); err != nil {
						t.Error(err)
					}
				})
				if took.Round(time.Millisecond) != tt.want {
					t.Errorf("took %s, want %s", took, tt.want)
				}
				if took := elapsed(func() { get(t, c, "http://other.test/") }); took != 0 {
					t.Errorf("another host waited for %s", took)
				}
			})
		})
	}
}

func TestCancelEndsTheWaitForATurn(t *testing.T) {
	bubble(t, Options{PerHost: 1, PerSecond: 0.01}, func(http.ResponseWriter, *http.Request) {}, func(t *testing.T, c *Client) {
		get(t, c, "http://log.test/")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Get(ctx, "http://log.test/", nil)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, classify.ErrUnreachable) {
			t.Errorf("error %v", err)
		}
	})
}

// Who is asked to wait by one answer waits with all requests.
func TestRetryAfterHoldsForAll(t *testing.T) {
	var mu sync.Mutex
	var asked []time.Duration
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		n := servePipe(t, func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, time.Since(start))
			if len(asked) == 1 {
				w.Header().Set("Retry-After", "40")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		})
		c := newClient(t, Options{Hosts: []string{"*.test"}, RetryWait: time.Second, dial: n.dial})
		var wg sync.WaitGroup
		wg.Go(func() { get(t, c, "http://log.test/first") })
		time.Sleep(time.Second)
		if err := errors.Join(getMany(t, c, 20)...); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
	if len(asked) != 22 || asked[0] != 0 || asked[1] != 40*time.Second {
		t.Errorf("%d requests, at %v", len(asked), asked)
	}
}

// Others than the one that was answered do not wait for longer than it may.
func TestPauseIsBounded(t *testing.T) {
	handler := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "70")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	bubble(t, Options{}, handler, func(t *testing.T, c *Client) {
		took := elapsed(func() {
			for _, err := range getMany(t, c, 30) {
				if status, ok := errors.AsType[*StatusError](err); !ok || status.Code != http.StatusServiceUnavailable || !isType[*DownError](err) {
					t.Errorf("error %v", err)
				}
			}
		})
		if took > maxRetryAfter {
			t.Errorf("waited %s", took)
		}
	})
}

func refuse(context.Context, string, string) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{}, Err: syscall.ECONNREFUSED}
}

func TestDownError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{Hosts: []string{"*.test"}, RetryWait: time.Second, dial: refuse})
		start := time.Now()
		var since time.Time
		for _, path := range []string{"failed", "recalled"} {
			_, err := get(t, c, "http://LOG.test:8080/"+path)
			down, ok := errors.AsType[*DownError](err)
			if !ok || down.Host != "log.test:8080" || !errors.Is(err, classify.ErrUnreachable) || !errors.Is(err, syscall.ECONNREFUSED) {
				t.Fatalf("%s: error %#v", path, err)
			}
			if want := "get http://LOG.test:8080/" + path + ": connection refused;"; !strings.HasPrefix(err.Error(), want) {
				t.Errorf("error %q, want %q", err, want)
			}
			if since = down.Since; since != start.Add(time.Since(start)) || since == start {
				t.Errorf("%s: since %s, from %s", path, since, start)
			}
		}
		time.Sleep(downFor)
		_, err := get(t, c, "http://log.test:8080/later")
		if down, ok := errors.AsType[*DownError](err); !ok || down.Since != since {
			t.Errorf("error %#v, want since %s", err, since)
		}
	})
}

// A host that stays down is asked less and less often, and at least every ten minutes.
func TestCoolDownDoubles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dials []time.Time
		o := Options{Hosts: []string{"*.test"}, Retries: -1}
		o.dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			dials = append(dials, time.Now())
			return refuse(ctx, network, addr)
		}
		c := newClient(t, o)
		for start := time.Now(); time.Since(start) < time.Hour; time.Sleep(time.Second) {
			get(t, c, "http://log.test/")
		}
		var gaps []string
		for i, at := range dials[1:] {
			gaps = append(gaps, at.Sub(dials[i]).String())
		}
		const want = "30s 1m0s 2m0s 4m0s 8m0s 10m0s 10m0s 10m0s 10m0s"
		if got := strings.Join(gaps, " "); got != want {
			t.Errorf("asked after %s, want %s", got, want)
		}
	})
}

// faulty is a host on which /bad has a fault and all else is well.
func faulty(bad http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" {
			bad(w, r)
		}
	}
}

// One file that the server chokes on does not cost the others; three in a row do.
func TestFailuresInARow(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault http.HandlerFunc
		text  string
	}{
		{"500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "500 Internal Server Error"},
		{"silence", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "said nothing for 30s"},
		{"hung up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "hung up without an answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, order := range []struct {
				paths string
				down  bool
			}{
				{"bad ok bad bad ok bad bad ok", false},
				{"bad bad bad", true},
			} {
				bubble(t, Options{Retries: 1}, faulty(tt.fault), func(t *testing.T, c *Client) {
					for path := range strings.FieldsSeq(order.paths) {
						_, err := get(t, c, "http://log.test/"+path)
						if (path == "ok") != (err == nil) || err != nil && (!isType[*DownError](err) || !strings.Contains(err.Error(), tt.text)) {
							t.Errorf("%s: %s: error %v", order.paths, path, err)
						}
					}
					if _, err := get(t, c, "http://log.test/ok"); (err != nil) != order.down {
						t.Errorf("%s: and then: error %v", order.paths, err)
					}
				})
			}
		})
	}
}

// Requests that fail side by side are one failure; silence in a body is one too.
func TestFailuresSideBySide(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "begin")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	bubble(t, Options{}, handler, func(t *testing.T, c *Client) {
		for round := range 3 {
			for _, err := range getMany(t, c, 8) {
				if !isType[*TimeoutError](err) || isType[*DownError](err) {
					t.Errorf("round %d: error %v", round, err)
				}
			}
		}
		took := elapsed(func() {
			for _, err := range getMany(t, c, 100) {
				if !isType[*DownError](err) || !strings.Contains(err.Error(), "said nothing for 30s") {
					t.Errorf("error %v", err)
				}
			}
		})
		if took != 0 {
			t.Errorf("waited %s for a host that is down", took)
		}
	})
}

// What is no trouble of the host's does not count against it.
func TestFaultsThatAreNotTheHosts(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "http://elsewhere.example/", http.StatusFound)
		case "/ok":
		default:
			w.WriteHeader(map[string]int{"/401": 401, "/403": 403, "/404": 404, "/410": 410, "/501": 501}[r.URL.Path])
		}
	}
	bubble(t, Options{}, handler, func(t *testing.T, c *Client) {
		for _, path := range []string{"loop", "away", "401", "403", "404", "410", "501"} {
			for range 5 {
				if _, err := get(t, c, "http://log.test/"+path); err == nil || isType[*DownError](err) {
					t.Errorf("%s: error %v", path, err)
				}
			}
		}
		if _, err := get(t, c, "http://log.test/ok"); err != nil {
			t.Error(err)
		}
	})
}

// A client that works for years does not remember all names that it was given.
func TestHostsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServers(Options{PerHost: 1, PerSecond: 1}.withDefaults())
		busy := s.get(&url.URL{Scheme: "http", Host: "busy.test"})
		leave, err := busy.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 * maxServers {
			s.get(&url.URL{Scheme: "http", Host: fmt.Sprintf("h%d.test", i)})
		}
		if len(s.of) > maxServers || s.get(&url.URL{Scheme: "http", Host: "busy.test"}) != busy {
			t.Errorf("%d hosts are remembered, or one that is in use is not", len(s.of))
		}
		leave()
	})
}

// One connection serves many requests, also after requests to this and another
// host failed.
func TestConnectionsAreUsedAgain(t *testing.T) {
	var conns atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		io.WriteString(w, strings.Repeat("a log\n", 1000))
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	c := newClient(t, Options{PerHost: 4, PerSecond: -1})
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if _, err := get(t, c, s.URL); err != nil {
				t.Error(err)
			}
			if i%50 == 0 {
				get(t, c, "http://127.0.0.1:1/")
			}
		})
	}
	wg.Wait()
	if n := conns.Load(); n > 4 {
		t.Errorf("%d connections for 100 requests, 4 at a time", n)
	}
	for range 2 {
		get(t, c, s.URL+"/500")
		get(t, c, s.URL)
	}
	if n := conns.Load(); n > 4 {
		t.Errorf("%d connections after failures", n)
	}
}
