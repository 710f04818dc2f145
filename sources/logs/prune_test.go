package logs_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

const day = 24 * time.Hour

// aged returns a cache whose logs /a to /d, of some 1000 bytes each, were last
// used 31, 20, 10 and no days ago.
func aged(t *testing.T) (s *logServer, dir string) {
	t.Helper()
	s = serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, strings.Repeat(r.URL.Path, 500)) })
	dir = t.TempDir()
	l := newLogs(t, logs.Options{CacheDir: dir})
	for path, age := range map[string]time.Duration{"/a": 31 * day, "/b": 20 * day, "/c": 10 * day, "/d": 0} {
		before, _, _ := stored(t, dir)
		if _, err := read(t, l, s.URL+path, ""); err != nil {
			t.Fatal(err)
		}
		after, _, _ := stored(t, dir)
		for _, name := range after {
			if !strings.Contains(fmt.Sprint(before), name) {
				date(t, name, age)
			}
		}
	}
	return s, dir
}

// holds returns which of the logs /a to /d are in a cache.
func holds(t *testing.T, s *logServer, dir string) (held string) {
	t.Helper()
	offline := newLogs(t, logs.Options{CacheDir: dir, Offline: true})
	for _, path := range []string{"/a", "/b", "/c", "/d"} {
		if _, err := read(t, offline, s.URL+path, ""); err == nil {
			held += path
		}
	}
	return held
}

func TestPrune(t *testing.T) {
	for name, tt := range map[string]struct {
		o    logs.PruneOptions
		want string
		gone int
	}{
		"by default 30 days": {logs.PruneOptions{}, "/b/c/d", 1},
		"by age":             {logs.PruneOptions{MaxAge: 15 * day}, "/c/d", 2},
		"by size":            {logs.PruneOptions{MaxSize: 3000, MaxAge: 99 * day}, "/c/d", 2}, // an entry has some 250 bytes
		"enough of both":     {logs.PruneOptions{MaxSize: 1 << 20, MaxAge: 99 * day}, "/a/b/c/d", 0},
		"all":                {logs.PruneOptions{MaxSize: -1}, "", 4},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := aged(t)
			before, err := logs.CacheInfo(dir)
			if err != nil {
				t.Fatal(err)
			}
			pruned, err := logs.PruneCache(dir, tt.o)
			if err != nil || pruned.Entries != tt.gone {
				t.Errorf("pruned %+v, %v; want %d entries", pruned, err, tt.gone)
			}
			if got := holds(t, s, dir); got != tt.want {
				t.Errorf("left: %s, want %s", got, tt.want)
			}
			after, err := logs.CacheInfo(dir)
			if err != nil || after.Entries != 4-tt.gone || after.Blobs != 4-tt.gone || after.Bytes != before.Bytes-pruned.Bytes {
				t.Errorf("%+v before, %+v after, %v", before, after, err)
			}
		})
	}
}

// TestUseKeepsALog: what was read of late stays.
func TestUseKeepsALog(t *testing.T) {
	s, dir := aged(t)
	if _, err := read(t, newLogs(t, logs.Options{CacheDir: dir}), s.URL+"/a", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := logs.PruneCache(dir, logs.PruneOptions{MaxAge: 5 * day}); err != nil {
		t.Fatal(err)
	}
	if got := holds(t, s, dir); got != "/a/d" {
		t.Errorf("left: %s", got)
	}
}

// TestPruneByItself: once an hour, and not offline.
func TestPruneByItself(t *testing.T) {
	s, dir := aged(t)
	stamp := filepath.Join(dir, "log-store", "CACHEDIR.TAG")
	for _, tt := range []struct {
		since time.Duration
		o     logs.Options
		want  string
	}{
		{59 * time.Minute, logs.Options{}, "/a/b/c/d"},
		{61 * time.Minute, logs.Options{Offline: true}, "/a/b/c/d"},
		{61 * time.Minute, logs.Options{}, "/b/c/d"},
		{0, logs.Options{MaxAge: 5 * day}, "/b/c/d"}, // that was done just now
		{61 * time.Minute, logs.Options{MaxAge: 5 * day}, "/d"},
	} {
		if tt.since > 0 {
			date(t, stamp, tt.since)
		}
		tt.o.CacheDir = dir
		newLogs(t, tt.o)
		if got := holds(t, s, dir); got != tt.want {
			t.Errorf("%s after the last time: left %s, want %s", tt.since, got, tt.want)
		}
	}
}

// TestLeftovers: what no entry leads to, or was never finished, may be under way
// in another process; after an hour it is not.
func TestLeftovers(t *testing.T) {
	s, dir := aged(t)
	at := func(name string) string { return filepath.Join(dir, "log-store", filepath.FromSlash(name)) }
	ages := map[string]time.Duration{
		"tmp/old": 61 * time.Minute, "tmp/new": 59 * time.Minute,
		"blobs/ab/old": 61 * time.Minute, "blobs/ab/new": 59 * time.Minute,
	}
	for name, age := range ages {
		writeFile(t, at(name), "x")
		date(t, at(name), age)
	}
	writeFile(t, at("urls/ab/broken"), "x")
	pruned, err := logs.PruneCache(dir, logs.PruneOptions{MaxAge: 99 * day})
	if diff := cmp.Diff(logs.Pruned{Entries: 1, Bytes: 3}, pruned); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for name, age := range ages {
		if _, err := os.Stat(at(name)); (err == nil) != (age < time.Hour) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := holds(t, s, dir); got != "/a/b/c/d" {
		t.Errorf("left: %s", got)
	}
}

// TestSharedLogs: URLs with the same log share it, until the last of them goes.
func TestSharedLogs(t *testing.T) {
	s := serve(t, text("a log of 25 bytes, no more"))
	dir := t.TempDir()
	l := newLogs(t, logs.Options{CacheDir: dir})
	for _, path := range []string{"/a", "/b"} {
		if _, err := read(t, l, s.URL+path, ""); err != nil {
			t.Fatal(err)
		}
	}
	urls, blobs, _ := stored(t, dir)
	if len(urls) != 2 || len(blobs) != 1 {
		t.Fatalf("%d entries, %d logs", len(urls), len(blobs))
	}
	for i, path := range urls {
		date(t, path, 31*day)
		if _, err := logs.PruneCache(dir, logs.PruneOptions{}); err != nil {
			t.Error(err)
		}
		if info, err := logs.CacheInfo(dir); err != nil || info.Entries != 1-i || info.Blobs != 1-i {
			t.Errorf("%d: %+v, %v", i, info, err)
		}
	}
}

func TestCacheInfo(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			http.NotFound(w, r)
		}
		io.WriteString(w, "a log")
	})
	dir := t.TempDir()
	if info, err := logs.CacheInfo(dir); err != nil || info != (logs.Info{Dir: filepath.Join(dir, "log-store")}) {
		t.Errorf("of none: %+v, %v", info, err)
	}
	l := newLogs(t, logs.Options{CacheDir: dir})
	for i, path := range []string{"/a", "/b", "/gone"} {
		read(t, l, s.URL+path, "")
		urls, _, _ := stored(t, dir)
		if len(urls) != i+1 {
			t.Fatalf("%d entries", len(urls))
		}
	}
	urls, _, _ := stored(t, dir)
	for i, path := range urls {
		date(t, path, time.Duration(3-i)*time.Hour)
	}
	got, err := logs.CacheInfo(dir)
	if got.Entries != 3 || got.Absent != 1 || got.Blobs != 1 || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if got.Newest.Sub(got.Oldest).Round(time.Minute) != 2*time.Hour {
		t.Errorf("used %s to %s", got.Oldest, got.Newest)
	}
}

func TestClearCache(t *testing.T) {
	s, dir := aged(t)
	for range 2 {
		if err := logs.ClearCache(dir); err != nil {
			t.Fatal(err)
		}
		if info, err := logs.CacheInfo(dir); err != nil || info.Entries+info.Blobs != 0 || info.Bytes != 0 {
			t.Errorf("%+v, %v", info, err)
		}
	}
	if got, err := read(t, newLogs(t, logs.Options{CacheDir: dir}), s.URL+"/a", ""); len(got) != 1000 || err != nil {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	if err := logs.ClearCache(filepath.Join(dir, "nowhere")); err != nil {
		t.Error(err)
	}
}

// TestForeignFolder: no other's files are touched, whatever the configuration says.
func TestForeignFolder(t *testing.T) {
	for _, tag := range []string{"", "Signature: 8a477f597d28d172789f06886806bc55\n# another program's\n"} {
		dir := t.TempDir()
		precious := filepath.Join(dir, "log-store", "urls", "ab", "precious")
		writeFile(t, precious, "x")
		if tag != "" {
			writeFile(t, filepath.Join(dir, "log-store", "CACHEDIR.TAG"), tag)
		}
		date(t, precious, 99*day)
		_, newErr := logs.New(logs.Options{CacheDir: dir})
		_, infoErr := logs.CacheInfo(dir)
		_, pruneErr := logs.PruneCache(dir, logs.PruneOptions{})
		for _, err := range []error{infoErr, pruneErr, logs.ClearCache(dir)} {
			if lacks(err, "is no cache of watchcat's") {
				t.Errorf("error %v", err)
			}
		}
		if lacks(newErr, "holds files that are not watchcat's") {
			t.Errorf("new: error %v", newErr)
		}
		if _, err := os.Stat(precious); err != nil {
			t.Error(err)
		}
	}
}

// TestTag holds the cache to what programs that make backups look for.
func TestTag(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "log-store", "CACHEDIR.TAG")
	writeFile(t, path, "Signa") // a process was killed here
	newLogs(t, logs.Options{CacheDir: dir})
	tag, err := os.ReadFile(path)
	if !strings.HasPrefix(string(tag), "Signature: 8a477f597d28d172789f06886806bc55\n") || err != nil {
		t.Errorf("%s, %v", tag, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != fs.FileMode(0o600) {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func date(t *testing.T, path string, age time.Duration) {
	t.Helper()
	then := time.Now().Add(-age)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}
