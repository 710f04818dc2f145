package classify

import (
	"fmt"
	"strings"
	"time"
)

// Job is one build of a CI job: what its source knows of it before any of its
// logs was read. The zero value of a field means "not known" and is left out
// of JSON.
type Job struct {
	// File is the log, archive or folder that was named on a command line.
	File string `json:"file,omitempty"`

	// ID tells one build from another, whichever source saw it: the CI's own
	// build id, else what sources.Gather makes of the other fields.
	ID   string `json:"id,omitempty"`
	Name string `json:"job,omitempty"`

	Source   string `json:"source,omitempty"`   // the configured source it came from
	Server   string `json:"server,omitempty"`   // host of the review server, as in ChangeURL
	Reporter string `json:"reporter,omitempty"` // account that reported it

	Project   string `json:"project,omitempty"`
	Branch    string `json:"branch,omitempty"`
	Topic     string `json:"topic,omitempty"`
	Pipeline  string `json:"pipeline,omitempty"`
	Change    int    `json:"change,omitzero"`
	PatchSet  int    `json:"patchset,omitzero"`
	Owner     string `json:"owner,omitempty"`
	Subject   string `json:"subject,omitempty"`
	CommitMsg string `json:"commit_message,omitempty"`

	Result     string `json:"result,omitempty"` // as the CI gave it: "FAILURE", "NODE_FAILURE"
	Detail     string `json:"detail,omitempty"` // what the CI said behind the result
	Voting     *bool  `json:"voting,omitempty"` // nil: not known
	Superseded bool   `json:"superseded"`       // the same job ran again, later, on the same patch set

	Time     time.Time `json:"time,omitzero"`       // when it was reported: what date filters and sorting go by
	Start    time.Time `json:"start,omitzero"`      // when it began, where that is known
	Duration Seconds   `json:"duration_s,omitzero"` // how long it ran

	URL       string `json:"url,omitempty"`     // the build's own page
	LogURL    string `json:"log_url,omitempty"` // its logs: a folder if it ends in "/", else one file; http, https or file
	ChangeURL string `json:"change_url,omitempty"`
}

// Seconds is a length of time in whole seconds, as CI systems report it.
type Seconds int64

// Duration returns s as a time.Duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

// String returns s as CI systems print it: "59s", "3m 32s", "1h 02m 03s".
func (s Seconds) String() string {
	h, m, sec := s/3600, s/60%60, s%60
	switch {
	case h > 0:
		return fmt.Sprintf("%dh %02dm %02ds", h, m, sec)
	case m > 0:
		return fmt.Sprintf("%dm %02ds", m, sec)
	}
	return fmt.Sprintf("%ds", sec)
}

// Status is what a job's result says of the job, in one of four words.
type Status int

// The statuses. A result that is not known, or that nobody has heard of, counts
// as a failure: the job did not say that it succeeded.
const (
	Failed   Status = iota // FAILURE, TIMED_OUT, UNSTABLE, NODE_FAILURE, …, or a log given by itself
	Passed                 // SUCCESS
	Skipped                // SKIPPED, CANCELED, NOT_BUILT and the like: it did not run to an end of its own
	Unending               // STARTED, RUNNING, QUEUED, …: it has not ended yet; UNKNOWN: nobody tells how
)

// Status says whether the job failed, by its Result alone.
func (j *Job) Status() Status {
	switch strings.ToUpper(j.Result) {
	case "SUCCESS", "SUCCESSFUL", "SUCCEEDED", "PASSED":
		return Passed
	case "SKIPPED", "CANCELED", "CANCELLED", "NOT_BUILT", "NO_JOBS", "NEUTRAL":
		return Skipped
	case "STARTED", "RUNNING", "QUEUED", "PENDING", "IN_PROGRESS", "PAUSED", "WAITING", "UNKNOWN":
		return Unending
	}
	return Failed
}
