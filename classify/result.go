package classify

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Version names the engine that gave a verdict. It changes whenever the same
// rules may give another verdict on the same log.
const Version = "4"

// Outcome is what became of a job, exactly one of the constants below.
type Outcome string

// The outcomes. Statistics keep them apart.
const (
	OutcomePassed    Outcome = "passed"    // the job succeeded; its logs were not scanned
	OutcomeSkipped   Outcome = "skipped"   // the job did not run to an end of its own
	OutcomeMatched   Outcome = "matched"   // a rule of tier cause named a reason
	OutcomeSymptom   Outcome = "symptom"   // only rules of tier symptom matched
	OutcomeUnmatched Outcome = "unmatched" // logs were read, no rule matched
	OutcomeNoLogs    Outcome = "no-logs"   // no log could be had, and the result alone explains nothing
)

// Outcomes returns all outcomes in the order in which reports list them.
func Outcomes() []Outcome {
	return []Outcome{OutcomeMatched, OutcomeSymptom, OutcomeUnmatched, OutcomeNoLogs, OutcomeSkipped, OutcomePassed}
}

// Failed reports whether the job behind the outcome counts as a failure.
func (o Outcome) Failed() bool {
	switch o {
	case OutcomePassed, OutcomeSkipped, "":
		return false
	}
	return true
}

// Result is the verdict on one job: what happened, why, and the lines that show it.
type Result struct {
	Job
	Outcome Outcome `json:"outcome"`
	Partial bool    `json:"partial"` // some log could not be read to its end; Missing names it

	// The primary match's rule, tag and message. Empty where no rule matched.
	Rule   string `json:"rule,omitempty"`
	Tag    string `json:"tag,omitempty"`
	Reason string `json:"reason,omitempty"`

	// Hint is the line that looks most like the reason where no rule of tier
	// cause names one. It is one of the lines of Evidence.
	Hint string `json:"hint,omitempty"`

	// Step is the line that names the step in which the reason stands, where the log
	// tells that this step failed: the command or the task. Empty otherwise.
	Step string `json:"step,omitempty"`

	Evidence []Evidence `json:"evidence,omitempty"` // the lines shown as the reason, the primary match's first, then those of other causes
	Matches  []Match    `json:"matches,omitempty"`  // every match, the primary first
	Tests    *Tests     `json:"tests,omitempty"`    // what the job's test reports say; nil: it has none
	Tasks    *Tests     `json:"tasks,omitempty"`    // what reports of tasks say, as Zuul's job-output.json
	Missing  []Missing  `json:"missing,omitempty"`  // logs not read, or not to their end

	Rules  string `json:"rules"`  // hash of the rule set: "sha256:…"
	Engine string `json:"engine"` // Version
}

// Evidence is a run of neighbouring lines of a log.
type Evidence struct {
	File    string   `json:"file,omitempty"`
	Line    int      `json:"line"`     // of the file as downloaded, from 1, ended by LF
	EndLine int      `json:"end_line"` // the last line, inclusive
	Text    []string `json:"text"`     // cleaned; a text longer than 1000 bytes is cut and ends in "…"

	// What chose the lines: the id of the rule whose match they begin with, or, of an
	// excerpt, what makes the likeliest of them look like the reason, with what each
	// adds to its weight. One of them is empty.
	Rule string `json:"rule,omitempty"`
	Why  string `json:"why,omitempty"`
}

// Match is a rule that matched in a log of a job.
type Match struct {
	Rule     string            `json:"rule"`
	Tag      string            `json:"tag,omitempty"`
	Tier     Tier              `json:"tier"`
	Message  string            `json:"message"`
	Captures map[string]string `json:"captures,omitempty"`
	File     string            `json:"file,omitempty"`
	Line     int               `json:"line"`                // that the pattern matched; 1 for a match on ResultFile
	EndLine  int               `json:"end_line"`            // Line, or the last one of the block that Rule.Until asks for
	Text     string            `json:"text"`                // of Line
	Count    Count             `json:"count"`               // lines on which the rule matched with this message
	HiddenBy string            `json:"hidden_by,omitempty"` // the matched rule of which this match is a consequence; such a match is never the reason
	URL      string            `json:"url,omitempty"`       // of the rule: the known bug
}

// Count counts lines, exactly up to 100; MoreThan100 stands for all that is above.
type Count int

// MoreThan100 is the Count of what was seen more than a hundred times.
const MoreThan100 Count = 101

// String returns the number, or "100+".
func (c Count) String() string {
	if c >= MoreThan100 {
		return "100+"
	}
	return fmt.Sprint(int(c))
}

// Missing is a log that could not be read, or not to its end.
type Missing struct {
	File string `json:"file"`
	Why  string `json:"why"`
}

// ErrUnreachable says that none of a job's logs can be had now: its host is
// down, refuses, is too busy, or may not be asked.
var ErrUnreachable = errors.New("unreachable")

// Logs opens the logs of jobs. It is the engine's only door to I/O, and is
// called by several goroutines at once.
//
// Open returns the decoded text of one file of a job. The error wraps
// fs.ErrNotExist where the file is not there (404, no such file), so that
// another candidate is tried, and ErrUnreachable where trying the job's other
// files is of no use; any other error says that this file could not be read. A
// reader that ends in an error other than io.EOF was cut short: what
// it gave until then is used, and the result is partial.
type Logs interface {
	Open(ctx context.Context, job Job, file string) (io.ReadCloser, error)
}

// Lister is an optional ability of Logs: which files of a job a glob names (see
// MatchFile), by path below the job's folder, with "/" between folders; members
// of an archive as "archive.tar.xz//path". Rules whose file is a glob need it.
// A glob that names nothing gives none and no error. The error wraps
// fs.ErrNotExist where the job's folder is not there, ErrUnreachable as that of
// Open does, and errors.ErrUnsupported where this job's files cannot be listed.
// What could be listed until then is returned beside it.
type Lister interface {
	List(ctx context.Context, job Job, glob string) ([]string, error)
}
