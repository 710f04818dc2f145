package main

import (
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/watchcat-ci/watchcat/classify"
)

// How often the line of progress is written: on a terminal, where it stays one
// line, and elsewhere, where each is a new one.
const (
	liveInterval = 100 * time.Millisecond
	slowInterval = 10 * time.Second
)

// status is standard error with a line of progress at its foot. It is an
// io.Writer for whole lines, and safe for concurrent use.
type status struct {
	live  bool // the line is redrawn in place
	quiet bool // there is no line

	mu    sync.Mutex
	w     io.Writer
	step  string
	done  int
	total int
	shown bool
}

func newStatus(w io.Writer, live bool) *status { return &status{w: w, live: live} }

// Write writes p above the line of progress.
func (s *status) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	return s.w.Write(p)
}

// set says what is being done now, and how many parts it has; zero if it cannot
// be told.
func (s *status) set(step string, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step, s.done, s.total = step, 0, total
}

// add counts one part as done.
func (s *status) add() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done++
}

// show shows the progress until stop is called, which waits until the line is gone.
func (s *status) show() (stop func()) {
	if s.quiet {
		return func() {}
	}
	end := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { s.draw(end) })
	return sync.OnceFunc(func() { close(end); wg.Wait() })
}

// draw writes the line again and again until end is closed.
func (s *status) draw(end <-chan struct{}) {
	interval := slowInterval
	if s.live {
		interval = liveInterval
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.line()
		case <-end:
			s.mu.Lock()
			defer s.mu.Unlock()
			s.erase()
			return
		}
	}
}

// line writes the line as it stands now.
func (s *status) line() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.step == "" {
		return
	}
	s.erase()
	if !s.live {
		fmt.Fprintln(s.w, s.text())
		return
	}
	fmt.Fprint(s.w, s.text())
	s.shown = true
}

// erase takes the line off the terminal.
func (s *status) erase() {
	if s.shown {
		fmt.Fprint(s.w, "\r\x1b[K")
		s.shown = false
	}
}

const barWidth = 24

// text returns "reading logs [####----] 12/40", in under 80 columns.
func (s *status) text() string {
	if s.total == 0 {
		return s.step + " …"
	}
	done := min(s.done, s.total)
	full := barWidth * done / s.total
	bar := strings.Repeat("#", full) + strings.Repeat("-", barWidth-full)
	return fmt.Sprintf("%s [%s] %d/%d", s.step, bar, done, s.total)
}

// printable returns s less what could steer a terminal: control characters but
// line ends and tabs, and marks that turn the direction of writing.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
}

// count returns seq, and counts each of its elements as a part done.
func (s *status) count(seq iter.Seq[classify.Result]) iter.Seq[classify.Result] {
	return func(yield func(classify.Result) bool) {
		for r := range seq {
			s.add()
			if !yield(r) {
				return
			}
		}
	}
}
