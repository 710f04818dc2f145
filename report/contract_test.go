package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// TestJSONContract spells out every field of a line, in order: other programs read them.
func TestJSONContract(t *testing.T) {
	voting := true
	day := time.Date(2026, 11, 20, 10, 11, 12, 0, time.UTC)
	r := classify.Result{
		Job: classify.Job{
			File: "f", ID: "i", Name: "j", Source: "s", Server: "se", Reporter: "re", Project: "p", Branch: "b", Topic: "t", Pipeline: "pi",
			Change: 1, PatchSet: 2, Owner: "o", Subject: "su", CommitMsg: "c", Result: "FAILURE", Detail: "d", Voting: &voting,
			Time: day, Start: day, Duration: 3723, URL: "u", LogURL: "l", ChangeURL: "cu",
		},
		Outcome: classify.OutcomeMatched, Rule: "pytest-failed", Tag: "test", Reason: "test_x <failed> & more",
		Evidence: []classify.Evidence{{File: "e", Line: 120, EndLine: 140, Text: []string{"x"}}},
		Matches: []classify.Match{{Rule: "r", Tag: "t", Tier: classify.TierCause, Message: "m", Captures: map[string]string{"b": "2", "a": "1"},
			File: "mf", Line: 120, EndLine: 140, Text: "mt", Count: 3}},
		Tests: &classify.Tests{Total: 9, Failed: 2, Skipped: 3, Flaky: 1, Failures: []classify.FailedTest{
			{Name: "tn", Suite: "ts", Message: "tm", File: "tf", Line: 4, Report: "tr", ReportLine: 5}}},
		Tasks:   &classify.Tests{Total: 8},
		Missing: []classify.Missing{{File: "mi", Why: "404"}}, Rules: "sha256:00", Engine: "1",
	}
	const want = `{"v":1,"file":"f","id":"i","job":"j","source":"s","server":"se","reporter":"re","project":"p","branch":"b","topic":"t","pipeline":"pi",` +
		`"change":1,"patchset":2,"owner":"o","subject":"su","commit_message":"c","result":"FAILURE","detail":"d","voting":true,"superseded":false,` +
		`"time":"2026-11-20T10:11:12Z","start":"2026-11-20T10:11:12Z","duration_s":3723,"url":"u","log_url":"l","change_url":"cu",` +
		`"outcome":"matched","partial":false,"rule":"pytest-failed","tag":"test","reason":"test_x <failed> & more",` +
		`"evidence":[{"file":"e","line":120,"end_line":140,"text":["x"]}],` +
		`"matches":[{"rule":"r","tag":"t","tier":"cause","message":"m","captures":{"a":"1","b":"2"},"file":"mf","line":120,"end_line":140,"text":"mt","count":3}],` +
		`"tests":{"total":9,"failed":2,"skipped":3,"flaky":1,"failures":[{"name":"tn","suite":"ts","message":"tm","file":"tf","line":4,"report":"tr","report_line":5}]},` +
		`"tasks":{"total":8,"failed":0},` +
		`"missing":[{"file":"mi","why":"404"}],"rules":"sha256:00","engine":"1"}` + "\n"
	var got bytes.Buffer
	if err := WriteResultJSON(&got, r); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got.Reset()
	if err := WriteResultJSON(&got, classify.Result{Outcome: classify.OutcomePassed}); err != nil {
		t.Fatal(err)
	}
	const least = `{"v":1,"superseded":false,"outcome":"passed","partial":false,"rules":"","engine":""}` + "\n"
	if diff := cmp.Diff(least, got.String()); diff != "" {
		t.Errorf("of a result of which nothing is known (-want +got):\n%s", diff)
	}
}

// TestJSONEscapes sees to it that a terminal obeys nothing that stands in JSON, and a reader gets it all the same.
func TestJSONEscapes(t *testing.T) {
	const name = "a\x1b[31m\u009b31m\x7f\u202e\u2028\U000e0041<&>é"
	var b bytes.Buffer
	if err := WriteResultJSON(&b, classify.Result{Job: classify.Job{Name: name + "\xff"}}); err != nil {
		t.Fatal(err)
	}
	const want = `"job":"a\u001b[31m\u009b31m\u007f\u202e\u2028\udb40\udc41<&>é\ufffd"`
	if !strings.Contains(b.String(), want) {
		t.Errorf("got %s, want in it %s", b.String(), want)
	}
	var back classify.Result
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(name+"\ufffd", back.Name); diff != "" {
		t.Errorf("what comes back (-want +got):\n%s", diff)
	}
}

func TestNoJobs(t *testing.T) {
	r := New(nil, about())
	formats := map[string]func(io.Writer) error{
		"no jobs":                    func(w io.Writer) error { return r.WriteTable(w, TableOptions{}) },
		"CI watch: no jobs":          r.WriteMarkdown,
		"There are no jobs to show.": r.WriteHTML,
		`"counts":{"jobs":0`:         r.WriteJSON,
		"time,job,project":           r.WriteCSV,
	}
	for want, write := range formats {
		var b bytes.Buffer
		if err := write(&b); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("error %v, and not %q in:\n%s", err, want, b.String())
		}
	}
	var b bytes.Buffer
	if err := r.WriteTable(&b, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"capped at 200 of more", "connection refused", "answers no more"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table does not say %q:\n%s", want, b.String())
		}
	}
}

// TestSameBytes writes twice what holds maps.
func TestSameBytes(t *testing.T) {
	for range 5 {
		a, b := New(sample(30), about()), New(sample(30), about())
		for _, write := range []func(*Report, io.Writer) error{(*Report).WriteJSON, (*Report).WriteCSV, (*Report).WriteMarkdown, (*Report).WriteHTML} {
			x, y := render(t, func(w *bytes.Buffer) error { return write(a, w) }), render(t, func(w *bytes.Buffer) error { return write(b, w) })
			if diff := cmp.Diff(x, y); diff != "" {
				t.Fatalf("two reports of the same results differ:\n%s", diff)
			}
		}
	}
}

type fullDisk struct{ error }

func (d fullDisk) Write([]byte) (int, error) { return 0, d.error }

func TestWriteErrors(t *testing.T) {
	disk := fullDisk{errors.New("no space left on device")}
	r := New(sample(3), about())
	for name, err := range map[string]error{
		"table":    r.WriteTable(disk, TableOptions{}),
		"verdict":  WriteVerdict(disk, r.Results[0], TableOptions{}),
		"JSON":     r.WriteJSON(disk),
		"line":     WriteResultJSON(disk, r.Results[0]),
		"CSV":      r.WriteCSV(disk),
		"Markdown": r.WriteMarkdown(disk),
		"HTML":     r.WriteHTML(disk),
	} {
		if !errors.Is(err, disk.error) {
			t.Errorf("%s on a full disk: %v", name, err)
		}
	}
}

// TestReasonNeverEmpty asks for the reason of failures of which little is known.
func TestReasonNeverEmpty(t *testing.T) {
	hint := []classify.Evidence{{File: "log", Line: 7, EndLine: 8, Text: []string{"  ", "it broke"}}}
	for _, tt := range []struct {
		name  string
		r     classify.Result
		label string
		want  string
	}{
		{"matched", classify.Result{Outcome: classify.OutcomeMatched, Tag: "t", Reason: "m"}, "t", "m"},
		{"without a message", classify.Result{Outcome: classify.OutcomeMatched, Rule: "r", Evidence: hint}, "no tag", "r"},
		{"symptom", classify.Result{Outcome: classify.OutcomeSymptom, Tag: "t", Reason: "exit 1"}, "symptom only", "exit 1"},
		{"excerpt", classify.Result{Outcome: classify.OutcomeUnmatched, Evidence: hint}, "unexplained", "it broke"},
		{"no excerpt", classify.Result{Outcome: classify.OutcomeUnmatched}, "unexplained", "no rule matched, and no line of its logs looks like the reason"},
		{"missing", classify.Result{Outcome: classify.OutcomeNoLogs, Missing: []classify.Missing{{File: "a", Why: "404"}, {File: "b", Why: "404"}}}, "no logs", "a: 404 (and 1 more)"},
		{"detail", classify.Result{Outcome: classify.OutcomeNoLogs, Job: classify.Job{Detail: "node request failed"}}, "no logs", "node request failed"},
		{"nothing", classify.Result{Outcome: classify.OutcomeNoLogs}, "no logs", "its source gave no log"},
		{"passed", classify.Result{Outcome: classify.OutcomePassed}, "passed", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff([]string{tt.label, tt.want}, []string{label(&tt.r), reason(&tt.r)}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestVerdictOfSeveralCauses names the rule of lines that another gives than the reason's.
func TestVerdictOfSeveralCauses(t *testing.T) {
	r := classify.Result{Job: classify.Job{Name: "job"}, Outcome: classify.OutcomeMatched, Rule: "a", Tag: "code", Reason: "m", Step: "TASK [b]",
		Evidence: []classify.Evidence{
			{File: "log", Line: 1, EndLine: 1, Text: []string{"a1"}, Rule: "a"},
			{File: "log", Line: 5, EndLine: 5, Text: []string{"a2"}, Rule: "a"},
			{File: "log", Line: 7, EndLine: 7, Text: []string{"b"}, Rule: "b"},
		}}
	var b bytes.Buffer
	if err := WriteVerdict(&b, r, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	const want = `  in the step: TASK [b]

  log
  1  a1

  5  a2

  log, by rule b
  7  b
`
	if _, got, _ := strings.Cut(b.String(), "by rule a\n"); got != want {
		t.Errorf("%s", cmp.Diff(want, got))
	}
}
