package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/patterns/eval"
)

var update = flag.Bool("update", false, "write the golden files anew")

// runApp runs the command and returns what it printed.
func runApp(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, notes bytes.Buffer
	env := map[string]string{"COLUMNS": "80", "HOME": t.TempDir(), "XDG_CACHE_HOME": t.TempDir()}
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &notes, env: func(k string) string { return env[k] }, now: time.Now}
	if code := a.main(t.Context(), args); code != want {
		t.Fatalf("watchcat %s: exit status %d, want %d; %s", strings.Join(args, " "), code, want, notes.String())
	}
	return out.String(), notes.String()
}

// hashes stand in golden files without their figures.
var hashes = regexp.MustCompile(`sha256:[0-9a-f]+`)

// TestEvalGolden holds rules eval and rules diff to what they printed before, on
// small logs; the figures were worked out by hand.
func TestEvalGolden(t *testing.T) {
	evalOld := []string{"rules", "eval", "--labels", "labels.jsonl", "--passing", "passing", "--rules", "old.toml"}
	diff := []string{"rules", "diff", "old.toml", "new.toml", "--labels", "labels.jsonl", "--passing", "passing"}
	tests := []struct {
		golden string
		args   []string
	}{
		{"eval.txt", append(evalOld, "--list", "all")},
		{"eval.jsonl", append(evalOld, "--format", "json")},
		{"diff.txt", diff},
		{"diff.jsonl", append(diff, "--json")},
		{"diff-back.txt", []string{"rules", "diff", "new.toml", "old.toml", "--on", "failing"}},
	}
	t.Chdir("testdata/eval")
	for _, tt := range tests {
		t.Run(tt.golden, func(t *testing.T) {
			out, _ := runApp(t, exitDone, tt.args...)
			out = hashes.ReplaceAllString(out, "sha256:…")
			for line := range strings.Lines(out) {
				if n := len([]rune(line)); n > 81 && strings.HasSuffix(tt.golden, ".txt") {
					t.Errorf("%d columns: %s", n-1, line)
				}
			}
			golden := filepath.Join("want", tt.golden)
			if *update {
				if err := os.WriteFile(golden, []byte(out), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEvalScore holds the scores to those of the script that came with a corpus
// of labelled logs, to the third digit, and the comparison of a saved run with
// itself to no difference.
func TestEvalScore(t *testing.T) {
	const corpus = "../../../shared/corpus"
	script := filepath.Join(corpus, "score.py")
	if _, err := os.Stat(script); err != nil {
		t.Skip("no shared data beside the project: ", err)
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("the script needs Python: ", err)
	}
	labels := filepath.Join(corpus, "failing.jsonl")
	saved := filepath.Join(t.TempDir(), "saved.jsonl")
	out, _ := runApp(t, exitDone, "rules", "eval", "-q", "--json", "--rules", "default", "--labels", labels, "--save", saved)
	var last struct{ Summary eval.Summary }
	rows := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(rows[len(rows)-1]), &last); err != nil {
		t.Fatal(err)
	}
	s := last.Summary
	got := fmt.Sprintf("logs %d projects %d  hit %.3f f1 %.3f recall %.3f precision %.3f reason %.3f right %.3f shown %g\n",
		s.Logs, s.Projects, s.Hit, s.F1, s.Recall, s.Precision, s.Reason, s.Right, s.Shown)
	want, err := exec.CommandContext(t.Context(), python, script, labels, saved).Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
	if out, _ := runApp(t, exitDone, "rules", "diff", saved, saved); !strings.Contains(out, "gained 0, lost 0, changed 0, same 395") {
		t.Errorf("a run held to itself:\n%s", out)
	}
}
