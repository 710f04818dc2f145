package main

import (
	"cmp"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/eval"
)

// unopened is how many projects of the corpus nobody opens: those whose names have
// the lowest sums. No rule is written from their logs, so that their figures tell
// what others' logs would.
const unopened = 10

// figures are what the default rules and the excerpt are worth on some logs, as
// means over the projects.
type figures struct {
	hit, f1, reason, right float64
}

// slack is how much a figure may lie below what was reached.
const slack = 0.01

// A way is one of those in which reasons may be shown.
type way struct {
	name    string
	reached map[string]figures // by set of projects
}

// ways are both means, and each alone, with the figures that were reached.
var ways = []way{
	{"both", map[string]figures{
		"all": {0.961, 0.655, 0.950, 0.924}, "opened": {0.980, 0.692, 0.983, 0.967}, "unopened": {0.906, 0.545, 0.849, 0.795},
	}},
	{"rules", map[string]figures{
		"all": {0.924, 0.646, 0.950, 0.924}, "opened": {0.967, 0.685, 0.983, 0.967}, "unopened": {0.795, 0.529, 0.849, 0.795},
	}},
	{"excerpt", map[string]figures{
		"all": {0.869, 0.372, 0, 0}, "opened": {0.870, 0.351, 0, 0}, "unopened": {0.865, 0.434, 0, 0},
	}},
}

// TestCorpus holds the default rules and the excerpt, and each alone, to the figures
// that they reached on labelled logs; with -v it prints those of now, in the words of
// the corpus's scorer. They are to be raised when they grow.
func TestCorpus(t *testing.T) {
	corpus := filepath.Join("..", "..", "..", "shared", "corpus")
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("no labelled logs beside the project: ", err)
	}
	none := filepath.Join(t.TempDir(), "none.toml")
	if err := os.WriteFile(none, []byte(noRules), 0o600); err != nil {
		t.Fatal(err)
	}
	labels := filepath.Join(corpus, "failing.jsonl")
	out, _ := runApp(t, exitDone, "rules", "eval", "-q", "--json", "--rules", "default", "--labels", labels, "--passing", filepath.Join(corpus, "passing"))
	logs, sum := evaluated(t, out)
	measureCorpus(t, ways[0], logs)
	measureCorpus(t, ways[1], withoutExcerpt(logs))
	out, _ = runApp(t, exitDone, "rules", "eval", "-q", "--json", "--rules", none, "--labels", labels)
	logs, _ = evaluated(t, out)
	measureCorpus(t, ways[2], logs)
	t.Logf("%d of %d builds that passed are given a reason", sum.Green, sum.Passing)
	if sum.Passing == 0 || sum.Green > 0 {
		t.Errorf("%d of %d builds that passed are given a reason, once there were none", sum.Green, sum.Passing)
	}
}

// measureCorpus holds what was shown to what a way reached.
func measureCorpus(t *testing.T, w way, logs []eval.Log) {
	t.Helper()
	projects := byProject(logs)
	closed := min(unopened, len(projects))
	for _, set := range []struct {
		name     string
		projects []string
	}{{"all", projects}, {"opened", projects[closed:]}, {"unopened", projects[:closed]}} {
		now, reached := figuresOf(logs, set.projects), w.reached[set.name]
		t.Logf("%-7s  %-8s  hit %.3f  f1 %.3f  reason %.3f  right %.3f  right of the reasons %.3f",
			w.name, set.name, now.hit, now.f1, now.reason, now.right, now.right/max(now.reason, 1e-9))
		if now.hit < reached.hit-slack || now.f1 < reached.f1-slack || now.reason < reached.reason-slack || now.right < reached.right-slack {
			t.Errorf("%s, projects %s: %+v were reached, now %+v", w.name, set.name, reached, now)
		}
	}
}

// withoutExcerpt returns the logs as if nothing were shown where no rule names the
// reason.
func withoutExcerpt(logs []eval.Log) []eval.Log {
	logs = slices.Clone(logs)
	for i := range logs {
		if l := &logs[i]; l.Outcome != classify.OutcomeMatched {
			l.Shown, l.Recall, l.Precision, l.F1 = nil, 0, 0, 0
		}
	}
	return logs
}

// byProject returns the projects of the logs, by the sums of their names.
func byProject(logs []eval.Log) []string {
	var all []string
	for _, l := range logs {
		all = append(all, l.Project)
	}
	slices.SortFunc(all, func(a, b string) int {
		x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
		return cmp.Or(slices.Compare(x[:], y[:]), cmp.Compare(a, b))
	})
	return slices.Compact(all)
}

// figuresOf returns the figures of some projects.
func figuresOf(logs []eval.Log, projects []string) (mean figures) {
	for _, p := range projects {
		var sum figures
		n := 0.0
		for _, l := range logs {
			if l.Project != p {
				continue
			}
			n++
			sum.f1 += l.F1
			if l.F1 > 0 {
				sum.hit++
			}
			if l.Outcome == classify.OutcomeMatched {
				sum.reason++
			}
			if l.Class == eval.Right {
				sum.right++
			}
		}
		share := n * float64(len(projects))
		mean.hit, mean.f1 = mean.hit+sum.hit/share, mean.f1+sum.f1/share
		mean.reason, mean.right = mean.reason+sum.reason/share, mean.right+sum.right/share
	}
	return mean
}
