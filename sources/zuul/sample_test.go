package zuul

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// mustList reads all of a Zuul, which must not fail.
func mustList(t *testing.T, o SourceOptions) sources.Listing {
	t.Helper()
	l, err := mustSource(t, o).Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range l.Problems {
		t.Errorf("problem: %v", problem)
	}
	return l
}

func mustSource(t *testing.T, o SourceOptions) *Source {
	t.Helper()
	o.Client = newClient(t)
	s, err := NewSource(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(text string) time.Time {
	t, err := time.Parse(time.DateTime, text)
	if err != nil {
		panic(err)
	}
	return t
}

// One build of before Zuul 10, and one of after.
func TestSampleBuilds(t *testing.T) {
	z := (&fakeZuul{builds: map[string][]row{
		"local": {sampleRow(t, "build_v10_opendev_2024.json"), sampleRow(t, "build_legacy_sf_2021.json")},
	}}).start(t)
	want := []classify.Job{{
		ID: "e09e82136d714711a5d01051bc633e65", Name: "nodepool-functional-container-openstack-release", Source: "z",
		Server: "review.opendev.org", Project: "zuul/nodepool", Branch: "master", Pipeline: "check", Change: 908952, PatchSet: 1,
		Result: "FAILURE", Voting: new(true), Start: at("2024-02-13 23:17:28"), Time: at("2024-02-13 23:39:24"), Duration: 1316,
		URL: z.url + "/t/local/build/e09e82136d714711a5d01051bc633e65", LogURL: "https://localhost/log_url/",
		ChangeURL: "https://review.opendev.org/908952",
	}, {
		ID: "5bae5607ae964331bb5878aec0777637", Name: "hlint", Source: "z",
		Server: "softwarefactory-project.io", Project: "software-factory/matrix-client-haskell", Branch: "master", Pipeline: "gate",
		Change: 22894, PatchSet: 1,
		Result: "SUCCESS", Voting: new(true), Start: at("2021-10-13 12:57:20"), Time: at("2021-10-13 12:58:42"), Duration: 82,
		URL:       z.url + "/t/local/build/5bae5607ae964331bb5878aec0777637",
		LogURL:    "https://softwarefactory-project.io/logs/94/22894/1/gate/hlint/5bae560/",
		ChangeURL: "https://softwarefactory-project.io/r/22894",
	}}
	got := mustList(t, SourceOptions{Name: "z", URL: z.url})
	if diff := cmp.Diff(want, got.Jobs); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got.Changes != 2 || got.Cap != 2000 || got.Capped {
		t.Errorf("%d of %d builds, capped: %t", got.Changes, got.Cap, got.Capped)
	}
}

// Of a build without log_url the manifest tells where the logs are.
func TestSampleManifest(t *testing.T) {
	r := sampleRow(t, "build_legacy_sf_2021.json")
	delete(r, "log_url")
	z := (&fakeZuul{builds: map[string][]row{"local": {r}}}).start(t)
	got := mustList(t, SourceOptions{URL: z.url})
	if want := "https://softwarefactory-project.io/logs/94/22894/1/gate/hlint/5bae560/"; len(got.Jobs) != 1 || got.Jobs[0].LogURL != want {
		t.Errorf("%+v, want the logs %s", got.Jobs, want)
	}
}

// samplePeriodic returns 50 recorded runs of a periodic job.
func samplePeriodic(t *testing.T) []row {
	t.Helper()
	var rows []row
	if err := json.Unmarshal(sample(t, "builds_rdo_periodic_2021.json"), &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// 50 runs of one periodic job, two of them on a change. Those that never began
// have no uuid.
func TestSamplePeriodic(t *testing.T) {
	rows := samplePeriodic(t)
	z := (&fakeZuul{builds: map[string][]row{"rdoproject.org": rows}}).start(t)
	got := mustList(t, SourceOptions{Name: "rdo", URL: z.url + "/t/rdoproject.org/builds"})
	if all := sources.Identify(got.Jobs); len(all) != 50 {
		t.Errorf("%d jobs of 50 are left: those without uuid are not told apart", len(all))
	}
	counts := map[string]int{}
	for i, job := range got.Jobs {
		counts[job.Result]++
		counts["change "+fmt.Sprint(job.Change)]++
		if job.LogURL == "" {
			counts["no logs"]++
		}
		r := rows[i]
		told := fmt.Sprint(r["job_name"], r["result"], r["uuid"], r["end_time"], r["pipeline"], r["log_url"])
		id, log := any(job.ID), any(job.LogURL)
		if id == "" {
			id = nil
		}
		if log == "" {
			log = nil
		}
		if read := fmt.Sprint(job.Name, job.Result, id, job.Time.Format("2006-01-02T15:04:05"), job.Pipeline, log); read != told {
			t.Errorf("build %d: %s, want %s", i, read, told)
		}
	}
	if diff := cmp.Diff(map[string]int{
		"SUCCESS": 36, "FAILURE": 7, "SKIPPED": 4, "TIMED_OUT": 2, "NODE_FAILURE": 1,
		"change 0": 48, "change 34055": 2, "no logs": 5,
	}, counts); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Four of these in full: a failed one, one that never began, one on a change, and
// one that found no node.
func TestSamplePeriodicJobs(t *testing.T) {
	rows := samplePeriodic(t)
	z := (&fakeZuul{builds: map[string][]row{"rdoproject.org": rows}}).start(t)
	got := mustList(t, SourceOptions{Name: "rdo", URL: z.url})
	page := z.url + "/t/rdoproject.org"
	const name = "periodic-tripleo-ci-centos-8-standalone-full-tempest-scenario-master"
	periodic := classify.Job{
		Name: name, Source: "rdo", Project: "openstack/tripleo-ci", Branch: "master",
		Pipeline: "openstack-periodic-integration-main", Voting: new(true),
	}
	first, nodeFailure, skipped := periodic, periodic, periodic
	first.ID, first.Result, first.Duration = "b034e3a04e444b4780a97cca9ff3306f", "FAILURE", 6632
	first.Start, first.Time = at("2021-06-21 17:14:41"), at("2021-06-21 19:05:13")
	first.URL = page + "/build/b034e3a04e444b4780a97cca9ff3306f"
	first.LogURL = "https://logserver.rdoproject.org/openstack-periodic-integration-main/opendev.org/openstack/tripleo-ci/master/" + name + "/b034e3a/"
	nodeFailure.Result, nodeFailure.Start, nodeFailure.Time = "NODE_FAILURE", at("2021-06-08 09:10:18"), at("2021-06-08 09:10:18")
	nodeFailure.URL = page + "/buildset/7ca36b7cab7445e4a70ac9123e007ef7"
	skipped.Result, skipped.Time = "SKIPPED", at("2021-06-14 00:12:42")
	skipped.URL = page + "/buildset/ce5e52c0be3d408684e9710951cf3c8b"
	onChange := classify.Job{
		ID: "caa8d682cd1c4f6cac1ebb704818ac9d", Name: name, Source: "rdo", Server: "review.rdoproject.org",
		Project: "testproject", Branch: "master", Pipeline: "check", Change: 34055, PatchSet: 2, Result: "TIMED_OUT", Voting: new(true),
		Start: at("2021-06-10 09:02:04"), Time: at("2021-06-10 13:15:13"), Duration: 15189,
		URL:       page + "/build/caa8d682cd1c4f6cac1ebb704818ac9d",
		LogURL:    "https://logserver.rdoproject.org/55/34055/2/check/" + name + "/caa8d68/",
		ChangeURL: "https://review.rdoproject.org/r/c/testproject/+/34055",
	}
	for i, want := range map[int]classify.Job{0: first, 23: skipped, 33: onChange, 41: nodeFailure} {
		if diff := cmp.Diff(want, got.Jobs[i]); diff != "" {
			t.Errorf("build %d: -want +got\n%s", i, diff)
		}
	}
}

// Only the two of the pipeline check, and those of the last days.
func TestSampleFilters(t *testing.T) {
	rows := samplePeriodic(t)
	z := (&fakeZuul{builds: map[string][]row{"rdo": rows}}).start(t)
	for _, tt := range []struct {
		name string
		o    SourceOptions
		want int
	}{
		{"pipeline", SourceOptions{Pipelines: []string{"check"}}, 2},
		{"several pipelines", SourceOptions{Pipelines: []string{"check", "openstack-periodic-*"}}, 50},
		{"project", SourceOptions{Projects: []string{"openstack/*"}}, 48},
		{"branch", SourceOptions{Branches: []string{"stable/wallaby"}}, 0},
		{"job", SourceOptions{Jobs: []string{"*-scenario-master"}}, 50},
		{"since", SourceOptions{Since: at("2021-06-19 18:59:09")}, 7},
		{"all at once", SourceOptions{Since: at("2021-06-10 13:00:00"), Pipelines: []string{"check"}}, 1},
	} {
		tt.o.URL = z.url
		if got := mustList(t, tt.o); len(got.Jobs) != tt.want {
			t.Errorf("%s: %d jobs, want %d", tt.name, len(got.Jobs), tt.want)
		}
	}
}

// What a comment on Gerrit says of a build, and what the API says of it, is one
// job.
func TestSampleIsTheCommentsBuild(t *testing.T) {
	z := (&fakeZuul{builds: map[string][]row{"zuul": {sampleRow(t, "build_v10_opendev_2024.json")}}}).start(t)
	got := mustList(t, SourceOptions{Name: "api", URL: z.url})
	const id = "e09e82136d714711a5d01051bc633e65"
	comment := classify.Job{
		ID: id, Name: "nodepool-functional-container-openstack-release", Source: "gerrit", Reporter: "zuul",
		Server: "review.opendev.org", Project: "zuul/nodepool", Branch: "master", Pipeline: "check", Change: 908952, PatchSet: 1,
		Owner: "Somebody", Subject: "Fix it", Result: "FAILURE", Voting: new(true), Duration: 1316,
		Time: at("2024-02-14 00:12:01"), URL: z.url + "/t/zuul/build/" + id,
		ChangeURL: "https://review.opendev.org/c/zuul/nodepool/+/908952",
	}
	rerun := comment
	rerun.ID, rerun.URL, rerun.Result = uuid, z.url+"/t/zuul/build/"+uuid, "SUCCESS"
	rerun.Time = comment.Time.Add(time.Hour)
	all := sources.Identify(append(got.Jobs, comment, rerun))
	if len(all) != 2 {
		t.Fatalf("%d jobs, want 2: %+v", len(all), all)
	}
	one := all[1]
	if one.ID != id || one.Owner != "Somebody" || one.LogURL != "https://localhost/log_url/" || one.Start.IsZero() || !one.Superseded {
		t.Errorf("the build is %+v; want what both know, and that a later one superseded it", one)
	}
}
