package logs

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// FuzzEntry: what is believed leads to a file of the cache and nowhere else, and
// is written as it was read.
func FuzzEntry(f *testing.F) {
	for _, line := range []string{
		`{"watchcat":2,"url":"http://log.test/","code":404,"checked":"2026-11-21T10:00:00Z"}`,
		`{"watchcat":2,"url":"http://log.test/","code":200,"checked":"2026-11-21T10:00:00Z","size":1,"sha256":"` + strings.Repeat("ab", 32) + `"}`,
		`{"watchcat":2,"code":200,"sha256":"../../x"}`,
		`{"watchcat":1}`, `{`, ``,
	} {
		f.Add([]byte(line), true)
		f.Add([]byte(line), false)
	}
	c := &cache{dir: "/cache"}
	f.Fuzz(func(t *testing.T, text []byte, summed bool) {
		if summed {
			text = append(append(text, '\n'), checksum(text)...)
		}
		e, err := parseEntry(text)
		if err != nil {
			return
		}
		if e.Code == http.StatusOK {
			if path := c.blobPath(e.Blob); filepath.Dir(filepath.Dir(path)) != "/cache/blobs" {
				t.Errorf("leads to %s", path)
			}
		}
		again, err := e.text()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := parseEntry(again); back != e || err != nil {
			t.Errorf("%+v became %+v, %v", e, back, err)
		}
		if bytes.Count(again, []byte("\n")) != 2 {
			t.Errorf("%d lines: %s", bytes.Count(again, []byte("\n")), again)
		}
	})
}

// FuzzContentRange: what is read is where a part starts, and is not negative.
func FuzzContentRange(f *testing.F) {
	for _, value := range []string{"bytes 10-19/20", "bytes 10-19/*", "bytes */20", "bytes -5-9/20", "items 1-2/3", "bytes 1-2/-3", "bytes 1-2", ""} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		start, total, err := contentRange(value)
		if err == nil && (start < 0 || total < -1) {
			t.Errorf("%q is %d of %d", value, start, total)
		}
	})
}

// BenchmarkPrune looks through a cache of 10,000 entries of 404.
func BenchmarkPrune(b *testing.B) {
	c := &cache{dir: b.TempDir()}
	for n := range 10_000 {
		url := "http://log.test/" + strings.Repeat("x", n%100) + time.Duration(n).String()
		if err := c.writeEntry(c.entryPath(url), entry{Version: entryVersion, URL: url, Code: http.StatusNotFound}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if pruned, err := c.prune(PruneOptions{}); err != nil || pruned.Entries != 0 {
			b.Fatal(pruned, err)
		}
	}
}
