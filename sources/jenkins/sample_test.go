package jenkins

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

func at(text string) time.Time {
	t, err := time.Parse(time.DateTime, text)
	if err != nil {
		panic(err)
	}
	return t
}

// One build of 2016, asked for at another address than the one Jenkins knows
// itself by, which we may go to or not.
func TestSampleBuild(t *testing.T) {
	const name, page = "apex-deploy-virtual-os-onos-nofeature-ha-master", "job/apex-deploy-virtual-os-onos-nofeature-ha-master/"
	j := (&fakeJenkins{pages: map[string]row{page: {"builds": []any{sample(t, "jenkins_build.json")["data"]}}}}).start(t)
	want := classify.Job{
		Name: name, Source: "ci", Result: "SUCCESS",
		Start: at("2016-03-25 02:47:58"), Time: at("2016-03-25 03:40:56"), Duration: 3177,
	}
	for _, tt := range []struct{ allowed, url string }{
		{"127.0.0.1", j.url + page + "107/"},
		{"build.opnfv.org", "https://build.opnfv.org/ci/" + page + "107/"},
	} {
		client, err := sources.NewClient(sources.ClientOptions{Typed: []string{"127.0.0.1", tt.allowed}})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		s, err := New(Options{Name: "ci", URL: j.url + page, Client: client})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Jobs(t.Context())
		want.URL, want.LogURL = tt.url, tt.url
		if diff := cmp.Diff(sources.Listing{Jobs: []classify.Job{want}, Changes: 1, What: "build", Cap: 2000}, got); diff != "" || err != nil {
			t.Errorf("%s may be read: %v (-want +got)\n%s", tt.allowed, err, diff)
		}
	}
}

// A server of five jobs: two as they should be, one that fails, one whose answer
// is broken, one of several branches.
func TestSampleJobs(t *testing.T) {
	j := &fakeJenkins{
		pages: map[string]row{
			"":                            sample(t, "jenkins_jobs.json"),
			"job/apex-build-brahmaputra/": {"builds": []any{build1(3, "SUCCESS"), build1(2, "ABORTED")}},
			"job/apex-build-master/":      {"builds": []any{build1(9, "FAILURE")}},
			"job/zowe-docs-site/": {"jobs": []any{
				row{"name": "master", "builds": []any{build1(5, "UNSTABLE")}},
				row{"name": "fix%2Flinks", "builds": []any{build1(1, "NOT_BUILT")}},
			}},
		},
		files: map[string]string{"job/invalid-json-job/api/json": `{"allBuilds": [{]}`},
		answer: func(w http.ResponseWriter, r *http.Request) bool {
			failed := strings.Contains(r.URL.Path, "500-error-job")
			if failed {
				http.Error(w, "Oops!", http.StatusInternalServerError)
			}
			return failed
		},
	}
	got, err := mustSource(t, Options{Name: "ci", URL: j.start(t).url}).Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	job := func(name, result, branch, path string) classify.Job {
		url := j.url + path
		return classify.Job{Name: name, Source: "ci", Branch: branch, Result: result, Start: at("2024-05-01 10:00:00"), Time: at("2024-05-01 10:01:30"), Duration: 90, URL: url, LogURL: url}
	}
	want := []classify.Job{
		job("zowe-docs-site/master", "UNSTABLE", "master", "job/zowe-docs-site/job/master/5/"),
		job("zowe-docs-site/fix/links", "NOT_BUILT", "fix/links", "job/zowe-docs-site/job/fix%252Flinks/1/"),
		job("apex-build-brahmaputra", "SUCCESS", "", "job/apex-build-brahmaputra/3/"),
		job("apex-build-brahmaputra", "ABORTED", "", "job/apex-build-brahmaputra/2/"),
		job("apex-build-master", "FAILURE", "", "job/apex-build-master/9/"),
	}
	if diff := cmp.Diff(want, got.Jobs); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var problems []string
	for _, problem := range got.Problems {
		problems = append(problems, problem.Error())
	}
	if len(problems) != 2 || !strings.Contains(problems[0], "500-error-job") || !strings.Contains(problems[0], "500 Internal") ||
		!strings.Contains(problems[1], "invalid-json-job") || !strings.Contains(problems[1], "not what Jenkins' API answers") {
		t.Errorf("problems: %q", problems)
	}
	if got.Changes != 5 || got.Capped {
		t.Errorf("%d builds, capped: %t", got.Changes, got.Capped)
	}
}

// build1 is a build of 90 seconds on the first of May 2024, 10:00 UTC.
func build1(number int, result any) row {
	return row{"_class": "hudson.model.FreeStyleBuild", "number": number, "result": result, "building": false, "timestamp": 1714557600000, "duration": 90400}
}
