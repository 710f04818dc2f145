package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/watchcat-ci/watchcat/classify"
)

// captures finds groups that the message does not use.
func (p *pass) captures(r *rule) {
	if r.Pattern == "" || r.main.re.NumSubexp() == 0 {
		return
	}
	used := numbers(r)
	if len(used) == 0 {
		p.noneNamed(r)
		return
	}
	for n, t := range openings(r.main.tokens) {
		if slices.Contains(used, n+1) || slices.Contains(used, 0) || p.plainGroup(r.main, t) {
			continue
		}
		name := cmp.Or(r.main.re.SubexpNames()[n+1], strconv.Itoa(n+1))
		f := p.report("W005", r, r.main.path, fmt.Sprintf("group %s is not used in the message", name), fmt.Sprintf("use {%s}, or write (?: instead of %s", name, t.text))
		if t.text == "(" && lastNumber(r) <= n { // what has a name may be wanted in JSON
			p.fixable(f, r, r.main, edit{t.at, t.end(), "(?:"})
		}
	}
}

// lastNumber returns the greatest group that the message shows by its number, 0
// if there is none: taking away a group before it would give it another one.
func lastNumber(r *rule) int {
	last := 0
	for _, used := range classify.References(r.Message) {
		if n, err := strconv.Atoi(used); err == nil {
			last = max(last, n)
		}
	}
	return last
}

// noneNamed reports a pattern whose groups are all for nothing.
func (p *pass) noneNamed(r *rule) {
	for _, t := range openings(r.main.tokens) {
		if p.plainGroup(r.main, t) {
			return // told by W008
		}
	}
	f := p.report("W006", r, []any{"message"}, "the pattern captures something, but the message does not say what it was",
		"name a capture in the message, {1} or {name}, or write (?: instead of (")
	f.Example = firstOf(r.samples())
}

// openings returns what opens the groups that capture, in their order.
func openings(tokens []token) []token {
	var list []token
	for _, t := range tokens {
		if t.kind == tokOpen && (t.text == "(" || t.text[len(t.text)-1] == '>') {
			list = append(list, t)
		}
	}
	return list
}

func firstOf(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

// numbers returns the groups that a rule's message shows.
func numbers(r *rule) []int {
	var list []int
	names := r.main.re.SubexpNames()
	for _, used := range classify.References(r.Message) {
		if n, err := strconv.Atoi(used); err == nil {
			list = append(list, n)
		} else if n := slices.Index(names, used); n > 0 {
			list = append(list, n)
		}
	}
	return list
}
