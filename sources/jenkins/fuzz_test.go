package jenkins

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// FuzzFolder reads whatever a server sends for a folder.
func FuzzFolder(f *testing.F) {
	client, err := sources.NewClient(sources.ClientOptions{Typed: []string{"h"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"_class":"x.MultiBranchProject","jobs":[{"name":"a%2Fb","url":"http://h/job/a%252Fb/","builds":[{"number":1,"url":"http://h/job/a%252Fb/1/"}]},{"name":".."},7]}`))
	f.Add([]byte(`{"name":"m","activeConfigurations":[{"name":"a=b","builds":[{"number":2,"timestamp":1e9,"duration":"NaN"}]}],"builds":[{"number":3,"building":true,"timestamp":1714557600000,"duration":1e300}]}`))
	f.Add([]byte(`{"jobs":[{"name":"x","builds":[{"number":4,"description":"\u001b[0m","result":"\u202e","actions":[{},null,{"parameters":[{"name":"GERRIT_CHANGE_NUMBER","value":4},{"name":"GERRIT_CHANGE_URL","value":"https://r/%2e"}]},{"causes":[{"shortDescription":"Started by timer"}]}]}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got item
		if json.Unmarshal(data, &got) != nil {
			return
		}
		for _, views := range [][]string{nil, {"v"}} {
			s, err := New(Options{URL: "http://h/job/f/", Client: client})
			if err != nil {
				t.Fatal(err)
			}
			r := &reading{Source: s, seen: map[string]bool{}}
			base := folder{place: place{names: []string{"f"}, views: views}}
			r.items(base, got.Jobs)
			r.job(base, s.base, &got)
			for _, job := range r.listing.Jobs {
				check(t, job)
			}
		}
	})
}

// check checks what is true of every job.
func check(t *testing.T, job classify.Job) {
	if job.Duration < 0 || job.Change < 0 || job.PatchSet < 0 || job.Result == "" || job.Name == "" || job.Time.Before(job.Start) {
		t.Errorf("job %+v", job)
	}
	if !strings.HasPrefix(job.LogURL, "http://h/") && !strings.HasPrefix(job.LogURL, "https://h/") || !strings.HasSuffix(job.LogURL, "/") || strings.Contains(job.LogURL, "/../") {
		t.Errorf("logs %q", job.LogURL)
	}
	for _, s := range []string{job.Name, job.Result, job.Detail, job.Project, job.Branch, job.Pipeline, job.URL, job.Subject, job.Owner} {
		if strings.ContainsFunc(s, unicode.IsControl) || len(s) > maxURL {
			t.Errorf("%q is not clean", s)
		}
	}
	if _, err := json.Marshal(job); err != nil {
		t.Error(err)
	}
}
