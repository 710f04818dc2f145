package lint

import (
	"fmt"
	"slices"
	"strings"
)

// idle finds what does nothing at an end of a pattern, and lazy repeats there,
// which take as little as they can.
func (p *pass) idle(r *rule) {
	for _, t := range r.texts {
		p.lazy(r, t)
		if severalBranches(t.tokens) || t == r.main && slices.Contains(numbers(r), 0) {
			continue
		}
		p.tail(r, t)
		p.head(r, t)
	}
}

// lazy finds a group at the end of a pattern that ends in a lazy repeat.
func (p *pass) lazy(r *rule, t *text) {
	i := len(t.tokens) - 1
	for i > 0 && t.tokens[i].kind == tokClose {
		i--
	}
	if i < 1 || i == len(t.tokens)-1 || t.tokens[i].kind != tokRepeat || !strings.HasSuffix(t.tokens[i].text[1:], "?") {
		return
	}
	p.report("W025", r, t.path, fmt.Sprintf("%s at the end takes as little as it can: one character, or none", join(t.tokens[i-1:i+1])),
		"leave out the ? after the repeat, or put $ at the end")
}

// tail finds a repeat at the end of a pattern that may be left out.
func (p *pass) tail(r *rule, t *text) {
	end := len(t.tokens)
	dollar := end > 0 && t.tokens[end-1].kind == tokAssert && t.tokens[end-1].text == "$"
	if dollar {
		end--
	}
	if end < 3 || !anyNumber(t.tokens[end-1]) || !single(t.tokens[end-2]) || dollar && t.tokens[end-2].kind != tokDot {
		return
	}
	p.idlePart(r, t, t.tokens[end-2].at, len(t.pattern), "end")
}

// head finds a repeat at the beginning of a pattern that may be left out. A
// greedy one decides what the groups after it capture.
func (p *pass) head(r *rule, t *text) {
	start := 0
	caret := len(t.tokens) > 0 && t.tokens[0].text == "^"
	if caret {
		start++
	}
	if len(t.tokens) < start+3 || !single(t.tokens[start]) || !anyNumber(t.tokens[start+1]) || caret && t.tokens[start].kind != tokDot {
		return
	}
	lazy := t.tokens[start+1].text == "*?"
	if t == r.main && !lazy && len(numbers(r)) > 0 {
		return
	}
	p.idlePart(r, t, 0, t.tokens[start+1].end(), "beginning")
}

func (p *pass) idlePart(r *rule, t *text, start, end int, where string) {
	f := p.report("I004", r, t.path, fmt.Sprintf("%s at the %s does nothing: a pattern may match anywhere in the line", t.pattern[start:end], where), "leave it out")
	p.fixable(f, r, t, edit{start, end, ""})
}

// anyNumber reports whether a token repeats what is before it any number of times.
func anyNumber(t token) bool { return t.kind == tokRepeat && (t.text == "*" || t.text == "*?") }

// single reports whether a token stands for one character; of \Q…\E a repeat
// takes the last one only.
func single(t token) bool {
	return t.kind == tokDot || t.kind == tokClass || t.kind == tokChar && !strings.HasPrefix(t.text, `\Q`)
}

// severalBranches reports whether a pattern has alternatives outside of groups.
func severalBranches(tokens []token) bool {
	depth := 0
	for _, t := range tokens {
		switch {
		case t.kind == tokOpen:
			depth++
		case t.kind == tokClose:
			depth--
		case t.kind == tokBar && depth == 0:
			return true
		}
	}
	return false
}
