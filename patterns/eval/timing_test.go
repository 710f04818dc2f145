package eval

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// TestTiming measures with a clock that the test moves.
func TestTiming(t *testing.T) {
	ms := []int{
		12, 10, 11, 11, 30, 11, 11, // the engine: 10, give or take 2
		25, 22, 11, 20, 10, 40, 10, 21, 12, // a slow rule: 20, and the engine beside it 10
		11,                                 // one that is not to be told from the engine
		50, 50, 20, 11, 10, 10, 30, 11, 11, // one that was unlucky
		30, 42, 41, 42, 43, 44, 45, 50, 51, // one on a machine that became busy
	}
	now, calls := time.Duration(0), 0
	clock := func() time.Duration {
		if calls++; calls%2 == 0 {
			now += time.Duration(ms[calls/2-1]) * time.Millisecond
		}
		return now
	}
	rule := func(id, file string) classify.Rule {
		return classify.Rule{ID: id, Files: []string{file}, Literal: "x", Message: "m", Jobs: []string{"only"}, Hides: []string{"nobody"}}
	}
	rules := []classify.Rule{rule("slow", "console"), rule("result", classify.ResultFile), rule("fast", "*.log"), rule("unlucky", "a"), rule("busy", "a")}
	timing := Timing{Sample: []byte(strings.Repeat("a line\n", 50_000/7)), Now: clock}
	got, err := timing.Measure(t.Context(), rules)
	if err != nil {
		t.Fatal(err)
	}
	round := func(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }
	for id, cost := range got.Rules {
		got.Rules[id] = round(cost)
	}
	want := &Costs{Engine: 200 * time.Millisecond, Noise: 40 * time.Millisecond, Rules: map[string]time.Duration{
		"slow": 200 * time.Millisecond, "fast": 0, "unlucky": 0, "busy": 0,
	}}
	got.Engine, got.Noise = round(got.Engine), round(got.Noise)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if calls/2 != len(ms) {
		t.Errorf("%d measurements, want %d", calls/2, len(ms))
	}
	e := Evaluate(nil, rules, nil, nil)
	e.SetCosts(got)
	for _, r := range e.Rules {
		if (r.Cost == nil) != (r.Rule == "result") {
			t.Errorf("%s costs %v", r.Rule, r.Cost)
		}
	}
}

func TestTimingEnds(t *testing.T) {
	clock := func() time.Duration { return 0 }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Timing{Now: clock}.Measure(ctx, []classify.Rule{{ID: "a", Literal: "x", Message: "m", Files: []string{"f"}}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if _, err := (Timing{Now: clock}).Measure(t.Context(), []classify.Rule{{ID: "a", Pattern: "("}}); err == nil {
		t.Error("a rule that does not compile can be measured")
	}
}
