package fetch

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A body that ends before its time ends in io.ErrUnexpectedEOF, however its
// connection ends: whoever resumes relies on that.
func TestHowBodiesAreCut(t *testing.T) {
	abort := func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "begin")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	reset := func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "begin")
		w.(http.Flusher).Flush()
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		http2   bool
	}{
		{"hung up", abort, false},
		{"reset", reset, false},
		{"stream of HTTP/2 reset", abort, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := httptest.NewUnstartedServer(tt.handler)
			o := Options{}
			if s.EnableHTTP2 = tt.http2; tt.http2 {
				s.StartTLS()
				o.CAFile = t.TempDir() + "/authority.pem"
				writePEM(t, o.CAFile, "CERTIFICATE", s.Certificate().Raw)
			} else {
				s.Start()
			}
			t.Cleanup(s.Close)
			_, err := get(t, newClient(t, o), s.URL)
			if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "the connection ended in the middle of "+s.URL) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// A byte a second keeps the silence short, so only the sum of all waits ends it.
func TestByteASecond(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			io.WriteString(w, ".")
			w.(http.Flusher).Flush()
			select {
			case <-time.After(time.Second):
			case <-r.Context().Done():
			}
		}
	}
	bubble(t, Options{}, handler, func(t *testing.T, c *Client) {
		took := elapsed(func() {
			got, err := get(t, c, "http://log.test/")
			if !isType[*TimeoutError](err) || len(got) < 15*60 { // the last may just arrive
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
		if took != 15*time.Minute {
			t.Errorf("took %s", took)
		}
	})
}

// The requests of HTTP/2 share a connection, and are no more at a time than those
// that do not.
func TestStreamsAreBounded(t *testing.T) {
	var now, most, conns atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		fmt.Fprint(w, r.Proto)
		now.Add(-1)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	ca := t.TempDir() + "/authority.pem"
	writePEM(t, ca, "CERTIFICATE", s.Certificate().Raw)
	c := newClient(t, Options{CAFile: ca, PerHost: 4, PerSecond: -1})
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			if got, err := get(t, c, s.URL); got != "HTTP/2.0" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	wg.Wait()
	if most.Load() > 4 || conns.Load() > 4 {
		t.Errorf("%d requests at a time, %d connections; want 4 at most", most.Load(), conns.Load())
	}
}
