//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain lets the bench run the test binary to take one measurement.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == measureArg {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestRun measures everything on a little text, made up, with another contender.
// Each row has figures.
func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts more than a hundred processes")
	}
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	contender := filepath.Join(t.TempDir(), "contender")
	script := "#!/bin/sh\ncase $1 in *300s*) echo no luck >&2; exit 1; esac\ntest -s \"$1\" && test -s \"$2\" && echo twice: 17 MB/s, 1234.5 MB/s\n"
	if err := os.WriteFile(contender, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := run(t.Context(), options{
		megabytes: 1, rounds: 2, scale: 1, oracle: time.Millisecond, only: regexp.MustCompile(""),
		shared: "absent", watchcat: "absent", contender: []string{"other", contender},
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", out.String())
	for _, want := range []string{"(?m)^300 rules  +\\d.*1234", "as many of the 1000 +\\d", `\.zst, default packs +\d`,
		`one line of 1 GB, 300 rules +\d+ MB/s`, `compiling 1000 rules +\d`, `to 1 GB +\d`, "300s.*: other: .*no luck", "the text is made up", "ripgrep is missing", "run make build"} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("nothing like %q in it", want)
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("it leaves behind %v, %v", left, err)
	}
}

func TestOptions(t *testing.T) {
	env := func(text string) func(string) string {
		return func(name string) string {
			for _, pair := range strings.Split(text, ";") {
				if value, ok := strings.CutPrefix(pair, name+"="); ok {
					return value
				}
			}
			return ""
		}
	}
	o, err := optionsOf(env("BENCH=quick;BENCH_MB=7;RG=/x/rg;CONTENDER=proto=./mbs -n 1"))
	if err != nil || o.megabytes != 7 || o.rounds != 3 || o.ripgrep != "/x/rg" || !slices.Equal(o.contender, []string{"proto", "./mbs", "-n", "1"}) {
		t.Errorf("%+v, %v", o, err)
	}
	for _, wrong := range []string{"BENCH=fast", "BENCH_MB=0", "BENCH_MB=x", "BENCH_ROUNDS=-1", "BENCH_ONLY=("} {
		if _, err := optionsOf(env(wrong)); err == nil {
			t.Errorf("%s is no error", wrong)
		}
	}
}

// TestNearMisses makes lines of rules, none of which matches one of them.
func TestNearMisses(t *testing.T) {
	rules := plainRules([]sharedRule{
		{0, "re", `no rule to make (\S+): (\d+)`}, {1, "lit", "plain text is matched"}, {2, "re", `(?:QA|QB)(?:optional)?`}, {3, "re", `error`},
		{4, "re", `(begin|end) of the end$`},
	})
	text := string(nearMisses(rules, 1000))
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.Contains(line, "no rule to make ") && !strings.Contains(line, " of the end") {
			t.Errorf("%q is not near", line)
		}
		for _, r := range rules {
			if regexp.MustCompile(expression(r)).MatchString(line) {
				t.Errorf("%q matches %s", line, expression(r))
			}
		}
	}
	if len(text) < 1000 {
		t.Errorf("only %q", text)
	}
}

func TestPieces(t *testing.T) {
	var got []string
	for _, p := range pieces([]byte("a\nbb\nccc\nddddddd\n\ne"), 3) {
		got = append(got, string(p))
	}
	if diff := cmp.Diff([]string{"a\nbb\n", "ccc\n", "ddddddd\n", "\ne"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRepeated(t *testing.T) {
	if err := iotest.TestReader(&repeated{text: []byte("abc"), left: 7}, []byte("abcabca")); err != nil {
		t.Error(err)
	}
	if n, err := io.Copy(io.Discard, &repeated{left: 7}); n != 0 || err != nil {
		t.Error(n, err)
	}
}

// TestColoured holds the coloured lines to the plain ones.
func TestColoured(t *testing.T) {
	text := []byte("one line\n\nx\nüber\r\n")
	got := string(eachLine(text, coloured))
	if n := strings.Count(got, "\x1b[1;31m"); n != 4 {
		t.Errorf("colour in %d lines of %q", n, got)
	}
	plain := strings.NewReplacer("\x1b[1;31m", "", "\x1b[0m", "").Replace(got)
	if diff := cmp.Diff("one line\n\nx\nüber\n", plain); diff != "" {
		t.Error(diff)
	}
}

func TestRatio(t *testing.T) {
	ours := []speed{{10, 1}, {100, 1}, {30, 1}}
	its := []speed{{1, 0}, {20, 0}, {10, 0}}
	if got := ratio(ours, its, speed.byWall); got != 5 {
		t.Errorf("%v by wall time", got)
	}
	if got := ratio(ours, its, speed.byCPU); got != 0 {
		t.Errorf("%v by CPU time, which is not known", got)
	}
	if got := medianOf(append(ours, speed{}), speed.byWall); got != 30 {
		t.Errorf("median %v", got)
	}
}

func TestRipgrepLines(t *testing.T) {
	var b bench
	got := b.ripgrepLines("x", []sharedRule{{0, "re", `a(?P<b>.)(?<c>.)(?:d)`}, {1, "lit", "1.5 (x)"}, {2, "re", "[^’]"}})
	if diff := cmp.Diff("a(?:.)(?:.)(?:d)\n1\\.5 \\(x\\)\n", got); diff != "" || len(b.notes) != 1 {
		t.Errorf("%s; notes %q", diff, b.notes)
	}
}
