package zuul

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

const (
	uuid     = "0123456789abcdef0123456789abcdef"
	oldBuild = `{"uuid": "` + uuid + `", "job_name": "unit", "result": "FAILURE", "start_time": "2026-11-20T10:00:00",
		"end_time": "2026-11-20T10:21:56", "duration": 1316.0, "voting": false, "log_url": "https://logs.example.org/1/2/unit",
		"project": "p", "branch": "main", "pipeline": "gate", "change": 1, "patchset": "2", "ref": "refs/changes/01/1/2"}`
	newBuild = `{"uuid": "` + uuid + `", "result": "NODE_FAILURE", "error_detail": "Node request 300-0001 failed",
		"start_time": null, "end_time": "2026-11-20T10:21:56", "duration": null, "voting": null, "log_url": null, "pipeline": "check",
		"ref": {"project": "p", "branch": "stable/1", "change": 1, "patchset": "2", "ref": "refs/changes/01/1/2"}}`
)

// serve serves answers by path, and returns a completer that may read them.
func serve(t *testing.T, answers map[string]string) (string, *Completer) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.URL.EscapedPath()]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte(answer)) //nolint:errcheck // the client will tell
	}))
	t.Cleanup(s.Close)
	return s.URL, New(Options{Client: newClient(t)})
}

func TestComplete(t *testing.T) {
	host, c := serve(t, map[string]string{
		"/api/tenant/a%20b/build/" + uuid:      oldBuild,
		"/zuul/api/tenant/local/build/" + uuid: newBuild,
	})
	voting := true
	known := classify.Job{
		Name: "unit", ID: "other", Result: "SUCCESS", Detail: "d", Project: "q", Branch: "b", Pipeline: "x", Voting: &voting,
		Time: time.Unix(1, 0), Start: time.Unix(2, 0), Duration: 3, URL: host + "/t/a%20b/build/" + uuid,
	}
	knownToo := known
	knownToo.LogURL = "https://logs.example.org/1/2/unit/"
	end := time.Date(2026, 11, 20, 10, 21, 56, 0, time.UTC)
	for _, tt := range []struct {
		name      string
		job, want classify.Job
	}{
		{"up to Zuul 9", classify.Job{URL: host + "/t/a%20b/build/" + uuid}, classify.Job{
			URL: host + "/t/a%20b/build/" + uuid, ID: uuid, Result: "FAILURE", Start: end.Add(-1316 * time.Second), Time: end, Duration: 1316,
			Voting: new(false), LogURL: "https://logs.example.org/1/2/unit/", Project: "p", Branch: "main", Pipeline: "gate",
		}},
		{"from Zuul 10 on, below a folder, without logs", classify.Job{URL: host + "/zuul/t/local/build/" + uuid}, classify.Job{
			URL: host + "/zuul/t/local/build/" + uuid, ID: uuid, Result: "NODE_FAILURE", Detail: "Node request 300-0001 failed", Time: end,
			Project: "p", Branch: "stable/1", Pipeline: "check",
		}},
		{"what is known stays", known, knownToo},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := c.Complete(t.Context(), nil, &tt.job); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(tt.want, tt.job); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// Jobs that need nothing, or whose page is none of Zuul's, are not asked about.
func TestCompleteLeavesAlone(t *testing.T) {
	host, c := serve(t, nil)
	for _, job := range []classify.Job{
		{},
		{URL: host + "/t/x/build/" + uuid, LogURL: "https://logs.example.org/"},
		{URL: host + "/job/unit/247/"},
		{URL: "finger://127.0.0.1/" + uuid},
		{URL: strings.Replace(host, "http://", "http://user:pass@", 1) + "/t/x/build/" + uuid},
		{URL: host + "/t/x/y/build/" + uuid},
	} {
		got := job
		if err := c.Complete(t.Context(), nil, &got); err != nil {
			t.Errorf("%s: %v", job.URL, err)
		}
		if diff := cmp.Diff(job, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", job.URL, diff)
		}
	}
}

func TestCompleteErrors(t *testing.T) {
	host, c := serve(t, map[string]string{
		"/api/tenant/html/build/" + uuid:  "<html>log in</html>",
		"/api/tenant/empty/build/" + uuid: "{}",
		"/api/tenant/odd/build/" + uuid:   `{"uuid": "../x"}`,
		"/api/tenant/large/build/" + uuid: `{"uuid": "` + strings.Repeat("x", maxAnswer) + `"}`,
	})
	for tenant, want := range map[string]string{
		"html": "web page", "empty": "neither uuid nor job_name", "odd": "../x", "large": "larger than 4 MiB", "gone": "does not know the build",
	} {
		job := classify.Job{URL: host + "/t/" + tenant + "/build/" + uuid}
		err := c.Complete(t.Context(), nil, &job)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), job.URL) {
			t.Errorf("%s: %v, want %q", tenant, err, want)
		}
		if job != (classify.Job{URL: job.URL}) {
			t.Errorf("%s: changed to %+v", tenant, job)
		}
		if tenant == "gone" && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v does not say that the build is not there", err)
		}
	}
}

func TestAPIURL(t *testing.T) {
	for page, want := range map[string]string{
		"https://zuul.opendev.org/t/openstack/build/" + uuid:                     "https://zuul.opendev.org/api/tenant/openstack/build/" + uuid,
		"https://softwarefactory-project.io/zuul/t/local/build/" + uuid + "/":    "https://softwarefactory-project.io/zuul/api/tenant/local/build/" + uuid,
		"https://zuul.example.org/build/" + uuid:                                 "https://zuul.example.org/api/build/" + uuid,
		"https://zuul.example.org:8443/t/x/build/" + uuid + "#logs":              "https://zuul.example.org:8443/api/tenant/x/build/" + uuid,
		"https://zuul.opendev.org/t/openstack/buildset/" + uuid:                  "",
		"https://zuul.opendev.org/t//build/" + uuid:                              "",
		"//zuul.opendev.org/t/openstack/build/" + uuid:                           "",
		"https://zuul.opendev.org/t/openstack/build/" + strings.Repeat("../", 9): "",
	} {
		if got, ok := apiURL(page); got != want || ok != (want != "") {
			t.Errorf("apiURL(%q) = %q, %v, want %q", page, got, ok, want)
		}
	}
}

// The logs are where log_url says, else the manifest, else what is called so; what
// is no web address is not followed.
func TestLogs(t *testing.T) {
	const (
		manifest = `{"name": "Zuul Manifest", "url": "https://m/1/zuul-manifest.json?sig=x", "metadata": {"type": "zuul_manifest"}}`
		report   = `{"name": "Changelog", "url": "https://c/1/"}, {"name": "Catalogue", "url": "https://c/2/"}, {"name": 7, "url": null, "metadata": []}`
	)
	for data, want := range map[string]string{
		`"log_url": "https://h/a"`:                                                                   "https://h/a/",
		`"log_url": "https://h/a?b=c"`:                                                               "https://h/a/?b=c",
		`"log_url": "https://h"`:                                                                     "https://h/",
		`"log_url": "https://h/1/", "artifacts": [` + manifest + `]`:                                 "https://h/1/",
		`"log_url": "finger://h/1", "artifacts": [` + report + `, ` + manifest + `]`:                 "https://m/1/",
		`"artifacts": [{"name": "Build logs", "url": "https://l/1"}, ` + manifest + `]`:              "https://m/1/",
		`"artifacts": [` + report + `, {"name": "Build logs", "url": "https://l/1"}]`:                "https://l/1/",
		`"artifacts": [{"name": "log", "url": "https://l/1/job-output.txt.gz"}]`:                     "https://l/1/job-output.txt.gz",
		`"artifacts": [{"name": "logs", "url": "file:///etc/"}, {"name":"logs","url":"//h/"}, null]`: "",
		`"artifacts": [` + report + `]`:                                                              "",
		`"log_url": "file:///etc/"`:                                                                  "",
		`"log_url": "https://u:p@h/"`:                                                                "",
		`"log_url": "logs/"`:                                                                         "",
		`"log_url": "%"`:                                                                             "",
		`"log_url": "https://h/` + strings.Repeat("x", maxURL) + `"`:                                 "",
		`"log_url": null`:                                                                            "",
	} {
		b, err := parseBuild([]byte(`{"job_name": "a", ` + data + `}`))
		if err != nil {
			t.Errorf("%s: %v", data, err)
		} else if got := b.logs(); got != want {
			t.Errorf("%s: %q, want %q", data, got, want)
		}
	}
}
