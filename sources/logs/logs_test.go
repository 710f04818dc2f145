package logs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

func TestOpenURL(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RequestURI) })
	l := newLogs(t, logs.Options{})
	tests := []struct{ url, file, want string }{
		{"/job/", "console.log", "/job/console.log"},
		{"/job/", "logs/sub/a b+c.txt", "/job/logs/sub/a%20b+c.txt"},
		{"/job/", "100%.log", "/job/100%25.log"},
		{"/job/", "a?b#c", "/job/a%3Fb%23c"},
		{"/job/", "./x/../y", "/job/y"},
		{"/job/", `..\x`, `/job/..%5Cx`},
		{"/job/", "..x", "/job/..x"},
		{"/a%20b/", "c", "/a%20b/c"},
		{"/job/consoleText", "anything", "/job/consoleText"},
		{"/job/log?x=1#frag", "anything", "/job/log?x=1"},
		{"/?prefix=job/", "console.log", "/?prefix=job/console.log"},
	}
	for _, tt := range tests {
		if got, err := read(t, l, s.URL+tt.url, tt.file); got != tt.want || err != nil {
			t.Errorf("%s of %s: asked for %q, %v; want %q", tt.file, tt.url, got, err, tt.want)
		}
	}
}

func TestFilesOutsideTheFolder(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	url, _ := tree(t, map[string]string{"a": "x"})
	l := newLogs(t, logs.Options{})
	for _, base := range []string{s.URL + "/job/", url} {
		for _, file := range []string{"", ".", "..", "/", "../secret", "a/../../secret", "/etc/passwd", "./..", "a//", "//b", "a//../b", "a//b//../c", "a///b"} {
			if _, err := read(t, l, base, file); err == nil {
				t.Errorf("%q of %s was opened", file, base)
			}
		}
	}
	if n := s.asked.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	if _, err := read(t, l, s.URL+"/job/", "a.zip//b.zip//c.zip//d"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("archives three deep: %v", err)
	}
}

func TestBadLogURLs(t *testing.T) {
	l := newLogs(t, logs.Options{})
	for url, want := range map[string]string{
		"":                           "no proper URL",
		"relative/":                  "no proper URL",
		"http://u:hunter2@[::1/":     "no proper URL",
		"ftp://u:hunter2@127.0.0.1/": `the scheme of the URL is "ftp"`,
		"http://logs.example/":       "host logs.example is not on the list of log hosts; add it to [logs] hosts",
		"file://elsewhere/etc/":      "a file: URL of another host",
		"file:etc/":                  "a file: URL without a full path",
		"file:///nul%00/":            "a file: URL without a full path",
	} {
		if _, err := read(t, l, url, "x"); lacks(err, want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error %v lacks %q", url, err, want)
		}
	}
}

func TestWhatServersAnswer(t *testing.T) {
	const text = "one\ntwo \xff\xfe\x00 three\r\n"
	tests := []struct {
		name   string
		code   int
		header map[string]string
		body   string
		want   string
		err    string
	}{
		{name: "text", body: text, want: text},
		{name: "empty"},
		{name: "gzip", body: zip(t, text), want: text},
		{name: "gzip in gzip", body: zip(t, zip(t, text)), want: text},
		{name: "gzip encoded", header: map[string]string{"Content-Encoding": "gzip"}, body: zip(t, text), want: text},
		{name: "gzip of gzip, encoded", header: map[string]string{"Content-Encoding": "gzip"}, body: zip(t, zip(t, text)), want: text},
		{name: "empty gzip", body: zip(t, "")},
		{name: "not found", code: 404, err: "404 Not Found"},
		{name: "gone", code: 410, err: "410 Gone"},
		{name: "forbidden", code: 403, err: "403 Forbidden"},
		{name: "broken", code: 500, err: "500 Internal Server Error"},
		{name: "error page", body: "<!DOCTYPE html>\n<html><head><title>Oops\x1b[31m</title></head><body>sorry", err: `an HTML page with the title "Oops\x1b[31m", not a log`},
		{name: "error page in gzip", body: zip(t, "<html><body>sorry</body></html>"), err: "an HTML page, not a log"},
		{name: "cut gzip header", body: zip(t, text)[:5], err: "unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range tt.header {
					w.Header().Set(name, value)
				}
				if tt.code != 0 {
					w.WriteHeader(tt.code)
				}
				io.WriteString(w, tt.body)
			})
			l := newLogs(t, logs.Options{CacheDir: t.TempDir()})
			for range 2 { // the second time maybe from the cache
				got, err := read(t, l, s.URL+"/", "log")
				if got != tt.want || (err == nil) != (tt.err == "") || err != nil && lacks(err, tt.err) {
					t.Fatalf("got %q, %v; want %q, %q", got, err, tt.want, tt.err)
				}
				absent := tt.code == 404 || tt.code == 410 || strings.Contains(tt.err, "not a log")
				if errors.Is(err, fs.ErrNotExist) != absent {
					t.Errorf("is fs.ErrNotExist: %v, want %v", !absent, absent)
				}
			}
			want := int32(1)
			if tt.err != "" && tt.code != 404 && tt.code != 410 {
				want = 2 // other errors are not remembered
			}
			if n := s.asked.Load(); n != want {
				t.Errorf("asked %d times, want %d", n, want)
			}
		})
	}
}

// Where one file cannot be had, the engine tries the next one, unless that is of
// no use.
func TestUnreachable(t *testing.T) {
	url, dir := tree(t, map[string]string{"a": ""})
	link(t, "/etc/passwd", dir+"/outside")
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var code int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d/", &code); err == nil {
			w.WriteHeader(code)
		}
		io.WriteString(w, "<html><body>sorry</body></html>")
	})
	for _, tt := range []struct {
		url  string
		o    logs.Options
		want bool
	}{
		{url: s.URL + "/503/", want: true},
		{url: s.URL + "/401/", want: true},
		{url: "http://logs.example/", want: true}, // not listed
		{url: s.URL + "/403/"},
		{url: s.URL + "/404/"},
		{url: s.URL + "/410/"},
		{url: s.URL + "/page/"},
		{url: s.URL + "/job/", o: logs.Options{Offline: true}},
		{url: url},
	} {
		_, err := read(t, newLogs(t, tt.o), tt.url, "outside")
		if err == nil || errors.Is(err, classify.ErrUnreachable) != tt.want {
			t.Errorf("%s: error %v; unreachable: %t, want %t", tt.url, err, !tt.want, tt.want)
		}
	}
}

// Servers that answer every name, also one that is not there, with a page cost
// the engine the names that it tries in vain, and no more.
func TestSoftNotFound(t *testing.T) {
	for _, page := range []string{
		"<!DOCTYPE html>\n<html><head><title>Logs</title></head><body><div id=app></div></body></html>",
		"<html><head><title>Index of /job</title></head><body><pre>console.log</pre></body></html>",
	} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/job/console.log" {
				io.WriteString(w, "it went wrong\n")
				return
			}
			io.WriteString(w, page)
		})
		l := newLogs(t, logs.Options{})
		if got := classified(t, l, s.URL+"/job/"); got.Partial || got.Reason != "it went wrong" {
			t.Errorf("a log among pages: partial: %t, reason %q, missing %v", got.Partial, got.Reason, got.Missing)
		}
		got := classified(t, l, s.URL+"/gone/")
		if len(got.Missing) != 1 || !strings.HasSuffix(got.Missing[0].Why, ", not a log (nor is one of its 2 other names there)") {
			t.Errorf("pages alone: missing %v", got.Missing)
		}
	}
}

// What is not in the cache is told once a job, not once a name.
func TestOfflineIsToldOnce(t *testing.T) {
	l := newLogs(t, logs.Options{CacheDir: t.TempDir(), Offline: true})
	want := []classify.Missing{{File: "job-output.txt", Why: "open http://127.0.0.1/job/job-output.txt: " +
		"not in the cache, and offline (nor is one of its 2 other names there)"}}
	if diff := cmp.Diff(want, classified(t, l, "http://127.0.0.1/job/").Missing); diff != "" {
		t.Error(diff)
	}
}

func TestTextIsAskedFor(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header.Get("Accept")) })
	if got, err := read(t, newLogs(t, logs.Options{}), s.URL, ""); got != "text/plain, */*;q=0.5" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestCutDownloads(t *testing.T) {
	gz := zip(t, strings.Repeat("a line\n", 10_000)+"the last line\n")
	tests := []struct{ name, answer, want string }{
		{"length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf a log", "half a log"},
		{"chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhalf a log\r\n", "half a log"},
		{"gzip", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(gz), gz[:len(gz)-20]), "a line\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			url := rawServer(t, tt.answer)
			got, err := read(t, newLogs(t, logs.Options{CacheDir: dir}), url, "")
			if !strings.HasPrefix(got, tt.want) || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("got %.20q, %v; want what came and io.ErrUnexpectedEOF", got, err)
			}
			_, err = read(t, newLogs(t, logs.Options{CacheDir: dir, Offline: true}), url, "")
			if !errors.Is(err, logs.ErrOffline) {
				t.Errorf("half a log was remembered: %v", err)
			}
		})
	}
}

func TestGzipCutOnTheServerIsRemembered(t *testing.T) {
	gz := zip(t, strings.Repeat("a line\n", 10_000))
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, gz[:len(gz)-10]) })
	l := newLogs(t, logs.Options{CacheDir: t.TempDir()})
	for range 2 {
		got, err := read(t, l, s.URL, "")
		if !strings.HasPrefix(got, "a line\n") || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %.20q, %v", got, err)
		}
	}
	if n := s.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestSilenceCutsALog(t *testing.T) {
	done := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "begin")
		w.(http.Flusher).Flush()
		<-done
	})
	defer close(done)
	client, err := sources.NewClient(sources.ClientOptions{Hosts: []string{"127.0.0.1"}, Timeout: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	got, err := read(t, newLogs(t, logs.Options{Client: client}), s.URL, "")
	if got != "begin" || lacks(err, "the server said nothing for 500ms") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestLocal(t *testing.T) {
	url, dir := tree(t, map[string]string{"a.log": "text", "b/c d%.gz": zip(t, "zipped"), "e": ""})
	link(t, "/etc/passwd", dir+"/outside")
	link(t, "a.log", dir+"/inside")
	l := newLogs(t, logs.Options{})
	tests := []struct{ url, file, want, err string }{
		{url, "a.log", "text", ""},
		{url, "b/c d%.gz", "zipped", ""},
		{url, "e", "", ""},
		{url, "inside", "text", ""},
		{url, "outside", "", "escapes"},
		{url, "b", "", "not a regular file"},
		{url, "missing", "", "no such file"},
		{url + "missing/", "a.log", "", "no such file"},
		{url + "a.log", "whatever", "text", ""},
		{url + "missing", "whatever", "", "no such file"},
		{strings.TrimSuffix(url, "/"), "a.log", "", "a folder"},
	}
	for _, tt := range tests {
		got, err := read(t, l, tt.url, tt.file)
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && lacks(err, tt.err) {
			t.Errorf("%s of %s: got %q, %v", tt.file, tt.url, got, err)
		}
		if absent := tt.err == "no such file"; errors.Is(err, fs.ErrNotExist) != absent {
			t.Errorf("%s of %s: %v is fs.ErrNotExist: %v", tt.file, tt.url, err, !absent)
		}
	}
	if _, err := read(t, newLogs(t, logs.Options{NoLocal: true}), url, "a.log"); lacks(err, "local files are refused here") {
		t.Errorf("NoLocal: %v", err)
	}
}

// The errors of local files name the file once, and no call of the system.
func TestLocalErrors(t *testing.T) {
	url, dir := tree(t, map[string]string{"a.log": "text"})
	link(t, "/etc/passwd", dir+"/outside")
	l := newLogs(t, logs.Options{})
	for _, tt := range []struct{ url, file, want string }{
		{url, "missing", "open " + dir + "/missing: no such file or directory"},
		{url, "outside", "open " + dir + "/outside: path escapes from parent"},
		{url, "a.log/b", "open " + dir + "/a.log/b: not a directory"},
		{url + "missing/", "a", "open " + dir + "/missing/a: no such file or directory"},
		{url + "missing", "", "open " + dir + "/missing: no such file or directory"},
		{strings.TrimSuffix(url, "/"), "", "open " + dir + `: a folder; end its URL in "/" to read the files in it`},
	} {
		if _, err := read(t, l, tt.url, tt.file); fmt.Sprint(err) != tt.want {
			t.Errorf("error %v, want %s", err, tt.want)
		}
	}
	want := "list " + dir + "/missing/: no such file or directory"
	if _, err := l.List(t.Context(), classify.Job{LogURL: url + "missing/"}, "**"); fmt.Sprint(err) != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// A folder without a log is told once, and in words that are no system call's.
func TestEmptyFolder(t *testing.T) {
	url, dir := tree(t, nil)
	want := []classify.Missing{{File: "job-output.txt", Why: "open " + dir + "/job-output.txt: " +
		"no such file or directory (nor is one of its 2 other names there)"}}
	if diff := cmp.Diff(want, classified(t, newLogs(t, logs.Options{}), url).Missing); diff != "" {
		t.Error(diff)
	}
}

func TestList(t *testing.T) {
	url, dir := tree(t, map[string]string{"z.log": "", "b/c/d": "", "a": ""})
	link(t, "/etc/passwd", dir+"/outside")
	link(t, "a", dir+"/inside")
	link(t, ".", dir+"/loop")
	l := newLogs(t, logs.Options{})
	tests := []struct {
		url  string
		want []string
		err  error
	}{
		{url, []string{"a", "b/c/d", "inside", "z.log"}, nil},
		{url + "a", []string{"a"}, nil},
		{url + "missing/", nil, fs.ErrNotExist},
		{"http://127.0.0.1/job/console.log?x=y", []string{"console.log"}, nil},
	}
	for _, tt := range tests {
		got, err := l.List(t.Context(), classify.Job{LogURL: tt.url}, "**")
		if !errors.Is(err, tt.err) {
			t.Errorf("%s: error %v", tt.url, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.url, diff)
		}
	}
}

func TestCancel(t *testing.T) {
	url, _ := tree(t, map[string]string{"a": strings.Repeat("line\n", 1<<20)})
	ctx, cancel := context.WithCancel(t.Context())
	r, err := newLogs(t, logs.Options{}).Open(ctx, classify.Job{LogURL: url}, "a")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cancel()
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
