package classify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// maxAttempts is how many lines of a file an Explanation tells of.
const maxAttempts = 10

// Standing is what became of a rule in a job.
type Standing string

// The standings.
const (
	StandingReason Standing = "reason"   // it gave the reason
	StandingListed Standing = "listed"   // it matched, and another gave the reason
	StandingHidden Standing = "hidden"   // it matched, as a consequence of another
	StandingNone   Standing = "no match" // it did not match
)

// Explanation tells what a Classifier made of one rule in the logs of one job,
// step by step.
type Explanation struct {
	Rule     string   `json:"rule"`
	Standing Standing `json:"standing"`
	Why      string   `json:"why,omitempty"`   // why it did not give the reason, in a few words
	Files    []string `json:"files,omitempty"` // that were read for the rule's pattern

	// Attempts are lines that the pattern matched, the first ten of each file;
	// More counts the others.
	Attempts []Attempt `json:"attempts,omitempty"`
	More     int       `json:"more,omitzero"`

	// Conditions are those on whole files: all, none, unless within the file;
	// those on the rule's own file once for each in which a match was left. Of a
	// rule that matched no line they were not asked.
	Conditions []Step `json:"conditions,omitempty"`
}

// Attempt is a line that the pattern of a rule matched, and what the conditions
// on the lines around it made of that.
type Attempt struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Text    string `json:"text"`
	Message string `json:"message,omitempty"` // empty where the line, or one before it, took the match away
	Steps   []Step `json:"steps,omitempty"`   // in the order of exclude, unless, next; where Message is empty, what took the match away
}

// Step is one condition of a rule, and the line that decided on it.
type Step struct {
	Condition string `json:"condition"`      // "exclude 1", "unless 2", "next", "all 1", "none 1"
	Holds     Answer `json:"holds"`          // whether it lets the rule match
	File      string `json:"file,omitempty"` // of the line that met the condition or broke it, if one did
	Line      int    `json:"line,omitzero"`  // 0: no line did
	Text      string `json:"text,omitempty"`
}

// Explain looks at a job as Run does, whatever its result, and tells what became
// of the rules with these ids; without ids, of all that matched a line, those
// that matched the job first. An id that no rule has is passed over. To tell of
// every condition it may read files that Run leaves alone, which changes
// nothing in the Result.
func (c *Classifier) Explain(ctx context.Context, logs Logs, job Job, ids ...string) (Result, []Explanation) {
	l := c.newLook(logs, job)
	l.told = map[*rule]*Explanation{}
	for _, r := range c.ordered {
		if len(ids) == 0 || slices.Contains(ids, r.ID) {
			l.told[r] = &Explanation{Rule: r.ID, Standing: StandingNone}
		}
	}
	defer l.forget()
	result := l.readLogs(ctx).result(ctx)
	for _, c := range l.unasked {
		l.ask(ctx, c)
	}
	l.explain()
	var all []Explanation
	for _, r := range l.tellOrder() {
		if e := l.told[r]; e != nil && (len(ids) > 0 || len(e.Attempts) > 0) {
			all = append(all, *e)
		}
	}
	return result, all
}

// tellOrder returns all rules, those that matched first, in their rank.
func (l *look) tellOrder() []*rule {
	var rules []*rule
	for _, f := range l.found.ranked() {
		if !slices.Contains(rules, f.rule) {
			rules = append(rules, f.rule)
		}
	}
	for _, r := range l.ordered {
		if !slices.Contains(rules, r) {
			rules = append(rules, r)
		}
	}
	return rules
}

// explain says of each rule what became of it, and why.
func (l *look) explain() {
	ranked := l.found.ranked()
	for r, e := range l.told {
		slices.SortStableFunc(e.Attempts, func(a, b Attempt) int {
			return cmp.Or(cmp.Compare(slices.Index(e.Files, a.File), slices.Index(e.Files, b.File)), cmp.Compare(a.Line, b.Line))
		})
		i := slices.IndexFunc(ranked, func(f *finding) bool { return f.rule == r })
		switch {
		case i < 0:
			e.Why = l.whyNot(r, e)
		case i == 0:
			e.Standing = StandingReason
		case ranked[i].HiddenBy != "":
			e.Standing, e.Why = StandingHidden, fmt.Sprintf("a consequence of %q", ranked[i].HiddenBy)
		default:
			e.Standing, e.Why = StandingListed, ranked[i].whyAfter(ranked[0])
		}
	}
}

// whyNot says why a rule did not match.
func (l *look) whyNot(r *rule, e *Explanation) string {
	broken := func(s Step) bool { return s.Holds != Yes }
	i := slices.IndexFunc(e.Conditions, broken)
	switch {
	case r.Restricted(&l.job):
		return "it is not for this job: " + r.restriction(&l.job)
	case len(e.Files) == 0:
		return fmt.Sprintf("none of its files was read: %s", strings.Join(r.Files, ", "))
	case len(e.Attempts) == 0:
		return "its pattern matches no line"
	case i >= 0:
		return fmt.Sprintf("%s: %s", e.Conditions[i].Condition, e.Conditions[i].Holds.broke())
	}
	return "something on each line that it matches, or near it, takes the match away"
}

// broke says how a condition kept a rule from matching.
func (a Answer) broke() string {
	if a == Unknown {
		return "the file that decides could not be read"
	}
	return "does not hold"
}

// restriction says which field of the job a rule is not for.
func (r *Rule) restriction(job *Job) string {
	for _, field := range []struct {
		name  string
		globs []string
		value string
	}{
		{"job", r.Jobs, job.Name}, {"project", r.Projects, job.Project},
		{"branch", r.Branches, job.Branch}, {"pipeline", r.Pipelines, job.Pipeline},
	} {
		if !allows(field.globs, field.value) {
			return fmt.Sprintf("%s %q, not of %s", field.name, field.value, strings.Join(field.globs, ", "))
		}
	}
	return ""
}

// whyAfter says why another finding goes before this one. The order is that of rank.
func (f *finding) whyAfter(first *finding) string {
	by := fmt.Sprintf("%q gives the reason: ", first.rule.ID)
	switch {
	case tierRank(first.Tier) != tierRank(f.Tier):
		return by + fmt.Sprintf("tier %q goes before %q", first.Tier, f.Tier)
	case f.where == aside && first.where != aside:
		return by + "the step that failed is another"
	case first.rule.Priority != f.rule.Priority:
		return by + fmt.Sprintf("priority %d goes before %d", first.rule.Priority, f.rule.Priority)
	case first.file != f.file:
		return by + fmt.Sprintf("%s was read before %s", first.File, f.File)
	case first.lead != f.lead:
		return by + fmt.Sprintf("line %d comes before line %d", first.lead, f.lead)
	}
	return by + "it stands before this rule in the rule set"
}

// settle ends the attempt of a match on which the lines around it decided: of the
// conditions on lines of which nothing was said, none took it away that could
// be seen to its end.
func (t *track) settle(c *candidate) {
	conditions := t.lineConditions()
	for _, cond := range conditions {
		holds := answerTo(cond.name != nextName, false)
		if t.scan.cut && c.index+cond.reach > t.scan.last {
			holds = Unknown
		}
		c.attempt.step(cond.name, holds, place{})
	}
	turn := func(s Step) int {
		return slices.IndexFunc(conditions, func(cond lineCondition) bool { return cond.name == s.Condition })
	}
	slices.SortFunc(c.attempt.Steps, func(x, y Step) int { return cmp.Compare(turn(x), turn(y)) })
	c.attempt.Message = c.match.Message
	t.told.add(c.attempt)
}

// add takes in an attempt, if there is one.
func (e *Explanation) add(a *Attempt) {
	if a != nil {
		e.Attempts = append(e.Attempts, *a)
	}
}

// A lineCondition is a condition of a rule on lines near a match.
type lineCondition struct {
	name  string
	reach int // how many lines after the match it looks at; -1: at as much of its line as there is
}

// lineConditions returns the conditions of a rule on lines near a match, in the
// order in which they are told.
func (r *rule) lineConditions() []lineCondition {
	var all []lineCondition
	for i := range r.exclude {
		all = append(all, lineCondition{excludeName(i), -1})
	}
	for _, u := range r.unless {
		reach := int(u.within)
		if u.within == WithinNext {
			reach = 1
		}
		all = append(all, lineCondition{u.name, reach})
	}
	if r.next != nil {
		all = append(all, lineCondition{nextName, 1})
	}
	return all
}

// nextName is what a Step calls Rule.Next.
const nextName = "next"

// excludeName returns what a Step calls an element of Rule.Exclude.
func excludeName(i int) string { return fmt.Sprint("exclude ", i+1) }

// step notes that a line decided on a condition. The first word counts.
func (a *Attempt) step(condition string, holds Answer, at place) {
	if a == nil || slices.ContainsFunc(a.Steps, func(s Step) bool { return s.Condition == condition }) {
		return
	}
	a.Steps = append(a.Steps, Step{condition, holds, at.file, at.line, at.text})
}

// line is step for the line of a piece.
func (a *Attempt) line(condition string, holds Answer, s *scan, p piece) {
	if a != nil {
		a.step(condition, holds, s.place(p))
	}
}

// condition notes what became of a condition on a whole file. It may be called
// on nil.
func (e *Explanation) condition(name string, holds Answer, at place) {
	if e != nil {
		e.Conditions = append(e.Conditions, Step{name, holds, at.file, at.line, at.text})
	}
}
