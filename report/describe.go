package report

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// reason returns why r failed, as well as it is known: a rule's message, else
// the line of the log that looks most like the reason, else what was missing.
// It is cleaned, and never empty for a result that failed.
func reason(r *classify.Result) string {
	switch {
	case explained(r):
		return cmp.Or(oneLine(r.Reason), oneLine(r.Rule), hint(r), "a rule without a message")
	case !r.Outcome.Failed():
		return ""
	}
	return cmp.Or(hint(r), oneLine(r.Detail), lacking(r), silence(r))
}

// explained reports whether a rule, be it of a symptom, says why r failed.
func explained(r *classify.Result) bool {
	return r.Outcome == classify.OutcomeMatched || r.Outcome == classify.OutcomeSymptom
}

// label returns the word in front of a reason: the tag, or the outcome where
// there is no reason.
func label(r *classify.Result) string {
	switch {
	case r.Outcome == classify.OutcomeMatched:
		return cmp.Or(oneLine(r.Tag), "no tag")
	case !r.Outcome.Failed():
		return oneLine(string(r.Outcome))
	}
	return outcomeLabel(r.Outcome)
}

// hint returns the line that looks most like the reason where no rule names
// one: the engine's choice, else the first of the evidence that is not blank.
func hint(r *classify.Result) string {
	if h := oneLine(r.Hint); h != "" {
		return h
	}
	for _, e := range r.Evidence {
		for _, t := range e.Text {
			if t := oneLine(t); t != "" {
				return t
			}
		}
	}
	return ""
}

func lacking(r *classify.Result) string {
	if len(r.Missing) == 0 {
		return ""
	}
	m := r.Missing[0]
	out := oneLine(m.File) + ": " + why(m.Why)
	if more := len(r.Missing) - 1; more > 0 {
		out += fmt.Sprintf(" (and %d more)", more)
	}
	return out
}

// why returns why a log is missing, without the address that was asked for:
// that is at the job, and would push the cause out of sight.
func why(s string) string {
	s = oneLine(s)
	if address, cause, found := strings.Cut(s, ": "); found && strings.HasPrefix(address, "get http") && !strings.Contains(address[4:], " ") {
		return cause
	}
	return s
}

func silence(r *classify.Result) string {
	if r.Outcome == classify.OutcomeNoLogs {
		return "its source gave no log"
	}
	return "no rule matched, and no line of its logs looks like the reason"
}

// location returns the place of spot, or "".
func location(r *classify.Result) string {
	if file, line := spot(r); file != "" || line > 0 {
		return place(file, line)
	}
	return ""
}

// spot returns the file and line of the primary match, of the hint where there
// is none, or of the first evidence.
func spot(r *classify.Result) (file string, line int) {
	for _, m := range r.Matches {
		return m.File, m.Line
	}
	for _, e := range r.Evidence {
		if i := slices.Index(e.Text, r.Hint); i >= 0 && r.Hint != "" {
			return e.File, e.Line + i
		}
	}
	for _, e := range r.Evidence {
		return e.File, e.Line
	}
	return "", 0
}

// says returns what a match says, and of which other rule's match it is a
// consequence.
func says(m classify.Match) string {
	text := cmp.Or(oneLine(m.Message), oneLine(m.Rule))
	if m.HiddenBy != "" {
		text += " (a consequence of " + oneLine(m.HiddenBy) + ")"
	}
	return text
}

// knownBug returns the address of the bug behind the reason, "" if none is known.
func knownBug(r *classify.Result) string {
	if len(r.Matches) == 0 || !explained(r) {
		return ""
	}
	return link(oneLine(r.Matches[0].URL))
}

func place(file string, line int) string {
	file = oneLine(file)
	if line < 1 || file == classify.ResultFile {
		return file
	}
	if file == "" {
		return fmt.Sprintf("line %d", line)
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// jobName returns what to call the job: its name, the file it was read from,
// or the end of its address.
func jobName(j *classify.Job) string {
	return cmp.Or(oneLine(j.Name), oneLine(j.File), oneLine(j.ID), oneLine(j.LogURL), "(no name)")
}

// patch returns the change and patch set as people write them: "912345,3".
func patch(j *classify.Job) string {
	switch {
	case j.Change == 0:
		return ""
	case j.PatchSet == 0:
		return strconv.Itoa(j.Change)
	}
	return fmt.Sprintf("%d,%d", j.Change, j.PatchSet)
}

// notes returns what else there is to say of r, in single words.
func notes(r *classify.Result) []string {
	var out []string
	if r.Superseded {
		out = append(out, "superseded")
	}
	if r.Voting != nil && !*r.Voting {
		out = append(out, "non-voting")
	}
	if r.Partial {
		out = append(out, "partial")
	}
	return out
}

func length(j *classify.Job) string {
	if j.Duration <= 0 {
		return ""
	}
	return j.Duration.String()
}

// clock returns t in the report's zone, or "" for the zero time.
func (r *Report) clock(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.In(r.About.Location).Format(layout)
}

const minute = "2006-01-02 15:04"

// window returns the stretch of time that jobs were selected from, or "".
func (r *Report) window() string {
	since, until := r.clock(r.About.Since, minute), r.clock(r.About.Until, minute)
	switch {
	case since != "" && until != "":
		return "from " + since + " to " + until
	case since != "":
		return "since " + since
	case until != "":
		return "until " + until
	}
	return ""
}

// selected returns what jobs were selected by, besides the window, or "".
func (s *Summary) selected() string {
	out := oneLine(strings.Join(s.Filters, " "))
	if s.Beyond > 0 {
		out = strings.TrimLeft(fmt.Sprintf("%s (%d more left out)", out, s.Beyond), " ")
	}
	return out
}

// headline returns the numbers of the report in one sentence.
func (s *Summary) headline() string {
	c := &s.Counts
	if c.Jobs == 0 {
		return "no jobs"
	}
	out := fmt.Sprintf("%d failed of %s", c.Failures, plural(c.Jobs, "job"))
	if c.Failures > 0 {
		out += fmt.Sprintf("; %d of %d with a known reason (%s)", c.Known, c.Failures, percent(c.Known, c.Failures))
	}
	return out
}

// asides returns what the headline leaves out: jobs that do not count as failures.
func (s *Summary) asides() string {
	var out []string
	for _, a := range []struct {
		n    int
		what string
	}{
		{s.Counts.Superseded, "superseded by a later build"},
		{s.Counts.Partial, "only partly read"},
		{s.Counts.Outcomes[classify.OutcomeSkipped], "skipped"},
		{s.Counts.Outcomes[classify.OutcomePassed], "passed"},
	} {
		if a.n > 0 {
			out = append(out, fmt.Sprintf("%d %s", a.n, a.what))
		}
	}
	for i := range s.Sources {
		if source := &s.Sources[i]; source.Capped {
			out = append(out, oneLine(source.Name)+" "+source.capped())
		}
	}
	return strings.Join(out, ", ")
}

// period is a number of failures, and when they were.
type period struct {
	name   string
	number string // "≥" before it: the report does not look at all of the period
}

// periods returns how many failures there were when. What the window of the
// report does not reach at all is left out.
func (s *Summary) periods() []period {
	c := &s.Counts
	y, m, d := s.Generated.Date()
	midnight := func(ago int) time.Time { return time.Date(y, m, d-ago, 0, 0, 0, 0, s.Generated.Location()) }
	since := s.Window.Since
	if since.IsZero() && c.LastSevenDays == 0 {
		return nil // nobody asked for days
	}
	var out []period
	add := func(name string, n int, begin, end time.Time) {
		number := fmt.Sprint(n)
		if since.After(begin) || s.Beyond > 0 {
			number = "≥" + number
		}
		if since.Before(end) {
			out = append(out, period{name, number})
		}
	}
	add("today", c.Today, midnight(0), midnight(-1))
	add("yesterday", c.Yesterday, midnight(1), midnight(0))
	add("last seven days", c.LastSevenDays, midnight(6), midnight(-1))
	return out
}

// days returns the periods in one line, "" if there are none.
func (s *Summary) days() string {
	var out []string
	for _, p := range s.periods() {
		out = append(out, p.name+" "+p.number)
	}
	return strings.Join(out, ", ")
}

// state returns what became of a source, in words.
func (s *SourceState) state() string {
	out := plural(s.Jobs, "job")
	if s.Changes > 0 {
		out = plural(s.Changes, cmp.Or(s.What, "item")) + ", " + out
	}
	if s.Capped {
		out += ", " + s.capped()
	}
	if n := len(s.Problems); n > 0 {
		out += ", " + plural(n, "problem")
	}
	if s.Error != "" {
		out = "failed: " + oneLine(s.Error) + " (" + out + ")"
	}
	return out
}

// capped says that the source had more than it was allowed to look at.
func (s *SourceState) capped() string {
	return fmt.Sprintf("capped at %d of more", cmp.Or(s.Cap, s.Changes))
}

func plural(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}

// problems returns all that could not be read but the logs of single jobs,
// each with the name of its source.
func (s *Summary) problems() []string {
	var out []string
	for _, source := range s.Sources {
		for _, p := range source.Problems {
			out = append(out, oneLine(source.Name+": "+p))
		}
	}
	for _, p := range s.Problems {
		out = append(out, oneLine(p))
	}
	return out
}

// link returns raw as it may be linked to: http and https only, nothing
// hidden in it such as a user's name. Else it returns "".
func link(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}

// fileLink returns the address of one of a job's files, or "".
func fileLink(j *classify.Job, file string) string {
	base := link(j.LogURL)
	if base == "" || file == "" || strings.HasPrefix(file, "@") || strings.Contains(file, "//") {
		return "" // the result, or a member of an archive
	}
	u, err := url.Parse(base)
	if err != nil || !strings.HasSuffix(u.Path, "/") {
		return base
	}
	return u.JoinPath(file).String()
}

// verdictBy says which engine and which rules gave the verdicts, or "". Of a
// hash it gives as much as tells two rule sets apart.
func (s *Summary) verdictBy() string {
	var out []string
	if engine := oneLine(s.Engine); engine != "" {
		out = append(out, "engine "+engine)
	}
	if rules := oneLine(s.Rules); rules != "" {
		if hash, ok := strings.CutPrefix(rules, "sha256:"); ok && strings.Trim(hash, "0123456789abcdef") == "" && len(hash) > 12 {
			rules = "sha256:" + hash[:12]
		}
		out = append(out, "rules "+rules)
	}
	return strings.Join(out, ", ")
}
