package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// How long a text on the page may be, in columns.
const (
	nameText  = 100
	shortText = 300
	lineText  = 1200
	longText  = 10000
)

func short(s string) string { return cut(s, shortText) }
func name(s string) string  { return cut(s, nameText) }

// A pageJob is what the page shows of a result.
type pageJob struct {
	Superseded           bool
	ISO, When, Length    string
	Name, URL, BadURL    string // BadURL is an address that is not linked to
	Result, ResultLook   string
	Notes                []string
	Patch, PatchURL      string
	Logs, LogsURL        string
	Facts                []string
	Subject, Commit      string
	Label, Look          string
	Reason, Rule, Detail string
	Step                 string
	BugURL               string
	Evidence             []pageEvidence
	Failed               []pageFailure
	MoreFailed           int
	Others               []pageMatch
	Missing              []classify.Missing
}

type pageEvidence struct {
	Title, File, URL string
	Lines            []pageLine
}

type pageLine struct {
	Number string // padded to the width of the longest; "" if not known
	Text   string
}

type pageMatch struct {
	Label, Look, Message, Rule, Where, Count, Text string
}

func (r *Report) pageJob(x *classify.Result) pageJob {
	j := pageJob{
		Superseded: x.Superseded,
		ISO:        r.clock(x.Time, time.RFC3339), When: r.clock(x.Time, minute), Length: length(&x.Job),
		Name: name(jobName(&x.Job)), URL: link(x.URL),
		Result: name(cmp.Or(oneLine(x.Result), oneLine(string(x.Outcome)))), ResultLook: resultLook(x),
		Notes: notes(x),
		Patch: patch(&x.Job), PatchURL: link(x.ChangeURL),
		Logs: name(oneLine(x.LogURL)), LogsURL: link(x.LogURL),
		Facts:   facts(&x.Job),
		Subject: short(oneLine(x.Subject)), Commit: cut(strings.Join(lines(x.CommitMsg), "\n"), longText),
		Label: name(label(x)), Look: look(x), Reason: short(reason(x)), Rule: name(oneLine(x.Rule)), BugURL: knownBug(x), Detail: short(oneLine(x.Detail)), Step: short(oneLine(x.Step)),
	}
	if j.URL == "" {
		j.BadURL = name(oneLine(x.URL))
	}
	if j.Commit != "" && j.Subject == "" {
		j.Subject = "commit message"
	}
	for _, e := range x.Evidence {
		j.Evidence = append(j.Evidence, evidence(x, e))
	}
	j.Failed, j.MoreFailed = pageFailed(x)
	for i, m := range x.Matches {
		if i > 0 || !explained(x) {
			j.Others = append(j.Others, match(m))
		}
	}
	for _, m := range x.Missing {
		j.Missing = append(j.Missing, classify.Missing{File: short(cmp.Or(oneLine(m.File), "log")), Why: short(oneLine(m.Why))})
	}
	return j
}

// facts returns what else is known of where a job came from.
func facts(j *classify.Job) []string {
	var out []string
	for _, f := range []struct{ before, value string }{
		{"", j.Project}, {"", j.Branch}, {"", j.Pipeline}, {"by ", j.Owner}, {"topic ", j.Topic}, {"from ", j.Source},
	} {
		if v := oneLine(f.value); v != "" {
			out = append(out, name(f.before+v))
		}
	}
	return out
}

func evidence(r *classify.Result, e classify.Evidence) pageEvidence {
	title := cmp.Or(place(e.File, e.Line), "evidence") + byOther(e, r)
	out := pageEvidence{Title: name(title), File: name(oneLine(e.File)), URL: fileLink(&r.Job, e.File)}
	digits := len(fmt.Sprint(e.Line + len(e.Text) - 1))
	for i, t := range e.Text {
		l := pageLine{Text: cut(logLine(t), lineText)}
		if e.Line > 0 {
			l.Number = fmt.Sprintf("%*d", digits, e.Line+i)
		}
		out.Lines = append(out.Lines, l)
	}
	return out
}

func match(m classify.Match) pageMatch {
	out := pageMatch{
		Label: name(cmp.Or(oneLine(m.Tag), "no tag")), Look: "text-bg-primary",
		Message: short(says(m)), Rule: name(oneLine(m.Rule)), Where: name(place(m.File, m.Line)),
		Text: cut(logLine(m.Text), lineText),
	}
	if m.Tier == classify.TierSymptom {
		out.Label, out.Look = "symptom", "text-bg-warning"
	}
	if m.Count > 1 {
		out.Count = m.Count.String()
	}
	return out
}

func look(r *classify.Result) string {
	switch {
	case r.Outcome == classify.OutcomeMatched:
		return "text-bg-primary"
	case r.Outcome.Failed():
		return "text-bg-warning"
	}
	return "text-bg-secondary"
}

func resultLook(r *classify.Result) string {
	switch {
	case r.Outcome.Failed():
		return "text-bg-danger"
	case r.Outcome == classify.OutcomePassed:
		return "text-bg-success"
	}
	return "text-bg-secondary"
}
