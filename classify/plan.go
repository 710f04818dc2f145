package classify

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"

	"github.com/watchcat-ci/watchcat/classify/internal/dfa"
	"github.com/watchcat-ci/watchcat/classify/internal/literal"
	"github.com/watchcat-ci/watchcat/classify/internal/search"
)

// A plan is how to find, in one pass over a file, everything that is looked for
// in it. It is made once for the rules on a file, and shared by all scans.
type plan struct {
	rules  []*rule
	conds  []*condition // of rules on other files as well
	probes []probe

	literals *search.Set // a hit's ID is a place in byText
	byText   [][]int32   // the probes that look for a text
	slow     []slowSet   // the probes that have no literal

	exact  bool // a rule looks at more than its line: cleaned lines are counted
	before int  // lines that may be asked for before a match
	recent int  // lines that may be asked for before a match and up to where it is decided on
}

// A probe is one of the things that are looked for on every line.
type probe struct {
	*matcher
	of    probeOf
	owner int // place of the rule or of the condition in the plan, or of the mark in marks
	nth   int // of the rule's unless or own conditions
}

// probeOf says what a probe is.
type probeOf int

const (
	ofRule      probeOf = iota // a rule's pattern
	ofUnless                   // what must not occur within several lines of its match
	ofOwn                      // a condition of a rule on its own file
	ofCondition                // a condition of a rule on other files
	ofMark                     // a mark, which ends a step
)

// A slowSet is probes that are tried together on every line.
type slowSet struct {
	*dfa.Set
	probes []int32 // by place in the set
}

// maxSlow is how many probes are tried together: an automaton for very many has
// too many states.
const maxSlow = 20

// newPlan makes the plan for rules on a file, and for conditions of rules on
// other files.
func newPlan(rules []*rule, conds []*condition) *plan {
	p := &plan{rules: rules, conds: conds}
	for i, r := range rules {
		p.addRule(i, r)
	}
	for i, c := range conds {
		if c.matcher != nil {
			p.probes = append(p.probes, probe{c.matcher, ofCondition, i, 0})
		}
	}
	for i, m := range markMatchers() {
		p.probes = append(p.probes, probe{m, ofMark, i, 0})
	}
	p.sort()
	return p
}

// addRule adds what is looked for for a rule.
func (p *plan) addRule(i int, r *rule) {
	p.probes = append(p.probes, probe{r.main, ofRule, i, 0})
	for n, u := range r.unless {
		if u.within > 0 {
			p.probes = append(p.probes, probe{u.matcher, ofUnless, i, n})
		}
	}
	for n, c := range r.own {
		p.probes = append(p.probes, probe{c.matcher, ofOwn, i, n})
	}
	p.exact = p.exact || r.ahead > 0 || r.reach > 0 || r.until != nil || r.Context != Context{}
	p.before = max(p.before, r.Context.Before)
	if r.Context.Before+r.after > 0 {
		p.recent = max(p.recent, r.Context.Before+r.ahead)
	}
}

// sort parts the probes in those that are found by a literal and the others.
// Probes that look for the same text share its hits.
func (p *plan) sort() {
	var literals []search.Literal
	var slow []int32
	known := map[literal.Text]int32{}
	for i, probe := range p.probes {
		if len(probe.required) == 0 {
			slow = append(slow, int32(i))
			continue
		}
		for _, t := range probe.required[0] {
			if strings.ContainsAny(t.Text, "\r\n") {
				continue // no line holds it
			}
			id, ok := known[t]
			if !ok {
				id = int32(len(p.byText))
				known[t] = id
				p.byText = append(p.byText, nil)
				literals = append(literals, search.Literal{Text: t.Text, Fold: t.Fold, ID: id})
			}
			p.byText[id] = append(p.byText[id], int32(i))
		}
	}
	p.literals = search.New(literals)
	for probes := range slices.Chunk(slow, maxSlow) {
		var trees []*syntax.Regexp
		for _, i := range probes {
			trees = append(trees, p.probes[i].tree)
		}
		p.slow = append(p.slow, slowSet{dfa.New(trees...), probes})
	}
}

// plans are the plans for the files that were read, by the groups of rules on
// them. The zero value has none.
type plans struct {
	mu    sync.Mutex
	known map[string]*plan
}

// maxPlans is how many plans are kept: there are seldom more than a few.
const maxPlans = 256

// of returns the plan for a file that several groups are on.
func (all *plans) of(groups []*fileRules) *plan {
	all.mu.Lock()
	defer all.mu.Unlock()
	places := make([]int, len(groups))
	for i, g := range groups {
		places[i] = g.place
	}
	slices.Sort(places)
	key := fmt.Sprint(places)
	if p := all.known[key]; p != nil {
		return p
	}
	var rules []*rule
	var conds []*condition
	for _, g := range groups {
		rules, conds = append(rules, g.rules...), append(conds, g.conds...)
	}
	p := newPlan(rules, conds)
	if all.known == nil {
		all.known = map[string]*plan{}
	}
	if len(all.known) < maxPlans {
		all.known[key] = p
	}
	return p
}
