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

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// helperURL and helperDir tell this test binary, started as another process,
// what to read and where to remember it.
const (
	helperURL = "LOGS_TEST_URL"
	helperDir = "LOGS_TEST_DIR"
)

func TestMain(m *testing.M) {
	if os.Getenv(helperURL) != "" {
		helper()
		return
	}
	os.Exit(m.Run())
}

func helper() {
	client, err := sources.NewClient(sources.ClientOptions{Hosts: []string{"127.0.0.1"}})
	if err != nil {
		panic(err)
	}
	l, err := logs.New(logs.Options{Client: client, CacheDir: os.Getenv(helperDir)})
	if err != nil {
		panic(err)
	}
	r, err := l.Open(context.Background(), classify.Job{LogURL: os.Getenv(helperURL), Result: "FAILURE"}, "")
	if err != nil {
		panic(err)
	}
	io.Copy(io.Discard, r)
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
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), helperURL+"="+s.URL, helperDir+"="+dir)
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
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), helperURL+"="+s.URL, helperDir+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got, err := read(t, newLogs(t, logs.Options{CacheDir: dir}), s.URL, ""); got != "a log" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if n := s.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}
