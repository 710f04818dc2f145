package periodic

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// listing is nginx's index of folders.
func listing(folders ...string) string {
	var page strings.Builder
	page.WriteString(`<title>Index of /</title><pre><a href="../">../</a>` + "\n")
	for _, name := range folders {
		fmt.Fprintf(&page, "<a href=\"%s/\">%s/</a>   09-Aug-2016 12:34   -\n", name, name)
	}
	return page.String() + "</pre>"
}

// One page leads to all jobs of a CI system: a folder a job, a folder a run.
func TestDepth(t *testing.T) {
	at := time.Date(2016, 8, 9, 12, 34, 0, 0, time.UTC)
	host := serve(t, map[string]string{
		"/p/": listing("a", "gone", "b", "x"), "/p/a/": listing("1", "2"), "/p/b/": listing("3"), "/p/x/": "<title>nothing</title>",
		"/q/": listing("p"), "/q/p/": listing("c"), "/q/p/c/": listing("4"),
	})
	for _, tt := range []struct {
		page     Page
		want     []classify.Job
		problems []string
	}{
		{Page{URL: host + "/p/", Depth: 1}, []classify.Job{
			run("a", host+"/p/a/1/", at), run("a", host+"/p/a/2/", at), run("b", host+"/p/b/3/", at),
		}, []string{"page " + host + "/p/gone/", "page " + host + "/p/x/: no table of runs"}},
		{Page{URL: host + "/q/", Depth: 2}, []classify.Job{run("c", host+"/q/p/c/4/", at)}, nil},
		{Page{URL: host + "/q/", Depth: 1, Job: "all"}, []classify.Job{run("all", host+"/q/p/c/", at)}, nil},
		{Page{URL: host + "/q/", Depth: 3}, nil, []string{host + "/q/p/c/4/"}},
		{Page{URL: host + "/p/", Depth: 1, Select: Selectors{Row: "a[href='1/']", Link: "@href"}}, []classify.Job{
			{Name: "a", Source: "nightlies", Pipeline: "periodic", URL: host + "/p/a/1/", LogURL: host + "/p/a/1/"},
		}, []string{"page " + host + "/p/gone/", "page " + host + "/p/b/: no element", "page " + host + "/p/x/: no element"}},
	} {
		l, err := newSource(t, tt.page, Page{URL: host + "/q/p/c/", Job: "other"}).Jobs(t.Context())
		if err != nil || len(l.Jobs) == 0 {
			t.Fatalf("depth %d: %v", tt.page.Depth, err)
		}
		if diff := cmp.Diff(tt.want, l.Jobs[:len(l.Jobs)-1:len(l.Jobs)-1], cmp.Transformer("nil", func(jobs []classify.Job) []classify.Job {
			return append([]classify.Job{}, jobs...)
		})); diff != "" {
			t.Errorf("depth %d (-want +got)\n%s", tt.page.Depth, diff)
		}
		for _, want := range tt.problems {
			if !strings.Contains(errors.Join(l.Problems...).Error(), want) {
				t.Errorf("depth %d: no %q in %v", tt.page.Depth, want, l.Problems)
			}
		}
		if len(l.Problems) != len(tt.problems) {
			t.Errorf("depth %d: problems %v", tt.page.Depth, l.Problems)
		}
	}
}

// The number of folders and runs that one page leads to is bounded, and what is
// left out is said.
func TestTooManyFolders(t *testing.T) {
	pages := map[string]string{}
	var jobs, runs []string
	for i := range maxFolders + 1 {
		jobs = append(jobs, fmt.Sprint("job-", i))
	}
	for i := range 51 {
		runs = append(runs, fmt.Sprint(i))
	}
	pages["/"] = listing(jobs...)
	for _, job := range jobs {
		pages["/"+job+"/"] = listing(runs...)
	}
	l, err := newSource(t, Page{URL: serve(t, pages) + "/", Depth: 1}).Jobs(t.Context())
	if err != nil || len(l.Jobs) != maxJobs || len(l.Problems) != 2 {
		t.Fatalf("%d jobs, %v, %v", len(l.Jobs), l.Problems, err)
	}
	for i, want := range []string{"201 folders are too many; the first 200 were read", "10200 runs are too many"} {
		if !strings.Contains(l.Problems[i].Error(), want) {
			t.Errorf("problem %v; want %q", l.Problems[i], want)
		}
	}
}

// Python's server tells no dates: the consoles will.
func TestIndexWithoutDates(t *testing.T) {
	got, wrong, host := list(t, Page{}, "/x/", `<title>Directory listing for /x/</title><ul><li><a href="1/">1/</a></li><li><a href="2/index.html">2/</a></li></ul>`)
	want := []classify.Job{run("x", host+"/x/1/", time.Time{}), run("x", host+"/x/2/", time.Time{})}
	if diff := cmp.Diff(want, got); diff != "" || wrong != "" {
		t.Errorf("%s (-want +got)\n%s", wrong, diff)
	}
	_, wrong, _ = list(t, Page{}, "/x/", `<title>Index of /x/</title><pre><a href="1/">1/</a> 09-Aug-2016 12:34 -
<a href="2/">2/</a> 31-Feb-2016 12:34 -</pre>`)
	if want := "1 of 2 jobs have no date that could be read"; !strings.Contains(wrong, want) {
		t.Errorf("problem %q; want %q", wrong, want)
	}
}

// What is wrong in a job history costs no more than it must.
func TestProw(t *testing.T) {
	got, wrong, host := list(t, Page{Job: "e2e", Results: map[string]string{"FAILURE": "BROKEN"}}, "/job-history/gs/b/logs/e2e", `<script>
  var allBuilds = [{"SpyglassLink":"/view/gs/b/logs/e2e/7","Started":"2026-11-20T10:00:00Z","Duration":60000000000,"Result":"FAILURE"},
  {"SpyglassLink":"/view/s3/b/logs/e2e/6","Started":"2026-11-20T09:00:00Z","Duration":-1},{"SpyglassLink":""},{"SpyglassLink":"//elsewhere/view/gs/b/1"}];
  var x;</script>`)
	want := []classify.Job{{
		Name: "e2e", Source: "nightlies", Pipeline: "periodic", Result: "BROKEN", Duration: 60,
		Start: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), Time: time.Date(2026, 11, 20, 10, 1, 0, 0, time.UTC),
		URL: host + "/view/gs/b/logs/e2e/7", LogURL: "https://storage.googleapis.com/b/logs/e2e/7/",
	}}
	if diff := cmp.Diff(want, got); diff != "" || wrong != "" {
		t.Errorf("%s (-want +got)\n%s", wrong, diff)
	}
	if _, wrong, _ := list(t, Page{}, "/x/", `var allBuilds = [{"Started":"x"}]`); !strings.Contains(wrong, "no table of runs") {
		t.Errorf("no JSON: %q", wrong)
	}
}
