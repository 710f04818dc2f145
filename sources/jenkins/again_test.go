package jenkins

import (
	"slices"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// What the API tells of a build and what the Gerrit Trigger says of it in a
// comment (an address, a result, the time of the comment) is one build; another
// build of the job is another.
func TestBuildsOfComments(t *testing.T) {
	j := (&fakeJenkins{}).start(t)
	changed := build1(1, "FAILURE")
	changed["actions"] = []any{row{"parameters": []any{row{"name": "GERRIT_CHANGE_NUMBER", "value": "42"}, row{"name": "GERRIT_PATCHSET_NUMBER", "value": "2"}}}}
	branch := row{"name": "feature%2Fx", "builds": []any{build1(2, "SUCCESS"), changed}}
	j.pages = map[string]row{"job/team/": folderOf(branchClass, "team", branch)}

	page := j.url + "job/team/job/feature%252Fx/1/"
	comment := classify.Job{
		Name: "team/feature/x", Source: "gerrit", Server: "review.example.org", Change: 42, PatchSet: 2,
		Result: "FAILURE", Time: at("2024-05-01 10:02:00"), URL: page, LogURL: page,
	}
	for _, jobs := range [][]classify.Job{
		append(mustList(t, Options{Name: "ci", URL: j.url + "job/team"}).Jobs, comment),
		append([]classify.Job{comment}, mustList(t, Options{Name: "ci", URL: j.url + "job/team"}).Jobs...),
	} {
		got := sources.Identify(jobs)
		slices.SortFunc(got, func(a, b classify.Job) int { return strings.Compare(a.LogURL, b.LogURL) })
		if len(got) != 2 || got[0].LogURL != page || got[0].Server != "review.example.org" || got[0].Duration != 90 || got[0].ID == "" || got[0].ID == got[1].ID {
			t.Errorf("%+v", got)
		}
	}
}

// The engine finds the console and the artifacts of a build.
func TestLogsOfBuilds(t *testing.T) {
	const build = "job/a/12/"
	b := build1(12, "UNSTABLE")
	b["artifacts"] = []any{row{"relativePath": "out/reports/TEST-x y.xml"}, row{"relativePath": "out/other.xml"}}
	j := (&fakeJenkins{
		pages: map[string]row{"job/a/": {"builds": []any{b}}, build: b},
		files: map[string]string{
			build + "consoleText":                                 "make\nno space left\nFinished: UNSTABLE\n",
			build + "artifact/out/reports/TEST-x%20y.xml":         "<testsuite>\n<failure>broken</failure>\n",
			build + "artifact/out/other.xml":                      "<failure>other</failure>\n",
			build + "artifact/out/reports/TEST-x%20y.xml/nothing": "",
		},
	}).start(t)
	classifier, err := classify.Compile([]classify.Rule{
		{ID: "report", Files: []string{"artifact/**/TEST-*.xml"}, Literal: "<failure>", Message: "a test failed", Tag: "test", Priority: 1},
		{ID: "disk", Files: []string{"consoleText"}, Literal: "no space left", Message: "the disk is full", Tag: "infra"},
	})
	if err != nil {
		t.Fatal(err)
	}
	classifier.Console = []string{"console.txt", "consoleText"}
	opener, err := logs.New(logs.Options{Client: newClient(t), CacheDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	jobs := mustList(t, Options{URL: j.url + "job/a"}).Jobs
	for result := range classifier.Run(t.Context(), opener, jobs) {
		var found []string
		for _, m := range result.Matches {
			found = append(found, m.Rule+" in "+m.File)
		}
		slices.Sort(found)
		if want := []string{"disk in consoleText", "report in artifact/out/reports/TEST-x y.xml"}; !slices.Equal(found, want) {
			t.Errorf("%q, want %q", found, want)
		}
	}
	if len(jobs) != 1 {
		t.Errorf("%d jobs", len(jobs))
	}
}
