package logs_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// stored returns the paths of a cache's files.
func stored(t *testing.T, dir string) (urls, blobs, temp []string) {
	t.Helper()
	paths := func(sub string) (paths []string) {
		err := filepath.WalkDir(filepath.Join(dir, "log-store", sub), func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				paths = append(paths, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return paths
	}
	return paths("urls"), paths("blobs"), paths("tmp")
}

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, s) }
}

func TestSecondReadingIsFromTheCache(t *testing.T) {
	s := serve(t, text("a log\n"))
	dir := t.TempDir()
	for range 2 {
		l := newLogs(t, logs.Options{CacheDir: dir})
		for range 2 {
			if got, err := read(t, l, s.URL+"/", "log"); got != "a log\n" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
		}
	}
	s.Close()
	if got, err := read(t, newLogs(t, logs.Options{CacheDir: dir, Offline: true}), s.URL+"/", "log"); got != "a log\n" || err != nil {
		t.Errorf("offline: got %q, %v", got, err)
	}
	if n := s.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestCacheIsPrivate(t *testing.T) {
	s := serve(t, text("secret"))
	dir := filepath.Join(t.TempDir(), "new", "cache")
	if _, err := read(t, newLogs(t, logs.Options{CacheDir: dir}), strings.Replace(s.URL, "://", "://user:hunter2@", 1), ""); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			t.Errorf("%s has the mode %04o", path, mode)
		}
		if e.IsDir() {
			return nil
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), "hunter2") {
			t.Errorf("the cache holds a password: %s", b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpenCacheIsMadePrivate(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "log-store")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	newLogs(t, logs.Options{CacheDir: dir})
	if info, err := os.Stat(sub); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode is %v, %v", info.Mode(), err)
	}
}

func TestURLsOfAllKinds(t *testing.T) {
	s := serve(t, text("x"))
	l := newLogs(t, logs.Options{CacheDir: t.TempDir()})
	for _, url := range []string{s.URL + "/a?\xff", s.URL + "/\xff", s.URL + "/ü/<>&", s.URL + "/a?" + strings.Repeat("x", 5000)} {
		before := s.asked.Load()
		for range 2 {
			if _, err := read(t, l, url, ""); err != nil {
				t.Error(err)
			}
		}
		if n := s.asked.Load() - before; n != 1 {
			t.Errorf("%.60q: asked %d times", url, n)
		}
	}
}

func TestAbsenceIsRememberedForAWhile(t *testing.T) {
	s := serve(t, http.NotFound)
	dir := t.TempDir()
	tests := []struct {
		o     logs.Options
		asked int32
	}{
		{logs.Options{}, 1},
		{logs.Options{}, 1},
		{logs.Options{KeepAbsent: 1}, 2},
		{logs.Options{Offline: true, KeepAbsent: 1}, 2},
	}
	for i, tt := range tests {
		tt.o.CacheDir = dir
		_, err := read(t, newLogs(t, tt.o), s.URL, "")
		status, ok := errors.AsType[*sources.StatusError](err)
		if !ok || status.Code != 404 || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%d: error %v", i, err)
		}
		if n := s.asked.Load(); n != tt.asked {
			t.Errorf("%d: asked %d times, want %d", i, n, tt.asked)
		}
	}
}

func TestAbsenceGivesWayToALog(t *testing.T) {
	var there bool
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !there {
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, "a log")
	})
	l := newLogs(t, logs.Options{CacheDir: t.TempDir(), KeepAbsent: 1})
	read(t, l, s.URL, "")
	there = true
	for range 2 {
		if got, err := read(t, l, s.URL, ""); got != "a log" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if n := s.asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

func TestOffline(t *testing.T) {
	s := serve(t, text("x"))
	for _, dir := range []string{"", t.TempDir()} {
		_, err := read(t, newLogs(t, logs.Options{CacheDir: dir, Offline: true}), s.URL, "")
		if !errors.Is(err, logs.ErrOffline) || !errors.Is(err, fs.ErrNotExist) || lacks(err, s.URL+": not in the cache, and offline") {
			t.Errorf("error %v", err)
		}
	}
	if n := s.asked.Load(); n != 0 {
		t.Errorf("asked %d times", n)
	}
	url, _ := tree(t, map[string]string{"a": "local"})
	if got, err := read(t, newLogs(t, logs.Options{Offline: true}), url, "a"); got != "local" || err != nil {
		t.Errorf("local file: %q, %v", got, err)
	}
}

func TestWhatIsReadInPartIsNotRemembered(t *testing.T) {
	s := serve(t, text(strings.Repeat("line\n", 1<<20)))
	dir := t.TempDir()
	r, err := newLogs(t, logs.Options{CacheDir: dir}).Open(t.Context(), classify.Job{LogURL: s.URL, Result: "FAILURE"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := read(t, newLogs(t, logs.Options{CacheDir: dir, MaxBytes: 1 << 20}), s.URL, ""); !errors.Is(err, logs.ErrTooLarge) {
		t.Errorf("error %v", err)
	}
	if urls, blobs, temp := stored(t, dir); len(urls)+len(blobs)+len(temp) != 0 {
		t.Errorf("left behind: %v, %v, %v", urls, blobs, temp)
	}
}

// How long a log is believed depends on what is known of its job.
func TestWhatIsRememberedOfWhom(t *testing.T) {
	typed := classify.Job{}
	open := classify.Job{Source: "nightlies"}
	running := classify.Job{Source: "nightlies", Result: "RUNNING"}
	ended := classify.Job{Source: "nightlies", Result: "FAILURE"}
	typedEnded := classify.Job{Result: "SUCCESS"}
	type step struct {
		job     classify.Job
		after   time.Duration // the step before
		offline bool
		ends    bool // the reader learns that the job ended
		asked   bool
	}
	tests := map[string][]step{
		"an ended job, for good":            {{job: ended, asked: true}, {job: ended, after: time.Hour}, {job: open, after: time.Hour}, {job: typedEnded}},
		"a typed job that ended, for good":  {{job: typedEnded, asked: true}, {job: typedEnded, after: time.Hour}},
		"a job that may run, for a while":   {{job: open, asked: true}, {job: open, after: 9 * time.Minute}, {job: open, after: 2 * time.Minute, asked: true}},
		"its end is known while it is new":  {{job: open, asked: true}, {job: ended, after: time.Minute}, {job: ended, after: time.Hour, asked: true}, {job: ended, after: time.Hour}},
		"its end is known later, then kept": {{job: open, asked: true}, {job: ended, after: time.Hour, asked: true}, {job: open, after: time.Hour}},
		"what was typed, never":             {{job: typed, asked: true}, {job: typed, asked: true}, {job: typed, offline: true, after: time.Hour}},
		"what was typed serves sources too": {{job: typed, asked: true}, {job: open}, {job: ended, after: time.Hour, asked: true}, {job: typed, asked: true}},
		"a running job is always asked for": {{job: running, asked: true}, {job: running, asked: true}, {job: open}, {job: ended, after: time.Hour, asked: true}},
		"its log says that it ended":        {{job: open, ends: true, asked: true}, {job: open, after: time.Hour}, {job: ended, ends: true}},
		"offline all is believed":           {{job: open, asked: true}, {job: ended, after: time.Hour, offline: true}, {job: running, offline: true}},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, text("a log"))
			s.Config.SetKeepAlivesEnabled(false) // an open connection would hold up the time of the bubble
			synctest.Test(t, func(t *testing.T) {
				o := logs.Options{CacheDir: t.TempDir()}
				for i, step := range steps {
					time.Sleep(step.after)
					before := s.asked.Load()
					o.Offline = step.offline
					step.job.LogURL = s.URL + "/job/"
					r, err := newLogs(t, o).Open(t.Context(), step.job, "console")
					if err != nil {
						t.Fatalf("step %d: %v", i, err)
					}
					got, err := io.ReadAll(r)
					if ender, ok := r.(sources.Ender); ok && step.ends {
						ender.Ended()
					}
					r.Close()
					if string(got) != "a log" || err != nil {
						t.Errorf("step %d: got %q, %v", i, got, err)
					}
					if asked := s.asked.Load() > before; asked != step.asked {
						t.Errorf("step %d: asked: %t, want %t", i, asked, step.asked)
					}
				}
			})
		})
	}
}

func TestSharedCache(t *testing.T) {
	body := func(path string) string { return strings.Repeat(path+"\n", 20_000) }
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, body(r.URL.Path)) })
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 2 {
		l := newLogs(t, logs.Options{CacheDir: dir})
		for i := range 8 {
			wg.Go(func() {
				for j := range 10 {
					path := fmt.Sprintf("/%d", (i+j)%5)
					if got, err := read(t, l, s.URL+path, ""); got != body(path) || err != nil {
						t.Errorf("%s: %d bytes, %v", path, len(got), err)
					}
				}
			})
		}
	}
	wg.Wait()
	if urls, blobs, temp := stored(t, dir); len(urls) != 5 || len(blobs) != 5 || len(temp) != 0 {
		t.Errorf("%d entries, %d logs and %d downloads left", len(urls), len(blobs), len(temp))
	}
}
