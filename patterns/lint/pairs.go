package lint

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/watchcat-ci/watchcat/classify"
)

// same finds patterns that match the same lines as an earlier one.
func (p *pass) same() {
	for _, g := range p.groups {
		for i, b := range g.rules {
			for _, a := range g.rules[:i] {
				if conditions(a, b) && conditions(b, a) && reflect.DeepEqual(places(a), places(b)) && equal(a, b) {
					p.sameAs(a, b)
					break
				}
			}
		}
	}
}

func (p *pass) sameAs(a, b *rule) {
	what := fmt.Sprintf("matches the same lines as %s", p.named(a))
	if a.Tag != b.Tag {
		what += fmt.Sprintf(", with the tag %q instead of %q", b.Tag, a.Tag)
	}
	f := p.report("W001", b, b.main.path, what, "keep one of the two")
	if lines := b.samples(); len(lines) > 0 {
		f.Example = lines[0]
	}
}

// named names a rule with its place.
func (p *pass) named(r *rule) string { return fmt.Sprintf("%q in %s", r.ID, p.set.Origin(r.ID)) }

// equal reports whether the patterns of two rules match the same lines.
func equal(a, b *rule) bool {
	if a.main.pattern == b.main.pattern {
		return true
	}
	return plausible(a, b) && plausible(b, a) && proven(a, b) && proven(b, a)
}

// plausible reports whether a matches all lines that are known to match b.
func plausible(a, b *rule) bool {
	return !slices.ContainsFunc(b.samples(), func(line string) bool { return !a.main.re.MatchString(line) })
}

// proven reports whether a's pattern matches each line that b's does.
func proven(a, b *rule) bool {
	if a.main.prog == nil || b.main.prog == nil {
		return false
	}
	is, _ := covers(a.main.prog, b.main.prog)
	return is == yes
}

// conditions reports whether whatever a asks for beside its pattern b asks for
// as well: a match of b meets the conditions of a.
func conditions(a, b *rule) bool {
	return subset(a.Exclude, b.Exclude) && (a.Next == "" || a.Next == b.Next) &&
		subset(a.Unless, b.Unless) && subsetFunc(a.All, b.All) && subsetFunc(a.None, b.None) &&
		restriction(a.Jobs, b.Jobs) && restriction(a.Projects, b.Projects) &&
		restriction(a.Branches, b.Branches) && restriction(a.Pipelines, b.Pipelines)
}

func restriction(a, b []string) bool { return len(a) == 0 || slices.Equal(a, b) }

func subset[T comparable](a, b []T) bool {
	return !slices.ContainsFunc(a, func(x T) bool { return !slices.Contains(b, x) })
}

func subsetFunc(a, b []classify.Condition) bool {
	return !slices.ContainsFunc(a, func(x classify.Condition) bool {
		return !slices.ContainsFunc(b, func(y classify.Condition) bool { return reflect.DeepEqual(x, y) })
	})
}

// places returns what a rule shows of a match besides its message.
func places(r *rule) []any { return []any{r.Until, r.Context, occurrence(r)} }

func occurrence(r *rule) classify.Occurrence {
	if r.Occurrence == "" {
		return classify.OccurrenceFirst
	}
	return r.Occurrence
}

// hidden finds rules that are never the reason, since another matches wherever
// they do and goes first.
func (p *pass) hidden() {
	for _, g := range p.groups {
		for _, b := range g.rules {
			if p.has("W001", b.ID) {
				continue
			}
			for _, a := range g.rules {
				if a != b && !p.own(a, b) && goesFirst(a, b) && conditions(a, b) && plausible(a, b) && len(b.samples()) > 0 && proven(a, b) {
					f := p.report("W002", b, b.main.path, fmt.Sprintf("is never the reason: %s matches each line that this rule does, and goes first%s", p.named(a), why(a, b)),
						before(a, b)+fmt.Sprintf(", make %q narrower, or take this rule away", a.ID))
					f.Example = b.samples()[0]
					break
				}
			}
		}
	}
}

// goesFirst reports whether a match of a always goes before one of b, if a
// matches every line that b does.
func goesFirst(a, b *rule) bool {
	switch {
	case slices.Contains(b.Hides, a.ID):
		return false
	case slices.Contains(a.Hides, b.ID), a.tier() != b.tier():
		return slices.Contains(a.Hides, b.ID) || a.tier() < b.tier()
	case a.Priority != b.Priority:
		return a.Priority > b.Priority
	}
	return a.number < b.number && occurrence(a) == classify.OccurrenceFirst && occurrence(b) == classify.OccurrenceFirst
}

// why says by what a goes before b.
func why(a, b *rule) string {
	switch {
	case slices.Contains(a.Hides, b.ID):
		return " (it hides this rule)"
	case a.tier() != b.tier():
		return " (it is a cause, this one a symptom)"
	case a.Priority != b.Priority:
		return fmt.Sprintf(" (priority %d)", a.Priority)
	}
	return " (it stands first)"
}

// before says how b could go before a.
func before(a, b *rule) string {
	switch {
	case slices.Contains(a.Hides, b.ID):
		return fmt.Sprintf("take it out of hides of %q", a.ID)
	case a.tier() != b.tier():
		return fmt.Sprintf("make %q a symptom too", a.ID)
	}
	return fmt.Sprintf("give this rule a priority above %d", a.Priority)
}

// own reports whether a is a user's rule and b one that ships: then it is meant
// that a goes first.
func (p *pass) own(a, b *rule) bool { return !p.packed(a) && p.packed(b) }

// packed reports whether a rule ships with the program.
func (p *pass) packed(r *rule) bool {
	s := p.sources[p.set.Place(r.ID).File]
	return s != nil && s.Packed
}
