package logs_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// children are what this test binary does as another process.
var children = map[string]func(args []string){
	"read":     readerProcess,
	"readAll":  readAllProcess,
	"serve":    serverProcess,
	"fetchAll": fetchAllProcess,
	"ask":      askProcess,
}

// childName is the variable of the environment that names one of the children.
const childName = "LOGS_TEST_CHILD"

func TestMain(m *testing.M) {
	if child := children[os.Getenv(childName)]; child != nil {
		child(os.Args[1:])
		return
	}
	os.Exit(m.Run())
}

// child returns this test binary as another process.
func child(tb testing.TB, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(tb.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), childName+"="+name)
	cmd.Stderr = os.Stderr
	return cmd
}

// must returns a value in a process that has nobody else to tell.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func openLogs(dir string) *logs.Logs {
	client := must(sources.NewClient(sources.ClientOptions{Hosts: []string{"127.0.0.1"}, PerSecond: -1}))
	return must(logs.New(logs.Options{Client: client, CacheDir: dir}))
}

// readerProcess reads one log, by its URL, with a cache.
func readerProcess(args []string) {
	r := must(openLogs(args[1]).Open(context.Background(), ended(args[0]), ""))
	must(io.Copy(io.Discard, r))
	r.Close()
}

// TestKill kills another process in the middle of a download.
func TestKill(t *testing.T) {
	begun, done := make(chan struct{}), make(chan struct{})
	first := sync.OnceFunc(func() { close(begun); <-done })
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Repeat("half\n", 100_000))
		w.(http.Flusher).Flush()
		first()
		io.WriteString(w, "the end\n")
	})
	dir := t.TempDir()
	cmd := child(t, "read", s.URL, dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-begun
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	cmd.Wait()
	close(done)
	got, err := read(t, newLogs(t, logs.Options{CacheDir: dir}), s.URL, "")
	if !strings.HasSuffix(got, "the end\n") || err != nil {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	if n := s.asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

// TestTwoProcesses: what one process downloaded another finds.
func TestTwoProcesses(t *testing.T) {
	s := serve(t, text("a log"))
	dir := t.TempDir()
	if err := child(t, "read", s.URL, dir).Run(); err != nil {
		t.Fatal(err)
	}
	if got, err := read(t, newLogs(t, logs.Options{CacheDir: dir}), s.URL, ""); got != "a log" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if n := s.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}
