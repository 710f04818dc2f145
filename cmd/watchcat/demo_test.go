package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDemoKeep asks the CI system that the demo leaves up, and ends it.
func TestDemoKeep(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	demo, _ := watchcat(t, dir, "demo", "--keep", "-o", "page.html")
	stdout, err := demo.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	demo.Stderr = &stderr
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	config := ""
	for lines := bufio.NewScanner(stdout); config == "" && lines.Scan(); {
		_, config, _ = strings.Cut(lines.Text(), "watchcat --config ")
	}
	if config == "" {
		t.Fatalf("the demo ended without a configuration: %v; %s", demo.Wait(), stderr.String())
	}
	run, _ := watchcat(t, dir, "--config", config, "--json", "--quiet")
	out, err := run.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitPartial {
		t.Errorf("run: %v, want status %d: some of the demo's logs are missing", err, exitPartial)
	}
	if n := strings.Count(string(out), `"outcome":"matched"`); n < 10 {
		t.Errorf("run found %d reasons, want at least 10", n)
	}
	if err := demo.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := demo.Wait(); err != nil {
		t.Errorf("demo: %v; it was ended as it is meant to be", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "watchcat-demo-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
