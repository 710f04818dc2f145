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

// wrapped writes a text behind a label in as many lines as it takes, as wrap
// parts it.
func (p *explanation) wrapped(label, s string, wrap func(string, int) string) {
	indent := max(len(label), sideIndent)
	if p.room > 2*indent {
		s = wrap(printable(s), p.room-indent)
	}
	for l := range strings.Lines(s) {
		p.line("%-*s%s", indent, label, strings.TrimRight(l, "\n"))
		label = ""
	}
}

// sideIndent is the number of columns before what is said of a rule, textIndent
// that before the line of a log that a condition is about.
const (
	sideIndent = 10
	textIndent = 22
)

// overview writes what became of every rule that matches a line.
func (p *explanation) overview() {
	r := &p.result
	p.line("%s", p.job.File)
	p.line("%s; rules that match a line: %d of %d", r.Outcome, len(p.all), len(p.set.Rules))
	if r.Hint != "" {
		p.hint()
	}
	p.shown()
	for i := range p.all {
		x := &p.all[i]
		p.line("")
		p.line("%-9s %s  (%s)", x.Standing, x.Rule, p.set.Origin(x.Rule))
		a := p.deciding(x)
		p.line("%*s%s: %s", sideIndent, "", p.at(a.File, a.Line), a.Text)
		p.wrapped("", p.because(x, a), text.WrapSoft)
	}
}

// hint points at the line that looks most like the reason, where no cause is known.
func (p *explanation) hint() {
	for _, e := range p.result.Evidence {
		if i := slices.Index(e.Text, p.result.Hint); i >= 0 {
			p.line("")
			p.line("No rule names the cause. What looks most like it:")
			p.line("%*s%s: %s", sideIndent, "", p.at(e.File, e.Line+i), p.result.Hint)
			return
		}
	}
}

// shown writes what chose the lines that are shown as the reason.
func (p *explanation) shown() {
	for i, e := range p.result.Evidence {
		if i == 0 {
			p.line("")
			p.line("Shown as the reason:")
		}
		lines := fmt.Sprintf("%d-%d", e.Line, e.EndLine)
		if e.Line == e.EndLine {
			lines = fmt.Sprint(e.Line)
		}
		why := e.Why
		if e.Rule != "" {
			why = "rule " + e.Rule
		}
		p.line("%*s%s:%s  %s", sideIndent, "", e.File, lines, why)
	}
	if p.result.Step != "" {
		p.line("%*sin the step: %s", sideIndent, "", p.result.Step)
	}
}

// deciding returns the line to show of a rule: of that which gave the reason the line
// that did; of others the first that nothing took away, else the first.
func (p *explanation) deciding(x *classify.Explanation) *classify.Attempt {
	a := x.Attempts[max(slices.IndexFunc(x.Attempts, stands), 0)]
	if x.Standing == classify.StandingReason {
		m := &p.result.Matches[0]
		a.File, a.Line, a.Text, a.Message = m.File, m.Line, m.Text, m.Message
	}
	return &a
}

// stands reports whether nothing near a line took the match on it away.
func stands(a classify.Attempt) bool {
	return !slices.ContainsFunc(a.Steps, func(s classify.Step) bool { return s.Holds != classify.Yes })
}

// because says why a rule gave the reason or did not.
func (p *explanation) because(x *classify.Explanation, a *classify.Attempt) string {
	r := p.ruleOf(x)
	if x.Standing == classify.StandingReason {
		tier := string(cmp.Or(r.Tier, classify.TierCause))
		if r.Tier == classify.TierClue && p.result.Outcome == classify.OutcomeMatched {
			tier = "clue, a cause in the step that failed"
		}
		return fmt.Sprintf("%s, priority %d: %s", tier, r.Priority, a.Message)
	}
	for _, s := range slices.Concat(a.Steps, x.Conditions) {
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
		p.wrapped("", x.Why, text.WrapSoft)
	case classify.StandingHidden:
		p.line("matches, but is %s", x.Why)
	default:
		p.line("does not match: %s", x.Why)
	}
	p.line("")
	p.read(ctx, x, &r)
	shown := attempts(x)
	for i := range shown {
		if i > 0 {
			p.line("")
		}
		p.attempt(&r, &shown[i])
	}
	if more := x.More + len(x.Attempts) - len(shown); more > 0 {
		p.line("\nand %s more that the pattern matches", counted(more, "line"))
	}
	if len(x.Attempts) > 0 && len(x.Conditions) > 0 {
		p.line("")
	}
	for _, s := range x.Conditions {
		p.step(&r, s, nil)
	}
	p.unmet(ctx, x, &r)
}

// attempts returns the lines to show: the first, and one that stands, if one does.
func attempts(x *classify.Explanation) []classify.Attempt {
	shown := slices.Clone(x.Attempts[:min(len(x.Attempts), mostAttempts)])
	if i := slices.IndexFunc(x.Attempts, stands); i >= len(shown) {
		shown[len(shown)-1] = x.Attempts[i]
	}
	return shown
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
	p.row("pattern", "matched", p.at(a.File, a.Line), cmp.Or(r.Pattern, strconv.Quote(r.Literal)))
	p.line("%*s%s", textIndent, "", a.Text)
	kept := 0
	for _, s := range a.Steps {
		if strings.HasPrefix(s.Condition, "exclude ") && s.Holds == classify.Yes {
			kept++
		}
	}
	if kept > 0 {
		p.row("exclude", "not there", "", counted(kept, "text"))
	}
	for _, s := range a.Steps {
		if !strings.HasPrefix(s.Condition, "exclude ") || s.Holds != classify.Yes {
			p.step(r, s, a)
		}
	}
	if stands(*a) {
		p.row("message", "", "", a.Message)
	}
}

// row writes a condition, what became of it, where, and what it asks for.
func (p *explanation) row(name, verdict, where, asks string) {
	p.line("%-9s %-11s %s", name, verdict, strings.TrimLeft(where+"  "+asks, " "))
}

// step writes a condition, and the line that decided on it, unless that is the
// line of the attempt.
func (p *explanation) step(r *classify.Rule, s classify.Step, of *classify.Attempt) {
	where := ""
	if s.Line > 0 {
		where = p.at(s.File, s.Line)
	}
	p.row(s.Condition, verdictOf(s), where, p.condition(r, s.Condition))
	if s.Line > 0 && (of == nil || s.Line != of.Line) {
		p.line("%*s%s", textIndent, "", s.Text)
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
		return "not there"
	case asks:
		return "not met"
	}
	return "broke it"
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
	p.wrapped(fmt.Sprintf("%-9s %-12s", "pattern", "no match"), cmp.Or(r.Pattern, strconv.Quote(r.Literal)), text.WrapHard)
	label := "nearest"
	for _, n := range p.nearest(ctx, x) {
		p.line("%-*s%s: %s", textIndent, label, p.at(n.File, n.Line), n.Text)
		label = ""
	}
}
