package local

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// fullJob is a job of which all is known.
func fullJob() classify.Job {
	return classify.Job{
		ID: "a3f", Name: "unit <tests>", Source: "review", Server: "review.example.org", Reporter: "zuul",
		Project: "a/b", Branch: "main", Topic: "t", Pipeline: "check", Change: 12, PatchSet: 3, Owner: "Ann",
		Subject: "Add x", CommitMsg: "Add x\n\nBecause.\n", Result: "FAILURE", Detail: "why", Voting: new(false),
		Superseded: true, Time: changed(), Start: changed().Add(-time.Hour), Duration: 3600,
		URL: "https://ci.example.org/1", LogURL: "https://logs.example.org/1/", ChangeURL: "https://review.example.org/c/12",
	}
}

func write(t *testing.T, text string) Saved {
	t.Helper()
	s := Saved{Path: filepath.Join(t.TempDir(), "jobs.jsonl")}
	if err := os.WriteFile(s.Path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSaveAndRead(t *testing.T) {
	want := sources.Listing{
		Jobs: []classify.Job{fullJob(), {Name: "bare"}}, Changes: 7, Cap: 200, Capped: true,
		Problems: []error{errors.New("review: line 3 is no change")},
	}
	var b bytes.Buffer
	if err := Save(&b, changed(), want); err != nil {
		t.Fatal(err)
	}
	s := write(t, b.String())
	got, err := s.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sameText := cmp.Comparer(func(a, b error) bool { return a.Error() == b.Error() })
	if diff := cmp.Diff(want, got, sameText); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if at, err := s.Time(); err != nil || !at.Equal(changed()) {
		t.Errorf("saved at %v, %v", at, err)
	}
}

// Results of a run are a listing too.
func TestReadResults(t *testing.T) {
	s := write(t, `{"v":1,"job":"a","log_url":"https://x.example.org/a/","result":"FAILURE","outcome":"matched","matches":[{"rule":"r"}]}`+"\n"+
		`{"v":1,"summary":{"jobs":1}}`+"\n")
	got, err := s.Jobs(t.Context())
	want := []classify.Job{{Name: "a", LogURL: "https://x.example.org/a/", Result: "FAILURE"}}
	if diff := cmp.Diff(want, got.Jobs); diff != "" || err != nil || len(got.Problems) > 0 {
		t.Errorf("%v %v\n%s", err, got.Problems, diff)
	}
	if at, err := s.Time(); err != nil || !at.IsZero() {
		t.Errorf("saved at %v, %v", at, err)
	}
}

func TestSavedProblems(t *testing.T) {
	s := write(t, "{\"watchcat_jobs\":1}\nno JSON\n\n{\"job\":1}\n{}\n[]\n{\"watchcat_jobs\":2}\n{\"job\":\"good\"}\n")
	got, err := s.Jobs(t.Context())
	if err != nil || len(got.Jobs) != 1 || got.Jobs[0].Name != "good" {
		t.Errorf("%v, %+v", err, got.Jobs)
	}
	var lines []string
	for _, p := range got.Problems {
		rest, _ := strings.CutPrefix(p.Error(), s.Path+":")
		lines = append(lines, rest[:strings.Index(rest, ":")])
	}
	if diff := cmp.Diff([]string{"2", "4", "5", "6", "7"}, lines); diff != "" {
		t.Errorf("lines %s", diff)
	}
}

func TestSavedErrors(t *testing.T) {
	for text, want := range map[string]string{"root:x:0:0\n": "no list of jobs", `{"watchcat_jobs":2}`: "newer watchcat"} {
		if _, err := write(t, text).Time(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v", text, err)
		}
	}
	if _, err := (Saved{Path: "missing.jsonl"}).Jobs(t.Context()); err == nil || !strings.Contains(err.Error(), "missing.jsonl: no such file") {
		t.Errorf("error %v", err)
	}
	long := write(t, "{\"job\":\"a\"}\n"+strings.Repeat("x", maxSavedLine+1))
	if got, err := long.Jobs(t.Context()); err == nil || len(got.Jobs) != 1 {
		t.Errorf("error %v, %d jobs", err, len(got.Jobs))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := long.Jobs(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func FuzzSaved(f *testing.F) {
	f.Add([]byte("{\"watchcat_jobs\":1,\"saved\":\"2026-11-20T10:00:00Z\",\"capped\":true}\n{\"job\":\"a\",\"change\":1}\n"))
	f.Add([]byte("{\"v\":1,\"summary\":{}}\n{\"job\":\"a\",\"duration_s\":-1}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "jobs")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		first, err := Saved{Path: path}.Jobs(t.Context())
		if err != nil {
			return
		}
		// What was read and is saved reads the same.
		var b bytes.Buffer
		if err := Save(&b, changed(), sources.Listing{Jobs: first.Jobs}); err != nil {
			return // a time that JSON cannot write
		}
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		again, err := Saved{Path: path}.Jobs(t.Context())
		if diff := cmp.Diff(first.Jobs, again.Jobs); diff != "" || err != nil || len(again.Problems) > 0 {
			t.Errorf("%v %v\n%s", err, again.Problems, diff)
		}
	})
}
