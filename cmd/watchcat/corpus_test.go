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

// TestCorpus holds the default rules and the excerpt to the figures that they
// reached on labelled logs; with -v it prints those of now, in the words of the
// corpus's scorer. They are to be raised when they grow.
func TestCorpus(t *testing.T) {
	corpus := filepath.Join("..", "..", "..", "shared", "corpus")
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("no labelled logs beside the project: ", err)
	}
	out, _ := runApp(t, exitDone, "rules", "eval", "-q", "--json", "--rules", "default",
		"--labels", filepath.Join(corpus, "failing.jsonl"), "--passing", filepath.Join(corpus, "passing"))
	logs, sum := evaluated(t, out)
	projects := byProject(logs)
	for _, set := range []struct {
		name     string
		projects []string
		reached  figures
	}{
		{"all projects", projects, figures{0.914, 0.589, 0.927, 0.853}},
		{"those opened", projects[min(unopened, len(projects)):], figures{0.947, 0.643, 0.983, 0.933}},
		{"those unopened", projects[:min(unopened, len(projects))], figures{0.815, 0.429, 0.758, 0.613}},
	} {
		now := figuresOf(logs, set.projects)
		t.Logf("%-14s  hit %.3f  f1 %.3f  reason %.3f  right %.3f  right of the reasons %.3f",
			set.name, now.hit, now.f1, now.reason, now.right, now.right/now.reason)
		if now.hit < set.reached.hit-slack || now.f1 < set.reached.f1-slack || now.reason < set.reached.reason-slack || now.right < set.reached.right-slack {
			t.Errorf("%s: %+v were reached, now %+v", set.name, set.reached, now)
		}
	}
	t.Logf("%d of %d builds that passed are given a reason", sum.Green, sum.Passing)
	if sum.Passing == 0 || sum.Green > 0 {
		t.Errorf("%d of %d builds that passed are given a reason, once there were none", sum.Green, sum.Passing)
	}
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
