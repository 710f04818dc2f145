package classify_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/watchcat-ci/watchcat/classify"
)

// FuzzMatcher holds the engine to the oracle.
func FuzzMatcher(f *testing.F) {
	f.Add([]byte{})
	for seed := range uint64(50) {
		f.Add(random(seed).bytes)
	}
	f.Fuzz(func(t *testing.T, bytes []byte) {
		d := &dice{bytes}
		rules, chunks := d.matcherRules(), d.chunks()
		heldToOracle(t, rules, d.matcherLog(rules), chunks)
	})
}

// TestMatcher is a short run of what FuzzMatcher does for long; CASES in the
// environment makes it longer. Many rules must match, or little is tried.
func TestMatcher(t *testing.T) {
	cases := 1000
	if raced {
		cases = 100
	}
	if n, err := strconv.Atoi(os.Getenv("CASES")); err == nil {
		cases = n
	}
	used, matched, matches, lines := 0, 0, 0, 0
	for seed := range uint64(cases) {
		d := random(seed)
		chunks, rules := d.chunks(), d.matcherRules()
		log := d.matcherLog(rules)
		ok, found := heldToOracle(t, rules, log, chunks)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		if ok {
			used++
			lines += strings.Count(log, "\n")
		}
		if len(found) > 0 {
			matched++
		}
		for _, f := range found {
			matches += int(f.Count)
		}
	}
	t.Logf("of %d rule sets %d were used and %d matched, %d lines of %d", cases, used, matched, matches, lines)
	if used < cases*9/10 || matched < cases*7/10 || matches < cases*20 {
		t.Error("that is too few")
	}
}

// maxShrink is how long a difference is made smaller.
const maxShrink = 20 * time.Second

// heldToOracle compares what the engine finds in a log with what the oracle
// tells. It reports whether the rules and the log could be used, and what was found.
func heldToOracle(t *testing.T, rules []classify.Rule, log string, chunks chunkReader) (ok bool, found []sighting) {
	t.Helper()
	diff, found, ok := differFromOracle(rules, log, chunks)
	enough := time.Now().Add(maxShrink)
	fails := func(rules []classify.Rule, log string, chunks chunkReader) bool {
		if time.Now().After(enough) {
			return false
		}
		diff, _, _ := differFromOracle(rules, log, chunks)
		return diff != ""
	}
	if diff != "" {
		rules, log, chunks = shrinkMatcher(rules, log, chunks, fails)
		diff, _, _ = differFromOracle(rules, log, chunks)
		t.Errorf("oracle (-), engine (+): %s\n%slog: %q\nin reads of %v bytes, early EOF %v", diff, describe(rules, world{}), abridged(log), chunks.sizes, chunks.early)
	}
	return ok, found
}

// abridged returns a text without its middle, if it is long.
func abridged(s string) string {
	const most = 4000
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s[… %d bytes …]%s", s[:most/2], len(s)-most, s[len(s)-most/2:])
}

// differFromOracle tells in what the engine's matches differ from the oracle's,
// and what the oracle tells. It is not ok if rules or log cannot be used.
func differFromOracle(rules []classify.Rule, log string, chunks chunkReader) (diff string, want []sighting, ok bool) {
	c, err := classify.Compile(rules)
	if err != nil || !judged(log) {
		return "", nil, false
	}
	chunks.text = log
	want = newOracle(rules).tell(log)
	return compareSightings(want, sightings(c, rules, &chunks)), want, true
}

// compareSightings tells in what sightings differ. The texts of which the engine
// shows a part are not compared.
func compareSightings(want, got []sighting) (diff string) {
	for i := range min(len(want), len(got)) {
		if want[i].Text == inPart {
			got[i].Text = inPart
		}
	}
	return cmp.Diff(want, got, cmpopts.EquateEmpty())
}

// sightings returns what an engine of rules finds in a log, by rule.
func sightings(c *classify.Classifier, rules []classify.Rule, log io.Reader) []sighting {
	place := map[string]int{}
	for i, r := range rules {
		place[r.ID] = i
	}
	var all []sighting
	for _, m := range c.Log(context.Background(), "x", log).Matches {
		all = append(all, sighting{Rule: m.Rule, Message: m.Message, Text: m.Text, Line: m.Line, Count: m.Count, Captures: m.Captures})
	}
	slices.SortStableFunc(all, func(a, b sighting) int { return place[a.Rule] - place[b.Rule] })
	return all
}
