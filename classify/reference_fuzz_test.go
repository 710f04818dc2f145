package classify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/watchcat-ci/watchcat/classify"
)

// FuzzReference holds the engine to the reference.
func FuzzReference(f *testing.F) {
	f.Add([]byte{})
	for seed := range uint64(50) {
		f.Add(random(seed).bytes)
	}
	f.Fuzz(func(t *testing.T, bytes []byte) {
		d := &dice{bytes}
		rules, w := d.rules(), d.world()
		held(t, rules, w)
	})
}

// TestReference is a short run of what FuzzReference does for long; CASES in the
// environment makes it longer. Most rule sets must be usable and many must
// match, or little is tried.
func TestReference(t *testing.T) {
	cases := 2000
	if n, err := strconv.Atoi(os.Getenv("CASES")); err == nil {
		cases = n
	}
	used, matched := 0, 0
	for seed := range uint64(cases) {
		d := random(seed)
		rules, w := d.rules(), d.world()
		ok, matches := held(t, rules, w)
		if ok {
			used++
		}
		if matches > 0 {
			matched++
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("of %d rule sets %d could be used and %d matched", cases, used, matched)
	if used < cases*9/10 || matched < cases*2/5 {
		t.Error("that is too few")
	}
}

// held compares the engine's verdict with the reference's. It reports whether
// the rules could be used, and how many matches there were.
func held(t *testing.T, rules []classify.Rule, w world) (ok bool, matches int) {
	t.Helper()
	diff, matches, err := differ(rules, w)
	if diff != "" {
		rules, w = shrink(rules, w, func(rules []classify.Rule, w world) bool {
			diff, _, _ := differ(rules, w)
			return diff != ""
		})
		diff, _, _ = differ(rules, w)
		t.Errorf("reference (-), engine (+): %s\n%s", diff, describe(rules, w))
	}
	return err == nil, matches
}

// differ tells in what the engine's verdict differs from the reference's, and
// how many matches the engine found.
func differ(rules []classify.Rule, w world) (diff string, matches int, err error) {
	c, err := classify.Compile(rules)
	if err != nil {
		return "", 0, err
	}
	c.Workers = 1
	if w.Console != "" {
		c.Console = []string{w.Console}
	}
	var got classify.Result
	for r := range c.Run(context.Background(), w.logs(), []classify.Job{w.Job}) {
		got = r
	}
	want, by := evaluate(rules, w)
	is := verdictOf(got, by.missing(false), want.Evidence)
	if by.silent() { // absent files are told of too, by what name is another test's
		is.Missing = slices.DeleteFunc(is.Missing, func(file string) bool { return !slices.Contains(want.Missing, file) })
		is.Missing = slices.Compact(is.Missing)
	}
	if got.Partial != (len(got.Missing) > 0) {
		return fmt.Sprintf("partial %v, missing %v", got.Partial, got.Missing), len(got.Matches), nil
	}
	return cmp.Diff(want, is, cmpopts.EquateEmpty()), len(got.Matches), nil
}

// verdictOf takes of a result what the reference has: without the missing files
// that need not be told of, and of the evidence what the reference shows: it has
// no excerpt, and does not know what else belongs to that of a match.
func verdictOf(r classify.Result, open []string, want []classify.Evidence) verdict {
	v := verdict{Outcome: r.Outcome, Rule: r.Rule, Reason: r.Reason}
	if r.Outcome == classify.OutcomeMatched {
		v.Evidence = narrowed(r.Evidence, want)
	} else {
		v.Evidence = r.Evidence[:min(len(r.Evidence), len(want))] // what follows is the excerpt
	}
	for _, m := range r.Matches {
		v.Matches = append(v.Matches, shown{Rule: m.Rule, Message: m.Message, File: m.File, Text: m.Text,
			Line: m.Line, EndLine: m.EndLine, Count: m.Count, HiddenBy: m.HiddenBy})
	}
	for _, m := range r.Missing {
		if !slices.Contains(open, m.File) {
			v.Missing = append(v.Missing, m.File)
		}
	}
	slices.Sort(v.Missing)
	return v
}

// narrowed returns of evidence the runs that the reference has, each no longer
// than there if it holds that, or the lines of it for which there is room.
func narrowed(evidence, want []classify.Evidence) []classify.Evidence {
	var got []classify.Evidence
	for i, e := range evidence[:min(len(evidence), len(want))] {
		from, to := want[i].Line-e.Line, want[i].EndLine+1-e.Line
		if e.File == want[i].File && from >= 0 && to <= len(e.Text) && e.EndLine-e.Line+1 == len(e.Text) {
			e = classify.Evidence{File: e.File, Line: want[i].Line, EndLine: want[i].EndLine, Text: e.Text[from:to], Rule: e.Rule}
		}
		got = append(got, e)
	}
	return got
}

// describe prints rules and logs so that a person can read them.
func describe(rules []classify.Rule, w world) string {
	var b strings.Builder
	for _, r := range rules {
		j, _ := json.Marshal(r)
		fmt.Fprintf(&b, "%s\n", j)
	}
	fmt.Fprintf(&b, "job %q %q, of %q %q %q; listed %v, console %q\n", w.Job.Name, w.Job.Result+" "+w.Job.Detail,
		w.Job.Project, w.Job.Branch, w.Job.Pipeline, w.Listed, w.Console)
	for _, name := range slices.Sorted(maps.Keys(w.Files)) {
		t := w.Files[name]
		fmt.Fprintf(&b, "%s (bad %v, cut %v):\n", name, t.Bad, t.Cut)
		for _, line := range refLines(t) {
			fmt.Fprintf(&b, "\t%3d %q\n", line.no, line.text)
		}
	}
	return b.String()
}
