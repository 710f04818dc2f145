package eval

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// Rule is what a rule did on the logs.
type Rule struct {
	Rule string        `json:"rule"`
	Tag  string        `json:"tag,omitempty"`
	Tier classify.Tier `json:"tier"`

	Fired    int `json:"fired"`    // labelled logs in which it matched
	Primary  int `json:"primary"`  // of these, those of which it is the first reason
	Projects int `json:"projects"` // that these belong to
	Right    int `json:"right"`    // of Primary: a line that it shows is labelled
	Wrong    int `json:"wrong"`    // of Primary: none is

	// Precision is Right of Primary; nil where that is 0.
	Precision *Share `json:"precision,omitempty"`

	GreenFired int `json:"green_fired"` // logs of builds that passed in which it matched
	Green      int `json:"green"`       // of these, those of which it names the reason

	// Cost is what it costs, as Timing tells; nil where that was not measured.
	Cost *time.Duration `json:"cost_ns_per_mb,omitempty"`
}

// Share is a share of some cases, and the interval that holds the share of all
// cases with a confidence of 95 %.
type Share struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// z95 is the quantile of the normal distribution for a confidence of 95 %.
const z95 = 1.959963984540054

// wilson returns the share of hits in cases, of which there is at least one, with
// the interval of E. B. Wilson, "Probable inference, the law of succession, and
// statistical inference", 1927. It takes the cases as independent: where many
// are of one project, it is too narrow.
func wilson(hits, cases int) *Share {
	n := float64(cases)
	p := float64(hits) / n
	const zz = z95 * z95
	middle := (p + zz/(2*n)) / (1 + zz/n)
	half := z95 / (1 + zz/n) * math.Sqrt(p*(1-p)/n+zz/(4*n*n))
	return &Share{p, max(0, middle-half), min(1, middle+half)}
}

// tally counts what rules do.
type tally struct {
	rules    map[string]*Rule
	projects map[string]map[string]bool // of which a rule is the first reason
}

func newTally(rules []classify.Rule) *tally {
	t := &tally{rules: map[string]*Rule{}, projects: map[string]map[string]bool{}}
	for _, r := range rules {
		t.rule(r.ID, r.Tag, r.Tier)
	}
	return t
}

// rule returns the row of a rule.
func (t *tally) rule(id, tag string, tier classify.Tier) *Rule {
	if t.rules[id] == nil {
		t.rules[id] = &Rule{Rule: id, Tag: tag, Tier: cmp.Or(tier, classify.TierCause)}
	}
	return t.rules[id]
}

// matched returns the rows of the rules that matched, that of the first reason
// first.
func (t *tally) matched(r *classify.Result) (rows []*Rule) {
	for _, m := range r.Matches {
		if row := t.rule(m.Rule, m.Tag, m.Tier); !slices.Contains(rows, row) {
			rows = append(rows, row)
		}
	}
	return rows
}

// add takes in the result on a labelled log.
func (t *tally) add(label Label, r *classify.Result) {
	rows := t.matched(r)
	for _, row := range rows {
		row.Fired++
	}
	if len(rows) == 0 {
		return
	}
	first := rows[0]
	first.Primary++
	if common(ruleLines(r), label.Lines) > 0 {
		first.Right++
	} else {
		first.Wrong++
	}
	if t.projects[first.Rule] == nil {
		t.projects[first.Rule] = map[string]bool{}
	}
	t.projects[first.Rule][label.Project] = true
}

// ruleLines returns the lines that are shown for the first reason: all of the
// evidence, but for a symptom, beside which an excerpt stands, its block.
func ruleLines(r *classify.Result) []Range {
	if r.Outcome == classify.OutcomeMatched {
		return shown(r.Evidence)
	}
	m := r.Matches[0]
	return shown([]classify.Evidence{{Line: m.Line, EndLine: m.EndLine}})
}

// addPassing takes in the result on the log of a build that passed.
func (t *tally) addPassing(r *classify.Result) {
	rows := t.matched(r)
	for _, row := range rows {
		row.GreenFired++
	}
	if len(rows) > 0 && r.Outcome == classify.OutcomeMatched {
		rows[0].Green++
	}
}

// rows returns what was counted: causes before symptoms, the rules with the most
// wrong reasons first, then those that gave the most reasons, then those that
// matched most often.
func (t *tally) rows() []Rule {
	var rows []Rule
	for id, r := range t.rules {
		r.Projects = len(t.projects[id])
		if r.Primary > 0 {
			r.Precision = wilson(r.Right, r.Primary)
		}
		rows = append(rows, *r)
	}
	slices.SortFunc(rows, func(a, b Rule) int {
		return cmp.Or(
			cmp.Compare(a.Tier, b.Tier), // "cause", "symptom"
			cmp.Compare(b.Wrong+b.Green, a.Wrong+a.Green),
			cmp.Compare(b.Primary, a.Primary),
			cmp.Compare(b.Fired, a.Fired),
			cmp.Compare(b.GreenFired, a.GreenFired),
			cmp.Compare(a.Rule, b.Rule),
		)
	})
	return rows
}
