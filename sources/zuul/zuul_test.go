package zuul

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

func TestOptions(t *testing.T) {
	client := newClient(t)
	for _, tt := range []struct {
		o    SourceOptions
		want []string // in the error
	}{
		{SourceOptions{}, []string{"url is missing", "no client"}},
		{SourceOptions{URL: "zuul.example.org", Client: client}, []string{"no web address"}},
		{SourceOptions{URL: "ssh://zuul.example.org", Client: client}, []string{"no web address"}},
		{SourceOptions{URL: "https://me:secret@zuul.example.org", Client: client}, []string{"credentials file"}},
		{SourceOptions{URL: "https://zuul.example.org/t/a/builds?job_name=x", Client: client}, []string{"holds a query"}},
		{SourceOptions{URL: "https://zuul.example.org/t/", Client: client}, []string{"names no tenant"}},
		{SourceOptions{URL: "https://zuul.example.org/t/%zz", Client: client}, []string{"no web address"}},
		{SourceOptions{URL: "https://zuul.example.org/t/a", Tenants: []string{"b"}, Client: client}, []string{"the tenant a"}},
		{SourceOptions{Name: "z", URL: "https://h", Cap: -1, Tenants: []string{""}, Jobs: []string{"a", ""}, Client: client},
			[]string{"zuul z:", "cap -1", "an empty tenant", "an empty job_name"}},
		{SourceOptions{URL: "https://h", Cap: maxCap + 1, Tenants: make([]string, maxTenants+1), Client: client}, []string{"cap 100001", "at most 100"}},
	} {
		_, err := NewSource(tt.o)
		for _, want := range tt.want {
			if !says(err, want) {
				t.Errorf("%+v: %v, want %q", tt.o, err, want)
			}
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the password is told: %v", err)
		}
	}
}

func TestURLs(t *testing.T) {
	for raw, want := range map[string][2]string{
		"https://zuul.example.org":                                 {"https://zuul.example.org", ""},
		"https://zuul.example.org/":                                {"https://zuul.example.org", ""},
		"https://zuul.example.org/tenants":                         {"https://zuul.example.org", ""},
		"https://zuul.example.org/api/":                            {"https://zuul.example.org", ""},
		"https://zuul.example.org:8443/zuul/":                      {"https://zuul.example.org:8443/zuul", ""},
		"https://zuul.example.org/t/open%20stack/builds":           {"https://zuul.example.org", "open stack"},
		"http://softwarefactory.example/zuul/t/local":              {"http://softwarefactory.example/zuul", "local"},
		"http://softwarefactory.example/zuul/api/tenant/a/builds/": {"http://softwarefactory.example/zuul", "a"},
	} {
		if root, tenant, err := parseURL(raw); err != nil || root != want[0] || tenant != want[1] {
			t.Errorf("%s: %q, %q, %v, want %q", raw, root, tenant, err, want)
		}
	}
}

func TestTenants(t *testing.T) {
	many := map[string][]row{"a": made(1), "b c": made(2), "d": {}}
	for _, tt := range []struct {
		name    string
		zuul    *fakeZuul
		path    string
		asked   []string
		want    map[string]int // jobs by the URL of their tenant's pages
		problem string
		err     string
	}{
		{name: "all", zuul: &fakeZuul{builds: many}, want: map[string]int{"/t/a": 1, "/t/b%20c": 2}},
		{name: "one by its page", zuul: &fakeZuul{builds: many}, path: "/t/b%20c/status", want: map[string]int{"/t/b%20c": 2}},
		{name: "two, one of them twice", zuul: &fakeZuul{builds: many}, asked: []string{"d", "a", "a"}, want: map[string]int{"/t/a": 1}},
		{name: "a wrong one", zuul: &fakeZuul{builds: map[string][]row{"a": made(1)}}, asked: []string{"a", "x"}, want: map[string]int{"/t/a": 1},
			problem: `there is no tenant "x"; there is a`},
		{name: "only a wrong one", zuul: &fakeZuul{builds: map[string][]row{"a": made(1)}}, asked: []string{"x"}, err: `there is no tenant "x"; there is a`},
		{name: "none at all", zuul: &fakeZuul{builds: map[string][]row{}}, err: "it has no tenants"},
		{name: "a host of its own", zuul: &fakeZuul{builds: many, alone: "b c"}, want: map[string]int{"": 2}},
		{name: "a host of its own, by name", zuul: &fakeZuul{builds: many, alone: "a"}, asked: []string{"a"}, want: map[string]int{"": 1}},
		{name: "a host of its own, by another name", zuul: &fakeZuul{builds: many, alone: "a"}, asked: []string{"d"}, err: `there is no tenant "d"; there is a`},
		{name: "not told", zuul: &fakeZuul{builds: many, answer: refuse("/api/tenants", 403)}, asked: []string{"a"}, want: map[string]int{"/t/a": 1}},
		{name: "not told, nor asked for", zuul: &fakeZuul{builds: many, answer: refuse("/api/tenants", 403)}, err: "list the tenants: get "},
		{name: "no Zuul", zuul: &fakeZuul{answer: htmlOnly}, err: "this is a web page"},
		{name: "one fails", zuul: &fakeZuul{builds: many, answer: refuse("/api/tenant/a/builds", 500)}, want: map[string]int{"/t/b%20c": 2},
			problem: "list builds of tenant a: get "},
		{name: "the only one fails", zuul: &fakeZuul{builds: many, answer: refuse("/api/tenant/a/builds", 500)}, path: "/t/a", err: "tenant a: get "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := tt.zuul.start(t)
			got, err := mustSource(t, SourceOptions{URL: z.url + tt.path, Tenants: tt.asked}).Jobs(t.Context())
			if !says(err, tt.err) || !says(errors.Join(got.Problems...), tt.problem) {
				t.Errorf("error %v, problems %v; want %q, %q", err, got.Problems, tt.err, tt.problem)
			}
			var jobs map[string]int
			for _, job := range got.Jobs {
				if jobs == nil {
					jobs = map[string]int{}
				}
				page, _, _ := strings.Cut(strings.TrimPrefix(job.URL, z.url), "/build/")
				jobs[page]++
			}
			if diff := cmp.Diff(tt.want, jobs); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// refuse answers the requests of a path by a status.
func refuse(path string, status int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == path {
			http.Error(w, "no", status)
		}
		return r.URL.Path == path
	}
}

// htmlOnly answers everything by a web page.
func htmlOnly(w http.ResponseWriter, _ *http.Request) bool {
	fmt.Fprint(w, "<!DOCTYPE html>\n<html>log in</html>") //nolint:errcheck // the client will tell
	return true
}

// A server of more tenants than are read says so.
func TestTooManyTenants(t *testing.T) {
	z := &fakeZuul{builds: map[string][]row{}}
	for i := range maxTenants + 5 {
		z.builds[fmt.Sprint("t", i)] = made(2)
	}
	z.start(t)
	got, err := mustSource(t, SourceOptions{URL: z.url, Cap: 1}).Jobs(t.Context())
	if err != nil || len(got.Jobs) != 1 || !got.Capped || len(z.asked) != 2 || !says(errors.Join(got.Problems...), "of 105 tenants only 100 are read") {
		t.Errorf("%d jobs, %v, %v", len(got.Jobs), got.Problems, err)
	}
}

// What Zuul tried again is not listed; what runs is, however long ago it began.
func TestResults(t *testing.T) {
	again := madeRow(5, noon, time.Minute)
	again["result"], again["final"] = "RETRY", false
	running := madeRow(4, noon.Add(-30*time.Hour), time.Minute)
	running["result"], running["end_time"], running["duration"], running["log_url"] = nil, nil, nil, "finger://zuul.example.org/1"
	lost := madeRow(3, noon, time.Minute)
	lost["result"] = nil
	hostile := madeRow(2, noon, time.Minute)
	hostile["job_name"], hostile["result"], hostile["error_detail"] = "a\x1b[31mb\nc", "FAIL\u202eURE", strings.Repeat("x", 5000)
	hostile["log_url"], hostile["duration"] = "javascript:alert(1)", "1e300"
	odd := row{"uuid": uuid, "job_name": "odd", "result": "FAILURE", "start_time": 7, "end_time": "2026-11-20T11:00:00.5Z", "duration": "61.9",
		"voting": "false", "final": nil, "artifacts": row{}, "ref": nil, "project": "p", "change": "12", "patchset": 3, "ref_url": "https://Review.example.org/12"}
	z := (&fakeZuul{builds: map[string][]row{"a": {again, running, lost, hostile, odd}}}).start(t)
	got := mustList(t, SourceOptions{Name: "z", URL: z.url, Since: noon.Add(-2 * time.Hour)})
	page := z.url + "/t/a/build/"
	known := classify.Job{Source: "z", Name: "unit", Project: "p", Branch: "main", Pipeline: "gate", Time: noon, Start: noon.Add(-time.Minute), Duration: 60}
	want := []classify.Job{known, known, known, {
		Source: "z", ID: uuid, URL: page + uuid, Name: "odd", Result: "FAILURE", Time: noon.Add(-time.Hour + 500*time.Millisecond), Duration: 61,
		Voting: new(false), Project: "p", Change: 12, PatchSet: 3, Server: "review.example.org", ChangeURL: "https://Review.example.org/12",
	}}
	for i, result := range []string{"RUNNING", "UNKNOWN", "FAILURE"} {
		want[i].ID = fmt.Sprintf("%032x", 4-i)
		want[i].Result, want[i].URL = result, page+want[i].ID
	}
	want[0].Time, want[0].Start, want[0].Duration = noon.Add(-30*time.Hour-time.Minute), noon.Add(-30*time.Hour-time.Minute), 0
	want[2].Name, want[2].Detail, want[2].Duration = "a[31mb c", strings.Repeat("x", maxDetail), classify.Seconds(longestRun.Seconds())
	if diff := cmp.Diff(want, got.Jobs); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got.Changes != 5 {
		t.Errorf("%d builds were looked at", got.Changes)
	}
}

// What failed as a whole has no builds, and is listed if it is asked for.
func TestBuildsets(t *testing.T) {
	ref := row{"project": "p", "branch": "main", "change": 12, "patchset": "3", "ref_url": "https://review.example.org/12"}
	set := func(id int, result string, end any) row {
		return row{"_id": id, "uuid": fmt.Sprintf("%032x", id), "result": result, "message": "Unknown\nproject x", "pipeline": "periodic",
			"event_timestamp": end, "first_build_start_time": nil, "last_build_end_time": nil, "refs": []row{ref}}
	}
	old := set(1, "MERGE_CONFLICT", nil)
	delete(old, "refs")
	z := (&fakeZuul{
		builds: map[string][]row{"a": made(1)},
		buildsets: map[string][]row{"a": {
			set(9, "FAILURE", "2026-11-20T11:00:00"), set(8, "CONFIG_ERROR", "2026-11-20T11:00:00"), set(7, "MERGE_CONFLICT", "2026-11-19T11:00:00"), old,
		}},
	}).start(t)
	o := SourceOptions{Name: "z", URL: z.url, Buildsets: true, Since: noon.Add(-2 * time.Hour)}
	got := mustList(t, o)
	want := classify.Job{
		ID: fmt.Sprintf("%032x", 8), Name: "(buildset)", Source: "z", Server: "review.example.org", Project: "p", Branch: "main", Pipeline: "periodic",
		Change: 12, PatchSet: 3, Result: "CONFIG_ERROR", Detail: "Unknown project x", Time: noon.Add(-time.Hour),
		URL: z.url + "/t/a/buildset/" + fmt.Sprintf("%032x", 8), ChangeURL: "https://review.example.org/12",
	}
	if len(got.Jobs) != 2 {
		t.Fatalf("%d jobs, want a build and a buildset: %+v", len(got.Jobs), got.Jobs)
	}
	if diff := cmp.Diff(want, got.Jobs[1]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if n := z.requests("/buildsets"); n != 2 { // the second finds no more
		t.Errorf("%d requests for buildsets", n)
	}
	o.Jobs = []string{"unit"}
	if got := mustList(t, o); len(got.Jobs) != 1 || z.requests("/buildsets") != 2 {
		t.Errorf("with jobs named: %+v", got.Jobs)
	}
}

// A server that answers every page with the first one is not asked for ever.
func TestRepeatedPage(t *testing.T) {
	z := (&fakeZuul{builds: map[string][]row{"a": made(150)}, idxMax: "ignored", noSkip: true}).start(t)
	got, err := mustSource(t, SourceOptions{URL: z.url}).Jobs(t.Context())
	if err != nil || len(got.Jobs) != 100 || !says(errors.Join(got.Problems...), "first page, whatever page is asked for") {
		t.Errorf("%d jobs, %v, %v", len(got.Jobs), got.Problems, err)
	}
}

// Rows that are no builds cost themselves only.
func TestBrokenRows(t *testing.T) {
	rows := made(3)
	rows[1] = row{"uuid": "<script>"}
	z := (&fakeZuul{builds: map[string][]row{"a": rows}}).start(t)
	got, err := mustSource(t, SourceOptions{URL: z.url}).Jobs(t.Context())
	if err != nil || len(got.Jobs) != 2 || len(got.Problems) == 0 ||
		!says(got.Problems[0], `list builds of tenant a: 1 of 3 builds could not be read, the first because this is no build: its uuid is "<script>"`) {
		t.Errorf("%d jobs, %v, %v", len(got.Jobs), got.Problems, err)
	}
}

// A build whose result cannot be read is told of, by its name, and is not taken
// for one that runs or of which nobody knows.
func TestOddResult(t *testing.T) {
	rows := made(3)
	rows[1]["result"] = row{"x": 1}
	z := (&fakeZuul{builds: map[string][]row{"a": rows}}).start(t)
	got, err := mustSource(t, SourceOptions{URL: z.url}).Jobs(t.Context())
	if diff := cmp.Diff([]int{3, 1}, numbers(got.Jobs)); err != nil || diff != "" {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	want := "of build " + rows[1]["uuid"].(string) + " of job unit the result is {\"x\":1}"
	if len(got.Problems) != 1 || !says(got.Problems[0], want) {
		t.Errorf("problems %v, want one that says %s", got.Problems, want)
	}
	if got.What != "build" || got.Cap != defaultCap {
		t.Errorf("what was looked at is %q, at most %d", got.What, got.Cap)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	z := &fakeZuul{builds: map[string][]row{"a": made(500)}}
	z.answer = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Has("idx_max") {
			cancel()
		}
		return false
	}
	z.start(t)
	got, err := mustSource(t, SourceOptions{URL: z.url}).Jobs(ctx)
	if !errors.Is(err, context.Canceled) || len(got.Jobs) < 100 {
		t.Errorf("%d jobs, %v; want those read until then", len(got.Jobs), err)
	}
}

func TestProbe(t *testing.T) {
	z := (&fakeZuul{builds: map[string][]row{"a": {}}}).start(t)
	got, err := mustSource(t, SourceOptions{URL: z.url}).Probe(t.Context())
	if err != nil || got != (sources.Server{Version: "Zuul 11.2.0"}) {
		t.Errorf("%+v, %v", got, err)
	}
	old := (&fakeZuul{builds: map[string][]row{"a": {}}, answer: refuse("/api/components", 404)}).start(t)
	if got, err := mustSource(t, SourceOptions{URL: old.url}).Probe(t.Context()); err != nil || got != (sources.Server{Version: "Zuul"}) {
		t.Errorf("an old one: %+v, %v", got, err)
	}
	if _, err := mustSource(t, SourceOptions{URL: z.url, Tenants: []string{"a", "x"}}).Probe(t.Context()); !says(err, `no tenant "x"`) {
		t.Errorf("a wrong tenant: %v", err)
	}
}
