package classify_test

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// noise is n ordinary lines of a build.
func noise(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "[%3d%%] Building CXX object src/CMakeFiles/core.dir/part%d.cc.o\n", i*100/n, i)
	}
	return b.String()
}

// shows reports whether the evidence shows a line that holds text.
func shows(evidence []classify.Evidence, text string) bool {
	for _, e := range evidence {
		for _, line := range e.Text {
			if strings.Contains(line, text) {
				return true
			}
		}
	}
	return false
}

func TestExcerpt(t *testing.T) {
	for _, tt := range []struct{ name, log, want, not string }{
		{"an error", noise(500) + "frobnicator: error: cannot frob the knob\n" + noise(300), "cannot frob", ""},
		{"its neighbours", noise(90) + "AssertionError: values differ\n  want: 3\n   got: 4\n" + noise(90), "   got: 4", ""},
		{"plain words before an exit", noise(90) + "The knob is not where it was\nThe command \"make knob\" exited with 3.\n" + noise(90), "not where it was", ""},
		{"tests that passed say little", "test handles error ... ok\ntest throws fatal error PASSED\n" + noise(90) + "knob.c:3: error: no knob\n", "no knob", "handles error"},
		{"none failed", "0 failed, 0 errors\nFailures: 0\n" + noise(90) + "bolt refused\n", "bolt refused", "Failures: 0"},
		{"nothing telling at all", noise(90) + "the last line\n", "the last line", ""},
		{"only success", "ok\nall passed\n", "all passed", ""},
		{"one of many alike", strings.Repeat("error: the usual\n", 500) + noise(50) + "error: the unusual\n" + noise(50), "the unusual", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := compile(t).Log(t.Context(), "x.log", strings.NewReader(tt.log))
			if r.Outcome != classify.OutcomeUnmatched || !shows(r.Evidence, tt.want) {
				t.Errorf("%s, shown: %v", r.Outcome, r.Evidence)
			}
			if tt.not != "" && shows(r.Evidence, tt.not) {
				t.Errorf("shows %q: %v", tt.not, r.Evidence)
			}
			if !shows(r.Evidence, r.Hint) || r.Hint == "" {
				t.Errorf("the hint %q is not shown: %v", r.Hint, r.Evidence)
			}
			checkEvidence(t, tt.log, r.Evidence)
		})
	}
}

// checkEvidence holds evidence to the file's own lines, and to the limit.
func checkEvidence(t *testing.T, log string, evidence []classify.Evidence) {
	t.Helper()
	lines, n := strings.Split(log, "\n"), 0
	for _, e := range evidence {
		n += e.EndLine - e.Line + 1
		if e.EndLine-e.Line+1 != len(e.Text) {
			t.Errorf("lines %d to %d, %d texts", e.Line, e.EndLine, len(e.Text))
		}
		for i, text := range e.Text {
			if lines[e.Line-1+i] != text {
				t.Errorf("line %d is %q, not %q", e.Line+i, lines[e.Line-1+i], text)
			}
		}
	}
	if n > 30 {
		t.Errorf("%d lines shown", n)
	}
}

// TestLinesOfOneLine shows what carriage returns part under the one number that
// they have in the file.
func TestLinesOfOneLine(t *testing.T) {
	r := compile(t).Log(t.Context(), "x", strings.NewReader("a\nb\nerror: one failed\rerror: two failed\rfatal: three\nafter\n"))
	if len(r.Evidence) < 3 {
		t.Errorf("%v", r.Evidence)
	}
	for _, e := range r.Evidence {
		if e.EndLine-e.Line+1 != len(e.Text) || e.EndLine > 4 {
			t.Errorf("lines %d to %d: %q", e.Line, e.EndLine, e.Text)
		}
	}
}

func TestExcerptBesideASymptom(t *testing.T) {
	c := compile(t, classify.Rule{Pattern: `exit code 3`, Tier: classify.TierSymptom})
	log := noise(50) + "knob: error: stuck\n" + noise(3) + "ERROR: exit code 3\n"
	r := c.Log(t.Context(), "x.log", strings.NewReader(log))
	if len(r.Evidence) < 2 || r.Evidence[0].Text[0] != "ERROR: exit code 3" || !shows(r.Evidence[1:], "stuck") {
		t.Errorf("%v", r.Evidence)
	}
	if shows(r.Evidence[1:], "exit code 3") {
		t.Error("the symptom's line is shown twice")
	}
}

func TestARuleNeedsNoExcerpt(t *testing.T) {
	c := compile(t, classify.Rule{Pattern: `stuck`})
	r := c.Log(t.Context(), "x.log", strings.NewReader(noise(50)+"knob: error: stuck\nerror: other\n"))
	if len(r.Evidence) != 1 || r.Evidence[0].Line != 51 {
		t.Errorf("%v", r.Evidence)
	}
	if r.Hint != "" {
		t.Errorf("the hint %q beside a reason", r.Hint)
	}
}

// endless gives lines up to a number of bytes without holding them.
type endless struct {
	line string
	left int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && e.left > 0 {
		k := copy(p[n:], e.line[e.left%len(e.line):])
		n, e.left = n+k, e.left-k
	}
	return n, nil
}

// TestMemoryIsBounded reads logs of 16 MB: of errors only, and of one line.
func TestMemoryIsBounded(t *testing.T) {
	c := compile(t, classify.Rule{Pattern: `error: (?P<x>.*)`, Message: "{x}"})
	for _, line := range []string{
		strings.Repeat("fatal error: cannot do it, failed, refused, denied\n", 100),
		strings.Repeat("error: fatal without end ", 100),
		"\x1b]" + strings.Repeat("escape without end ", 100),
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		r := c.Log(t.Context(), "x.log", &endless{line, 16 << 20})
		runtime.GC()
		runtime.GC() // once more for the pool of blocks
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 6<<20 {
			t.Errorf("%.20q: %d bytes more", line, grown)
		}
		if sys := int64(after.HeapSys) - int64(before.HeapSys); sys > 64<<20 {
			t.Errorf("%.20q: %d bytes more from the system", line, sys)
		}
		for _, m := range r.Matches {
			if len(m.Text) > 1100 || len(m.Message) > 1100 {
				t.Errorf("%.20q: a text of %d bytes", line, len(m.Text))
			}
		}
	}
}

// TestExcerptWhy holds an excerpt to saying what made its lines look like the reason.
func TestExcerptWhy(t *testing.T) {
	log := "ERROR: the first\n\n\n\n\n\n\nerror: cannot open the door\nnear it\n\nThe command \"x\" exited with 1.\n"
	r := new(classify.Classifier).Log(t.Context(), "log", strings.NewReader(log))
	want := []string{
		"line 1: what it says +6.0, a failed exit below it +2.1, lines beside it +0.4",
		"line 8: what it says +7.0, a failed exit below it +2.7, lines beside it +0.8",
	}
	var got []string
	for _, e := range r.Evidence {
		got = append(got, e.Why)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	aside := "$ a\nERROR: ignored\n\n\n\nThe command \"a\" exited with 0.\n$ b\nError: here\nThe command \"b\" exited with 1.\n"
	r = new(classify.Classifier).Log(t.Context(), "log", strings.NewReader(aside))
	if i := slices.IndexFunc(r.Evidence, func(e classify.Evidence) bool { return strings.Contains(e.Why, "its step did not fail -1.0") }); i < 0 || r.Hint != "Error: here" {
		t.Errorf("hint %q of %+v", r.Hint, r.Evidence)
	}
}
