package eval

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// Verdict is what a result says of a job, without the text that shows it.
type Verdict struct {
	ID      string           `json:"-"` // of the job, as are the next three
	File    string           `json:"-"`
	Job     string           `json:"-"`
	LogURL  string           `json:"-"`
	Outcome classify.Outcome `json:"outcome"`
	Partial bool             `json:"partial,omitzero"`
	Rule    string           `json:"rule,omitempty"`
	Tag     string           `json:"tag,omitempty"`
	Reason  string           `json:"reason,omitempty"`
	In      string           `json:"in,omitempty"`    // the file of the job in which the reason stands
	Line    int              `json:"line,omitzero"`   // of the reason
	Shown   []Range          `json:"shown,omitempty"` // for the reason; without one, the excerpt
}

// VerdictOf returns what a result says.
func VerdictOf(r *classify.Result) Verdict {
	v := Verdict{
		ID: r.ID, File: r.File, Job: r.Name, LogURL: r.LogURL, Outcome: r.Outcome, Partial: r.Partial,
		Rule: r.Rule, Tag: r.Tag, Reason: r.Reason, Line: line(r), Shown: shown(r.Evidence),
	}
	if len(r.Matches) > 0 {
		v.In, v.Shown = r.Matches[0].File, ruleLines(r)
	}
	return v
}

// Name returns what to call the job: the log that was named, else the job's own
// name and the address of its logs, as far as they are known.
func (v *Verdict) Name() string {
	switch {
	case v.File != "":
		return v.File
	case v.Job != "" && v.LogURL != "":
		return v.Job + " " + v.LogURL
	}
	return cmp.Or(v.Job, v.LogURL, v.ID)
}

// Run is what one run of watchcat gave.
type Run struct {
	Verdicts []Verdict
	Rules    []string // hashes of the rule sets, one of each
	Engines  []string // versions of the engine, one of each
}

// Collect makes a Run of results.
func Collect(results iter.Seq[classify.Result]) *Run {
	run := &Run{}
	for r := range results {
		run.add(&r)
	}
	return run
}

func (run *Run) add(r *classify.Result) {
	run.Verdicts = append(run.Verdicts, VerdictOf(r))
	if !slices.Contains(run.Rules, r.Rules) {
		run.Rules = append(run.Rules, r.Rules)
	}
	if !slices.Contains(run.Engines, r.Engine) {
		run.Engines = append(run.Engines, r.Engine)
	}
}

// ReadRun reads results, one JSON object a line, as every command of watchcat
// prints them; name is that of the file, for mistakes. The summary of a run and
// empty lines are passed over. The error is of type strict.Mistakes and holds
// every mistake; the Run, which is never nil, holds the lines without one.
func ReadRun(name string, r io.Reader) (*Run, error) {
	run := &Run{}
	var mistakes strict.Mistakes
	for n, line := range jsonLines(r) {
		result, err := readResult(line)
		if err != nil {
			mistakes = append(mistakes, strict.Mistake{
				File: name, Line: n, Col: 1, What: "no result: " + err.Error(),
				Remedy: "name what rules eval --save, or a command with --format json, wrote",
			})
		}
		if result != nil {
			run.add(result)
		}
	}
	return run, mistakes.Err()
}

// version is the version of the results that can be read.
const version = 1

// readResult reads a line: a result, or a summary, of which it returns nil.
func readResult(line jsonLine) (*classify.Result, error) {
	var row struct {
		V       int             `json:"v"`
		Summary json.RawMessage `json:"summary"`
		classify.Result
	}
	err := line.decode(&row)
	switch {
	case row.V > version:
		return nil, fmt.Errorf("version %d is that of a newer watchcat; update this one", row.V)
	case err != nil:
		return nil, err
	case row.Summary != nil:
		return nil, nil
	case !slices.Contains(classify.Outcomes(), row.Outcome):
		return nil, fmt.Errorf("outcome %q is none that watchcat knows", row.Outcome)
	}
	if v := VerdictOf(&row.Result); v.Name() == "" {
		return nil, errors.New("it names no log and no job")
	}
	return &row.Result, nil
}
