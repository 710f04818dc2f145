package main

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestStatusLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w strings.Builder
		s := newStatus(&w, true)
		stop := s.show()
		s.set("reading logs", 4)
		s.add()
		time.Sleep(liveInterval + 1)
		synctest.Wait()
		s.Write([]byte("watchcat: a note\n"))
		s.add()
		time.Sleep(liveInterval)
		synctest.Wait()
		stop()
		stop() // does no harm
		const gone = "\r\x1b[K"
		want := "reading logs [######------------------] 1/4" + gone + "watchcat: a note\n" +
			"reading logs [############------------] 2/4" + gone
		if w.String() != want {
			t.Errorf("got\n%q, want\n%q", w.String(), want)
		}
	})
}

func TestStatusElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w strings.Builder
		s := newStatus(&w, false)
		stop := s.show()
		s.set("asking", 0)
		time.Sleep(2*slowInterval + 1)
		synctest.Wait()
		stop()
		if want := "asking …\nasking …\n"; w.String() != want {
			t.Errorf("got %q, want %q", w.String(), want)
		}
	})
}

func TestStatusQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w strings.Builder
		s := newStatus(&w, true)
		s.quiet = true
		stop := s.show()
		s.set("asking", 0)
		time.Sleep(time.Minute)
		stop()
		s.Write([]byte("an error\n"))
		if want := "an error\n"; w.String() != want {
			t.Errorf("got %q, want %q", w.String(), want)
		}
	})
}

func TestPrintable(t *testing.T) {
	const text = "a\tb\nc\x1b[31md\x07\u202ee\u009bf\rg"
	if got, want := printable(text), "a\tb\nc[31mdefg"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestWait holds to the time that an interrupted command may take.
func TestWait(t *testing.T) {
	tests := []struct {
		name      string
		interrupt time.Duration // zero: none
		done      time.Duration // zero: never
		want      int
		took      time.Duration
	}{
		{"done", 0, time.Hour, 7, time.Hour},
		{"done before the interrupt", 2 * time.Second, time.Second, 7, time.Second},
		{"done within the grace", time.Second, time.Second + grace/2, 7, time.Second + grace/2},
		{"busy beyond the grace", time.Second, time.Hour, exitInterrupted, time.Second + grace},
		{"busy for ever", time.Second, 0, exitInterrupted, time.Second + grace},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				done := make(chan int, 1)
				if test.interrupt > 0 {
					time.AfterFunc(test.interrupt, cancel)
				}
				if test.done > 0 {
					time.AfterFunc(test.done, func() { done <- 7 })
				}
				begin := time.Now()
				if got := wait(ctx, func() {}, done); got != test.want {
					t.Errorf("status %d, want %d", got, test.want)
				}
				if took := time.Since(begin); took != test.took {
					t.Errorf("it took %v, want %v", took, test.took)
				}
			})
		})
	}
}
