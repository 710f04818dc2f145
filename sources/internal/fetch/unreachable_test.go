package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/watchcat-ci/watchcat/classify"
)

func TestUnreachable(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	done := make(chan struct{})
	t.Cleanup(func() { close(done) }) // before the server is closed
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/silent":
			select {
			case <-done:
			case <-r.Context().Done():
			}
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "http://elsewhere.example/", http.StatusFound)
		case "/zip":
			w.Header().Set("Content-Encoding", "br")
		}
	})
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	tests := []struct {
		name, url string
		want      bool
	}{
		{"unknown name", "http://nowhere.example/", true},
		{"connection refused", "http://" + closed.Addr().String(), true},
		{"no trust", secure.URL, true},
		{"no TLS", strings.Replace(s.URL, "http:", "https:", 1), true},
		{"TLS", strings.Replace(secure.URL, "https:", "http:", 1), false}, // a 400
		{"silence", s.URL + "/silent", true},
		{"not listed", "http://elsewhere.test/", true},
		{"redirected to what is not listed", s.URL + "/away", true},
		{"hung up", rawServer(t, ""), true},
		{"not HTTP", rawServer(t, "SSH-2.0-x\r\n"), true},
		{"redirected in circles", s.URL + "/loop", false},
		{"an encoding nobody asked for", s.URL + "/zip", false},
		{"cut body", rawServer(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello"), false},
		{"no URL", "http://[::1", false},
	}
	o := Options{
		Hosts: []string{"127.0.0.1", "nowhere.example"}, Retries: -1,
		Timeout: time.Second, resolver: resolver(t, nil),
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := get(t, newClient(t, o), tt.url)
			if err == nil || errors.Is(err, classify.ErrUnreachable) != tt.want {
				t.Errorf("error %v; unreachable: %t, want %t", err, !tt.want, tt.want)
			}
		})
	}
}

func TestUnreachableProxy(t *testing.T) {
	t.Setenv("REQUEST_METHOD", "")
	t.Setenv("NO_PROXY", "")
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	_, err := get(t, newClient(t, Options{Hosts: []string{"*"}}), "http://logs.example/")
	if !errors.Is(err, classify.ErrUnreachable) {
		t.Errorf("error %v is not classify.ErrUnreachable", err)
	}
}

// A run that is cancelled says nothing of hosts.
func TestCancelledIsNotUnreachable(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := newClient(t, Options{}).Get(ctx, s.URL, nil)
	if !errors.Is(err, context.Canceled) || errors.Is(err, classify.ErrUnreachable) {
		t.Errorf("error %v", err)
	}
}

// A host that is busy is not asked for the next log at once.
func TestHostThatIsBusy(t *testing.T) {
	for _, tt := range []struct {
		code    int
		after   string
		tries   int
		another int // for another file, at once
		later   int // and after downFor
	}{
		{http.StatusServiceUnavailable, "", 4, 0, 4},
		{http.StatusTooManyRequests, "1", 4, 0, 4},
		{http.StatusTooManyRequests, "3600", 1, 0, 0},
		{http.StatusBadGateway, "", 4, 4, 4},
		{http.StatusNotFound, "", 1, 1, 1},
	} {
		t.Run(fmt.Sprint(tt.code, tt.after), func(t *testing.T) {
			asked := 0
			handler := func(w http.ResponseWriter, _ *http.Request) {
				asked++
				w.Header().Set("Retry-After", tt.after)
				w.WriteHeader(tt.code)
			}
			bubble(t, Options{}, handler, func(t *testing.T, c *Client) {
				for i, want := range []int{tt.tries, tt.another, tt.later} {
					url := fmt.Sprintf("http://log.test/%d", i)
					asked = 0
					_, err := get(t, c, url)
					if status, ok := errors.AsType[*StatusError](err); !ok || status.Code != tt.code || status.URL != url {
						t.Errorf("error %v, want %d of %s", err, tt.code, url)
					}
					if asked != want {
						t.Errorf("%s: asked %d times, want %d", url, asked, want)
					}
					time.Sleep(time.Duration(i) * (downFor + 1))
				}
				asked = 0
				if get(t, c, "http://other.test/"); asked == 0 {
					t.Error("another host was held for busy")
				}
			})
		})
	}
}

// cancelAt ends a context at a moment that a test can otherwise hardly hit:
// when it was asked whether to try again.
func cancelAt(c *Client, cancel func(), before bool) {
	check := c.retry.CheckRetry
	c.retry.CheckRetry = retryablehttp.CheckRetry(func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		if before {
			cancel()
		}
		again, checkErr := check(ctx, resp, err)
		cancel()
		return again, checkErr
	})
}

// The place of a host is free again though nobody waits for the answer.
func TestCancelFreesThePlace(t *testing.T) {
	handler := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 1<<20)) }
	bubble(t, Options{PerHost: 1}, handler, func(t *testing.T, c *Client) {
		ctx, cancel := context.WithCancel(t.Context())
		cancelAt(c, cancel, true)
		if _, err := c.Get(ctx, "http://log.test/", nil); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		leave, err := c.transport.servers.get(&url.URL{Scheme: "http", Host: "log.test"}).enter(ctx)
		if err != nil {
			t.Fatalf("the place is not free: %v", err)
		}
		leave()
	})
}

// A dial that failed because the run was cancelled does not speak of the host.
func TestCancelledRunMarksNoHostDown(t *testing.T) {
	for _, before := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			dials := 0
			o := Options{Hosts: []string{"*.test"}, Retries: -1}
			o.dial = func(context.Context, string, string) (net.Conn, error) {
				dials++
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ETIMEDOUT}
			}
			c := newClient(t, o)
			ctx, cancel := context.WithCancel(t.Context())
			cancelAt(c, cancel, before)
			for _, ctx := range []context.Context{ctx, t.Context()} {
				if _, err := c.Get(ctx, "http://log.test/", nil); err == nil {
					t.Error("no error")
				}
			}
			if dials != 2 {
				t.Errorf("before %t: dialled %d times, want 2", before, dials)
			}
		})
	}
}
