package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/watchcat-ci/watchcat/patterns"
)

// helpOutput returns what "watchcat help" prints.
func helpOutput(t *testing.T, args ...string) (text string, code int) {
	t.Helper()
	var out bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: io.Discard, env: func(string) string { return "" }, now: time.Now}
	code = a.main(t.Context(), append([]string{"help"}, args...))
	return out.String(), code
}

// TestHelpRules: the help on rules tells of every key, within 80 columns.
func TestHelpRules(t *testing.T) {
	text, code := helpOutput(t, "rules")
	if code != exitDone {
		t.Errorf("exit status %d", code)
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); utf8.RuneCountInString(line) > 80 || strings.TrimRight(line, " ") != line {
			t.Errorf("a line is too long, or ends in blanks: %q", line)
		}
	}
	for _, f := range patterns.Fields {
		if !strings.Contains(text, "\n  "+f.Name+"  "+f.Kind()) {
			t.Errorf("%s.%s is not told of", f.Table, f.Name)
		}
	}
}

// TestHelpKeys: help on some keys tells of these only, wherever they stand.
func TestHelpKeys(t *testing.T) {
	text, code := helpOutput(t, "rules", "within", "literal")
	if code != exitDone || strings.Count(text, "\n  within  ") != 1 || strings.Count(text, "\n  literal  ") != 3 || strings.Contains(text, "\n  hides  ") {
		t.Errorf("exit status %d, help on within and literal:\n%s", code, text)
	}
	if text, code := helpOutput(t, "rules", "withn"); code != exitUsage || text != "" {
		t.Errorf("exit status %d, help on no key:\n%s", code, text)
	}
	if text, code := helpOutput(t, "rules", "test"); code != exitDone || !strings.Contains(text, "watchcat rules test [") {
		t.Errorf("exit status %d, help on a command below rules:\n%s", code, text)
	}
	if text, code := helpOutput(t, "classify"); code != exitDone || !strings.Contains(text, "Exit status:") {
		t.Errorf("exit status %d, help on a command:\n%s", code, text)
	}
	if _, code := helpOutput(t, "nothing"); code != exitUsage {
		t.Errorf("exit status %d for help on nothing", code)
	}
	if text, code := helpOutput(t); code != exitDone || !strings.Contains(text, "Available Commands") {
		t.Errorf("exit status %d, help:\n%s", code, text)
	}
}
