package fetch

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// drip sends a byte every few seconds, until nobody listens any more.
func drip(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := w.Write([]byte(".")); err != nil {
			return
		}
		w.(http.Flusher).Flush()
		select {
		case <-time.After(5 * time.Second):
		case <-r.Context().Done():
		}
	}
}

// What a server says beside an error or a redirect is not waited for as long as
// for a log.
func TestDripOfWhatIsNoAnswer(t *testing.T) {
	for _, tt := range []struct {
		name string
		code int
		most time.Duration
	}{
		{"error", http.StatusNotFound, 10 * time.Second},
		{"error that may pass", http.StatusInternalServerError, 50 * time.Second}, // 4 tries, and 7 s between them
		{"redirect", http.StatusFound, 110 * time.Second},                         // 11 answers
	} {
		t.Run(tt.name, func(t *testing.T) {
			handler := func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "/")
				w.Header().Set("Content-Type", "text/plain")
				w.WriteHeader(tt.code)
				drip(w, r)
			}
			bubble(t, Options{Timeout: 10 * time.Second}, handler, func(t *testing.T, c *Client) {
				took := elapsed(func() {
					if _, err := get(t, c, "http://log.test/"); err == nil {
						t.Error("no error")
					}
				})
				if took > tt.most {
					t.Errorf("waited %s, want at most %s", took, tt.most)
				}
			})
		})
	}
}

// Options.Total is of all tries and redirects together.
func TestTotalIsOfAllTries(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(8 * time.Second):
		case <-r.Context().Done():
		}
		if r.URL.Path == "/round" {
			http.Redirect(w, r, "/round", http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusBadGateway)
	}
	bubble(t, Options{Timeout: 10 * time.Second, Total: 20 * time.Second}, handler, func(t *testing.T, c *Client) {
		for _, path := range []string{"round", "error"} {
			took := elapsed(func() {
				_, err := get(t, c, "http://"+path+".test/"+path)
				if err == nil || !strings.Contains(err.Error(), "not done after 20s") {
					t.Errorf("%s: %v", path, err)
				}
			})
			if took > 23*time.Second { // 3 s between the tries
				t.Errorf("%s: waited %s", path, took)
			}
		}
	})
}

// A turn that nobody waits for any more is free for others.
func TestTurnsOfTheCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServers(Options{PerHost: 1, PerSecond: 1}.withDefaults()).get(&url.URL{Scheme: "http", Host: "log.test"})
		gone, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		for i := range 10 {
			leave, err := s.enter(gone)
			if err == nil {
				leave()
			} else if i == 0 || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("turn %d: %v", i, err)
			}
		}
		took := elapsed(func() {
			leave, err := s.enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			leave()
		})
		if took > time.Second {
			t.Errorf("waited %s for a turn", took)
		}
	})
}
