package classify_test

import (
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
)

// stream is a log of ever new lines, which notes how much memory is in use when
// it was read to a part, and to its end.
type stream struct {
	lines, n  int
	line      func(n int) string
	part, end uint64
}

func (s *stream) Read(p []byte) (int, error) {
	if s.n == s.lines/4 {
		s.part = inUse()
	}
	if s.n == s.lines {
		s.end = inUse()
		return 0, io.EOF
	}
	s.n++
	return copy(p, s.line(s.n)), nil
}

// inUse returns how many bytes are in use.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestRulesStayInBounds reads logs of which each line matches a rule that asks
// for as much as it may. A log four times as long takes no more memory, and
// what is made and dropped on the way stays in proportion to its length.
func TestRulesStayInBounds(t *testing.T) {
	const lines, limit = 12_000, 16 << 20 // the scan goes on while memory is measured
	perLine := uint64(16 << 10)
	if raced {
		perLine *= 3
	}
	around := classify.Context{Before: classify.MaxBlock, After: classify.MaxBlock}
	never := []classify.Unless{{Literal: "retry", Within: classify.MaxWindow}}
	for _, tt := range []struct {
		name  string
		rule  classify.Rule
		every int // so many lines one retries; 0: none
	}{
		{"context", classify.Rule{Context: around}, 0},
		{"context, last", classify.Rule{Context: around, Occurrence: classify.OccurrenceLast}, 0},
		{"until, last", classify.Rule{Until: "^never$", Occurrence: classify.OccurrenceLast}, 0},
		{"window", classify.Rule{Context: around, Unless: never}, 0},
		{"window, each broken", classify.Rule{Context: around, Unless: never}, 900},
		{"window, last", classify.Rule{Until: "^never$", Unless: never, Occurrence: classify.OccurrenceLast}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.rule.Pattern, tt.rule.Message = `error (\d+)`, "error {1}"
			c := compile(t, tt.rule)
			c.NoExcerpt = true
			log := &stream{lines: lines, line: func(n int) string {
				if tt.every > 0 && n%tt.every == 0 {
					return "retry\n"
				}
				return fmt.Sprintf("error %d: %0200d\n", n, n)
			}}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := inUse()
			c.Log(t.Context(), "console", log)
			runtime.ReadMemStats(&after)
			if log.end > log.part+limit/2 || log.end > start+limit {
				t.Errorf("in use before %d, after a quarter %d, at the end %d", start, log.part, log.end)
			}
			if made := (after.TotalAlloc - before.TotalAlloc) / lines; made > perLine {
				t.Errorf("%d bytes a line were made", made)
			} else {
				t.Logf("%d bytes a line; in use %d, %d, %d", made, start, log.part, log.end)
			}
		})
	}
}
