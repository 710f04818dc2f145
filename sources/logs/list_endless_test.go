package logs_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// endless is how many redirects or folders the servers of TestListEndless have:
// more than anybody would follow, but not without end.
const endless = 10_000

// TestListEndless: an index that is redirected, or shows folders, ten thousand
// times over costs a bounded number of requests and a word that names the bound.
// The files that are found until then stand, and the job's console is read.
func TestListEndless(t *testing.T) {
	for _, tt := range []struct {
		name  string
		index http.HandlerFunc // of all folders below /7/
		most  int32            // requests, one for a manifest included
		files int
		why   string
	}{
		{"the index is redirected", redirectOn, 1 + 11, 0, "more than 10 redirects"},
		{"each folder's index is redirected", redirectBelow, 1 + 1 + 3*11, 1, "more than 10 redirects"},
		{"each folder has one more", oneDeeper, 1 + 13, 13, "deeper than 12 folders"},
		{"all folders in one", allBeside, 1 + 2, 1, "more than 10000 files"},
		{"more files than an index may show", allFiles, 1 + 1, 1, "the folder: its index shows more than 10000 files; the others were not looked at"},
		{"each folder has ten more", tenDeeper, 1 + 200, 200, "more than 200 index pages"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case strings.HasSuffix(r.URL.Path, "/job-output.txt"):
					fmt.Fprint(w, "it went wrong\n")
				case strings.HasSuffix(r.URL.Path, "/"):
					tt.index(w, r)
				default:
					http.NotFound(w, r)
				}
			})
			checkEndless(t, s, tt.most, tt.files, tt.why)
		})
	}
}

// redirectOn sends the index of a folder on to that of the next.
func redirectOn(w http.ResponseWriter, r *http.Request) {
	var n int
	fmt.Sscanf(r.URL.Path, "/7/%d/", &n)
	if n++; n <= endless {
		http.Redirect(w, r, fmt.Sprintf("/7/%d/", n), http.StatusFound)
		return
	}
	fmt.Fprint(w, indexOf("a.log"))
}

// redirectBelow shows three folders, whose indexes are sent on.
func redirectBelow(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/7/" {
		fmt.Fprint(w, indexOf("a.log", "10/", "20/", "30/"))
		return
	}
	redirectOn(w, r)
}

// oneDeeper shows a folder in each folder.
func oneDeeper(w http.ResponseWriter, r *http.Request) {
	names := []string{"a.log"}
	if n := strings.Count(r.URL.Path, "/"); n <= endless {
		names = append(names, fmt.Sprintf("%d/", n))
	}
	fmt.Fprint(w, indexOf(names...))
}

// allBeside shows all folders in one, and a file in each.
func allBeside(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/7/" {
		fmt.Fprint(w, indexOf("a.log"))
		return
	}
	names := make([]string, endless)
	for n := range names {
		names[n] = fmt.Sprintf("%d/", n)
	}
	fmt.Fprint(w, indexOf(names...))
}

// allFiles shows one file too many in one folder.
func allFiles(w http.ResponseWriter, _ *http.Request) {
	names := make([]string, endless+1)
	names[0] = "a.log"
	for n := range endless {
		names[n+1] = fmt.Sprintf("%d.txt", n)
	}
	fmt.Fprint(w, indexOf(names...))
}

// tenDeeper shows ten folders in each folder of four levels.
func tenDeeper(w http.ResponseWriter, r *http.Request) {
	names := []string{"a.log"}
	if level := strings.Count(r.URL.Path, "/"); level < 6 {
		for n := range 10 {
			names = append(names, fmt.Sprintf("%d-%d/", level, n))
		}
	}
	fmt.Fprint(w, indexOf(names...))
}

func checkEndless(t *testing.T, s *logServer, most int32, files int, why string) {
	t.Helper()
	start := time.Now()
	l := newLogs(t, logs.Options{})
	got, err := l.List(t.Context(), ended(s.URL+"/7/"), "**/a.log")
	if len(got) != files || lacks(err, why) {
		t.Errorf("%d files, %.300v; want %d, and %q", len(got), err, files, why)
	}
	if n := s.asked.Load(); n > most {
		t.Errorf("%d requests, want %d at most", n, most)
	}
	t.Logf("%d requests in %v", s.asked.Load(), time.Since(start))
	r := endlessResult(t, l, s.URL+"/7/")
	named := slices.ContainsFunc(r.Missing, func(m classify.Missing) bool { return m.File == "**/a.log" && strings.Contains(m.Why, why) })
	if r.Rule != "wrong" || !named {
		t.Errorf("the console's rule: %q, missing %+v; want %q", r.Rule, r.Missing, why)
	}
}

// endlessResult looks for a file by a glob and for what the console says.
func endlessResult(t *testing.T, l *logs.Logs, folder string) classify.Result {
	t.Helper()
	c, err := classify.Compile([]classify.Rule{
		{ID: "wrong", Files: []string{"job-output.txt"}, Literal: "wrong", Message: "it went wrong", Tag: "wrong"},
		{ID: "a", Files: []string{"**/a.log"}, Literal: "a", Message: "a", Tag: "a"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for r := range c.Run(t.Context(), l, []classify.Job{ended(folder)}) {
		return r
	}
	t.Fatal("no result")
	return classify.Result{}
}
