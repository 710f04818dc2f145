package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/watchcat-ci/watchcat/classify"
)

// explanation writes what is explained for people.
type explanation struct {
	*explained
	bytes.Buffer
	room int // columns; 0: any number
}

// line writes a line, cut to the room there is.
func (p *explanation) line(format string, args ...any) {
	s := strings.ReplaceAll(printable(fmt.Sprintf(format, args...)), "\t", "    ")
	if p.room > 0 {
		s = text.Snip(s, p.room, "…")
	}
	p.WriteString(strings.TrimRight(s, " ") + "\n")
}

// wrapped writes a sentence in as many lines as it takes.
func (p *explanation) wrapped(s string) {
	const indent = 10
	if p.room > 2*indent {
		s = text.WrapSoft(printable(s), p.room-indent)
	}
	for l := range strings.Lines(s) {
		p.line("%*s%s", indent, "", strings.TrimRight(l, "\n"))
	}
}

// overview writes what became of every rule that matches a line.
func (p *explanation) overview() {
	r := &p.result
	p.line("%s: %s; %d of %s match a line", p.job.File, r.Outcome, len(p.all), counted(len(p.set.Rules), "rule"))
	if r.Hint != "" {
		p.hint()
	}
	for i := range p.all {
		x := &p.all[i]
		p.line("")
		p.line("%-9s %s  (%s)", x.Standing, x.Rule, p.set.Origin(x.Rule))
		a := deciding(x)
		p.line("          %s: %s", p.at(a.File, a.Line), a.Text)
		p.wrapped(p.because(x, a))
	}
}

// hint points at the line that looks most like the reason, where no cause is known.
func (p *explanation) hint() {
	for _, e := range p.result.Evidence {
		if i := slices.Index(e.Text, p.result.Hint); i >= 0 {
			p.line("")
			p.line("No rule names the cause. What looks most like it:")
			p.line("          %s: %s", p.at(e.File, e.Line+i), p.result.Hint)
			return
		}
	}
}

// deciding returns the line to show of a rule: the first that it matched, else
// the first that it would have matched.
func deciding(x *classify.Explanation) *classify.Attempt {
	i := slices.IndexFunc(x.Attempts, func(a classify.Attempt) bool { return a.Message != "" })
	return &x.Attempts[max(i, 0)]
}

// because says why a rule gave the reason or did not.
func (p *explanation) because(x *classify.Explanation, a *classify.Attempt) string {
	r := p.ruleOf(x)
	if x.Standing == classify.StandingReason {
		return fmt.Sprintf("%s, priority %d: %s", cmp.Or(r.Tier, classify.TierCause), r.Priority, a.Message)
	}
	if a.Message == "" {
		for _, s := range a.Steps {
			if s.Holds != classify.Yes {
				return p.short(&r, s)
			}
		}
	}
	for _, s := range x.Conditions {
		if x.Standing == classify.StandingNone && s.Holds != classify.Yes {
			return p.short(&r, s)
		}
	}
	return strings.TrimPrefix(x.Why, fmt.Sprintf("%q gives the reason: ", p.result.Rule))
}

// short returns a condition that took a match away in one line.
func (p *explanation) short(r *classify.Rule, s classify.Step) string {
	out := fmt.Sprintf("%s %s", s.Condition, verdictOf(s))
	if s.Line > 0 {
		return out + ": " + p.at(s.File, s.Line) + ": " + s.Text
	}
	return out + ": " + p.condition(r, s.Condition)
}

// at returns where a line stands; of a log given by itself that is its name.
func (p *explanation) at(file string, line int) string {
	return fmt.Sprintf("%s:%d", cmp.Or(file, p.logName()), line)
}

// mostAttempts is how many lines are shown that one rule matches.
const mostAttempts = 5

// rule goes through a rule, condition by condition.
func (p *explanation) rule(ctx context.Context, x *classify.Explanation) {
	r := p.ruleOf(x)
	p.line("%s  (%s)", x.Rule, p.set.Origin(x.Rule))
	switch x.Standing {
	case classify.StandingReason:
		p.line("gives the reason: %s", p.result.Reason)
	case classify.StandingListed:
		p.line("matches, but does not give the reason:")
		p.wrapped(x.Why)
	case classify.StandingHidden:
		p.line("matches, but is %s", x.Why)
	default:
		p.line("does not match: %s", x.Why)
	}
	p.line("")
	p.read(ctx, x, &r)
	for i := range x.Attempts[:min(len(x.Attempts), mostAttempts)] {
		p.attempt(&r, &x.Attempts[i])
	}
	if more := x.More + max(0, len(x.Attempts)-mostAttempts); more > 0 {
		p.line("          and %s more", counted(more, "line"))
	}
	for _, s := range x.Conditions {
		p.step(&r, s)
	}
	p.unmet(ctx, x, &r)
}

// read tells which files were read for a rule.
func (p *explanation) read(ctx context.Context, x *classify.Explanation, r *classify.Rule) {
	name := p.set.File(r.ID)
	if len(x.Files) > 0 {
		p.line("%-9s %-11s %s", "file", "read", beside(strings.Join(x.Files, ", "), name))
		return
	}
	p.line("%-9s %-11s %s", "file", "not read", beside(strings.Join(r.Files, ", "), name))
	if there := p.files(ctx); there != "" {
		p.line("%-9s the job has %s", "", there)
	}
}

// beside returns what files are, with the name that a rule has for them.
func beside(files, name string) string {
	if files == name {
		return files
	}
	return name + ": " + files
}

// attempt writes a line that a rule's pattern matches, and what is said of it.
func (p *explanation) attempt(r *classify.Rule, a *classify.Attempt) {
	p.row("pattern", "matches", p.at(a.File, a.Line), cmp.Or(r.Pattern, strconv.Quote(r.Literal)))
	p.line("%21s %s", "", a.Text)
	kept := 0
	for _, s := range a.Steps {
		if strings.HasPrefix(s.Condition, "exclude ") && s.Holds == classify.Yes {
			kept++
		}
	}
	if kept > 0 {
		p.row("exclude", "holds", "", fmt.Sprintf("%s not in the line", counted(kept, "text")))
	}
	for _, s := range a.Steps {
		if !strings.HasPrefix(s.Condition, "exclude ") || s.Holds != classify.Yes {
			p.step(r, s)
		}
	}
	if a.Message != "" {
		p.row("message", "", "", a.Message)
	}
}

// row writes a condition, what became of it, where, and what it asks for.
func (p *explanation) row(name, verdict, where, asks string) {
	p.line("%-9s %-11s %s", name, verdict, strings.TrimLeft(where+"  "+asks, " "))
}

// step writes a condition, and the line that decided on it.
func (p *explanation) step(r *classify.Rule, s classify.Step) {
	where := ""
	if s.Line > 0 {
		where = p.at(s.File, s.Line)
	}
	p.row(s.Condition, verdictOf(s), where, p.condition(r, s.Condition))
	if s.Line > 0 {
		p.line("%21s %s", "", s.Text)
	}
}

// verdictOf says what became of a condition.
func verdictOf(s classify.Step) string {
	asks := strings.HasPrefix(s.Condition, "next") || strings.HasPrefix(s.Condition, "all")
	switch {
	case s.Holds == classify.Unknown:
		return "not known"
	case s.Holds == classify.Yes && asks:
		return "met"
	case s.Holds == classify.Yes:
		return "holds"
	case asks:
		return "not met"
	}
	return "broken"
}

// condition returns what the condition of a step asks for.
func (p *explanation) condition(r *classify.Rule, name string) string {
	kind, number, _ := strings.Cut(name, " ")
	n, _ := strconv.Atoi(number)
	n--
	asks := func(pattern, literal string) string {
		if pattern == "" && literal != "" {
			return strconv.Quote(literal)
		}
		return pattern
	}
	whole := func(list []classify.Condition) string {
		c := asWritten(p.set, list[n:n+1])[0]
		return strings.TrimRight(strings.Join(c.Files, ", ")+"  "+asks(c.Pattern, c.Literal), " ")
	}
	switch {
	case kind == "next":
		return r.Next
	case kind == "exclude" && n < len(r.Exclude):
		return strconv.Quote(r.Exclude[n])
	case kind == "unless" && n < len(r.Unless):
		u := r.Unless[n]
		return fmt.Sprintf("%s within %s", asks(u.Pattern, u.Literal), u.Within)
	case kind == "all" && n < len(r.All):
		return whole(r.All)
	case kind == "none" && n < len(r.None):
		return whole(r.None)
	}
	return ""
}

// unmet shows the lines nearest to a pattern that matches none.
func (p *explanation) unmet(ctx context.Context, x *classify.Explanation, r *classify.Rule) {
	if len(x.Attempts) > 0 || len(x.Files) == 0 {
		return
	}
	p.row("pattern", "no match", "", cmp.Or(r.Pattern, strconv.Quote(r.Literal)))
	near := p.nearest(ctx, x)
	for i, n := range near {
		label := ""
		if i == 0 {
			label = "nearest"
		}
		p.line("%-21s %s: %s", label, p.at(n.File, n.Line), n.Text)
	}
}
