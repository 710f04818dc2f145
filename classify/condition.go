package classify

import "fmt"

// unless is what takes a match away within a few lines of it.
type unless struct {
	*matcher
	within Within
	name   string // "unless 1"
}

// A condition decides on a rule by a whole file: that in which the rule matched,
// or another of the job.
type condition struct {
	Condition
	*matcher // nil: the condition is that a file exists
	rule     *rule
	want     bool   // what holds if the rule is to match
	name     string // "all 1", "none 2", "unless 3"
	group    int    // place in Classifier.files
}

// compileUnless makes the i-th of a rule's unless ready.
func (r *rule) compileUnless(i int, u Unless) error {
	m, err := newMatcher(u.Pattern, u.Literal)
	if err != nil {
		return err
	}
	name := fmt.Sprint("unless ", i+1)
	switch u.Within {
	case WithinFile:
		r.own = append(r.own, &condition{Condition: Condition{Pattern: u.Pattern, Literal: u.Literal}, matcher: m, rule: r, name: name})
		return nil
	case WithinNext:
		r.reach, r.follows = max(r.reach, 1), true
	default:
		r.reach = max(r.reach, int(u.Within))
	}
	r.ahead = max(r.ahead, r.reach)
	r.unless = append(r.unless, unless{m, u.Within, name})
	return nil
}

// compileConditions makes conditions ready: kind is "all" or "none".
func (r *rule) compileConditions(kind string, conds []Condition) error {
	for i, c := range conds {
		cond := &condition{Condition: c, rule: r, want: kind == "all", name: fmt.Sprint(kind, " ", i+1)}
		if c.Pattern != "" || c.Literal != "" {
			var err error
			if cond.matcher, err = newMatcher(c.Pattern, c.Literal); err != nil {
				return fmt.Errorf("%s: %w", cond.name, err)
			}
		}
		if len(c.Files) == 0 {
			r.own = append(r.own, cond)
		} else {
			r.others = append(r.others, cond)
		}
	}
	return nil
}

// An Answer is what is known of a condition.
type Answer string

// The answers.
const (
	Unknown Answer = "unknown" // what decides could not be read
	No      Answer = "no"
	Yes     Answer = "yes"
)

// meets says whether the answer to a condition lets the rule match.
func (c *condition) meets(a Answer) Answer {
	switch {
	case a == Unknown:
		return Unknown
	case (a == Yes) == c.want:
		return Yes
	}
	return No
}

// answerTo returns what is known of something that was seen or not, in a file
// that was read to its end or cut short.
func answerTo(seen, cut bool) Answer {
	switch {
	case seen:
		return Yes
	case cut:
		return Unknown
	}
	return No
}
