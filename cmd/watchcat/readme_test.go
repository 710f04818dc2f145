package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/watchcat-ci/watchcat/patterns"
)

// TestREADME holds what README shows to what the program takes: its
// configuration, its rule, and the code that embeds the engine.
func TestREADME(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	toml := fenced(string(text), "toml")
	if len(toml) != 3 {
		t.Fatalf("%d blocks of TOML, want a configuration, a rule and an override", len(toml))
	}
	if _, err := parseConfig("watchcat.toml", []byte(toml[0])); err != nil {
		t.Error(err)
	}
	dir := t.TempDir()
	for i, name := range []string{"rules.toml", "site.toml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(toml[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := patterns.Load([]string{patterns.Default, dir}, patterns.Options{})
	if err != nil {
		t.Error(err)
	}
	if len(set.Off) != 1 {
		t.Errorf("%d rules are off, want that of the example", len(set.Off))
	}
	example, err := os.ReadFile("../../classify/example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range fenced(string(text), "go") {
		for line := range strings.Lines(code) {
			if !strings.Contains(string(example), strings.TrimSpace(line)) {
				t.Errorf("the example does not have the line %s", line)
			}
		}
		if n := strings.Count(code, "\n"); n >= 15 {
			t.Errorf("it takes %d lines to embed the engine", n)
		}
	}
}

// TestREADMETranscript runs what README shows.
func TestREADMETranscript(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	env := map[string]string{"COLUMNS": "80", "HOME": t.TempDir(), "XDG_CACHE_HOME": t.TempDir()}
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: io.Discard, env: func(k string) string { return env[k] }, now: time.Now}
	if code := a.main(t.Context(), []string{"classify", "../../testdata/build.log"}); code != exitDone {
		t.Fatalf("exit status %d", code)
	}
	shown := "    $ watchcat classify build.log\n"
	for line := range strings.Lines(out.String()) {
		shown += strings.TrimRight("    "+line, " \n") + "\n"
	}
	if !strings.Contains(string(text), shown) {
		t.Errorf("README does not show\n%s", shown)
	}
}

// fenced returns the fenced code blocks of a language in a Markdown text.
func fenced(text, language string) []string {
	var blocks []string
	for _, part := range strings.Split(text, "\n```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		blocks = append(blocks, block)
	}
	return blocks
}
