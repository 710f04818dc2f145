package lint

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"

	"github.com/watchcat-ci/watchcat/classify"
)

// misplaced is the remedy for what cannot hold where it stands.
const misplaced = `look at ^ and $ that are not at the ends, and at \b between two characters of the same kind`

// never finds patterns, and parts of them, that no line can match.
func (p *pass) never(r *rule) {
	for _, t := range r.texts {
		if !t.made() && t.prog != nil && neverMatches(t.prog) == yes {
			p.report("E004", r, t.path, "can never match: "+unfit(t), misplaced)
		} else {
			p.branches(r, t)
		}
	}
	for i, text := range r.Exclude {
		if always(text, r) {
			p.report("E004", r, []any{"exclude", i}, fmt.Sprintf("can never match: each line that the pattern matches contains %q", text), "take it out of exclude")
		}
	}
	for i, u := range r.Unless {
		if u.Within == classify.WithinLine && (u.Literal != "" && always(u.Literal, r) || u.Pattern != "" && covered(u.Pattern, r)) {
			p.report("E004", r, []any{"unless", i}, "can never match: each line that the pattern matches has this as well", "make it narrower, or take it away")
		}
	}
}

// made reports whether a line that was made from a pattern is matched by it.
func (t *text) made() bool {
	return t.re == nil || slices.ContainsFunc(generate(t.tree), t.re.MatchString)
}

// unfit says what about a pattern most likely makes it never match.
func unfit(t *text) string {
	for i, tok := range t.tokens {
		switch {
		case tok.kind != tokAssert:
		case tok.text == "^" && i > 0:
			return "a ^ in the middle asks for the beginning of the line there"
		case tok.text == "$" && i < len(t.tokens)-1:
			return `a $ in the middle asks for the end of the line there; the sign itself is \$`
		case tok.text == `\b`, tok.text == `\B`:
			return fmt.Sprintf("a %s in it cannot hold where it stands", tok.text)
		}
	}
	return "no line is like this"
}

// always reports whether each line that a rule's pattern matches holds a text.
func always(text string, r *rule) bool {
	return covered(regexp.QuoteMeta(text), r)
}

// covered reports whether a pattern matches each line that a rule's pattern does.
func covered(pattern string, r *rule) bool {
	t := newText(pattern)
	for _, line := range r.made {
		if !t.re.MatchString(line) {
			return false
		}
	}
	if t.prog == nil || r.main.prog == nil {
		return false
	}
	is, _ := covers(t.prog, r.main.prog)
	return is == yes
}

// branches finds alternatives of a pattern that can never match. Only what asks
// for the place of a match can make one so.
func (p *pass) branches(r *rule, t *text) {
	if !placed(t.tokens) {
		return
	}
	for _, only := range alternatives(t.tree) {
		lines := generate(only.whole)
		prog, err := syntax.Compile(only.whole.Simplify())
		if err != nil || slices.ContainsFunc(lines, func(line string) bool { return matches(prog, line) }) || neverMatches(prog) != yes {
			continue
		}
		p.report("W028", r, t.path, fmt.Sprintf("the part %q can never match", only.part), misplaced)
	}
}

// placed reports whether a pattern has alternatives and, not at its own ends,
// what asks for a place in the line.
func placed(tokens []token) bool {
	bar, inner := false, false
	for i, t := range tokens {
		bar = bar || t.kind == tokBar
		inner = inner || t.kind == tokAssert && i > 0 && i < len(tokens)-1
	}
	return bar && inner
}

// alternative is a pattern in which only one branch of an alternation is left.
type alternative struct {
	part  string
	whole *syntax.Regexp
}

// alternatives returns a tree once for each branch that it has.
func alternatives(tree *syntax.Regexp) []alternative {
	var list []alternative
	if tree == nil {
		return nil
	}
	if tree.Op == syntax.OpAlternate {
		for _, sub := range tree.Sub {
			list = append(list, alternative{sub.String(), sub})
		}
	}
	for i, sub := range tree.Sub {
		for _, a := range alternatives(sub) {
			whole := *tree
			whole.Sub = append([]*syntax.Regexp(nil), tree.Sub...)
			whole.Sub[i] = a.whole
			if tree.Op == syntax.OpAlternate {
				whole = *a.whole
			}
			if tree.Op == syntax.OpStar || tree.Op == syntax.OpQuest {
				whole = syntax.Regexp{Op: syntax.OpPlus, Sub: []*syntax.Regexp{a.whole}}
			}
			list = append(list, alternative{a.part, &whole})
		}
	}
	return list
}
