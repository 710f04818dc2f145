package classify

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// ResultFile is the pseudo-file of a job's result and detail as its CI gave
// them, in one line: "NODE_FAILURE Node request 300-0001 failed". A rule on it
// gives reasons to failures that left no log.
const ResultFile = "@result"

// Tier says how much a rule knows of the reason.
type Tier string

// The tiers. The zero value counts as TierCause.
const (
	TierCause   Tier = "cause"   // the match names the reason
	TierClue    Tier = "clue"    // the match names the reason if it stands in a step that failed, and is a symptom elsewhere
	TierSymptom Tier = "symptom" // the match only says that something failed: "exit code 1"
)

// Tiers returns the tiers that a rule may have. A Match has the first or the last.
func Tiers() []Tier { return []Tier{TierCause, TierClue, TierSymptom} }

// Occurrence says which of several lines with the same message a rule shows.
type Occurrence string

// The occurrences. The zero value counts as OccurrenceFirst.
const (
	OccurrenceFirst Occurrence = "first"
	OccurrenceLast  Occurrence = "last"
)

// The limits of what a rule may ask for, in cleaned lines.
const (
	MaxWindow = 1000 // of Unless.Within
	MaxBlock  = 100  // of a block of evidence (Until), and of each side of Context
)

// Rule is a known pattern of failure. Exactly one of Pattern and Literal is
// set. What the fields mean to who writes rules is told, with examples, in the
// documentation of the package patterns.
type Rule struct {
	ID       string   `json:"id"`
	Files    []string `json:"files"`             // candidates: the first that exists is read; paths, globs, or ResultFile
	Pattern  string   `json:"pattern,omitempty"` // a regular expression of Go's regexp package
	Literal  string   `json:"literal,omitempty"` // or plain text
	Message  string   `json:"message"`           // may name captures: "no distribution for {requirement}", "{1}"; "{{" and "}}" are plain braces
	Tag      string   `json:"tag"`               // one word for statistics
	Tier     Tier     `json:"tier,omitempty"`    // zero: TierCause
	Priority int      `json:"priority,omitzero"` // the higher is the reason where several match

	// What must not be near a match, or must be: a match that lacks it is none.
	Exclude []string    `json:"exclude,omitempty"` // plain texts: no match on a line (of one over MaxLine: on a piece) that contains one
	Next    string      `json:"next,omitempty"`    // a regular expression that the cleaned line after the match must match
	Unless  []Unless    `json:"unless,omitempty"`  // no match where one of these occurs within its reach
	All     []Condition `json:"all,omitempty"`     // the rule matches only if all of these hold for the job,
	None    []Condition `json:"none,omitempty"`    // and none of these does

	// What a match shows.
	Until      string     `json:"until,omitempty"`      // the evidence goes on to the line that this regular expression matches, inclusive; to the file's end or MaxBlock lines at most, of which the first 30 are shown
	Context    Context    `json:"context,omitzero"`     // lines around the match that are evidence in any case
	Occurrence Occurrence `json:"occurrence,omitempty"` // zero: OccurrenceFirst

	// The jobs that the rule is tried on, as Restricted tells. Empty: all.
	Jobs      []string `json:"jobs,omitempty"`
	Projects  []string `json:"projects,omitempty"`
	Branches  []string `json:"branches,omitempty"`
	Pipelines []string `json:"pipelines,omitempty"`

	Hides []string `json:"hides,omitempty"` // ids of rules whose matches are consequences of this one's

	// For people and for tools; the engine does not look at them.
	Expires     string `json:"expires,omitempty"` // the day, "2027-03-01", from which on the rule should be looked at again
	URL         string `json:"url,omitempty"`     // the known bug; http or https
	Description string `json:"description,omitempty"`
}

// Context is a number of lines before and after a match.
type Context struct {
	Before int `json:"before,omitzero"`
	After  int `json:"after,omitzero"`
}

// Unless is what takes a match away where it occurs in the same file, within
// reach of the match. Exactly one of Pattern and Literal is set.
type Unless struct {
	Pattern string `json:"pattern,omitempty"`
	Literal string `json:"literal,omitempty"`
	Within  Within `json:"within"`
}

// Within is a reach in cleaned lines, seen from a match: WithinLine,
// WithinNext, WithinFile, or a number n from 1 to MaxWindow: the line itself,
// the n lines before it and the n lines after it.
type Within int

// The reaches that have a name. The zero value is WithinLine.
const (
	WithinLine Within = 0  // the line of the match (of one over MaxLine: the piece)
	WithinNext Within = -1 // the line after it, and that only
	WithinFile Within = -2 // any line of the file, before or after
)

// String returns "line", "next", "file" or the number.
func (w Within) String() string {
	switch w {
	case WithinLine:
		return "line"
	case WithinNext:
		return "next"
	case WithinFile:
		return "file"
	}
	return strconv.Itoa(int(w))
}

// MarshalJSON writes the reach as rule files do: a word or a number.
func (w Within) MarshalJSON() ([]byte, error) {
	if w > 0 {
		return json.Marshal(int(w))
	}
	return json.Marshal(w.String())
}

// UnmarshalJSON reads what MarshalJSON writes.
func (w *Within) UnmarshalJSON(text []byte) error {
	for _, named := range []Within{WithinLine, WithinNext, WithinFile} {
		if string(text) == strconv.Quote(named.String()) {
			*w = named
			return nil
		}
	}
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 || n > MaxWindow {
		return fmt.Errorf("within %s is neither \"line\", \"next\", \"file\" nor a number from 1 to %d", text, MaxWindow)
	}
	*w = Within(n)
	return nil
}

// Condition asks for something in the logs of a job. With Pattern or Literal it
// holds if a line matches; without either, if one of Files exists.
type Condition struct {
	Files   []string `json:"files,omitempty"` // candidates, as those of a Rule; none: the file in which the rule matched
	Pattern string   `json:"pattern,omitempty"`
	Literal string   `json:"literal,omitempty"`
}

// Restricted reports whether the rule is not to be tried on a job: one of Jobs,
// Projects, Branches and Pipelines does not allow what the job has there. A
// list allows a name that one of its globs (see Glob) matches, if no glob with
// a "!" before it does; a list of such globs only allows every other name.
func (r *Rule) Restricted(job *Job) bool {
	return !allows(r.Jobs, job.Name) || !allows(r.Projects, job.Project) ||
		!allows(r.Branches, job.Branch) || !allows(r.Pipelines, job.Pipeline)
}

// isRestricted reports whether there may be jobs on which the rule is not to be
// tried.
func (r *Rule) isRestricted() bool {
	return len(r.Jobs)+len(r.Projects)+len(r.Branches)+len(r.Pipelines) > 0
}

// allows reports whether a list of globs allows a name.
func allows(globs []string, name string) bool {
	allowed, positive := false, false
	for _, glob := range globs {
		if not, ok := strings.CutPrefix(glob, "!"); ok {
			if Glob(not, name) {
				return false
			}
			continue
		}
		positive = true
		allowed = allowed || Glob(glob, name)
	}
	return allowed || !positive
}
