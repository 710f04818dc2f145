package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	if len(toml) != 2 {
		t.Fatalf("%d blocks of TOML, want a configuration and a rule", len(toml))
	}
	if _, err := parseConfig("watchcat.toml", []byte(toml[0])); err != nil {
		t.Error(err)
	}
	rules := filepath.Join(t.TempDir(), "rules.toml")
	if err := os.WriteFile(rules, []byte(toml[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := patterns.Load([]string{rules}, patterns.Options{}); err != nil {
		t.Error(err)
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

// fenced returns the fenced code blocks of a language in a Markdown text.
func fenced(text, language string) []string {
	var blocks []string
	for _, part := range strings.Split(text, "\n```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		blocks = append(blocks, block)
	}
	return blocks
}
