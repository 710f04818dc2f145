package eval

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/watchcat-ci/watchcat/classify"
)

// result is a result on a log. What is shown is written "12" or "12-15"; a rule
// is written "ID" or, of tier symptom, "~ID", and matches in the first of them.
func result(file, rule string, lines ...string) classify.Result {
	r := classify.Result{Job: classify.Job{File: file}, Outcome: classify.OutcomeUnmatched, Rules: "sha256:0", Engine: "1"}
	for _, text := range lines {
		var e classify.Evidence
		if n, _ := fmt.Sscanf(text, "%d-%d", &e.Line, &e.EndLine); n == 1 {
			e.EndLine = e.Line
		}
		r.Evidence = append(r.Evidence, e)
	}
	if rule == "" {
		return r
	}
	id, symptom := strings.CutPrefix(rule, "~")
	m := classify.Match{
		Rule: id, Tag: "t", Tier: classify.TierCause, Message: id + "!", File: "log",
		Line: r.Evidence[0].Line, EndLine: r.Evidence[0].EndLine, Text: "the line",
	}
	r.Outcome = classify.OutcomeMatched
	if symptom {
		m.Tier, r.Outcome = classify.TierSymptom, classify.OutcomeSymptom
	}
	r.Rule, r.Tag, r.Reason, r.Matches = id, "t", m.Message, []classify.Match{m}
	return r
}

// also adds a match that is not the reason.
func also(r classify.Result, rule string) classify.Result {
	r.Matches = append(r.Matches, classify.Match{Rule: rule, Tag: "t", Tier: classify.TierCause, Line: 1, EndLine: 1}, r.Matches[0])
	return r
}

// near compares floating-point numbers as closely as hand-made ones are.
var near = cmpopts.EquateApprox(0, 1e-9)

func TestEvaluate(t *testing.T) {
	labels := []Label{
		{"f/a/1.log", "a", []Range{{10, 13}}},
		{"f/a/2.log", "a", []Range{{5, 5}}},
		{"f/b/1.log", "b", []Range{{1, 2}, {9, 9}}},
		{"f/b/2.log", "b", []Range{{7, 7}}},
		{"f/b/3.log", "b", []Range{{7, 7}}},
		{"f/c/1.log", "c", []Range{{4, 4}}},
	}
	unread := result("f/b/3.log", "")
	unread.Outcome, unread.Partial = classify.OutcomeNoLogs, true
	failing := []classify.Result{
		also(result("x/f/a/1.log", "one", "12-15"), "two"), // 2 of 4 found, 2 of 4 right
		result("x/f/a/2.log", "two", "6"),                  // elsewhere
		result("x/f/b/1.log", "~three", "3", "8-9"),        // its excerpt hits: 1 of 3, 1 of 3
		result("x/f/b/2.log", "", "1-3"),                   // misses
		unread,
		result("x/f/z/9.log", "one", "1"), // has no label
	} // and f/c/1.log has no result
	passing := []classify.Result{result("p/1", "two", "8"), result("p/2", "~three", "8"), result("p/3", "", "8")}
	rules := []classify.Rule{{ID: "one", Tag: "t"}, {ID: "idle", Tag: "t", Tier: classify.TierSymptom}}
	got := Evaluate(labels, rules, slices.Values(failing), slices.Values(passing))

	// hit: a 1/2, b 1/3, c 0; f1: a (1/2+0)/2, b (1/3+0+0)/3; reason: a 1; right: a 1/2
	third := func(a, b float64) float64 { return (a + b) / 3 }
	want := Summary{
		Scores: Scores{
			Logs: 6, Projects: 3, Hit: third(1./2, 1./3), F1: third(1./4, 1./9), Recall: third(1./4, 1./9),
			Precision: third(1./4, 1./9), Reason: third(1, 0), Right: third(1./2, 0), Shown: 2, // of 0 0 1 3 3 4
		},
		Classes: map[Class]int{Right: 1, Wrong: 1, Found: 1, Missed: 1, Nothing: 2},
		Partial: 2, Passing: 3, Green: 1,
	}
	if diff := cmp.Diff(want, got.Summary, near); diff != "" {
		t.Error("summary:", diff)
	}
	if diff := cmp.Diff([]Green{{"p/1", "two", "t", "two!", "log", 8, "the line"}}, got.Greens); diff != "" {
		t.Error("green:", diff)
	}
	cause, symptom := classify.TierCause, classify.TierSymptom
	wantRules := []Rule{
		{Rule: "two", Tag: "t", Tier: cause, Fired: 2, Primary: 1, Projects: 1, Wrong: 1, GreenFired: 1, Green: 1},
		{Rule: "one", Tag: "t", Tier: cause, Fired: 1, Primary: 1, Projects: 1, Right: 1},
		{Rule: "three", Tag: "t", Tier: symptom, Fired: 1, Primary: 1, Projects: 1, Wrong: 1, GreenFired: 1},
		{Rule: "idle", Tag: "t", Tier: symptom},
	}
	if diff := cmp.Diff(wantRules, got.Rules, cmpopts.IgnoreFields(Rule{}, "Precision")); diff != "" {
		t.Error("rules:", diff)
	}
	var classes []Class
	for _, l := range got.Logs {
		classes = append(classes, l.Class)
	}
	if diff := cmp.Diff([]Class{Right, Wrong, Found, Missed, Nothing, Nothing}, classes); diff != "" {
		t.Error("classes:", diff)
	}
	first := Log{
		Log: "f/a/1.log", File: "x/f/a/1.log", Project: "a", Class: Right, Outcome: classify.OutcomeMatched, Rule: "one", Tag: "t",
		Reason: "one!", Line: 12, Shown: []Range{{12, 15}}, Label: []Range{{10, 13}}, Recall: 0.5, Precision: 0.5, F1: 0.5,
	}
	if diff := cmp.Diff(first, got.Logs[0], near); diff != "" {
		t.Error("first log:", diff)
	}
}

// TestEvaluateNothing holds an evaluation of nothing to numbers that are numbers.
func TestEvaluateNothing(t *testing.T) {
	got := Evaluate(nil, nil, nil, nil).Summary
	if diff := cmp.Diff(Summary{Classes: map[Class]int{}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestMedian(t *testing.T) {
	tests := []struct {
		of   []int
		want float64
	}{{nil, 0}, {[]int{3}, 3}, {[]int{4, 1}, 2.5}, {[]int{9, 1, 2}, 2}}
	for _, tt := range tests {
		if got := median(tt.of); got != tt.want {
			t.Errorf("median(%v) = %g, want %g", tt.of, got, tt.want)
		}
	}
}

// TestWilson holds the interval to figures worked out by hand from the formula.
func TestWilson(t *testing.T) {
	tests := []struct {
		hits, cases int
		want        Share
	}{
		{0, 1, Share{0, 0, 0.793}},
		{1, 1, Share{1, 0.207, 1}},
		{5, 10, Share{0.5, 0.237, 0.763}},
		{8, 10, Share{0.8, 0.490, 0.943}},
		{0, 5, Share{0, 0, 0.434}},
		{90, 100, Share{0.9, 0.826, 0.945}},
	}
	for _, tt := range tests {
		got := wilson(tt.hits, tt.cases)
		for _, pair := range [][2]float64{{got.Value, tt.want.Value}, {got.Low, tt.want.Low}, {got.High, tt.want.High}} {
			if math.Abs(pair[0]-pair[1]) > 0.0006 {
				t.Errorf("wilson(%d, %d) = %+v, want %+v", tt.hits, tt.cases, *got, tt.want)
			}
		}
	}
}
