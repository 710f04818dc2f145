package classify

// ResultFile is the pseudo-file of a job's result and detail as its CI gave
// them, in one line: "NODE_FAILURE Node request 300-0001 failed". A rule on it
// gives reasons to failures that left no log.
const ResultFile = "@result"

// Tier says how much a rule knows of the reason.
type Tier string

// The tiers. The zero value counts as TierCause.
const (
	TierCause   Tier = "cause"   // the match names the reason
	TierSymptom Tier = "symptom" // the match only says that something failed: "exit code 1"
)

// Rule is a known pattern of failure. Exactly one of Pattern and Literal is set.
type Rule struct {
	ID       string   `json:"id"`
	Files    []string `json:"files"`             // candidates: the first that exists is read; paths, globs, or ResultFile
	Pattern  string   `json:"pattern,omitempty"` // a regular expression of Go's regexp package
	Literal  string   `json:"literal,omitempty"` // or plain text
	Message  string   `json:"message"`           // may name captures: "no distribution for {requirement}", "{1}"; "{{" and "}}" are plain braces
	Tag      string   `json:"tag"`               // one word for statistics
	Tier     Tier     `json:"tier,omitempty"`    // zero: TierCause
	Priority int      `json:"priority,omitzero"` // the higher is the reason where several match
	Exclude  []string `json:"exclude,omitempty"` // plain texts: no match on a line (of one over MaxLine: on a piece) that contains one
}
