package zuul

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// count serves one build's answer, and counts the requests for it.
func count(t *testing.T, status int, answer string) (*atomic.Int32, string) {
	t.Helper()
	n := new(atomic.Int32)
	z := (&fakeZuul{answer: func(w http.ResponseWriter, _ *http.Request) bool {
		n.Add(1)
		w.WriteHeader(status)
		w.Write([]byte(answer)) //nolint:errcheck // the client will tell
		return true
	}}).start(t)
	return n, z.url + "/t/x/build/" + uuid
}

// A build that has ended is asked for once, by however many; others again and
// again.
func TestCompleterAsksOnce(t *testing.T) {
	running := strings.Replace(oldBuild, `"FAILURE"`, "null", 1)
	for _, tt := range []struct {
		name   string
		status int
		answer string
		asked  int32
		log    string
	}{
		{"ended", http.StatusOK, oldBuild, 1, "https://logs.example.org/1/2/unit/"},
		{"runs", http.StatusOK, running, 9, "https://logs.example.org/1/2/unit/"},
		{"does not exist", http.StatusNotFound, "Build not found", 1, ""},
		{"fails", http.StatusForbidden, "", 9, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked, page := count(t, tt.status, tt.answer)
			c := New(Options{Client: newClient(t)})
			var wg sync.WaitGroup
			for range 9 {
				wg.Go(func() {
					job := classify.Job{URL: page}
					err := c.Complete(t.Context(), nil, &job)
					if job.LogURL != tt.log || (err != nil) != (tt.log == "") || errors.Is(err, fs.ErrNotExist) != (tt.status == http.StatusNotFound) {
						t.Errorf("log %q, %v", job.LogURL, err)
					}
				})
			}
			wg.Wait()
			if n := asked.Load(); n != tt.asked {
				t.Errorf("asked %d times, want %d", n, tt.asked)
			}
		})
	}
}

// Answers about builds that have ended are there for the next run.
func TestCacheDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache", "zuul")
	ended, page := count(t, http.StatusOK, oldBuild)
	runs, other := count(t, http.StatusOK, strings.Replace(oldBuild, `"FAILURE"`, "null", 1))
	ask := func() {
		t.Helper()
		c := New(Options{Client: newClient(t), CacheDir: dir})
		for _, url := range []string{page, other} {
			job := classify.Job{URL: url}
			if err := c.Complete(t.Context(), nil, &job); err != nil || job.LogURL == "" || job.Project != "p" {
				t.Errorf("%+v, %v", job, err)
			}
		}
	}
	ask()
	ask()
	if ended.Load() != 1 || runs.Load() != 2 {
		t.Errorf("asked %d times for what ended, %d times for what runs", ended.Load(), runs.Load())
	}

	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("kept: %v, %v; want one file", files, err)
	}
	file := filepath.Join(dir, files[0].Name())
	if err := os.WriteFile(file, []byte(oldBuild[:40]), 0o600); err != nil { // as a machine leaves it that loses its power
		t.Fatal(err)
	}
	ask()
	if ended.Load() != 2 {
		t.Errorf("half an answer was believed")
	}
	ask()
	if ended.Load() != 2 {
		t.Errorf("half an answer was not replaced")
	}
}

// What is old is removed, and nothing that is somebody else's.
func TestCacheIsPruned(t *testing.T) {
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{
		"build-1.json": keepFor + time.Hour, "build-2.new": keepFor + time.Hour, "build-3.json": keepFor - time.Hour, "mine.json": 2 * keepFor,
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(file, then, then); err != nil {
			t.Fatal(err)
		}
	}
	if got := (&cache{dir: dir}).get("https://h/"); got != nil {
		t.Errorf("found %q", got)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 2 || filepath.Base(left[0]) != "build-3.json" || filepath.Base(left[1]) != "mine.json" {
		t.Errorf("left: %q, %v", left, err)
	}
}

// A folder that cannot be written to costs requests, and nothing else.
func TestCacheDirUnusable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, page := count(t, http.StatusOK, oldBuild)
	job := classify.Job{URL: page}
	if err := New(Options{Client: newClient(t), CacheDir: file}).Complete(t.Context(), nil, &job); err != nil || job.LogURL == "" {
		t.Errorf("%+v, %v", job, err)
	}
}

// What is remembered is bounded.
func TestCompleterForgets(t *testing.T) {
	c := New(Options{})
	for i := range maxKnown + 1 {
		c.entry(strconv.Itoa(i))
	}
	if len(c.known) > maxKnown {
		t.Errorf("%d are remembered", len(c.known))
	}
}
