package lint

import (
	"cmp"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
)

// pass is the one scan of a rule set that all checks share.
type pass struct {
	set     *patterns.Set
	options Options
	rules   []*rule
	byID    map[string]*rule
	sources map[string]*source
	groups  []*group
	found   []Finding
}

// rule is a rule with all that the checks want to know of it.
type rule struct {
	classify.Rule
	number int     // in the set
	main   *text   // its pattern or literal
	texts  []*text // its patterns: main, unless it is a literal, next, until, those of conditions
	tests  []test
	lines  []string // the lines of its own tests that it matches
	made   []string // lines made from its pattern that it matches
}

// test is a test of a rule, its log as cleaned lines.
type test struct {
	patterns.Test
	lines []string
}

// text is one regular expression of a rule, or its literal as one.
type text struct {
	path    []any // the key, below the rule
	pattern string
	tree    *syntax.Regexp
	re      *regexp.Regexp
	prog    *syntax.Prog
	tokens  []token // none for a literal
}

// group holds the rules that are tried on the same file.
type group struct {
	rules  []*rule
	engine *classify.Classifier // of all of them; made when it is asked for
	tried  []trial              // of their tests; likewise
}

func newPass(set *patterns.Set, o Options) *pass {
	p := &pass{set: set, options: o, byID: map[string]*rule{}, sources: map[string]*source{}}
	for i, s := range set.Sources {
		p.sources[s.Name] = newSource(i, s)
	}
	groups := map[string]*group{}
	for i, r := range set.Rules {
		entry := newRule(i, r)
		p.rules = append(p.rules, entry)
		p.byID[r.ID] = entry
		key := strings.Join(r.Files, "\n")
		if groups[key] == nil {
			groups[key] = &group{}
			p.groups = append(p.groups, groups[key])
		}
		groups[key].rules = append(groups[key].rules, entry)
	}
	for _, t := range set.Tests {
		p.byID[t.Rule].tests = append(p.byID[t.Rule].tests, test{t, cleaned(t.Log)})
	}
	for _, r := range p.rules {
		r.sample()
	}
	return p
}

// newRule takes a rule apart.
func newRule(number int, r classify.Rule) *rule {
	entry := &rule{Rule: r, number: number}
	if r.Pattern == "" {
		entry.main = newText(regexp.QuoteMeta(r.Literal), "literal")
		entry.main.tokens = nil
	} else {
		entry.main = newText(r.Pattern, "pattern")
		entry.texts = append(entry.texts, entry.main)
	}
	entry.add(r.Next, "next")
	entry.add(r.Until, "until")
	for i, u := range r.Unless {
		entry.add(u.Pattern, "unless", i, "pattern")
	}
	for i, c := range r.All {
		entry.add(c.Pattern, "all", i, "pattern")
	}
	for i, c := range r.None {
		entry.add(c.Pattern, "none", i, "pattern")
	}
	return entry
}

// add adds a pattern of the rule, if there is one.
func (r *rule) add(pattern string, path ...any) {
	if pattern != "" {
		r.texts = append(r.texts, newText(pattern, path...))
	}
}

// newText takes a pattern apart, which compiles: it was loaded.
func newText(pattern string, path ...any) *text {
	t := &text{path: path, pattern: pattern, tokens: tokens(pattern)}
	t.re, _ = regexp.Compile(pattern)
	t.tree, _ = syntax.Parse(pattern, syntax.Perl)
	if t.tree != nil {
		t.prog, _ = syntax.Compile(t.tree.Simplify())
		t.tree, _ = syntax.Parse(pattern, syntax.Perl) // Simplify may share parts
	}
	return t
}

// sample finds lines that the rule matches.
func (r *rule) sample() {
	for _, t := range r.tests {
		for _, line := range t.lines {
			if t.Want != "" && r.matches(line) && !slices.Contains(r.lines, line) {
				r.lines = append(r.lines, line)
			}
		}
	}
	made := []string{r.Literal}
	if r.Pattern != "" {
		made = generate(r.main.tree)
	}
	for _, line := range made {
		if r.matches(line) {
			r.made = append(r.made, line)
		}
	}
}

// samples returns the lines of which it is known that the rule matches them.
func (r *rule) samples() []string { return slices.Concat(r.lines, r.made) }

// matches reports whether a rule matches a cleaned line, by its pattern and
// what it excludes.
func (r *rule) matches(line string) bool {
	return r.main.re.MatchString(line) &&
		!slices.ContainsFunc(r.Exclude, func(text string) bool { return strings.Contains(line, text) })
}

// tier returns the rule's tier, the zero value resolved, as a number: the lower
// goes first.
func (r *rule) tier() int {
	return slices.Index(classify.Tiers(), cmp.Or(r.Tier, classify.TierCause))
}

// cleaned returns the cleaned lines of a log.
func cleaned(log string) []string {
	var lines []string
	for line, err := range classify.Lines(strings.NewReader(log)) {
		if err == nil {
			lines = append(lines, line.Text)
		}
	}
	return lines
}

// report adds a finding at a key of a rule.
func (p *pass) report(code string, r *rule, path []any, what, remedy string) *Finding {
	p.found = append(p.found, finding(code, r.ID, p.set.Place(r.ID, path...), what, remedy))
	return &p.found[len(p.found)-1]
}

// order returns the number of a rule file.
func (p *pass) order(file string) int {
	if s := p.sources[file]; s != nil {
		return s.number
	}
	return -1
}
