package democi

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// noon is a day like any other.
var noon = time.Date(2026, 11, 20, 12, 34, 56, 0, time.UTC)

func plan(t testing.TB, now time.Time, seed uint64) *facts {
	t.Helper()
	l, err := readLibrary()
	if err != nil {
		t.Fatal(err)
	}
	return planDay(l, now, seed)
}

// rendered is the world's Gerrit as text, which tells worlds apart.
func rendered(t *testing.T, f *facts) string {
	t.Helper()
	rows, err := f.changesJSON(addresses{logs: "http://logs", down: "http://down"})
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.Join(rowsOf(rows), []byte("\n")))
}

func rowsOf[T ~[]byte](rows []T) [][]byte {
	var all [][]byte
	for _, row := range rows {
		all = append(all, row)
	}
	return all
}

func TestWorldIsTheSameForOneDayAndSeed(t *testing.T) {
	first := rendered(t, plan(t, noon, 1))
	if diff := cmp.Diff(first, rendered(t, plan(t, noon, 1))); diff != "" {
		t.Errorf("the same day and seed gave another world (-first +second):\n%s", diff)
	}
	if first == rendered(t, plan(t, noon.Add(24*time.Hour), 1)) {
		t.Error("the next day gave the same world")
	}
	if first == rendered(t, plan(t, noon, 2)) {
		t.Error("another seed gave the same world")
	}
}

// TestNumbers counts what is in the worlds of two hundred days, half of them of
// other seeds.
func TestNumbers(t *testing.T) {
	for i := range 200 {
		f := plan(t, noon.Add(time.Duration(i)*25*time.Hour), usualSeed+uint64(i%2*i))
		w := &World{facts: f}
		planted := map[string]int{}
		outcomes := map[classify.Outcome]bool{}
		rules := map[string]bool{}
		for _, e := range w.Expected() {
			planted[e.Fault]++
			rules[e.Rule] = true
		}
		for _, b := range f.builds {
			if b.reported().After(f.now.Add(-day)) {
				outcomes[b.outcome()] = true
			}
			if b.reported().After(f.now) || b.reported().Before(f.now.Add(-14*day)) {
				t.Errorf("day %d: %s was reported at %v, now is %v", i, b.job.name, b.reported(), f.now)
			}
		}
		for _, fault := range f.faults {
			if got := planted[fault.name]; fault.outcome.Failed() && got != fault.times {
				t.Errorf("day %d: fault %q is planted %d times, want %d", i, fault.name, got, fault.times)
			}
		}
		if len(f.changes) != 40 || len(f.projects) != 5 || len(f.builds) != 150 {
			t.Errorf("day %d: %d changes, %d projects, %d builds; want 40, 5, 150", i, len(f.changes), len(f.projects), len(f.builds))
		}
		if n := len(w.Expected()); n < 28 || n > 35 {
			t.Errorf("day %d: %d failures in the last 24 hours, want about 30", i, n)
		}
		if len(rules) < 12 {
			t.Errorf("day %d: %d rules, want at least a dozen", i, len(rules))
		}
		for _, want := range classify.Outcomes() {
			if !outcomes[want] {
				t.Errorf("day %d: no job has the outcome %s", i, want)
			}
		}
	}
}
