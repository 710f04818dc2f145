package democi

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// text returns the console of a build.
func text(t testing.TB, f *facts, b *build) string {
	t.Helper()
	var buf bytes.Buffer
	if err := f.writeConsole(&buf, b, addresses{logs: "http://logs"}); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// TestConsoles reads the console of every build of a day.
func TestConsoles(t *testing.T) {
	f := plan(t, noon, usualSeed)
	var smallest, largest = 1 << 30, 0
	for _, b := range f.builds {
		console := text(t, f, b)
		smallest, largest = min(smallest, len(console)), max(largest, len(console))
		if diff := len(console) - b.size; diff < -5000 || diff > 5000 {
			t.Errorf("%s: console of %d bytes, want about %d", b.job.name, len(console), b.size)
		}
		if again := text(t, f, b); again != console {
			t.Errorf("%s: the console is another when it is read again", b.job.name)
		}
		if b.fault != nil && b.fault.lines != nil && !strings.Contains(console, b.fault.point) {
			t.Errorf("%s: the console does not hold %q", b.job.name, b.fault.point)
		}
		if strings.Contains(console, "<") && strings.Contains(console, "<job>") || strings.Contains(console, "{n}") {
			t.Errorf("%s: something was not filled in", b.job.name)
		}
		if b.style != styleJenkins {
			checkClock(t, b, console)
		}
	}
	if smallest > 200_000 || smallest < 100_000 || largest < 4_000_000 || largest > 5_000_000 {
		t.Errorf("consoles of %d to %d bytes, want 0.1 to 5 MB", smallest, largest)
	}
}

// TestPassingConsolesHoldNoFault looks for what is planted elsewhere where
// nothing is planted.
func TestPassingConsolesHoldNoFault(t *testing.T) {
	f := plan(t, noon, usualSeed)
	for _, b := range f.builds {
		if b.outcome() != classify.OutcomePassed {
			continue
		}
		console := text(t, f, b)
		for _, fault := range f.faults {
			if fault.lines != nil && strings.Contains(console, fault.point) {
				t.Errorf("%s passed, and its console holds %q of fault %s", b.job.name, fault.point, fault.name)
			}
		}
	}
}

// checkClock reads the times of a console: from the build's start to its end,
// and never backwards.
func checkClock(t *testing.T, b *build, console string) {
	t.Helper()
	var first, last time.Time
	for line := range strings.Lines(console) {
		stamp, _, _ := strings.Cut(line, " | ")
		now, err := time.Parse("2006-01-02 15:04:05", stamp)
		if err != nil || now.Before(last) {
			t.Errorf("%s: time stamp %q after %v (%v)", b.job.name, stamp, last, err)
			return
		}
		if first.IsZero() {
			first = now
		}
		last = now
	}
	if first.Sub(b.started()) > time.Second || !last.Equal(b.ended) {
		t.Errorf("%s: console from %v to %v, want %v to %v", b.job.name, first, last, b.started(), b.ended)
	}
}

func BenchmarkConsole(b *testing.B) {
	f := plan(b, noon, usualSeed)
	biggest := f.builds[0]
	for _, build := range f.builds {
		if build.size > biggest.size {
			biggest = build
		}
	}
	b.SetBytes(int64(biggest.size))
	for b.Loop() {
		if err := f.writeConsole(io.Discard, biggest, addresses{}); err != nil {
			b.Fatal(err)
		}
	}
}
