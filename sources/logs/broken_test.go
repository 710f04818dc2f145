package logs_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/sources/logs"
)

// filled returns a cache that holds one log, and the paths of its entry and log.
func filled(t *testing.T, o logs.Options, url string) (l *logs.Logs, entry, blob string) {
	t.Helper()
	l = newLogs(t, o)
	if _, err := read(t, l, url, ""); err != nil {
		t.Fatal(err)
	}
	urls, blobs, _ := stored(t, o.CacheDir)
	if len(urls) != 1 || len(blobs) != 1 {
		t.Fatalf("%d entries, %d logs", len(urls), len(blobs))
	}
	return l, urls[0], blobs[0]
}

// TestBrokenFiles: what is not whole, or not what was written, costs a download.
func TestBrokenFiles(t *testing.T) {
	s := serve(t, text("the real log\n"))
	l, entry, blob := filled(t, logs.Options{CacheDir: t.TempDir()}, s.URL)
	for _, path := range []string{entry, blob} {
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, bad := range map[string]string{
			"empty":     "",
			"cut":       string(good[:len(good)-1]),
			"half":      string(good[:len(good)/2]),
			"longer":    string(good) + "x",
			"put in":    strings.Replace(string(good), "real", "very real", 1) + "x",
			"much more": strings.Repeat("x", 1<<20),
		} {
			writeFile(t, path, bad)
			before := s.asked.Load()
			for range 2 {
				if got, err := read(t, l, s.URL, ""); got != "the real log\n" || err != nil {
					t.Errorf("%s: got %q, %v", name, got, err)
				}
			}
			if n := s.asked.Load() - before; n != 1 {
				t.Errorf("%s: asked %d times, want 1", name, n)
			}
		}
	}
}

// TestBrokenEntries: what a crash of the machine leaves where an entry was, or
// another program.
func TestBrokenEntries(t *testing.T) {
	s := serve(t, text("the real log\n"))
	l, path, _ := filled(t, logs.Options{CacheDir: t.TempDir()}, s.URL)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(good), "\n")
	for name, bad := range map[string]string{
		"zeros":         strings.Repeat("\x00", len(good)),
		"changed":       strings.Replace(string(good), `"code":200`, `"code":404`, 1),
		"another URL":   withSum(strings.Replace(line, s.URL, "http://127.0.0.1:99999", 1)),
		"other version": withSum(strings.Replace(line, `"watchcat":2`, `"watchcat":3`, 1)),
		"no JSON":       withSum("x" + line),
		"no log":        withSum(strings.Replace(line, `"sha256":"`, `"x":"`, 1)),
		"a path":        withSum(strings.Replace(line, `"sha256":"`, `"sha256":"../../`, 1)),
	} {
		writeFile(t, path, bad)
		before := s.asked.Load()
		for range 2 {
			if got, err := read(t, l, s.URL, ""); got != "the real log\n" || err != nil {
				t.Errorf("%s: got %q, %v", name, got, err)
			}
		}
		if n := s.asked.Load() - before; n != 1 {
			t.Errorf("%s: asked %d times, want 1", name, n)
		}
	}
}

// TestLogOfZeros: a crash of the machine may leave a log's length and lose what
// is in it. The reader learns that at the end, and the next one gets the log.
func TestLogOfZeros(t *testing.T) {
	const log = "the real log\n"
	s := serve(t, text(log))
	l, _, blob := filled(t, logs.Options{CacheDir: t.TempDir()}, s.URL)
	writeFile(t, blob, strings.Repeat("\x00", len(log)))
	if _, err := read(t, l, s.URL, ""); lacks(err, "the cache held another log for "+s.URL) {
		t.Errorf("error %v", err)
	}
	if got, err := read(t, l, s.URL, ""); got != log || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if n := s.asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

// What the log of the cache's troubles says is fit for people.
func TestTroubleIsSaid(t *testing.T) {
	s := serve(t, text("a log"))
	var said bytes.Buffer
	l, path, _ := filled(t, logs.Options{CacheDir: t.TempDir(), Log: slog.New(slog.NewTextHandler(&said, nil))}, s.URL)
	entry, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(entry), "\n")
	writeFile(t, path, withSum(strings.Replace(line, s.URL, "http://127.0.0.1:99999", 1)))
	if _, err := read(t, l, s.URL, ""); err != nil {
		t.Fatal(err)
	}
	if got := said.String(); !strings.Contains(got, "another URL") || strings.Contains(got, "%!") {
		t.Errorf("the log says %s", got)
	}
}

// TestCacheOutOfOrder: a cache that cannot be written costs downloads, no logs.
func TestCacheOutOfOrder(t *testing.T) {
	s := serve(t, text("a log"))
	dir := t.TempDir()
	l := newLogs(t, logs.Options{CacheDir: dir})
	writeFile(t, filepath.Join(dir, "log-store", "tmp"), "a file")
	for range 2 {
		if got, err := read(t, l, s.URL, ""); got != "a log" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if err := l.Fetch(t.Context(), ended(s.URL), ""); lacks(err, "could not be written") {
		t.Errorf("fetch: error %v", err)
	}
	if n := s.asked.Load(); n != 3 {
		t.Errorf("asked %d times", n)
	}
	if _, err := logs.New(logs.Options{CacheDir: filepath.Join(dir, "log-store", "tmp")}); lacks(err, "cache: ") {
		t.Errorf("error %v", err)
	}
}

// TestCacheIsRemovedMeanwhile: the cache is made again as it is needed.
func TestCacheIsRemovedMeanwhile(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(r.URL.Path)) })
	dir := t.TempDir()
	l := newLogs(t, logs.Options{CacheDir: dir})
	for _, path := range []string{"/a", "/b"} {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, err := read(t, l, s.URL+path, ""); got != path || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
		}
	}
	if n := s.asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
}
