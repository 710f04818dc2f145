package jenkins

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

const (
	folderClass = "com.cloudbees.hudson.plugins.folder.Folder"
	orgClass    = "jenkins.branch.OrganizationFolder"
	branchClass = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
)

// jobOf is a job as its folder lists it, with builds that succeeded.
func jobOf(name string, builds ...int) row {
	rows := []any{}
	for _, number := range builds {
		rows = append(rows, build1(number, "SUCCESS"))
	}
	return row{"_class": "hudson.model.FreeStyleProject", "name": name, "builds": rows}
}

func folderOf(class, name string, jobs ...any) row {
	return row{"_class": class, "name": name, "jobs": jobs}
}

// tree is a server with everything on it.
func tree(t *testing.T) *fakeJenkins {
	api := folderOf(branchClass, "api", jobOf("main", 2), jobOf("feature%2Fx", 1), jobOf("PR-7", 4))
	team := folderOf(folderClass, "team", api, jobOf("a b", 3))
	org := folderOf(orgClass, "org", folderOf(branchClass, "web", jobOf("main", 8)))
	matrix := jobOf("matrix", 6)
	matrix["activeConfigurations"] = []any{jobOf("OS=linux,CC=gcc", 6), jobOf("../x=y", 6)}
	j := (&fakeJenkins{}).start(t)
	nested := jobOf("main", 2)
	nested["url"] = j.url + "job/team/job/api/job/main/"
	j.pages = map[string]row{
		"": folderOf("hudson.model.Hudson", "", jobOf("plain", 12, 11), team, org, matrix, jobOf("never"),
			row{"_class": "org.example.Thing", "name": "thing"}, jobOf("..", 1), jobOf("", 1), 7, nil),
		"job/team/": team, "job/team/job/api/": api, "job/org/": org, "job/org/job/web/": folderOf(branchClass, "web", jobOf("main", 8)),
		"job/plain/": jobOf("plain", 12, 11), "job/matrix/OS=linux/": jobOf("OS=linux", 6),
		"view/mine/": folderOf("hudson.model.ListView", "mine", jobOf("plain", 12), nested),
	}
	return j
}

// names returns names, branches and pages of jobs, in few words.
func names(j *fakeJenkins, jobs []classify.Job) []string {
	var all []string
	for _, job := range jobs {
		all = append(all, strings.TrimSpace(fmt.Sprint(job.Name, " ", strings.TrimPrefix(job.URL, j.url), " ", job.Branch)))
	}
	slices.Sort(all)
	return all
}

func TestJobs(t *testing.T) {
	const (
		main, feature, pull = "team/api/main job/team/job/api/job/main/2/ main", "team/api/feature/x job/team/job/api/job/feature%252Fx/1/ feature/x", "team/api/PR-7 job/team/job/api/job/PR-7/4/ PR-7"
		ab, web             = "team/a b job/team/job/a%20b/3/", "org/web/main job/org/job/web/job/main/8/ main"
		matrix, linux       = "matrix job/matrix/6/", "matrix/OS=linux,CC=gcc job/matrix/OS=linux%2CCC=gcc/6/"
		plain11, plain12    = "plain job/plain/11/", "plain job/plain/12/"
	)
	for _, tt := range []struct {
		name  string
		path  string
		o     Options
		asked int
		want  []string
	}{
		{"all", "", Options{}, 6, []string{matrix, linux, web, plain11, plain12, ab, pull, feature, main}},
		{"by names", "", Options{Jobs: []string{"team/api/*", "plain"}}, 3, []string{plain11, plain12, pull, feature, main}},
		{"by any name", "", Options{Jobs: []string{"*main"}}, 5, []string{web, main}},
		{"by a name of a branch", "", Options{Jobs: []string{"team/api/feature/x"}}, 3, []string{feature}},
		{"a folder", "job/team", Options{}, 2, []string{ab, pull, feature, main}},
		{"many branches", "job/team/job/api/", Options{}, 1, []string{pull, feature, main}},
		{"a view", "view/mine/", Options{}, 1, []string{plain12, "team/api/main job/team/job/api/job/main/2/"}},
		{"a job", "job/plain/api/json", Options{}, 1, []string{plain11, plain12}},
		{"a job of a view", "view/mine/job/plain/", Options{}, 1, []string{plain11, plain12}},
		{"a configuration", "job/matrix/OS=linux/", Options{}, 1, []string{"matrix/OS=linux job/matrix/OS=linux/6/"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := tree(t)
			tt.o.URL = j.url + tt.path
			s := mustSource(t, tt.o)
			got, err := s.Jobs(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(tt.want)
			if diff := cmp.Diff(tt.want, names(j, got.Jobs)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if n := j.requests("?tree="); n != tt.asked {
				t.Errorf("%d requests, want %d: %q", n, tt.asked, j.asked)
			}
		})
	}
}

// Folders that lie too deep are told of.
func TestDepth(t *testing.T) {
	j := tree(t)
	got, err := mustSource(t, Options{URL: j.url, Depth: 1, Jobs: []string{"team*", "org*"}}).Jobs(t.Context())
	if err != nil || len(got.Jobs) != 1 || got.Jobs[0].Name != "team/a b" {
		t.Errorf("%v, %+v", err, got.Jobs)
	}
	if last := fmt.Sprint(got.Problems); !strings.Contains(last, "2 folders lie more than 1 deep") {
		t.Errorf("problems: %v", last)
	}
}

// many returns builds from number n to 1, one an hour, the last at noon.
func many(n int) []any {
	var all []any
	for i := range n {
		b := build1(n-i, "FAILURE")
		b["timestamp"] = noon.Add(-time.Duration(i) * time.Hour).UnixMilli()
		all = append(all, b)
	}
	return all
}

var noon = at("2024-05-01 12:00:00")

// Builds are read page by page, until those that ended before Since, or the cap.
func TestPaging(t *testing.T) {
	for _, tt := range []struct {
		name     string
		o        Options
		noRanges bool
		asked    int // pages of builds
		want     int // builds
		capped   bool
	}{
		{"all", Options{}, false, 4, 321 + 1, false},
		{"a server without ranges", Options{}, true, 2, 321 + 1, false},
		{"within the first page", Options{Since: noon.Add(-10 * time.Hour)}, false, 0, 11 + 1, false},
		{"within the second", Options{Since: noon.Add(-30 * time.Hour)}, false, 1, 31 + 1, false},
		{"exactly all", Options{Cap: 322}, false, 4, 322, false},
		{"cap", Options{Cap: 321}, false, 4, 321, true},
		{"small cap", Options{Cap: 7}, false, 0, 7, true},
		{"cap that old builds do not use up", Options{Cap: 3, Since: noon.Add(-time.Hour)}, false, 0, 3, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			busy, quiet := row{"name": "busy", "builds": many(321)}, row{"name": "quiet", "builds": many(1)}
			j := (&fakeJenkins{noRanges: tt.noRanges, pages: map[string]row{"": folderOf("", "", busy, quiet), "job/busy/": busy}}).start(t)
			tt.o.URL = j.url
			got := mustList(t, tt.o)
			if len(got.Jobs) != tt.want || got.Changes != tt.want || got.Capped != tt.capped {
				t.Errorf("%d jobs, %d builds, capped: %t; want %d, %t", len(got.Jobs), got.Changes, got.Capped, tt.want, tt.capped)
			}
			if n := j.requests("allBuilds"); n != tt.asked {
				t.Errorf("%d pages, want %d", n, tt.asked)
			}
			pages := map[string]bool{}
			for _, job := range got.Jobs {
				pages[job.URL] = true
			}
			if len(pages) != tt.want {
				t.Errorf("%d builds, want %d", len(pages), tt.want)
			}
		})
	}
}

// A folder of many jobs is read so many at a time.
func TestManyJobs(t *testing.T) {
	for _, noRanges := range []bool{false, true} {
		var jobs []any
		for i := range 250 {
			jobs = append(jobs, jobOf(fmt.Sprint("job", i), 1))
		}
		j := (&fakeJenkins{noRanges: noRanges, pages: map[string]row{"": folderOf("", "", jobs...)}}).start(t)
		if got := mustList(t, Options{URL: j.url}); len(got.Jobs) != 250 {
			t.Errorf("%d jobs, want 250", len(got.Jobs))
		}
		if n := j.requests("?tree="); n != map[bool]int{false: 3, true: 1}[noRanges] {
			t.Errorf("%d requests", n)
		}
	}
}

func TestBuild(t *testing.T) {
	parameters := func(pairs ...string) row {
		var all []any
		for i := 0; i < len(pairs); i += 2 {
			all = append(all, row{"name": pairs[i], "value": pairs[i+1]})
		}
		return row{"_class": "hudson.model.ParametersAction", "parameters": all}
	}
	causes := func(key, value string) []any { return []any{nil, row{}, row{"causes": []any{row{key: value}}}} }
	gerrit := parameters("GERRIT_CHANGE_NUMBER", "908952", "GERRIT_PATCHSET_NUMBER", "3", "GERRIT_PROJECT", "a/b", "GERRIT_BRANCH", "stable",
		"GERRIT_CHANGE_URL", "https://Review.example.org/c/a/b/+/908952", "GERRIT_CHANGE_SUBJECT", "Fix\nit", "GERRIT_CHANGE_OWNER_NAME", "Ann")
	start, end := at("2024-05-01 10:00:00"), at("2024-05-01 10:01:30")
	for name, tt := range map[string]struct {
		change row // of the build
		want   classify.Job
	}{
		"failed":       {row{}, classify.Job{Result: "FAILURE", Start: start, Time: end, Duration: 90}},
		"described":    {row{"description": "disk\x1b[31m full\r\n"}, classify.Job{Result: "FAILURE", Detail: "disk[31m full", Start: start, Time: end, Duration: 90}},
		"runs":         {row{"result": nil, "building": true, "duration": 0}, classify.Job{Result: "RUNNING", Start: start, Time: start}},
		"fails so far": {row{"building": true, "duration": 0}, classify.Job{Result: "RUNNING", Start: start, Time: start}},
		"nobody knows": {row{"result": nil, "duration": -5}, classify.Job{Result: "UNKNOWN", Start: start, Time: start}},
		"undated":      {row{"timestamp": 1e18, "duration": "x"}, classify.Job{Result: "FAILURE"}},
		"for ever":     {row{"duration": 1e300}, classify.Job{Result: "FAILURE", Start: start, Time: start.AddDate(0, 0, 3650), Duration: 3650 * 24 * 3600}},
		"by a clock":   {row{"actions": causes("_class", "hudson.triggers.TimerTrigger$TimerTriggerCause")}, classify.Job{Result: "FAILURE", Pipeline: "periodic", Start: start, Time: end, Duration: 90}},
		"by an old clock": {row{"actions": causes("shortDescription", "Started by timer")},
			classify.Job{Result: "FAILURE", Pipeline: "periodic", Start: start, Time: end, Duration: 90}},
		"by a person": {row{"actions": causes("shortDescription", "Started by user Ann")}, classify.Job{Result: "FAILURE", Start: start, Time: end, Duration: 90}},
		"of a change": {row{"actions": []any{gerrit}}, classify.Job{
			Result: "FAILURE", Start: start, Time: end, Duration: 90, Change: 908952, PatchSet: 3, Project: "a/b", Branch: "stable",
			ChangeURL: "https://Review.example.org/c/a/b/+/908952", Server: "review.example.org", Subject: "Fix it", Owner: "Ann",
		}},
		"of a ref": {row{"actions": []any{parameters("GERRIT_PROJECT", "a", "GERRIT_CHANGE_URL", "x", "GERRIT_PATCHSET_NUMBER", "1")}},
			classify.Job{Result: "FAILURE", Start: start, Time: end, Duration: 90, Project: "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := build1(5, "FAILURE")
			maps.Copy(b, tt.change)
			j := (&fakeJenkins{pages: map[string]row{"job/a/": {"builds": []any{b}}}}).start(t)
			tt.want.Name, tt.want.Source, tt.want.URL, tt.want.LogURL = "a", "ci", j.url+"job/a/5/", j.url+"job/a/5/"
			if diff := cmp.Diff([]classify.Job{tt.want}, mustList(t, Options{Name: "ci", URL: j.url + "job/a"}).Jobs); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// A build's page is believed only if it is that.
func TestBuildPage(t *testing.T) {
	j := (&fakeJenkins{}).start(t)
	for _, url := range []string{"", "x", "https://elsewhere.example.org/job/a/5/", j.url + "job/b/5/", j.url + "job/a/6/", j.url + "job/a/5/artifact/", j.url + "login"} {
		b := build1(5, "FAILURE")
		b["url"] = url
		j.pages = map[string]row{"job/a/": {"builds": []any{b, row{"number": 0}, row{"number": nil}, 7}}}
		got, err := mustSource(t, Options{URL: j.url + "job/a"}).Jobs(t.Context())
		if err != nil || len(got.Jobs) != 1 || got.Jobs[0].LogURL != j.url+"job/a/5/" {
			t.Errorf("%q: %v, %+v", url, err, got.Jobs)
		}
		if len(got.Problems) != 1 || !strings.Contains(got.Problems[0].Error(), "2 builds of a have no number") {
			t.Errorf("problems: %v", got.Problems)
		}
	}
}

// What cannot be read of builds is told of once a page, and names the first.
func TestOddBuilds(t *testing.T) {
	running := build1(9, row{"x": 1})
	running["building"] = true
	for name, tt := range map[string]struct {
		builds   []any
		results  string // of the jobs that are listed
		problems []string
	}{
		"no number":        {[]any{build1(5, "FAILURE"), row{"number": nil}}, "FAILURE", []string{"a build of a has no number"}},
		"no numbers":       {[]any{row{"number": 0}, row{"number": nil}}, "", []string{"2 builds of a have no number"}},
		"an odd result":    {[]any{build1(6, []any{"x"}), build1(5, "FAILURE")}, "UNKNOWN FAILURE", []string{`the result of build 6 of a is ["x"], which is no text`}},
		"odd results":      {[]any{build1(7, row{}), build1(6, 3), build1(5, false)}, "UNKNOWN UNKNOWN UNKNOWN", []string{"the result of build 7 of a is {}, which is no text; so it is with 2 more"}},
		"of one that runs": {[]any{running, build1(5, nil)}, "RUNNING UNKNOWN", nil},
	} {
		t.Run(name, func(t *testing.T) {
			j := (&fakeJenkins{pages: map[string]row{"job/a/": {"builds": tt.builds}}}).start(t)
			got, err := mustSource(t, Options{URL: j.url + "job/a"}).Jobs(t.Context())
			var results, problems []string
			for _, job := range got.Jobs {
				results = append(results, job.Result)
			}
			for _, problem := range got.Problems {
				problems = append(problems, problem.Error())
			}
			if diff := cmp.Diff(tt.problems, problems); err != nil || diff != "" || strings.Join(results, " ") != tt.results {
				t.Errorf("%v, results %q, problems -want +got\n%s", err, results, diff)
			}
		})
	}
}

func TestServerFaults(t *testing.T) {
	const denied = `<html><head><meta http-equiv='refresh' content='1;url=/login'/></head><body>Authentication required<!-- You are authenticated as: anonymous --></body></html>`
	for name, tt := range map[string]struct {
		status int
		answer string
		want   []string
	}{
		"unauthorized": {http.StatusUnauthorized, "", []string{"401", "API token", "credentials file"}},
		"forbidden":    {http.StatusForbidden, denied, []string{"403", "API token", "credentials file"}},
		"not there":    {http.StatusNotFound, "", []string{"404", "may not see it"}},
		"web page":     {http.StatusOK, denied, []string{"web page", "API token"}},
		"cut":          {http.StatusOK, `{"jobs": [{"name": "a"`, []string{"cut short"}},
		"list":         {http.StatusOK, `[1]`, []string{"not what Jenkins' API answers"}},
		"no Jenkins":   {http.StatusOK, `{"hello": 1}`, []string{"Jenkins"}},
		"too large":    {http.StatusOK, strings.Repeat(" ", maxAnswer+1), []string{"larger than 32 MiB"}},
	} {
		t.Run(name, func(t *testing.T) {
			j := (&fakeJenkins{answer: func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Del("X-Jenkins")
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.answer) //nolint:errcheck // the client will tell
				return true
			}}).start(t)
			s := mustSource(t, Options{Name: "ci", URL: j.url})
			_, listErr := s.Jobs(t.Context())
			_, probeErr := s.Probe(t.Context())
			for _, err := range []error{listErr, probeErr} {
				for _, want := range append(tt.want, "jenkins ci: ") {
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("%v, want %q in it", err, want)
					}
				}
				if err != nil && strings.Contains(err.Error(), "tree=") {
					t.Errorf("%v is hard to read", err)
				}
			}
		})
	}
}

// A server that is down is not asked for each of its folders.
func TestServerGoesDown(t *testing.T) {
	var folders []any
	for i := range 50 {
		folders = append(folders, row{"_class": folderClass, "name": fmt.Sprint(i)})
	}
	j := &fakeJenkins{pages: map[string]row{"": folderOf("", "", append([]any{jobOf("a", 1)}, folders...)...)}}
	j.answer = func(w http.ResponseWriter, r *http.Request) bool {
		down := strings.Contains(r.URL.Path, "/job/")
		if down {
			http.Error(w, "", http.StatusServiceUnavailable)
		}
		return down
	}
	got, err := mustSource(t, Options{URL: j.start(t).url}).Jobs(t.Context())
	if _, down := errors.AsType[*sources.DownError](err); !down || len(got.Jobs) != 1 || len(got.Problems) > 10 || strings.Contains(err.Error(), "tree=") {
		t.Errorf("%v, %d jobs, %d problems", err, len(got.Jobs), len(got.Problems))
	}
}

func TestProbe(t *testing.T) {
	for who, account := range map[string]string{
		`{"_class":"hudson.security.WhoAmI","anonymous":false,"name":"watch\u0007cat"}`: "watchcat",
		`{"anonymous":true,"name":"anonymous"}`:                                         "",
		`<html>`:                                                                        "",
	} {
		j := tree(t)
		j.files = map[string]string{"whoAmI/api/json": who}
		got, err := mustSource(t, Options{URL: j.url + "job/team/"}).Probe(t.Context())
		if diff := cmp.Diff(sources.Server{Version: "Jenkins 2.426.1", Account: account}, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", who, err, diff)
		}
	}
}

func TestNew(t *testing.T) {
	const good = "https://ci.example.org/x/"
	for name, tt := range map[string]struct {
		o    Options
		want []string
	}{
		"nothing":    {Options{}, []string{"url is missing", "no client"}},
		"no address": {Options{URL: "ci.example.org"}, []string{"no web address"}},
		"user":       {Options{URL: "https://a:secret@ci.example.org/"}, []string{"credentials file", "xxxxx"}},
		"query":      {Options{URL: good + "?x"}, []string{"a query"}},
		"build":      {Options{URL: good + "job/a/12/console"}, []string{`leave "12/console" away`}},
		"all":        {Options{URL: good, Jobs: []string{""}, Depth: 21, Cap: -1}, []string{"empty name", "depth 21", "cap -1"}},
	} {
		_, err := New(tt.o)
		for _, want := range tt.want {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
	}
	if s, err := New(Options{URL: good, Client: newClient(t)}); err != nil || s.options.Name != "ci.example.org" || s.api.root != good {
		t.Errorf("%+v, %v", s, err)
	}
}
