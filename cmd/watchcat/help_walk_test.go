package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const walkFile = "help_rules_walk.txt"

// shownCommand is what stands before a command in the walk-through. Below it
// stands what the command prints.
const shownCommand = "    $ watchcat "

// TestWalk takes the walk of "watchcat help rules" in a folder with its logs:
// every command prints what the text shows. -update writes it down.
func TestWalk(t *testing.T) {
	text, err := os.ReadFile(walkFile)
	if err != nil {
		t.Fatal(err)
	}
	walk, err := filepath.Abs(walkFile)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/walk")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	got := walked(t, string(text))
	if *update {
		if err := os.WriteFile(walk, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(text), got); diff != "" {
		t.Errorf("(-shown +printed):\n%s", diff)
	}
}

// walked returns the text with what its commands print now.
func walked(t *testing.T, text string) string {
	var b strings.Builder
	shown := false // these lines are what a command printed
	for line := range strings.Lines(text) {
		command, isCommand := strings.CutPrefix(line, shownCommand)
		shown = shown && (strings.HasPrefix(line, "    ") || line == "\n") && !isCommand
		if shown {
			continue
		}
		if isCommand {
			b.WriteString(line + printed(t, strings.Fields(command)))
			shown = true
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}

var seconds = regexp.MustCompile(`\(\d+\.\d+s\)`)

// printed runs a command and returns what it prints, indented, and a blank line.
func printed(t *testing.T, args []string) string {
	t.Helper()
	var out bytes.Buffer
	env := map[string]string{"COLUMNS": "76", "HOME": t.TempDir(), "XDG_CACHE_HOME": t.TempDir()}
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &out, env: func(k string) string { return env[k] }, now: time.Now}
	if code := a.main(t.Context(), args); code != exitDone {
		t.Errorf("%v: exit status %d", args, code)
	}
	text := hashes.ReplaceAllString(seconds.ReplaceAllString(out.String(), "(0.01s)"), "sha256:…")
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight("    "+line, " \n") + "\n")
	}
	return b.String() + "\n"
}
