package logs_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// fileServer answers with texts by path and query, and notes what it was asked
// for. A text "→URL" is a redirect, one of three digits a status.
type fileServer struct {
	*logServer
	mu    sync.Mutex
	paths []string
}

func serveFiles(t *testing.T, files map[string]string) *fileServer {
	t.Helper()
	s := &fileServer{}
	s.logServer = serve(t, func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.paths = append(s.paths, r.URL.RequestURI())
		s.mu.Unlock()
		text, ok := files[r.URL.RequestURI()]
		to, redirect := strings.CutPrefix(text, "→")
		var code int
		switch n, _ := fmt.Sscanf(text, "%03d", &code); {
		case !ok:
			http.NotFound(w, r)
		case redirect:
			http.Redirect(w, r, to, http.StatusFound)
		case n == 1 && len(text) == 3:
			http.Error(w, text, code)
		default:
			fmt.Fprint(w, text)
		}
	})
	return s
}

// took returns what was asked for since the last call.
func (s *fileServer) took() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	paths := s.paths
	s.paths = nil
	return paths
}

// indexOf is nginx's index page of a folder.
func indexOf(names ...string) string {
	var page strings.Builder
	page.WriteString("<html><head><title>Index of /x/</title></head><body><pre><a href=\"../\">../</a>\n")
	for i, name := range names {
		fmt.Fprintf(&page, "<a href=%q>x</a>  11-Oct-2024 00:%02d  -\n", (&url.URL{Path: "./" + name}).String(), i)
	}
	return page.String() + "</pre></body></html>"
}

func TestListByManifest(t *testing.T) {
	const manifest = `{"tree":[{"name":"job-output.txt","mimetype":"text/plain","encoding":"gzip","last_modified":1596894667,"size":2537},
		{"name":"logs","mimetype":"application/directory","encoding":null,"children":[
			{"name":"b","mimetype":"application/directory","children":[{"name":"syslog.gz"},{"name":"ä b"}]},
			{"name":"a","mimetype":"application/directory","children":[{"name":"syslog"},{"name":"../x"},{"name":"y/z"},{"name":".."},{"name":"\u0007"}]},
			{"name":"empty","mimetype":"application/directory"}]}],"index_links":false}`
	s := serveFiles(t, map[string]string{"/7/zuul-manifest.json": manifest})
	l := newLogs(t, logs.Options{})
	for glob, want := range map[string][]string{
		"**":              {"job-output.txt", "logs/a/syslog", "logs/b/syslog.gz", "logs/b/ä b"},
		"logs/*/syslog*":  {"logs/a/syslog", "logs/b/syslog.gz"},
		"nothing/**":      nil,
		"job-output.txt*": {"job-output.txt"},
	} {
		got, err := l.List(t.Context(), ended(s.URL+"/7/"), glob)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", glob, err, diff)
		}
	}
	if diff := cmp.Diff([]string{"/7/zuul-manifest.json"}, s.took()); diff != "" {
		t.Errorf("asked for (-want +got)\n%s", diff)
	}
}

// What is asked for in case it is there costs no more than the index of the job's
// own folder, and nothing where all files are known.
func TestListGuesses(t *testing.T) {
	s := serveFiles(t, map[string]string{
		"/8/": indexOf("junit.xml", "console.txt", "a/"), "/8/a/": indexOf("junit.xml"),
		"/9/zuul-manifest.json": `{"tree":[{"name":"a","mimetype":"application/directory","children":[{"name":"junit.xml"}]}]}`,
	})
	l := newLogs(t, logs.Options{Guesses: []string{"**/*.xml", "**/*.tap"}})
	list := func(folder, glob string) []string {
		t.Helper()
		names, err := l.List(t.Context(), ended(s.URL+folder), glob)
		if err != nil {
			t.Errorf("%s%s: %v", folder, glob, err)
		}
		return names
	}
	got := [][]string{list("/8/", "**/*.xml"), list("/8/", "**/*.tap"), list("/9/", "**/*.xml")}
	if diff := cmp.Diff([][]string{{"junit.xml"}, nil, {"a/junit.xml"}}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/8/zuul-manifest.json", "/8/", "/9/zuul-manifest.json"}, s.took()); diff != "" {
		t.Errorf("asked for (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a/junit.xml", "junit.xml"}, list("/8/", "**/junit.xml")); diff != "" {
		t.Errorf("no guess (-want +got)\n%s", diff)
	}
}

// Recorded manifests, read by a person.
func TestListByRecordedManifests(t *testing.T) {
	for _, name := range []string{"manifest_1.json", "manifest_2.json", "manifest_3.json"} {
		text, err := os.ReadFile("../../../shared/samples/zuul/" + name)
		if err != nil {
			t.Skip("recorded manifests are not here: ", err)
		}
		s := serveFiles(t, map[string]string{"/zuul-manifest.json": string(text)})
		got, err := newLogs(t, logs.Options{}).List(t.Context(), ended(s.URL+"/"), "**")
		if diff := cmp.Diff([]string{"job-output.json", "job-output.txt"}, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", name, err, diff)
		}
	}
}

func TestListBuildOfJenkins(t *testing.T) {
	const build = "/job/folder/job/a/12/"
	s := serveFiles(t, map[string]string{
		build + "api/json?tree=artifacts%5BrelativePath%5D":           `{"_class":"hudson.model.FreeStyleBuild","artifacts":[{"relativePath":"out/a b.log"},{"relativePath":"x"},{"relativePath":"../y"}]}`,
		"/job/b/1/api/json?tree=artifacts%5BrelativePath%5D":          `{"_class":"org.jenkinsci.plugins.workflow.job.WorkflowRun"}`,
		"/job/m/OS=linux/3/api/json?tree=artifacts%5BrelativePath%5D": `{"artifacts":[{"relativePath":"x"}]}`,
		"/job/c/1/": indexOf("console.txt"), "/job/c/1/api/json?tree=artifacts%5BrelativePath%5D": `{}`,
	})
	for url, want := range map[string][]string{
		build: {"artifact/out/a b.log", "artifact/x", "consoleText"}, "/job/b/1/": {"consoleText"},
		"/job/m/OS=linux/3/": {"artifact/x", "consoleText"},
		"/job/c/1/":          {"console.txt"}, // a folder that is called so
	} {
		got, err := newLogs(t, logs.Options{}).List(t.Context(), ended(s.URL+url), "**")
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", url, err, diff)
		}
	}
}

// Only the pages are asked for that may show what a glob names, and each once.
func TestListByIndexPages(t *testing.T) {
	s := serveFiles(t, map[string]string{
		"/7/": indexOf("job-output.txt", "logs/", "other/", "gone/"), "/7/logs/": indexOf("a/", "b%#/", "top"),
		"/7/logs/a/": indexOf("syslog", "deep/"), "/7/logs/b%25%23/": indexOf("syslog.1 &"), "/7/logs/a/deep/": indexOf("syslog"), "/7/other/": indexOf("x"),
	})
	l := newLogs(t, logs.Options{})
	for _, tt := range []struct {
		glob        string
		want, asked []string
	}{
		{"*", []string{"job-output.txt"}, []string{"/7/zuul-manifest.json", "/7/"}},
		{"logs/*/syslog*", []string{"logs/a/syslog", "logs/b%#/syslog.1 &"}, []string{"/7/logs/", "/7/logs/a/", "/7/logs/b%25%23/"}},
		{"logs/**/syslog", []string{"logs/a/deep/syslog", "logs/a/syslog"}, []string{"/7/logs/a/deep/"}},
		{"logs/t*", []string{"logs/top"}, nil},
		{"**/x", []string{"other/x"}, []string{"/7/other/", "/7/gone/"}},
		{"[", nil, nil},
	} {
		got, err := l.List(t.Context(), ended(s.URL+"/7/"), tt.glob)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", tt.glob, err, diff)
		}
		if diff := cmp.Diff(tt.asked, s.took()); diff != "" {
			t.Errorf("%s: asked for (-want +got)\n%s", tt.glob, diff)
		}
	}
}

// The upload roles of Zuul write index.html into each folder of an object store,
// which has nothing at the folder itself.
func TestListObjectStore(t *testing.T) {
	s := serveFiles(t, map[string]string{
		"/7/index.html": indexOf("job-output.txt", "logs/index.html"), "/7/logs/index.html": indexOf("syslog"),
	})
	got, err := newLogs(t, logs.Options{}).List(t.Context(), ended(s.URL+"/7/"), "**")
	if diff := cmp.Diff([]string{"job-output.txt", "logs/syslog"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// A page that cannot be had costs what it shows.
func TestListPagesFailAlone(t *testing.T) {
	s := serveFiles(t, map[string]string{
		"/7/": indexOf("a/", "b/", "c/", "d/", "e/"), "/7/a/": "403", "/7/b/": "→http://elsewhere.example.org/",
		"/7/c/": "<html><title>Coverage</title><a href=x.html>x</a><a href=https://example.org>y</a></html>", "/7/d/": "400", "/7/e/": indexOf("f.log"),
	})
	l := newLogs(t, logs.Options{})
	for range 2 {
		got, err := l.List(t.Context(), ended(s.URL+"/7/"), "**")
		if diff := cmp.Diff([]string{"e/f.log"}, got); diff != "" {
			t.Error(diff)
		}
		for _, part := range []string{"list " + s.URL + "/7/: a/: ", "403", "b/: ", "elsewhere.example.org", "c/: no list of a folder's files", "d/: ", "400"} {
			if lacks(err, part) {
				t.Errorf("no %q in: %v", part, err)
			}
		}
		if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, classify.ErrUnreachable) {
			t.Errorf("error of the whole job: %v", err)
		}
	}
	if n := len(s.took()); n != 7 { // the manifest, the folder, and those in it
		t.Errorf("%d requests", n)
	}
}

// A server that breaks down is not asked further; what was listed stands.
func TestListCutShort(t *testing.T) {
	s := serveFiles(t, map[string]string{"/7/": indexOf("a.log", "b/", "c/"), "/7/b/": "500", "/7/c/": indexOf("d.log")})
	l := newLogs(t, logs.Options{})
	got, err := l.List(t.Context(), ended(s.URL+"/7/"), "**")
	if diff := cmp.Diff([]string{"a.log"}, got); diff != "" || !errors.Is(err, classify.ErrUnreachable) {
		t.Errorf("%v %s", err, diff)
	}
	if diff := cmp.Diff([]string{"/7/zuul-manifest.json", "/7/", "/7/b/"}, s.took()); diff != "" {
		t.Errorf("asked for (-want +got)\n%s", diff)
	}
}

func TestListWithoutListing(t *testing.T) {
	for name, page := range map[string]string{"404": "", "403": "403", "a page of its own": "<html><title>Results</title></html>", "a log": "line\nline\n"} {
		files := map[string]string{"/7/": page}
		if page == "" {
			files = nil
		}
		s := serveFiles(t, files)
		got, err := newLogs(t, logs.Options{}).List(t.Context(), ended(s.URL+"/7/"), "**")
		if got != nil || !errors.Is(err, errors.ErrUnsupported) || errors.Is(err, classify.ErrUnreachable) || lacks(err, "does not tell its files") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	l := newLogs(t, logs.Options{})
	for url, want := range map[string]error{"http://elsewhere.example.org/7/": classify.ErrUnreachable, "http://127.0.0.1:1/7/": classify.ErrUnreachable} {
		if got, err := l.List(t.Context(), ended(url), "**"); got != nil || !errors.Is(err, want) || errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %q, %v", url, got, err)
		}
	}
	if _, err := newLogs(t, logs.Options{Offline: true}).List(t.Context(), ended("http://127.0.0.1/7/"), "**"); !errors.Is(err, logs.ErrOffline) {
		t.Errorf("offline: %v", err)
	}
}

// A link that leads back shows what was seen, and folders without end have one.
func TestListLoops(t *testing.T) {
	var asked int
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch {
		case strings.HasSuffix(r.URL.Path, "json"):
			http.NotFound(w, r)
		case strings.HasPrefix(r.URL.Path, "/loop/"):
			fmt.Fprint(w, indexOf("a.log", "self/"))
		case strings.HasPrefix(r.URL.Path, "/deep/"):
			fmt.Fprint(w, indexOf(fmt.Sprint(asked), "a.log", "self/"))
		case strings.HasSuffix(r.URL.Path, "/wide/"):
			names := make([]string, 500)
			for i := range names {
				names[i] = fmt.Sprintf("%d/", i)
			}
			fmt.Fprint(w, indexOf(names...))
		default:
			fmt.Fprint(w, indexOf("a.log"))
		}
	})
	for path, want := range map[string]struct {
		files, asked int
		err          string
	}{
		"/loop/": {1, 3, ""}, "/deep/": {13, 14, "deeper than 12 folders"}, "/wide/": {199, 201, "more than 200 index pages"},
	} {
		asked = 0
		got, err := newLogs(t, logs.Options{}).List(t.Context(), ended(s.URL+path), "**/a.log")
		if len(got) != want.files || asked != want.asked || want.err == "" && err != nil || want.err != "" && lacks(err, want.err) {
			t.Errorf("%s: %d files of %d requests, %v", path, len(got), asked, err)
		}
	}
}

// What is known is believed for a while, on disk for longer, and offline.
func TestListIsRemembered(t *testing.T) {
	s := serveFiles(t, map[string]string{"/7/": indexOf("a.log", "b/"), "/7/b/": indexOf("c.log")})
	o := logs.Options{CacheDir: t.TempDir()}
	want := []string{"a.log", "b/c.log"}
	for range 2 {
		got, err := newLogs(t, o).List(t.Context(), ended(s.URL+"/7/"), "**")
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
	}
	if diff := cmp.Diff([]string{"/7/zuul-manifest.json", "/7/", "/7/b/"}, s.took()); diff != "" {
		t.Errorf("asked for (-want +got)\n%s", diff)
	}
	s.Close()
	o.Offline = true
	got, err := newLogs(t, o).List(t.Context(), ended(s.URL+"/7/"), "**")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("offline: %v %s", err, diff)
	}
}

// Many that ask for one job's files at once cost the requests of one.
func TestListAtOnce(t *testing.T) {
	s := serveFiles(t, map[string]string{"/7/": indexOf("a.log")})
	l := newLogs(t, logs.Options{})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := l.List(t.Context(), ended(s.URL+"/7/"), "*.log"); len(got) != 1 || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	wg.Wait()
	if diff := cmp.Diff([]string{"/7/zuul-manifest.json", "/7/"}, s.took()); diff != "" {
		t.Errorf("asked for (-want +got)\n%s", diff)
	}
}

// One that gives up leaves nothing wrong behind.
func TestListCancelled(t *testing.T) {
	s := serveFiles(t, map[string]string{"/7/": indexOf("a.log")})
	l := newLogs(t, logs.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.List(ctx, ended(s.URL+"/7/"), "**"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if got, err := l.List(t.Context(), ended(s.URL+"/7/"), "**"); len(got) != 1 || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// The engine reads the files that a rule's glob names.
func TestClassifyByGlob(t *testing.T) {
	s := serveFiles(t, map[string]string{
		"/7/": indexOf("job-output.txt", "logs/"), "/7/job-output.txt": "it ended\n", "/7/logs/": indexOf("a/", "b/"),
		"/7/logs/a/": indexOf("syslog.1"), "/7/logs/b/": indexOf("syslog.2", "messages"),
		"/7/logs/a/syslog.1": "all is well\n", "/7/logs/b/syslog.2": "well\nout of memory: killed frobd\n", "/7/logs/b/messages": "out of memory: killed x\n",
	})
	c, err := classify.Compile([]classify.Rule{{
		ID: "oom", Files: []string{"logs/*/syslog*"}, Pattern: `out of memory: killed (?P<what>\S+)`, Message: "no memory for {what}", Tag: "infra",
	}})
	if err != nil {
		t.Fatal(err)
	}
	for r := range c.Run(t.Context(), newLogs(t, logs.Options{}), []classify.Job{ended(s.URL + "/7/")}) {
		if len(r.Matches) != 1 || r.Reason != "no memory for frobd" || r.Matches[0].File != "logs/b/syslog.2" || r.Matches[0].Line != 2 || r.Partial {
			t.Errorf("%+v", r)
		}
	}
}
