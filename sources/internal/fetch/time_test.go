package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// bubble runs a test of a handler in a bubble: its time costs none.
func bubble(t *testing.T, o Options, h http.HandlerFunc, test func(t *testing.T, c *Client)) {
	synctest.Test(t, func(t *testing.T) {
		n := servePipe(t, h)
		o.Hosts, o.dial = []string{"*.test"}, n.dial
		if o.RetryWait == 0 {
			o.RetryWait = time.Second
		}
		test(t, newClient(t, o))
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	tests := []struct {
		name   string
		header func() string
		wait   time.Duration
	}{
		{"seconds", func() string { return "17" }, 17 * time.Second},
		{"date", func() string { return time.Now().Add(time.Minute).UTC().Format(http.TimeFormat) }, time.Minute},
		{"date gone by", func() string { return time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat) }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tries := 0
			handler := func(w http.ResponseWriter, _ *http.Request) {
				if tries++; tries == 1 {
					w.Header().Set("Retry-After", tt.header())
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			}
			bubble(t, Options{}, handler, func(t *testing.T, c *Client) {
				took := elapsed(func() {
					if _, err := get(t, c, "http://log.test/"); err != nil {
						t.Error(err)
					}
				})
				if took != tt.wait {
					t.Errorf("waited %s, want %s", took, tt.wait)
				}
			})
		})
	}
}

func TestLongRetryAfterIsNotWaitedFor(t *testing.T) {
	handler := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	bubble(t, Options{}, handler, func(t *testing.T, c *Client) {
		took := elapsed(func() {
			_, err := get(t, c, "http://log.test/")
			if err == nil || !strings.Contains(err.Error(), "asks to try again after 1h0m0s") {
				t.Errorf("error %v", err)
			}
		})
		if took != 0 {
			t.Errorf("waited %s", took)
		}
	})
}

// A server that asks again and again to wait a little is not waited for either.
func TestSumOfRetryAfterIsBounded(t *testing.T) {
	handler := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "50")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	bubble(t, Options{}, handler, func(t *testing.T, c *Client) {
		if took := elapsed(func() { get(t, c, "http://log.test/") }); took != 100*time.Second {
			t.Errorf("waited %s, want twice 50 s", took)
		}
	})
}

func TestBackoffDoubles(t *testing.T) {
	handler := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	bubble(t, Options{Retries: 8}, handler, func(t *testing.T, c *Client) {
		took := elapsed(func() { get(t, c, "http://log.test/") })
		// 1+2+4+8+16+30+30+30 s, of which each wait may be half.
		if took < 121*time.Second/2 || took > 121*time.Second {
			t.Errorf("waited %s altogether", took)
		}
	})
}

func TestSilenceBeforeHeaders(t *testing.T) {
	handler := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	bubble(t, Options{Timeout: 10 * time.Second, Retries: -1}, handler, func(t *testing.T, c *Client) {
		took := elapsed(func() { wantTimeout(t, c, "", "said nothing for 10s") })
		if took != 10*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestSilenceInBody(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "begin")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	bubble(t, Options{Timeout: 10 * time.Second}, handler, func(t *testing.T, c *Client) {
		took := elapsed(func() { wantTimeout(t, c, "begin", "said nothing for 10s") })
		if took != 10*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestDripIsBounded(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			io.WriteString(w, ".")
			w.(http.Flusher).Flush()
			select {
			case <-time.After(9 * time.Second):
			case <-r.Context().Done():
			}
		}
	}
	o := Options{Timeout: 10 * time.Second, Total: 50 * time.Second}
	bubble(t, o, handler, func(t *testing.T, c *Client) {
		took := elapsed(func() { wantTimeout(t, c, "......", "not done after 50s") })
		if took != 50*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func wantTimeout(t *testing.T, c *Client, body, want string) {
	t.Helper()
	got, err := get(t, c, "http://log.test/")
	if got != body || !isType[*TimeoutError](err) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %q and %v; want %q and %q", got, err, body, want)
	}
}

func TestSlowReaderIsNoFault(t *testing.T) {
	handler := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 1<<20)) }
	o := Options{Timeout: time.Second, Total: 10 * time.Second}
	bubble(t, o, handler, func(t *testing.T, c *Client) {
		resp, err := c.Get(t.Context(), "http://log.test/", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		time.Sleep(time.Hour)
		if b, err := io.ReadAll(resp.Body); err != nil || len(b) != 1<<20 {
			t.Errorf("read %d bytes, %v", len(b), err)
		}
	})
}

func TestPlacesOfAHost(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	count := func(d int) {
		mu.Lock()
		defer mu.Unlock()
		now += d
		most = max(most, now)
	}
	handler := func(http.ResponseWriter, *http.Request) {
		count(+1)
		time.Sleep(time.Minute)
		count(-1)
	}
	bubble(t, Options{PerHost: 3, Timeout: 2 * time.Minute}, handler, func(t *testing.T, c *Client) {
		var wg sync.WaitGroup
		took := elapsed(func() {
			for range 9 {
				wg.Go(func() {
					if _, err := get(t, c, "http://log.test/"); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		})
		if most != 3 || took != 3*time.Minute {
			t.Errorf("%d at a time, in %s", most, took)
		}
	})
}

func TestCancelEndsAllWaiting(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/503" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, "begin")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	for _, path := range []string{"/503", "/hang"} {
		o := Options{PerHost: 1, RetryWait: 10 * time.Second, Timeout: time.Minute}
		bubble(t, o, handler, func(t *testing.T, c *Client) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			took := elapsed(func() {
				resp, err := c.Get(ctx, "http://log.test"+path, nil)
				if err == nil {
					defer resp.Body.Close()
					_, err = io.ReadAll(resp.Body)
				}
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: error %v", path, err)
				}
			})
			if took != time.Second {
				t.Errorf("%s: took %s", path, took)
			}
		})
	}
}

func TestHostThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dials := 0
		o := Options{Hosts: []string{"*.test"}, RetryWait: time.Second}
		o.dial = func(context.Context, string, string) (net.Conn, error) {
			dials++
			return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{}, Err: syscall.ETIMEDOUT}
		}
		c := newClient(t, o)
		for i, want := range []int{4, 4, 8} {
			_, err := get(t, c, "http://down.test/")
			if err == nil || !strings.Contains(err.Error(), "nobody answers") {
				t.Errorf("error %v", err)
			}
			if dials != want {
				t.Errorf("round %d: %d connections tried, want %d", i, dials, want)
			}
			time.Sleep(downFor / 2 * time.Duration(i+1))
		}
		if text := reason(&net.OpError{Op: "dial", Err: syscall.ETIMEDOUT}); !strings.Contains(text, "nobody answers;") {
			t.Errorf("without an address: %s", text)
		}
		if _, err := get(t, c, "http://up.test/"); dials != 12 {
			t.Errorf("another host was held for down: %v", err)
		}
	})
}
