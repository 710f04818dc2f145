package patterns

import (
	"context"
	"fmt"
	"slices"

	"github.com/watchcat-ci/watchcat/classify"
)

// TestResult is what became of a Test.
type TestResult struct {
	Test
	Got []string // the messages that the rule gave, one of each; empty: it did not match
}

// Passed reports whether the rule did what the test wants.
func (r TestResult) Passed() bool {
	if r.Want == "" {
		return len(r.Got) == 0
	}
	return slices.Contains(r.Got, r.Want)
}

// String says what the test wants and what it got.
func (r TestResult) String() string {
	switch {
	case r.Passed():
		return fmt.Sprintf("%s: rule %q: ok", r.Origin, r.Rule)
	case r.Want == "":
		return fmt.Sprintf("%s: rule %q: must not match, but says %q", r.Origin, r.Rule, r.Got)
	case len(r.Got) == 0:
		return fmt.Sprintf("%s: rule %q: does not match; want %q", r.Origin, r.Rule, r.Want)
	}
	return fmt.Sprintf("%s: rule %q: says %q; want %q", r.Origin, r.Rule, r.Got, r.Want)
}

// Test tries each rule alone, through the engine that real logs go through, on
// the tests that it carries: jobs with the files that the test gives. It stops
// early when ctx ends, with ctx's error.
func (s *Set) Test(ctx context.Context) ([]TestResult, error) {
	results := make([]TestResult, 0, len(s.Tests))
	for _, t := range s.Tests {
		i := slices.IndexFunc(s.Rules, func(r classify.Rule) bool { return r.ID == t.Rule })
		d := s.drafts[t.Rule]
		if i < 0 || d == nil {
			return results, fmt.Errorf("test of rule %q: no such rule", t.Rule)
		}
		b := newBench(d.text, t, s.Files)
		engine, err := classify.Compile([]classify.Rule{b.rule(s.Rules[i])})
		if err != nil {
			return results, fmt.Errorf("test of %w", err)
		}
		engine.Console = []string{benchMain}
		for result := range engine.Run(ctx, b, []classify.Job{b.job}) {
			results = append(results, TestResult{t, messages(result)})
		}
		if err := ctx.Err(); err != nil {
			return results, err
		}
	}
	return results, nil
}

func messages(r classify.Result) []string {
	var got []string
	for _, m := range r.Matches {
		got = append(got, m.Message)
	}
	return got
}

// Untested is a rule that lacks tests.
type Untested struct {
	Rule     string
	Origin   string // "file:line:col"
	Positive bool   // it has no test that it must match
	Negative bool   // it has no test that it must not match
}

// Untested returns the rules that lack a test that they must match or one that
// they must not, in the order of Rules.
func (s *Set) Untested() []Untested {
	positive, negative := map[string]bool{}, map[string]bool{}
	for _, t := range s.Tests {
		if t.Want == "" {
			negative[t.Rule] = true
		} else {
			positive[t.Rule] = true
		}
	}
	var lacking []Untested
	for _, r := range s.Rules {
		if !positive[r.ID] || !negative[r.ID] {
			lacking = append(lacking, Untested{r.ID, s.Place(r.ID).String(), !positive[r.ID], !negative[r.ID]})
		}
	}
	return lacking
}
