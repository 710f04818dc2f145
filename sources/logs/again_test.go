package logs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// asked is what a server was asked for, and what it answered.
type asked struct {
	Code         int
	Range, Since string // and If-Range, If-None-Match or If-Modified-Since
}

// versions is a log server whose log may change.
type versions struct {
	*logServer
	log, etag, modified string
	encoding            string
	seen                []asked
}

func serveVersions(t *testing.T) *versions {
	v := &versions{}
	v.logServer = serve(t, func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{"ETag": v.etag, "Content-Encoding": v.encoding} {
			if value != "" {
				w.Header().Set(name, value)
			}
		}
		var modified time.Time
		if v.modified != "" {
			modified, _ = http.ParseTime(v.modified)
		}
		code := &codeWriter{ResponseWriter: w}
		http.ServeContent(code, r, "log.txt", modified, strings.NewReader(v.log))
		v.seen = append(v.seen, asked{code.code, r.Header.Get("Range"), r.Header.Get("If-None-Match") + r.Header.Get("If-Modified-Since")})
	})
	return v
}

type codeWriter struct {
	http.ResponseWriter
	code int
}

func (w *codeWriter) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}

// TestLogsOfRunningJobsAreAskedForAgain: only what changed is downloaded.
func TestLogsOfRunningJobsAreAskedForAgain(t *testing.T) {
	const monday, tuesday = "Mon, 16 Nov 2026 10:00:00 GMT", "Tue, 17 Nov 2026 10:00:00 GMT"
	for name, tt := range map[string]struct {
		etags, dates [2]string // of the log before and after it grew
		encoded      bool
		want         []asked
	}{
		"entity tag":  {etags: [2]string{`"1"`, `"2"`}, want: []asked{{Code: 200}, {304, "", `"1"`}, {200, "", `"1"`}, {304, "", `"2"`}}},
		"weak tag":    {etags: [2]string{`W/"1"`, `W/"2"`}, want: []asked{{Code: 200}, {304, "", `W/"1"`}, {200, "", `W/"1"`}, {304, "", `W/"2"`}}},
		"date":        {dates: [2]string{monday, tuesday}, want: []asked{{Code: 200}, {304, "", monday}, {200, "", monday}, {304, "", tuesday}}},
		"encoded":     {etags: [2]string{`"1"`, `"2"`}, encoded: true, want: []asked{{Code: 200}, {304, "", `"1"`}, {200, "", `"1"`}, {304, "", `"2"`}}},
		"neither":     {want: []asked{{Code: 200}, {Code: 200}, {Code: 200}, {Code: 200}}},
		"a tag of \t": {etags: [2]string{"\"\t\"", "\"\t\""}, want: []asked{{Code: 200}, {Code: 200}, {Code: 200}, {Code: 200}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serveVersions(t)
			l := newLogs(t, logs.Options{CacheDir: t.TempDir()})
			for i, want := range []string{"begun\n", "begun\n", "begun\nand ended\n", "begun\nand ended\n"} {
				s.log, s.etag, s.modified = want, tt.etags[i/2], tt.dates[i/2]
				if tt.encoded {
					s.log, s.encoding = zip(t, want), "gzip"
				}
				got, err := readJob(t, l, classify.Job{LogURL: s.URL, Result: "RUNNING"}, "")
				if got != want || err != nil {
					t.Errorf("%d: got %q, %v; want %q", i, got, err, want)
				}
			}
			if diff := cmp.Diff(tt.want, s.seen); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestUnchangedIsRememberedForGood: that the job ended is learned with the
// answer that its log is the same.
func TestUnchangedIsRememberedForGood(t *testing.T) {
	s := serveVersions(t)
	s.log, s.etag = "a log", `"1"`
	dir := t.TempDir()
	l := newLogs(t, logs.Options{CacheDir: dir, KeepAbsent: 1})
	for _, result := range []string{"RUNNING", "FAILURE", "FAILURE"} {
		job := classify.Job{LogURL: s.URL, Source: "a source", Result: result}
		if got, err := readJob(t, l, job, ""); got != s.log || err != nil {
			t.Errorf("%s: got %q, %v", result, got, err)
		}
	}
	if diff := cmp.Diff([]asked{{Code: 200}, {304, "", `"1"`}}, s.seen); diff != "" {
		t.Error(diff)
	}
}

// TestUnchangedOther: a server that looks at the time alone, and has written the
// log twice in a second, says itself that it is another.
func TestUnchangedOther(t *testing.T) {
	tag, log := `"1"`, "a log"
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		w.Header().Set("Last-Modified", "Sat, 21 Nov 2026 10:00:00 GMT")
		if r.Header.Get("If-Modified-Since") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		io.WriteString(w, log)
	})
	l := newLogs(t, logs.Options{CacheDir: t.TempDir()})
	for _, tt := range []struct {
		tag, want string
		asked     int32
	}{{`"1"`, "a log", 1}, {`"1"`, "a log", 2}, {`W/"1-gzip"`, "a log", 3}, {`"2"`, "another", 5}} {
		tag = tt.tag
		if got, err := readJob(t, l, classify.Job{LogURL: s.URL}, ""); got != tt.want || err != nil {
			t.Errorf("%s: got %q, %v", tt.tag, got, err)
		}
		if n := s.asked.Load(); n != tt.asked {
			t.Errorf("%s: asked %d times, want %d", tt.tag, n, tt.asked)
		}
		log = "another"
	}
}

// TestNothingIsSameAsALostLog: without the log there is nothing to compare.
func TestNothingIsSameAsALostLog(t *testing.T) {
	s := serveVersions(t)
	s.log, s.etag = "a log", `"1"`
	l, _, blob := filled(t, logs.Options{CacheDir: t.TempDir()}, s.URL)
	if err := os.Remove(blob); err != nil {
		t.Fatal(err)
	}
	if got, err := readJob(t, l, classify.Job{LogURL: s.URL}, ""); got != "a log" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if diff := cmp.Diff([]asked{{Code: 200}, {Code: 200}}, s.seen); diff != "" {
		t.Error(diff)
	}
}

func TestFetch(t *testing.T) {
	s := serveVersions(t)
	s.log, s.encoding = zip(t, zip(t, strings.Repeat("a line\n", 200_000))), "gzip"
	dir := t.TempDir()
	l := newLogs(t, logs.Options{CacheDir: dir})
	for range 2 {
		if err := l.Fetch(t.Context(), ended(s.URL), ""); err != nil {
			t.Fatal(err)
		}
	}
	_, blobs, _ := stored(t, dir)
	if len(blobs) != 1 {
		t.Fatalf("%d logs", len(blobs))
	}
	if sent, err := os.ReadFile(blobs[0]); string(sent) != s.log || err != nil {
		t.Errorf("the cache holds %d bytes; sent were %d; %v", len(sent), len(s.log), err)
	}
	s.Close()
	if got, err := read(t, l, s.URL, ""); len(got) != 1_400_000 || err != nil {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	if len(s.seen) != 1 {
		t.Errorf("asked for %v", s.seen)
	}
}

// TestFetchedPage: that a page is no log is seen when it is opened, and it is not
// remembered then.
func TestFetchedPage(t *testing.T) {
	s := serveVersions(t)
	l := newLogs(t, logs.Options{CacheDir: t.TempDir()})
	s.log = "<html><body>try again later</body></html>"
	if err := l.Fetch(t.Context(), ended(s.URL), ""); err != nil {
		t.Fatal(err)
	}
	s.log = "a log"
	if _, err := read(t, l, s.URL, ""); lacks(err, "not a log") {
		t.Errorf("error %v", err)
	}
	if got, err := read(t, l, s.URL, ""); got != "a log" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestFetchInVain(t *testing.T) {
	s := serve(t, http.NotFound)
	local, _ := tree(t, nil)
	for name, tt := range map[string]struct {
		o        logs.Options
		url, err string
	}{
		"not there":    {logs.Options{CacheDir: t.TempDir()}, s.URL, "404 Not Found"},
		"no cache":     {logs.Options{}, s.URL, "there is no cache to download it into"},
		"no URL":       {logs.Options{CacheDir: t.TempDir()}, "x", "no proper URL"},
		"offline":      {logs.Options{CacheDir: t.TempDir(), Offline: true}, s.URL, "not in the cache, and offline"},
		"a local file": {logs.Options{}, local, ""},
	} {
		err := newLogs(t, tt.o).Fetch(t.Context(), ended(tt.url), "x")
		if (err == nil) != (tt.err == "") || err != nil && lacks(err, tt.err) {
			t.Errorf("%s: error %v, want %q", name, err, tt.err)
		}
	}
}

// cutServer sends so many bytes of a log at a time and hangs up.
func cutServer(t *testing.T, log string, piece int, tamper func(n int, h http.Header)) *versions {
	v := &versions{log: log}
	v.logServer = serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		var start int
		code := http.StatusOK
		if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &start); err == nil {
			code = http.StatusPartialContent
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, len(log)-1, len(log)))
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(log)-start))
		tamper(len(v.seen), w.Header())
		if tampered := w.Header().Get("Status"); tampered != "" {
			fmt.Sscan(tampered, &code)
		}
		v.seen = append(v.seen, asked{code, r.Header.Get("Range"), r.Header.Get("If-Range")})
		w.WriteHeader(code)
		io.WriteString(w, log[start:min(start+piece, len(log))])
		if start+piece < len(log) {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	})
	return v
}

func TestResume(t *testing.T) {
	const log = "0123456789abcdefghij"
	nothing := func(int, http.Header) {}
	onResume := func(name, value string) func(int, http.Header) {
		return func(n int, h http.Header) {
			if n > 0 {
				h.Set(name, value)
			}
		}
	}
	always := func(name, value string) func(int, http.Header) {
		return func(_ int, h http.Header) { h.Set(name, value) }
	}
	first, second := asked{Code: 200}, asked{206, "bytes=10-", `"1"`}
	for name, tt := range map[string]struct {
		piece  int
		tamper func(n int, h http.Header)
		want   string // "": all
		seen   []asked
	}{
		"whole":                    {99, nothing, "", []asked{first}},
		"once":                     {10, nothing, "", []asked{first, second}},
		"three times":              {5, nothing, "", []asked{first, {206, "bytes=5-", `"1"`}, second, {206, "bytes=15-", `"1"`}}},
		"no more than three times": {4, nothing, log[:16], []asked{first, {206, "bytes=4-", `"1"`}, {206, "bytes=8-", `"1"`}, {206, "bytes=12-", `"1"`}}},
		"before the first byte":    {0, nothing, "-", []asked{first, first, first, first}},
		"of unknown total":         {10, onResume("Content-Range", "bytes 10-19/*"), "", []asked{first, second}},
		"by date": {10, func(_ int, h http.Header) { h.Del("ETag"); h.Set("Last-Modified", "Mon, 16 Nov 2026 10:00:00 GMT") }, "",
			[]asked{first, {206, "bytes=10-", "Mon, 16 Nov 2026 10:00:00 GMT"}}},
		"weak tag":           {10, always("ETag", `W/"1"`), log[:10], []asked{first}},
		"no ranges":          {10, always("Accept-Ranges", "none"), log[:10], []asked{first}},
		"another log":        {10, onResume("ETag", `"2"`), log[:10], []asked{first, second}},
		"another length":     {10, onResume("Content-Range", "bytes 10-19/21"), log[:10], []asked{first, second}},
		"another part":       {10, onResume("Content-Range", "bytes 9-19/20"), log[:10], []asked{first, second}},
		"no part":            {10, onResume("Content-Range", "gone"), log[:10], []asked{first, second}},
		"another encoding":   {10, onResume("Content-Encoding", "gzip"), log[:10], []asked{first, second}},
		"all from the start": {10, onResume("Status", "200"), log[:10], []asked{first, {200, "bytes=10-", `"1"`}}},
		"too late":           {10, onResume("Status", "416"), log[:10], []asked{first, {416, "bytes=10-", `"1"`}}},
		"gone":               {10, onResume("Status", "404"), log[:10], []asked{first, {404, "bytes=10-", `"1"`}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := cutServer(t, log, tt.piece, tt.tamper)
			dir := t.TempDir()
			got, err := read(t, newLogs(t, logs.Options{CacheDir: dir}), s.URL, "")
			want := strings.Trim(tt.want, "-")
			if tt.want == "" {
				want = log
			}
			if got != want || errors.Is(err, io.ErrUnexpectedEOF) != (tt.want != "") {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
			if diff := cmp.Diff(tt.seen, s.seen); diff != "" {
				t.Error(diff)
			}
			if urls, _, temp := stored(t, dir); len(urls) != len(want)/len(log) || len(temp) != 0 {
				t.Errorf("%d entries, %d downloads left", len(urls), len(temp))
			}
		})
	}
}

// TestNoResumeAfterCancel: nobody waits for the rest any more.
func TestNoResumeAfterCancel(t *testing.T) {
	begun, done := make(chan struct{}), make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"1"`)
		w.(http.Flusher).Flush()
		close(begun)
		<-done
	})
	defer close(done)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	l := newLogs(t, logs.Options{CacheDir: t.TempDir()})
	if err := l.Fetch(ctx, ended(s.URL), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n := s.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}
