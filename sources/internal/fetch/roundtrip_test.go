package fetch

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

// A library's requests are made as all others are: as somebody where a host
// wants that, again where a server is busy, and only to where they may go.
func TestHTTP(t *testing.T) {
	var tries atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if tries.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		user, password, _ := r.BasicAuth()
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprintf(z, "%s:%s asks for %s", user, password, r.Header.Get("Accept"))
		z.Close()
	})
	c := newClient(t, Options{Credentials: map[string]Credential{"127.0.0.1": {User: "ann", Password: "secret"}}})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.HTTP().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if want := "ann:secret asks for application/json"; string(got) != want || err != nil {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if tries.Load() != 2 {
		t.Errorf("%d tries, want 2", tries.Load())
	}
}

// A library that closes the idle connections of its client closes ours.
func TestHTTPClosesIdleConnections(t *testing.T) {
	closed := make(chan struct{}, 1)
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	s.Start()
	defer s.Close()
	client := newClient(t, Options{}).HTTP()
	if _, err := client.Get(s.URL); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%v, want fs.ErrNotExist", err)
	}
	client.CloseIdleConnections()
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Error("the connection is still open")
	}
}

func TestHTTPRefuses(t *testing.T) {
	c := newClient(t, Options{})
	_, err := c.HTTP().Get("http://192.0.2.1/")
	if refused, ok := errors.AsType[*RefusedError](err); !ok || refused.Host != "192.0.2.1" {
		t.Errorf("a host that is not allowed: %v, want a RefusedError", err)
	}
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the server was asked") })
	_, err = c.HTTP().Post(s.URL, "text/plain", strings.NewReader("x"))
	if err == nil || !strings.Contains(err.Error(), "only requests that read") {
		t.Errorf("POST: %v", err)
	}
}

func TestSaid(t *testing.T) {
	tests := []struct {
		name, kind, body, want string
	}{
		{"plain text", "text/plain; charset=utf-8", " line 1:3 no viable alternative\n", "line 1:3 no viable alternative"},
		{"a page", "text/html", "<h1>Bad Request</h1>", ""},
		{"no kind that is known", "", "hello", ""},
		{"too much of it", "text/plain", strings.Repeat("é", 1<<10), strings.Repeat("é", 1<<9)},
		{"cut in a letter", "text/plain", "x" + strings.Repeat("é", 1<<10), "x" + strings.Repeat("é", 1<<9-1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = []string{tt.kind}
				w.WriteHeader(http.StatusBadRequest)
				io.WriteString(w, tt.body)
			})
			_, err := get(t, newClient(t, Options{}), s.URL)
			status, ok := errors.AsType[*StatusError](err)
			if !ok || status.Code != http.StatusBadRequest || status.Said != tt.want {
				t.Errorf("%#v, want %q", err, tt.want)
			}
		})
	}
}

func TestHasCredential(t *testing.T) {
	c := newClient(t, Options{Credentials: map[string]Credential{"review.example.org": {User: "ann", Password: "x"}, "ci.example.org:8443": {Token: "y"}}})
	for url, want := range map[string]bool{
		"https://review.example.org/r/":  true,
		"http://Review.Example.org:8080": true,
		"https://ci.example.org:8443/":   true,
		"https://ci.example.org/":        false,
		"https://example.org/":           false,
		"://":                            false,
	} {
		if got := c.HasCredential(url); got != want {
			t.Errorf("HasCredential(%q) = %v, want %v", url, got, want)
		}
	}
}
