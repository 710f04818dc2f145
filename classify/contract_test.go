package classify_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
)

// TestJSON holds the JSON form of a result to what other programs read.
func TestJSON(t *testing.T) {
	r := classify.Result{
		Job: classify.Job{
			File: "f", ID: "i", Name: "n", Project: "p", Branch: "b", Pipeline: "check", Change: 1, PatchSet: 2,
			Owner: "o", Subject: "s", Result: "FAILURE", Voting: new(false),
			Start: time.Date(2026, 11, 20, 10, 11, 12, 0, time.UTC), Duration: 3723,
			URL: "u", LogURL: "l", ChangeURL: "c",
		},
		Outcome: classify.OutcomeMatched, Rule: "r", Tag: "t", Reason: "m",
		Evidence: []classify.Evidence{{File: "console", Line: 3, EndLine: 4, Text: []string{"x", "y"}}},
		Matches: []classify.Match{{Rule: "r", Tag: "t", Tier: classify.TierCause, Message: "m",
			Captures: map[string]string{"k": "v"}, File: "console", Line: 3, EndLine: 3, Text: "x", Count: 1}},
		Missing: []classify.Missing{{File: "syslog", Why: "500"}},
		Rules:   "sha256:0", Engine: "1",
	}
	const want = `{"file":"f","id":"i","job":"n","project":"p","branch":"b","pipeline":"check","change":1,"patchset":2,` +
		`"owner":"o","subject":"s","result":"FAILURE","voting":false,"superseded":false,"start":"2026-11-20T10:11:12Z",` +
		`"duration_s":3723,"url":"u","log_url":"l","change_url":"c","outcome":"matched","partial":false,"rule":"r","tag":"t","reason":"m",` +
		`"evidence":[{"file":"console","line":3,"end_line":4,"text":["x","y"]}],` +
		`"matches":[{"rule":"r","tag":"t","tier":"cause","message":"m","captures":{"k":"v"},"file":"console","line":3,"end_line":3,"text":"x","count":1}],` +
		`"missing":[{"file":"syslog","why":"500"}],"rules":"sha256:0","engine":"1"}`
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	var back classify.Result
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, back); diff != "" {
		t.Error(diff)
	}
	empty, _ := json.Marshal(classify.Result{Job: classify.Job{Name: "n"}, Outcome: classify.OutcomePassed, Rules: "sha256:0", Engine: "1"})
	if diff := cmp.Diff(`{"job":"n","superseded":false,"outcome":"passed","partial":false,"rules":"sha256:0","engine":"1"}`, string(empty)); diff != "" {
		t.Error(diff)
	}
}

func TestStatus(t *testing.T) {
	for result, want := range map[string]classify.Status{
		"SUCCESS": classify.Passed, "success": classify.Passed, "FAILURE": classify.Failed, "": classify.Failed,
		"SKIPPED": classify.Skipped, "CANCELED": classify.Skipped, "NOT_BUILT": classify.Skipped,
		"ABORTED": classify.Failed, "NODE_FAILURE": classify.Failed, "SOMETHING_NEW": classify.Failed, "RUNNING": classify.Unending,
	} {
		job := classify.Job{Result: result}
		if got := job.Status(); got != want {
			t.Errorf("%q: %v, want %v", result, got, want)
		}
	}
}

func TestSeconds(t *testing.T) {
	for s, want := range map[classify.Seconds]string{0: "0s", 59: "59s", 212: "3m 32s", 3723: "1h 02m 03s", 60: "1m 00s"} {
		if got := s.String(); got != want {
			t.Errorf("%d: %q, want %q", s, got, want)
		}
	}
}
