package lint

import (
	"context"
	"fmt"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// logName is the file that rules are tried on.
const logName = "test"

// run tries the rules of a group on a log, through the engine. It returns nil
// if they do not go together.
func (g *group) run(log string) *classify.Result {
	if g.engine == nil {
		var rules []classify.Rule
		for _, r := range g.rules {
			rule := r.Rule
			rule.Files = []string{logName}
			rules = append(rules, rule)
		}
		engine, err := classify.Compile(without(rules))
		if err != nil {
			return nil
		}
		g.engine = engine
	}
	result := g.engine.Log(context.Background(), logName, strings.NewReader(log))
	return &result
}

// without takes out of rules what names rules that are not among them: those
// of other files, which are not tried here.
func without(rules []classify.Rule) []classify.Rule {
	there := map[string]bool{}
	for _, r := range rules {
		there[r.ID] = true
	}
	for i, r := range rules {
		var hides []string
		for _, id := range r.Hides {
			if there[id] {
				hides = append(hides, id)
			}
		}
		rules[i].Hides = hides
	}
	return rules
}

// trial is what the rules of a group make of a log that one of them is known
// to match.
type trial struct {
	rule   *rule
	log    string
	result *classify.Result
}

// match returns what the rule itself matched first.
func (t trial) match() *classify.Match {
	for i, m := range t.result.Matches {
		if m.Rule == t.rule.ID {
			return &t.result.Matches[i]
		}
	}
	return nil
}

// trials runs the tests that the rules must match, once for all checks.
func (p *pass) trials(g *group) []trial {
	if g.tried == nil {
		g.tried = []trial{}
		for _, r := range g.rules {
			for _, t := range r.tests {
				if t.Want == "" {
					continue
				}
				if found := (trial{r, t.Log, g.run(t.Log)}); found.result != nil && found.match() != nil {
					g.tried = append(g.tried, found)
				}
			}
		}
	}
	return g.tried
}

// twoTags finds lines that two rules of the same rank give different tags.
func (p *pass) twoTags() {
	for _, g := range p.groups {
		told := map[[2]string]bool{}
		for _, t := range p.trials(g) {
			p.otherTag(t, told)
		}
		for _, r := range g.rules {
			if len(r.lines) > 0 {
				continue // what its author gave shows more than what was made up
			}
			for _, line := range r.made {
				if result := g.run(line); result != nil {
					p.otherTag(trial{r, line, result}, told)
				}
			}
		}
	}
}

// otherTag reports rules that give the line of a trial another tag.
func (p *pass) otherTag(t trial, told map[[2]string]bool) {
	own := t.match()
	if own == nil {
		return
	}
	for _, m := range t.result.Matches {
		a, b := p.byID[m.Rule], t.rule
		if m.Line != own.Line || m.Tag == own.Tag || a.tier() != b.tier() || a.Priority != b.Priority || hidesOther(a, b) {
			continue
		}
		if a.number > b.number {
			a, b = b, a
		}
		if told[[2]string{a.ID, b.ID}] || p.has("W001", b.ID) || p.has("W002", b.ID) {
			continue
		}
		told[[2]string{a.ID, b.ID}] = true
		f := p.report("W003", b, []any{"tag"}, fmt.Sprintf("gives a line the tag %q to which %s gives %q, with the same rank", b.Tag, p.named(a), a.Tag),
			"let one of them go first (priority, hides), or let one not match (exclude, unless)")
		f.Example = own.Text
	}
}

func hidesOther(a, b *rule) bool {
	for _, id := range a.Hides {
		if id == b.ID {
			return true
		}
	}
	for _, id := range b.Hides {
		if id == a.ID {
			return true
		}
	}
	return false
}

// taken finds rules that are the reason in none of their own tests.
func (p *pass) taken() {
	for _, g := range p.groups {
		by := map[*rule][]trial{}
		for _, t := range p.trials(g) {
			by[t.rule] = append(by[t.rule], t)
		}
		for _, r := range g.rules {
			p.takenBy(r, by[r])
		}
	}
}

func (p *pass) takenBy(r *rule, trials []trial) {
	for _, t := range trials {
		if t.result.Rule == r.ID || t.result.Matches[0].Line != t.match().Line {
			return
		}
	}
	if len(trials) == 0 || p.has("W001", r.ID) || p.has("W002", r.ID) || p.has("W003", r.ID) {
		return
	}
	other := p.byID[trials[0].result.Rule]
	if p.own(other, r) {
		return
	}
	f := p.report("W004", r, r.main.path, fmt.Sprintf("is the reason in none of its own tests: %s takes the line%s", p.named(other), why(other, r)),
		"add a test in which this rule is the reason, "+before(other, r)+", or take this rule away")
	f.Example = trials[0].match().Text
}
