package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/watchcat-ci/watchcat/sources/gerrit/gerrittest"
)

// TestInterrupt interrupts the real program where it waits for somebody: it
// must end within a second, with status 130, and leave the page as it was.
func TestInterrupt(t *testing.T) {
	tests := []struct {
		name string
		args []string
	}{
		{"log server", []string{"classify", "-o", "page.html"}},
		{"Gerrit", []string{"run", "--config", "watchcat.toml", "-o", "page.html"}},
		{"standard input", []string{"classify", "-o", "page.html", "-"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "page.html"), "the old page")
			reached := make(chan struct{}, 100)
			switch test.name {
			case "log server":
				test.args = append(test.args, silentWeb(t, reached))
			case "Gerrit":
				silentGerrit(t, dir, reached)
			}
			interrupt(t, dir, test.args, reached)
			checkUntouched(t, dir)
		})
	}
}

// interrupt runs the program in dir, interrupts it once it has reached whom it
// is to wait for, or has read its standard input, and checks how it ends.
func interrupt(t *testing.T, dir string, args []string, reached chan struct{}) {
	t.Helper()
	cmd, stdin := watchcat(t, dir, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if args[len(args)-1] == "-" {
		if _, err := stdin.Write(make([]byte, 1<<20)); err != nil { // more than a pipe holds
			t.Fatal(err)
		}
		reached <- struct{}{}
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-reached:
	case err := <-ended:
		t.Fatalf("it did not wait: %v; standard error: %s", err, stderr.String())
	}
	begin := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	exit, _ := errors.AsType[*exec.ExitError](<-ended)
	if took := time.Since(begin); took > time.Second {
		t.Errorf("it took %v", took)
	}
	if exit == nil || exit.ExitCode() != exitInterrupted {
		t.Errorf("exit: %v, want status %d; standard error: %s", exit, exitInterrupted, stderr.String())
	}
}

// watchcat returns the program, ready to run in dir, and its standard input.
func watchcat(t *testing.T, dir string, args ...string) (*exec.Cmd, io.WriteCloser) {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Args[0] = "watchcat" // see TestMain
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "XDG_CONFIG_HOME="+dir, "WATCHCAT_CONFIG=")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	return cmd, stdin
}

// silentWeb returns the URL of a log of which only the first line comes, and
// tells when it was asked for.
func silentWeb(t *testing.T, reached chan<- struct{}) string {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "the first line")
		w.(http.Flusher).Flush()
		reached <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(web.Close)
	return web.URL + "/log"
}

// silentGerrit starts a Gerrit that takes a query and never answers, tells when
// it was asked, and writes a configuration for it into dir.
func silentGerrit(t *testing.T, dir string, reached chan<- struct{}) {
	t.Helper()
	server, err := gerrittest.Start(gerrittest.Options{User: "me", Answer: func(string, io.Writer, io.Writer) int {
		reached <- struct{}{}
		return gerrittest.Silence
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	if _, _, err := server.WriteClientFiles(dir); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "watchcat.toml"), fmt.Sprintf(silentConfig, server.Port()))
}

const silentConfig = `
[[gerrit]]
host = "127.0.0.1"
port = %d
user = "me"
key = "id_ed25519"
known_hosts = "known_hosts"
ci = ["zuul"]
`

// checkUntouched looks for half files: the old page must be there, and nothing
// beside it.
func checkUntouched(t *testing.T, dir string) {
	t.Helper()
	if text, err := os.ReadFile(filepath.Join(dir, "page.html")); string(text) != "the old page" {
		t.Errorf("the page holds %q, %v", text, err)
	}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil || entry.IsDir():
		case !slices.Contains([]string{"page.html", "id_ed25519", "known_hosts", "watchcat.toml", "CACHEDIR.TAG"}, name):
			t.Errorf("%s was left behind", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
