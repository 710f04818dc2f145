package periodic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/internal/printable"
)

// now is the present of the tests.
func now() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// newClient returns a client that may read from loopback.
func newClient(t *testing.T) *sources.Client {
	t.Helper()
	c, err := sources.NewClient(sources.ClientOptions{Typed: []string{"127.0.0.1"}, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// serve serves pages by their paths.
func serve(t *testing.T, pages map[string]string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, page) //nolint:errcheck // the client will tell
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// newSource returns a source of pages.
func newSource(t *testing.T, pages ...Page) *Source {
	t.Helper()
	s, err := New(Options{Name: "nightlies", Client: newClient(t), Pages: pages, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// list lists the jobs of one page, served at a path: the jobs, what was wrong
// (in one text) and where it was served.
func list(t *testing.T, page Page, path, text string) (jobs []classify.Job, wrong, host string) {
	t.Helper()
	host = serve(t, map[string]string{path: text})
	page.URL = host + path
	l, err := newSource(t, page).Jobs(t.Context())
	if err := errors.Join(append(l.Problems, err)...); err != nil {
		wrong = err.Error()
	}
	return l.Jobs, wrong, host
}

// read returns a file as text.
func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		if strings.Contains(name, "shared") {
			t.Skip("recorded pages are not here: ", err)
		}
		t.Fatal(err)
	}
	return string(data)
}

// run is what an index tells of a run.
func run(name, link string, at time.Time) classify.Job {
	return classify.Job{Name: name, Source: "nightlies", Pipeline: "periodic", Time: at, URL: link, LogURL: link}
}

func TestIndex(t *testing.T) {
	const apache, path = "testdata/apache.html", "/periodic/nightly-upgrade/"
	prague, err := time.LoadLocation("Europe/Prague")
	if err != nil {
		t.Fatal(err)
	}
	got, wrong, host := list(t, Page{}, path, read(t, apache))
	want := []classify.Job{
		run("nightly-upgrade", host+path+"1f2e3d4/", time.Date(2016, 8, 9, 12, 34, 0, 0, time.UTC)),
		run("nightly-upgrade", host+path+"a%20b/", time.Date(2016, 8, 10, 12, 34, 0, 0, time.UTC)),
		run("nightly-upgrade", host+path+"77aa88b/", time.Date(2016, 8, 11, 0, 1, 0, 0, time.UTC)),
	}
	if diff := cmp.Diff(want, got); diff != "" || wrong != "" {
		t.Errorf("-want +got\n%s%s", diff, wrong)
	}
	got, wrong, _ = list(t, Page{Job: "upgrade", Project: "p", Branch: "main", Pipeline: "weekly", Zone: "Europe/Prague"}, path, read(t, apache))
	first := classify.Job{Name: "upgrade", Source: "nightlies", Project: "p", Branch: "main", Pipeline: "weekly", Time: time.Date(2016, 8, 9, 12, 34, 0, 0, prague)}
	first.URL, first.LogURL = got[0].URL, got[0].LogURL
	if diff := cmp.Diff(first, got[0]); diff != "" || wrong != "" {
		t.Errorf("-want +got\n%s%s", diff, wrong)
	}
}

// The name of a job is the page's last folder, unless it was configured.
func TestFolderOf(t *testing.T) {
	for url, want := range map[string]string{
		"https://h/periodic/job-a/":           "job-a",
		"https://h/periodic/job-a":            "job-a",
		"https://h/periodic/job-a/index.html": "job-a",
		"https://h/periodic/job%20a/?C=M":     "job a",
		"https://h/":                          "h",
		"https://h":                           "h",
	} {
		if got := folderOf(url); got != want {
			t.Errorf("folderOf(%q) = %q, want %q", url, got, want)
		}
	}
}

// Recorded index pages of log servers: what a person reads in them.
func TestIndexRecorded(t *testing.T) {
	at := func(year int, month time.Month, day, hour, minute int) time.Time {
		return time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
	}
	for _, tt := range []struct {
		file string
		want func(page string) []classify.Job
	}{
		{"apache_pre_index_2013.html", func(page string) []classify.Job {
			return []classify.Job{run("logs", page+"traffic.html/", at(2013, 9, 1, 0, 15))}
		}},
		{"httpdir_1.html", func(page string) []classify.Job {
			return []classify.Job{run("logs", page+"zuul-info/", at(2022, 3, 23, 17, 31))}
		}},
		{"nginx_autoindex.html", func(page string) []classify.Job {
			return []classify.Job{
				run("logs", page+"20230120.log", at(2024, 10, 11, 0, 44)), run("logs", page+"20230121.log", at(2024, 10, 11, 0, 44)),
				run("logs", page+"fostja-tank-1.log", at(2025, 1, 25, 0, 49)), run("logs", page+"james.txt", at(2025, 1, 23, 23, 58)),
			}
		}},
		{"prow_0.html", func(page string) []classify.Job {
			const job = "pull-ci-openstack-k8s-operators-ci-framework-main-ansible-test"
			const path = "origin-ci-test/pr-logs/pull/openstack-k8s-operators_ci-framework/444/" + job + "/1691081796252340224"
			return []classify.Job{{
				Name: job, Source: "nightlies", Pipeline: "periodic", Result: "SUCCESS", Project: "openstack-k8s-operators/ci-framework", Branch: "main",
				Start: time.Date(2023, 8, 14, 13, 38, 24, 0, time.UTC), Time: time.Date(2023, 8, 14, 13, 42, 25, 0, time.UTC), Duration: 241,
				URL: strings.TrimSuffix(page, "/logs/") + "/view/gs/" + path, LogURL: "https://storage.googleapis.com/" + path + "/",
			}}
		}},
		{"cistatus-periodic.RENDERED.html", nil},
	} {
		t.Run(tt.file, func(t *testing.T) {
			got, wrong, host := list(t, Page{}, "/logs/", read(t, "../../../shared/samples/html/"+tt.file))
			if tt.want == nil {
				if len(got) != 0 || !strings.Contains(wrong, "no table of runs") {
					t.Errorf("got %d jobs, %q", len(got), wrong)
				}
				return
			}
			if diff := cmp.Diff(tt.want(host+"/logs/"), got); diff != "" || wrong != "" {
				t.Errorf("-want +got\n%s%s", diff, wrong)
			}
		})
	}
}

func TestSelectors(t *testing.T) {
	page := Page{
		DateFormat: "Mon 2 Jan, 15:04",
		Branch:     "trunk",
		Folder:     true,
		Select: Selectors{
			Row: "tr.run", Name: "h2", Link: "a.build@href", Log: "a.logs@href", Date: "td /^[A-Z][a-z]{2} .*/",
			Result: ".state@title", Branch: "td:last-child@data-branch", Length: "td:nth-child(3)",
		},
	}
	got, wrong, host := list(t, page, "/status/index.html", read(t, "testdata/dashboard.html"))
	want := []classify.Job{
		{
			Name: "deploy-multinode", Result: "FAILURE", Branch: "stable/2026.1", Duration: 3723,
			Time: time.Date(2026, 11, 20, 3, 10, 0, 0, time.UTC),
			URL:  host + "/t/local/build/5bae5607ae964331bb5878aec0777637", LogURL: "https://logs.example.org/deploy/77/",
		},
		{
			Name: "deploy-multinode", Result: "TIMED_OUT", Branch: "main", Duration: 3063,
			Time: time.Date(2026, 11, 19, 3, 10, 0, 0, time.UTC),
			URL:  host + "/t/local/build/6bae5607ae964331bb5878aec0777637",
		},
		{Name: "upgrade", Result: "SUCCESS", Branch: "trunk", Time: time.Date(2025, 12, 31, 3, 10, 0, 0, time.UTC)},
		{Name: "upgrade", Branch: "trunk", LogURL: host + "/up/3/"},
	}
	for i := range want {
		want[i].Source, want[i].Pipeline = "nightlies", "periodic"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if want := `1 of 4 jobs have no date that could be read; the first: date "" does not have the date_format`; !strings.Contains(wrong, want) {
		t.Errorf("problem %q, want %q", wrong, want)
	}
}

// A recorded page of a pipeline's runs says what Zuul's API said of them.
func TestSelectorsRecorded(t *testing.T) {
	page := Page{
		Job: "fallback", DateFormat: "01-02 15:04", Results: map[string]string{"#FF0000": "FAILURE", "#008800": "SUCCESS"},
		Select: Selectors{
			Row: "font", Name: "td.headers b", Link: "a@href", Date: `a /^\d\d-\d\d \d\d:\d\d$/`, Result: "@color", Length: `/(\d+ min)/`,
		},
	}
	const folder = "../../../shared/samples/"
	got, wrong, _ := list(t, page, "/", read(t, folder+"html/cistatus-periodic.RENDERED.html"))
	var builds []struct {
		Name     string   `json:"job_name"`
		Result   string   `json:"result"`
		End      string   `json:"end_time"`
		Duration *float64 `json:"duration"`
		Log      string   `json:"log_url"`
	}
	if err := json.Unmarshal([]byte(read(t, folder+"zuul/builds_rdo_periodic_2021.json")), &builds); err != nil {
		t.Fatal(err)
	}
	if len(got) != 50 || len(builds) != 50 || wrong != "" {
		t.Fatalf("%d jobs of %d builds: %s", len(got), len(builds), wrong)
	}
	for i, b := range builds {
		end, err := time.Parse("2006-01-02T15:04:05", b.End)
		if err != nil {
			t.Fatal(err)
		}
		j := got[i]
		if b.Result != "FAILURE" && b.Result != "SUCCESS" {
			b.Result = "" // the page shows all others in gray
		}
		// The page's dates have no year: five years later they are of another one.
		if j.Name != b.Name || j.Result != b.Result || j.LogURL != b.Log || j.Time.AddDate(-5, 0, 0).Sub(end.Truncate(time.Minute)) != 0 {
			t.Errorf("row %d: got %+v of build %+v", i, j, b)
		}
		if b.Duration != nil && math.Abs(float64(j.Duration)-*b.Duration) > 30 {
			t.Errorf("row %d: ran %v, want %v s", i, j.Duration, *b.Duration)
		}
	}
}

// A name that stands outside of many rows must not be looked for in all of them
// for each.
func TestManyRows(t *testing.T) {
	page := Page{Select: Selectors{Row: "tr", Name: "h2", Date: "td"}}
	jobs, wrong, _ := list(t, page, "/", "<table>"+strings.Repeat("<tr><td>2016-08-09 12:34", 10_000)+"</table><h2>all</h2>")
	if len(jobs) != 10_000 || jobs[0].Name != "all" || jobs[9_999].Name != "all" || wrong != "" {
		t.Errorf("%d jobs, %s", len(jobs), wrong)
	}
}

func TestBadPages(t *testing.T) {
	rows := Page{Select: Selectors{Row: "tr.run", Date: "td", Log: "b@href"}}
	for _, tt := range []struct {
		name string
		page Page
		text string
		want string
	}{
		{"no HTML", Page{}, `{"builds": []}`, "no table of runs"},
		{"empty", Page{}, "", "no table of runs"},
		{"binary", Page{}, "\x1f\x8b\x00\x00\xff", "no table of runs"},
		{"a login page", Page{}, "<html><title>Log in</title><form><table><tr><td>Name</td></tr></table></form></html>", "no table of runs"},
		{"links without dates", Page{}, `<table><tr><td><a href="a/">a</a></td></tr></table>`, "no table of runs"},
		{"files that are no logs", Page{}, `<title>Index of /</title><pre><a href="a.rpm">a</a>  09-Aug-2016 12:34 1K</pre>`, "no table of runs"},
		{"no row", rows, "<table><tr><td>x</td></tr></table>", `no element matches row "tr.run"`},
		{"rows of nothing", rows, `<table><tr class="run"><th>x</th></tr><tr class="run"><th>x</th></tr></table>`,
			`2 elements match row "tr.run", but none of them has a link ("a@href"), log ("b@href") or date ("td")`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			jobs, wrong, host := list(t, tt.page, "/x/", tt.text)
			if len(jobs) != 0 || !strings.Contains(wrong, tt.want) || !strings.Contains(wrong, "page "+host+"/x/: ") {
				t.Errorf("%d jobs, %q; want %q", len(jobs), wrong, tt.want)
			}
		})
	}
}

// An index of a folder without runs is no mistake.
func TestEmptyIndex(t *testing.T) {
	text := `<html><head><title>Index of /x</title></head><body><table><tr><th><a href="?C=N;O=D">Name</a></th></tr>
		<tr><td><a href="/">Parent Directory</a></td><td>09-Aug-2016 12:34</td></tr></table></body></html>`
	if jobs, wrong, _ := list(t, Page{}, "/x/", text); len(jobs) != 0 || wrong != "" {
		t.Errorf("%d jobs, %q", len(jobs), wrong)
	}
}

func TestPageTooLarge(t *testing.T) {
	text := read(t, "testdata/apache.html")
	host := serve(t, map[string]string{"/x/": text})
	for _, size := range []int{len(text) - 1, len(text)} {
		s, err := New(Options{Client: newClient(t), Pages: []Page{{URL: host + "/x/"}}, MaxPage: int64(size)})
		if err != nil {
			t.Fatal(err)
		}
		l, err := s.Jobs(t.Context())
		if small := size < len(text); small != (err != nil) || small != (len(l.Jobs) == 0) {
			t.Errorf("limit of %d bytes, page of %d: %d jobs, %v", size, len(text), len(l.Jobs), err)
		}
	}
}

// twoRuns is an index of two runs.
const twoRuns = `<title>Index of /</title><h1>Index of /</h1><hr><pre><a href="../">../</a>
<a href="1f2e3d4/">1f2e3d4/</a>      09-Aug-2016 12:34       -
<a href="77aa88b/">77aa88b/</a>      09-Aug-2016 13:34       -
</pre>`

// A page that fails costs itself only; the others' jobs come in their order.
func TestPagesFailAlone(t *testing.T) {
	host := serve(t, map[string]string{"/b/": twoRuns, "/c/": "?", "/d/": twoRuns})
	s := newSource(t, Page{URL: host + "/a/"}, Page{URL: host + "/b/"}, Page{URL: host + "/c/"}, Page{URL: host + "/d/"})
	l, err := s.Jobs(t.Context())
	if err != nil || l.Changes != 4 {
		t.Fatalf("%+v, %v", l, err)
	}
	var names strings.Builder
	for _, j := range l.Jobs {
		names.WriteString(j.Name)
	}
	if names.String() != "bbdd" {
		t.Errorf("jobs of %q", names.String())
	}
	if len(l.Problems) != 2 || !strings.Contains(l.Problems[0].Error(), host+"/a/") || !strings.Contains(l.Problems[1].Error(), host+"/c/") {
		t.Errorf("problems: %v", l.Problems)
	}
}

func TestAllPagesFail(t *testing.T) {
	host := serve(t, nil)
	l, err := newSource(t, Page{URL: host + "/a/"}, Page{URL: host + "/b/"}).Jobs(t.Context())
	if err == nil || !strings.Contains(err.Error(), "none of 2 pages") || !strings.Contains(err.Error(), host+"/a/") || len(l.Problems) != 0 {
		t.Errorf("%+v, %v", l, err)
	}
	if status, ok := errors.AsType[*sources.StatusError](err); !ok || status.Code != 404 {
		t.Errorf("the error hides its cause: %v", err)
	}
}

func TestJobsCancelled(t *testing.T) {
	host := serve(t, map[string]string{"/a/": read(t, "testdata/apache.html")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newSource(t, Page{URL: host + "/a/"}).Jobs(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Links are relative to where the page was found after redirects, or to what
// it says itself.
func TestBase(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/new/job/{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, twoRuns) }) //nolint:errcheck // the client will tell
	mux.Handle("/old/", http.RedirectHandler("/new/job/", http.StatusFound))
	mux.HandleFunc("/based/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<base href="http://logs.example.org/x/">`+twoRuns) //nolint:errcheck // the client will tell
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	l, err := newSource(t, Page{URL: s.URL + "/old/"}, Page{URL: s.URL + "/based/"}).Jobs(t.Context())
	if err != nil || len(l.Jobs) != 4 {
		t.Fatalf("%+v, %v", l, err)
	}
	if got, want := l.Jobs[0].LogURL, s.URL+"/new/job/1f2e3d4/"; got != want {
		t.Errorf("after a redirect: %s, want %s", got, want)
	}
	if got, want := l.Jobs[2].LogURL, "http://logs.example.org/x/1f2e3d4/"; got != want {
		t.Errorf("with a base: %s, want %s", got, want)
	}
}

func TestNewReportsAllMistakes(t *testing.T) {
	_, err := New(Options{Pages: []Page{
		{URL: "ftp://h/", Zone: "Mars/Base", DateFormat: "15:04", Depth: 5},
		{URL: "https://h/", Select: Selectors{Name: "a[", Link: "a /(/", Log: "a /x"}},
		{URL: "https://h/", Select: Selectors{Row: "tr:nope"}},
	}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"no client", `page "ftp://h/": url: want`, `zone "Mars/Base"`, `date_format "15:04" tells no day`,
		`page "https://h/": row: missing`, `name "a["`, `link "a /(/": error parsing regexp`, `log "a /x": a regular expression ends in "/"`,
		`row "tr:nope"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
	if _, err := New(Options{Client: newClient(t)}); err == nil || !strings.Contains(err.Error(), "no pages") {
		t.Errorf("without pages: %v", err)
	}
}

// What strangers wrote is shown on terminals and in reports.
func TestHostileWords(t *testing.T) {
	long := strings.Repeat("x", 3000)
	page := "<table><tr><td>a\x1b[2Jb\u202e</td><td>main\u200b" + long + "</td><td>" + long + "\x1b</td><td><a href='/" + long + "'>log</a></td></tr></table>"
	jobs, wrong, _ := list(t, Page{Select: Selectors{
		Row: "tr", Name: "td:nth-child(1)", Branch: "td:nth-child(2)", Date: "td:nth-child(3)",
	}}, "/", page)
	want := classify.Job{Source: "nightlies", Name: "a[2Jb", Branch: "main" + long[:251], Pipeline: "periodic"}
	if diff := cmp.Diff([]classify.Job{want}, jobs); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if len(wrong) > 600 || strings.Contains(wrong, "\x1b") {
		t.Errorf("the problem is %q", wrong)
	}
}

// FuzzPage reads whatever a server sends, in both ways.
func FuzzPage(f *testing.F) {
	for _, name := range []string{"testdata/apache.html", "testdata/dashboard.html"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("<pre><a href=x/>x</a> 31-Feb-2016 12:34 -"))
	f.Add([]byte("<table><tr><h2>\u202e</h2><td><a href=x/>x</a> 09-Aug-2016 12:34"))
	f.Add([]byte("<base href='//h'><table><tr><td><a href='//[::1'>09-Aug-2016 12:34"))
	f.Add([]byte("<base href='//h'><table><tr><td><a href='//_::1'>"))
	var pages []*page
	for _, p := range []Page{
		{URL: "http://h.example.org/a/b/"},
		{URL: "http://h.example.org/a/b/", DateFormat: "Mon 2 Jan, 15:04", Select: Selectors{
			Row: "tr", Name: "h2", Log: "a@href", Date: "td", Result: "@class", Branch: "b", Length: "td /(\\d.*)/",
		}},
	} {
		compiled, err := compile(p)
		if err != nil {
			f.Fatal(err)
		}
		pages = append(pages, compiled)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &Source{name: "fuzz", maxPage: 1 << 16, now: now}
		for _, p := range pages {
			at, err := url.Parse(p.URL)
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.parse(p, at, data)
			if err != nil {
				continue
			}
			for _, j := range r.jobs {
				check(t, j)
			}
			if p.fields != nil && len(r.jobs) == 0 && len(r.problems()) == 0 {
				t.Error("neither jobs nor a problem")
			}
		}
	})
}

// check reports what no job of a page may be.
func check(t *testing.T, j classify.Job) {
	t.Helper()
	if j.Name == "" || j.Source != "fuzz" || j.Pipeline != "periodic" || j.Duration < 0 {
		t.Errorf("job %+v", j)
	}
	for _, word := range []string{j.Name, j.Result, j.Project, j.Branch} {
		if word != printable.Line(word, maxName) {
			t.Errorf("word %q", word)
		}
	}
	for _, link := range []string{j.URL, j.LogURL} {
		u, err := url.Parse(link)
		if err != nil || link != "" && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil) {
			t.Errorf("link %q: %v", link, err)
		}
	}
}
