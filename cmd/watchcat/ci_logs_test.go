package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/patterns/eval"
)

// noRules is a set whose one rule matches nothing, which leaves the excerpt alone.
const noRules = `
[tags]
none = "never"

[[rule]]
id = "never"
file = "*"
literal = "no log holds these very words"
message = "never"
tag = "none"
`

// ciScore sums up what was made of the logs of a CI system.
type ciScore struct {
	logs, hit, right, wrong int
	f1, recall, precision   float64
}

// add counts a log.
func (s *ciScore) add(l *eval.Log) {
	s.logs++
	s.f1 += l.F1
	s.recall += l.Recall
	s.precision += l.Precision
	if l.F1 > 0 {
		s.hit++
	}
	switch l.Class {
	case eval.Right:
		s.right++
	case eval.Wrong:
		s.wrong++
	}
}

// TestCILogs measures the default rules, and the excerpt without them, on logs of
// several CI systems, each with its own marks of sections. With -v it prints the
// scores of each system, and the logs in which the reason is not shown. The least
// share of logs in which it is, a mean over the systems, is to be raised when it
// grows.
func TestCILogs(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none.toml")
	if err := os.WriteFile(none, []byte(noRules), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("rules and excerpt", func(t *testing.T) { measureCILogs(t, "default", 0.97) })
	t.Run("excerpt alone", func(t *testing.T) { measureCILogs(t, none, 0.95) })
}

// measureCILogs measures rules on the logs.
func measureCILogs(t *testing.T, rules string, least float64) {
	folder := filepath.Join("..", "..", "testdata", "ci")
	out, _ := runApp(t, exitDone, "rules", "eval", "-q", "--json", "--rules", rules, "--labels", filepath.Join(folder, "labels.jsonl"))
	logs, sum := evaluated(t, out)
	scores := map[string]*ciScore{}
	for _, l := range logs {
		if scores[l.Project] == nil {
			scores[l.Project] = &ciScore{}
		}
		scores[l.Project].add(&l)
		if l.F1 == 0 {
			t.Logf("%s: label %v, shown %v, %s %s: %s", l.Log, l.Label, l.Shown, l.Class, l.Rule, l.Reason)
		}
	}
	for _, system := range slices.Sorted(maps.Keys(scores)) {
		s, n := scores[system], float64(scores[system].logs)
		t.Logf("%-7s  logs %2d  hit %2d  right %2d  wrong %2d  f1 %.3f  recall %.3f  precision %.3f",
			system, s.logs, s.hit, s.right, s.wrong, s.f1/n, s.recall/n, s.precision/n)
	}
	t.Logf("logs %d  systems %d  hit %.3f  f1 %.3f  recall %.3f  precision %.3f  reason %.3f  right %.3f  shown %g",
		sum.Logs, sum.Projects, sum.Hit, sum.F1, sum.Recall, sum.Precision, sum.Reason, sum.Right, sum.Shown)
	if files, _ := filepath.Glob(filepath.Join(folder, "*", "*.log")); len(files) != sum.Logs || sum.Partial > 0 {
		t.Errorf("%d logs, of which %d have a label and %d could not be read", len(files), sum.Logs, sum.Partial)
	}
	if sum.Hit < least {
		t.Errorf("hit is %.3f, under %g", sum.Hit, least)
	}
}

// evaluated reads what rules eval printed.
func evaluated(t *testing.T, out string) (logs []eval.Log, sum eval.Summary) {
	for line := range strings.Lines(out) {
		row := struct {
			Log     *eval.Log
			Summary *eval.Summary
		}{Summary: &sum}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if row.Log != nil {
			logs = append(logs, *row.Log)
		}
	}
	return logs, sum
}
