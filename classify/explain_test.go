package classify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
)

// told writes explanations in a short form.
func told(all []classify.Explanation) string {
	var b strings.Builder
	step := func(s classify.Step) {
		fmt.Fprintf(&b, " %s=%s", s.Condition, s.Holds)
		if s.Line > 0 {
			fmt.Fprintf(&b, "@%s:%d", s.File, s.Line)
		}
	}
	for _, e := range all {
		fmt.Fprintf(&b, "%s: %s", e.Rule, e.Standing)
		if e.Why != "" {
			fmt.Fprintf(&b, " (%s)", e.Why)
		}
		for _, s := range e.Conditions {
			step(s)
		}
		for _, a := range e.Attempts {
			fmt.Fprintf(&b, "\n  %s:%d", a.File, a.Line)
			for _, s := range a.Steps {
				step(s)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestExplain(t *testing.T) {
	logs := folder{
		"console": "error a\nwill retry\nerror b\n\nerror known\nerror c\n",
		"syslog":  "oom\n",
		"broken":  fmt.Errorf("500"),
	}
	error1 := classify.Rule{Pattern: `error (\w)`, Message: "{1}"}
	with := func(change func(r *classify.Rule)) classify.Rule {
		r := error1
		change(&r)
		return r
	}
	for _, tt := range []struct {
		name  string
		rules []classify.Rule
		want  string
	}{
		{"the reason", []classify.Rule{{Literal: "error b"}}, "rule-0: reason\n  console:3\n"},
		{"what takes matches away", []classify.Rule{with(func(r *classify.Rule) {
			r.Exclude = []string{"known"}
			r.Unless = []classify.Unless{{Literal: "retry", Within: classify.WithinNext}}
			r.Next = "^$"
		})}, `rule-0: reason
  console:1 exclude 1=yes unless 1=no@console:2 next=no@console:2
  console:3 exclude 1=yes unless 1=yes next=yes@console:4
  console:5 exclude 1=no@console:5
  console:6 exclude 1=yes unless 1=yes next=no
`},
		{"a window", []classify.Rule{with(func(r *classify.Rule) {
			r.Unless = []classify.Unless{{Literal: "known", Within: 2}}
		})}, `rule-0: reason
  console:1 unless 1=yes
  console:3 unless 1=no@console:5
  console:5 unless 1=no@console:5
  console:6 unless 1=no@console:5
`},
		{"conditions on files", []classify.Rule{
			with(func(r *classify.Rule) { r.All = []classify.Condition{{Files: []string{"syslog"}, Literal: "oom"}} }),
			with(func(r *classify.Rule) { r.None = []classify.Condition{{Files: []string{"syslog"}, Literal: "oom"}} }),
			with(func(r *classify.Rule) { r.None = []classify.Condition{{Files: []string{"broken"}, Literal: "oom"}} }),
			with(func(r *classify.Rule) { r.None = []classify.Condition{{Literal: "known"}} }),
		}, `rule-0: reason all 1=yes@syslog:1
  console:1
  console:3
  console:5
  console:6
rule-1: no match (none 1: does not hold) none 1=no@syslog:1
  console:1
  console:3
  console:5
  console:6
rule-2: no match (none 1: the file that decides could not be read) none 1=unknown
  console:1
  console:3
  console:5
  console:6
rule-3: no match (none 1: does not hold) none 1=no@console:5
  console:1
  console:3
  console:5
  console:6
`},
		{"which goes first", []classify.Rule{
			{Literal: "error c"},
			{Literal: "error a"},
			{Literal: "error b", Priority: -1},
			{Literal: "retry", Tier: classify.TierSymptom},
			{Literal: "known", ID: "k"},
			{Literal: "oom", Files: []string{"syslog"}, Hides: []string{"k"}},
			{Literal: "error a", ID: "other"},
		}, `rule-1: reason
  console:1
other: listed ("rule-1" gives the reason: it stands before this rule in the rule set)
  console:1
rule-0: listed ("rule-1" gives the reason: line 1 comes before line 6)
  console:6
rule-5: listed ("rule-1" gives the reason: console was read before syslog)
  syslog:1
rule-2: listed ("rule-1" gives the reason: priority 0 goes before -1)
  console:3
rule-3: listed ("rule-1" gives the reason: tier "cause" goes before "symptom")
  console:2
k: hidden (a consequence of "rule-5")
  console:5
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			job := classify.Job{Name: "job", Result: "FAILURE", LogURL: "http://logs/1/"}
			_, all := compile(t, tt.rules...).Explain(t.Context(), logs, job)
			if diff := cmp.Diff(tt.want, told(all)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestExplainByID(t *testing.T) {
	c := compile(t,
		classify.Rule{ID: "elsewhere", Literal: "x", Files: []string{"gone"}},
		classify.Rule{ID: "never", Literal: "x"},
		classify.Rule{ID: "others", Literal: "error", Branches: []string{"stable/*", "!stable/1"}},
		classify.Rule{ID: "known", Literal: "error", Exclude: []string{"error"}},
	)
	job := classify.Job{Result: "SUCCESS", LogURL: "http://logs/1/", Branch: "main"}
	result, all := c.Explain(t.Context(), folder{"console": "error\n"}, job, "elsewhere", "never", "others", "known", "unheard-of")
	want := `elsewhere: no match (none of its files was read: gone)
never: no match (its pattern matches no line)
others: no match (it is not for this job: branch "main", not of stable/*, !stable/1)
known: no match (something on each line that it matches, or near it, takes the match away)
  console:1 exclude 1=no@console:1
`
	if diff := cmp.Diff(want, told(all)); diff != "" || result.Outcome != classify.OutcomeUnmatched {
		t.Errorf("outcome %s (-want +got):\n%s", result.Outcome, diff)
	}
}
