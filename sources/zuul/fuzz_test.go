package zuul

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/watchcat-ci/watchcat/classify"
)

// FuzzPage parses whatever a server sends for a list of builds; a build by
// itself is the same in a list.
func FuzzPage(f *testing.F) {
	f.Add([]byte(oldBuild))
	f.Add([]byte(newBuild))
	f.Add([]byte(`{"_id": 1, "uuid": null, "job_name": "a", "duration": "NaN", "ref": [], "refs": [{"change": 1e9}, 1], "artifacts": {"metadata": 1}}`))
	f.Add([]byte(`{"uuid": "` + uuid + `", "message": "\u001b[31m", "voting": 0, "artifacts": [{"name": "Logs", "url": "http://h/%2e%2e/x"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got := parsePage(data, nil); len(got.builds) > got.rows || got.err == nil && !strings.Contains(string(data), "]") {
			t.Errorf("a list %+v", got)
		}
		got := parsePage([]byte("["+string(data)+"]"), nil)
		b, err := parseBuild(data)
		if err == nil && (got.rows != 1 || len(got.builds) != 1 || got.err != nil) {
			t.Errorf("by itself %+v, but in a list %+v", b, got)
		}
		for _, b := range got.builds {
			for _, whole := range []bool{false, true} {
				check(t, (&pager{tenant: tenant{page: "https://h/t/x"}, whole: whole}).job(b))
			}
		}
	})
}

// check checks what is true of every job.
func check(t *testing.T, job classify.Job) {
	if job.Duration < 0 || job.Change < 0 || job.PatchSet < 0 || job.Result == "" || job.LogURL != "" && !strings.HasPrefix(job.LogURL, "http") {
		t.Errorf("job %+v", job)
	}
	for _, s := range []string{job.ID, job.Name, job.Result, job.Detail, job.Project, job.Branch, job.Pipeline, job.URL} {
		if strings.ContainsFunc(s, unicode.IsControl) || len(s) > maxDetail {
			t.Errorf("%q is not clean", s)
		}
	}
	if _, err := json.Marshal(job); err != nil {
		t.Error(err)
	}
}
