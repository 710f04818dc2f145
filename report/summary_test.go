package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zones

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// at returns a failure of a known reason, reported at a time of day in Berlin.
func at(value string) classify.Result {
	t, err := time.ParseInLocation("2006-01-02 15:04", value, berlin())
	if err != nil {
		panic(err)
	}
	return classify.Result{Job: classify.Job{Time: t}, Outcome: classify.OutcomeMatched, Tag: "infra", Rule: "r", Reason: "m"}
}

func with(r classify.Result, change func(*classify.Result)) classify.Result {
	change(&r)
	return r
}

func superseded(r *classify.Result) { r.Superseded = true }
func passed(r *classify.Result)     { r.Outcome = classify.OutcomePassed }
func unmatched(r *classify.Result) {
	r.Outcome, r.Tag, r.Rule, r.Reason = classify.OutcomeUnmatched, "", "", ""
}

func TestCounts(t *testing.T) {
	// It is 2026-11-20 14:20 in Berlin.
	tests := []struct {
		name    string
		results []classify.Result
		want    Counts // Outcomes are not compared
	}{
		{"nothing", nil, Counts{}},
		{"the first minute of today", []classify.Result{at("2026-11-20 00:00")}, Counts{Jobs: 1, Failures: 1, Known: 1, KnownShare: 1, Today: 1, LastSevenDays: 1}},
		{"the last minute of yesterday", []classify.Result{at("2026-11-19 23:59")}, Counts{Jobs: 1, Failures: 1, Known: 1, KnownShare: 1, Yesterday: 1, LastSevenDays: 1}},
		{"the first minute of seven days", []classify.Result{at("2026-11-14 00:00")}, Counts{Jobs: 1, Failures: 1, Known: 1, KnownShare: 1, LastSevenDays: 1}},
		{"the minute before", []classify.Result{at("2026-11-13 23:59")}, Counts{Jobs: 1, Failures: 1, Known: 1, KnownShare: 1}},
		{"later today", []classify.Result{at("2026-11-20 23:59")}, Counts{Jobs: 1, Failures: 1, Known: 1, KnownShare: 1, Today: 1, LastSevenDays: 1}},
		{"tomorrow", []classify.Result{at("2026-11-21 00:00")}, Counts{Jobs: 1, Failures: 1, Known: 1, KnownShare: 1}},
		{"no time", []classify.Result{with(at("2026-11-20 10:00"), func(r *classify.Result) { r.Time = time.Time{} })}, Counts{Jobs: 1, Failures: 1, Known: 1, KnownShare: 1}},
		{"ran again", []classify.Result{at("2026-11-20 10:00"), with(at("2026-11-20 09:00"), superseded)},
			Counts{Jobs: 2, Superseded: 1, Failures: 1, Known: 1, KnownShare: 1, Today: 1, LastSevenDays: 1}},
		{"ran again and passed", []classify.Result{with(at("2026-11-20 10:00"), passed), with(at("2026-11-20 09:00"), superseded)}, Counts{Jobs: 2, Superseded: 1}},
		{"one of three explained", []classify.Result{at("2026-11-20 10:00"), with(at("2026-11-19 10:00"), unmatched), with(at("2026-11-18 10:00"), unmatched)},
			Counts{Jobs: 3, Failures: 3, Known: 1, KnownShare: 0.3333, Today: 1, Yesterday: 1, LastSevenDays: 3}},
		{"partly read", []classify.Result{with(at("2026-11-20 10:00"), func(r *classify.Result) { r.Partial = true })},
			Counts{Jobs: 1, Partial: 1, Failures: 1, Known: 1, KnownShare: 1, Today: 1, LastSevenDays: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := New(tt.results, about()).Summary.Counts
			sum := 0
			for _, n := range got.Outcomes {
				sum += n
			}
			if sum+got.Superseded != got.Jobs {
				t.Errorf("%d in outcomes and %d superseded are not %d jobs", sum, got.Superseded, got.Jobs)
			}
			got.Outcomes = nil
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDaylightSaving counts days in a zone where one of them had 25 hours.
func TestDaylightSaving(t *testing.T) {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 26, 0, 30, 0, 0, loc) // a Monday; clocks went back on Sunday at three
	for value, want := range map[string]int{"2026-10-26 00:00": 0, "2026-10-25 00:00": 1, "2026-10-24 23:59": 2, "2026-10-20 00:00": 6, "2026-10-19 23:59": 7} {
		then, err := time.ParseInLocation(minute, value, loc)
		if err != nil {
			t.Fatal(err)
		}
		if got := daysAgo(then.UTC(), now); got != want {
			t.Errorf("%s is %d days ago, want %d", value, got, want)
		}
	}
}

func TestSummary(t *testing.T) {
	results := []classify.Result{
		{Outcome: classify.OutcomeMatched, Rule: "b", Tag: "infra", Reason: "two"},
		{Outcome: classify.OutcomeMatched, Rule: "a", Tag: "code", Reason: "one", Missing: []classify.Missing{{File: "x", Why: "404"}, {File: "x", Why: "404"}}},
		{Outcome: classify.OutcomeMatched, Rule: "b", Tag: "infra", Reason: "two"},
		{Outcome: classify.OutcomeMatched, Rule: "b", Tag: "infra", Reason: "other"},
		{Outcome: classify.OutcomeSymptom, Rule: "s", Tag: "generic", Reason: "failed"},
		{Outcome: classify.OutcomeNoLogs, Missing: []classify.Missing{{File: "x", Why: "404"}, {File: "y", Why: "refused"}}},
		{Outcome: classify.OutcomePassed, Job: classify.Job{Result: "SUCCESS"}},
		{Outcome: classify.OutcomeMatched, Rule: "b", Tag: "infra", Reason: "two", Job: classify.Job{Superseded: true}},
		{Outcome: "strange"},
	}
	s := New(results, About{Tags: map[string]string{"infra": "not the change"}}).Summary
	if diff := cmp.Diff([]TagCount{{"infra", "not the change", 3, 0.4286}, {"code", "", 1, 0.1429}}, s.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]ReasonCount{
		{"b", "infra", "two", classify.OutcomeMatched, 2},
		{"a", "code", "one", classify.OutcomeMatched, 1},
		{"b", "infra", "other", classify.OutcomeMatched, 1},
		{"s", "generic", "failed", classify.OutcomeSymptom, 1},
	}, s.Reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]MissingCount{{"x", "404", 2}, {"y", "refused", 1}}, s.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]part{
		{"infra", "not the change", true, 3},
		{"code", "", true, 1},
		{"symptom only", "only generic rules matched", false, 1},
		{"no logs", "no log could be read", false, 1},
		{"strange", "", false, 1},
	}, s.parts()); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}

func TestPercent(t *testing.T) {
	for _, tt := range []struct {
		n, all int
		want   string
	}{
		{0, 0, "0%"}, {0, 5, "0%"}, {5, 5, "100%"}, {1, 3, "33%"}, {2, 3, "67%"}, {1, 1000, "<1%"}, {999, 1000, ">99%"}, {1, 100, "1%"}, {1, 1000000, "<1%"},
	} {
		if got := percent(tt.n, tt.all); got != tt.want {
			t.Errorf("percent(%d, %d) = %q, want %q", tt.n, tt.all, got, tt.want)
		}
	}
}

func TestZone(t *testing.T) {
	for _, tt := range []struct {
		loc  *time.Location
		want string
	}{
		{time.UTC, "UTC"},
		{berlin(), "CET (UTC+01:00)"},
		{time.FixedZone("", -(3*3600 + 1800)), "UTC-03:30"},
		{time.FixedZone("+0530", 5*3600+1800), "UTC+05:30"},
		{time.FixedZone("GMT", 0), "GMT (UTC+00:00)"},
	} {
		if got := zone(now.In(tt.loc)); got != tt.want {
			t.Errorf("zone of %v is %q, want %q", tt.loc, got, tt.want)
		}
	}
}

func TestNewKeepsItsInput(t *testing.T) {
	results := sample(20)
	results[0], results[19] = results[19], results[0]
	before := fmt.Sprint(results)
	r := New(results, About{})
	if fmt.Sprint(results) != before {
		t.Error("New changed the results that it was given")
	}
	for i := range r.Results[1:] {
		if r.Results[i].Time.Before(r.Results[i+1].Time) {
			t.Errorf("result %d is older than result %d", i, i+1)
		}
	}
}

// TestFormatsAgree counts what each format lists of random results, and
// compares it with the numbers that each states.
func TestFormatsAgree(t *testing.T) {
	for seed := range uint64(60) {
		results := random(seed)
		r := New(results, about())
		c := r.Summary.Counts
		failed := 0 // superseded ones included
		for i := range results {
			if results[i].Outcome.Failed() {
				failed++
			}
		}
		got := map[string]any{
			"JSON": countJSON(t, r), "CSV": countCSV(t, r), "HTML": countHTML(t, r),
			"table": countTable(t, r), "Markdown": countMarkdown(t, r),
		}
		want := map[string]any{
			"JSON": [4]int{c.Jobs, c.Failures, c.Known, c.Superseded}, "CSV": [4]int{c.Jobs, c.Failures, c.Known, c.Superseded},
			"HTML": [4]int{c.Jobs, c.Today, c.Yesterday, c.LastSevenDays}, "table": [2]int{failed, c.Failures}, "Markdown": [2]int{failed, c.Failures},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

func random(seed uint64) []classify.Result {
	rng := rand.New(rand.NewPCG(seed, 1))
	var out []classify.Result
	for range rng.IntN(50) {
		r := kinds[rng.IntN(len(kinds))]
		switch rng.IntN(6) {
		case 0:
			r = classify.Result{Outcome: classify.OutcomePassed}
		case 1:
			r = classify.Result{Outcome: classify.OutcomeSkipped}
		}
		r.Name = fmt.Sprintf("job-%d", rng.IntN(9))
		r.Superseded = rng.IntN(5) == 0
		if rng.IntN(8) > 0 {
			r.Time = now.Add(-time.Duration(rng.IntN(10*24*60)-60) * time.Minute)
		}
		out = append(out, r)
	}
	return out
}

func render(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func countJSON(t *testing.T, r *Report) (n [4]int) {
	text := render(t, func(b *bytes.Buffer) error { return r.WriteJSON(b) })
	for line := range strings.Lines(text) {
		var x struct {
			V       int
			Outcome classify.Outcome
			Super   bool `json:"superseded"`
			Summary *Summary
		}
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		if x.Summary != nil {
			s := x.Summary.Counts
			if stated := [4]int{s.Jobs, s.Failures, s.Known, s.Superseded}; stated != n {
				t.Errorf("the summary in JSON states %v, the lines are %v", stated, n)
			}
			continue
		}
		n = tally(n, x.Outcome, x.Super)
	}
	return n
}

func countCSV(t *testing.T, r *Report) (n [4]int) {
	rows, err := csv.NewReader(strings.NewReader(render(t, func(b *bytes.Buffer) error { return r.WriteCSV(b) }))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, title := range rows[0] {
		column[title] = i
	}
	for _, row := range rows[1:] {
		n = tally(n, classify.Outcome(row[column["outcome"]]), row[column["superseded"]] == "true")
	}
	return n
}

func tally(n [4]int, o classify.Outcome, superseded bool) [4]int {
	n[0]++
	switch {
	case superseded:
		n[3]++
	case o == classify.OutcomeMatched:
		n[1]++
		n[2]++
	case o.Failed():
		n[1]++
	}
	return n
}

func countHTML(t *testing.T, r *Report) (n [4]int) {
	text := render(t, func(b *bytes.Buffer) error { return r.WriteHTML(b) })
	n[0] = strings.Count(text, `<article class="job`)
	for i, m := range regexp.MustCompile(`class="number">(\d+)<`).FindAllStringSubmatch(text, 3) {
		n[i+1], _ = strconv.Atoi(m[1])
	}
	return n
}

func countTable(t *testing.T, r *Report) (n [2]int) {
	text := render(t, func(b *bytes.Buffer) error { return r.WriteTable(b, TableOptions{Width: 200}) })
	n[0] = len(regexp.MustCompile(`(?m)^.*\bjob-\d\b`).FindAllString(text, -1))
	fmt.Sscanf(text, "%d failed", &n[1])
	return n
}

func countMarkdown(t *testing.T, r *Report) (n [2]int) {
	text := render(t, func(b *bytes.Buffer) error { return r.WriteMarkdown(b) })
	n[0] = len(regexp.MustCompile(`(?m)^\|.*\bjob-\d\b`).FindAllString(text, -1))
	if m := regexp.MustCompile(`and (\d+) more failure`).FindStringSubmatch(text); m != nil {
		more, _ := strconv.Atoi(m[1])
		n[0] += more
	}
	if m := regexp.MustCompile(`: (\d+) failed of`).FindStringSubmatch(text); m != nil {
		n[1], _ = strconv.Atoi(m[1])
	}
	return n
}

// TestPeriods leaves out what the window of a report does not reach.
func TestPeriods(t *testing.T) {
	now := at("2026-11-20 14:08").Time
	for _, tt := range []struct{ name, since, want string }{
		{"no window", "", "today 1, yesterday 1, last seven days 3"},
		{"all of it", "2026-11-10 00:00", "today 1, yesterday 1, last seven days 3"},
		{"a day", "2026-11-19 14:08", "today 1, yesterday ≥1, last seven days ≥3"},
		{"three days", "2026-11-17 14:08", "today 1, yesterday 1, last seven days ≥3"},
		{"this morning", "2026-11-20 08:00", "today ≥1, last seven days ≥3"},
	} {
		about := About{Now: now, Location: berlin()}
		if tt.since != "" {
			about.Since = at(tt.since).Time
		}
		r := New([]classify.Result{at("2026-11-20 10:00"), at("2026-11-19 20:00"), at("2026-11-18 10:00")}, about)
		if got := r.Summary.days(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	undated := with(at("2026-11-20 10:00"), func(r *classify.Result) { r.Time = time.Time{} })
	r := New([]classify.Result{undated}, About{Now: now, Location: berlin()})
	if got := r.Summary.days(); got != "" {
		t.Errorf("of results without dates: %q", got)
	}
}
