package classify_test

import (
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
)

// TestExplainChangesNothing has a condition that Run does not come to, on a file
// that cannot be read.
func TestExplainChangesNothing(t *testing.T) {
	logs := folder{"console": "error a\n", "syslog": "oom\n", "broken": fmt.Errorf("500")}
	c := compile(t, classify.Rule{Literal: "error", None: []classify.Condition{
		{Files: []string{"syslog"}, Literal: "oom"}, {Files: []string{"broken"}, Literal: "oom"},
	}})
	job := classify.Job{Name: "job", Result: "FAILURE", LogURL: "http://logs/1/"}
	run := slices.Collect(c.Run(t.Context(), logs, []classify.Job{job}))
	result, all := c.Explain(t.Context(), logs, job)
	if diff := gocmp.Diff(run, []classify.Result{result}); diff != "" {
		t.Errorf("(-run +explain):\n%s", diff)
	}
	want := `rule-0: no match (none 1: does not hold) none 1=no@syslog:1 none 2=unknown
  console:1
`
	if diff := gocmp.Diff(want, told(all)); diff != "" {
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
	_, all := c.Explain(t.Context(), listed{logs}, classify.Job{Result: "FAILURE", LogURL: "http://logs/1/"})
	want := `rule-0: reason all 1=no all 2=no all 1=yes@c.log:2 all 2=yes@c.log:3
  b.log:1
  c.log:1
`
	if diff := gocmp.Diff(want, told(all)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]string{"a.log", "b.log", "c.log"}, all[0].Files); diff != "" {
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
	cut := io.MultiReader(strings.NewReader("error\nnext\nerror\n"), iotest.ErrReader(io.ErrUnexpectedEOF))
	_, all := c.Explain(t.Context(), folder{"console": cut}, job)
	want := `rule-0: reason
  console:1 exclude 1=yes unless 1=yes unless 2=yes next=yes@console:2
  console:3 exclude 1=yes unless 1=yes unless 2=unknown next=unknown
`
	if diff := gocmp.Diff(want, told(all)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestExplainCorpus compares what is told of real logs with their results.
func TestExplainCorpus(t *testing.T) {
	files, _ := filepath.Glob("../../shared/corpus/failing/*/*.gz")
	if len(files) == 0 {
		t.Skip("no shared data beside the project")
	}
	set, err := patterns.Load([]string{patterns.Default}, patterns.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]classify.Rule{}
	for _, r := range set.Rules {
		rules[r.ID] = r
	}
	c := compile(t, set.Rules...)
	c.Console = set.Files["console"]
	for i := 0; i < len(files); i += cmp.Or(len(files)/explained, 1) {
		logs := folder{"console": unpack(t, files[i])}
		job := classify.Job{Result: "FAILURE", LogURL: "http://logs/console"}
		run := slices.Collect(c.Run(t.Context(), logs, []classify.Job{job}))
		result, all := c.Explain(t.Context(), logs, job)
		if diff := gocmp.Diff(run, []classify.Result{result}); diff != "" {
			t.Errorf("%s (-run +explain):\n%s", files[i], diff)
		}
		checkStandings(t, result, all)
		for _, e := range all {
			checkAttempts(t, logs["console"].(string), rules[e.Rule], e)
		}
	}
}

// explained is how many logs of the corpus are explained.
const explained = 8

// checkStandings holds the standing of each rule to the matches of the job.
func checkStandings(t *testing.T, result classify.Result, all []classify.Explanation) {
	t.Helper()
	want, got := map[string]classify.Standing{}, map[string]classify.Standing{}
	for _, m := range result.Matches {
		switch {
		case m.Rule == result.Rule:
			want[m.Rule] = classify.StandingReason
		case m.HiddenBy != "":
			want[m.Rule] = classify.StandingHidden
		default:
			want[m.Rule] = classify.StandingListed
		}
	}
	for _, e := range all {
		if e.Standing != classify.StandingNone {
			got[e.Rule] = e.Standing
		}
		if (e.Why == "") != (e.Standing == classify.StandingReason) {
			t.Errorf("%s: %s, why: %q", e.Rule, e.Standing, e.Why)
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("standings (-want +got):\n%s", diff)
	}
}

// checkAttempts holds the lines that are told to the pattern of the rule.
func checkAttempts(t *testing.T, log string, r classify.Rule, e classify.Explanation) {
	t.Helper()
	matches := map[int]bool{}
	var lines []int
	re := regexp.MustCompile(cmp.Or(r.Pattern, regexp.QuoteMeta(r.Literal)))
	for l := range classify.Lines(strings.NewReader(log)) {
		if re.MatchString(l.Text) {
			matches[l.Number] = true
			lines = append(lines, l.Number)
		}
	}
	if len(lines) != len(e.Attempts)+e.More {
		t.Errorf("%s: matches %d lines, of which %d and %d are told", r.ID, len(lines), len(e.Attempts), e.More)
	}
	for i, a := range e.Attempts {
		if !matches[a.Line] || a.Line != lines[i] {
			t.Errorf("%s: line %d is told as the match %d: %s", r.ID, a.Line, i, a.Text)
		}
	}
}

// unpack returns the text of a packed log.
func unpack(t *testing.T, file string) string {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
