package lint

import (
	_ "embed"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// ordinary are lines that logs of all sorts of tools have when nothing is wrong.
//
//go:embed ordinary.txt
var ordinary string

// How many ordinary lines a rule may match: a cause, that names a reason, and a
// symptom, that only points at a line.
const (
	mostOfCause   = 3
	mostOfSymptom = 15
)

// broad finds patterns that match ordinary lines.
func (p *pass) broad(r *rule) {
	if isResult(r) {
		return
	}
	var matched []string
	all := strings.Split(strings.TrimSpace(ordinary), "\n")
	for _, line := range all {
		if r.matches(line) {
			matched = append(matched, line)
		}
	}
	most := mostOfCause
	if r.tier() > 0 {
		most = mostOfSymptom
	}
	if len(matched) > most {
		f := p.report("W013", r, r.main.path, fmt.Sprintf("matches %d of %d ordinary lines, of logs in which nothing is wrong", len(matched), len(all)),
			"ask for more of the text, or say in exclude what is harmless")
		f.Example = matched[0]
	}
}

// isResult reports whether a rule is about the CI's own result.
func isResult(r *rule) bool { return slices.Contains(r.Files, classify.ResultFile) }

// slow finds patterns and literals that have to be tried on every line.
func (p *pass) slow(r *rule) {
	if isResult(r) {
		return
	}
	p.slowText(r, r.Pattern, r.Literal)
	for i, u := range r.Unless {
		if u.Within > 0 || u.Within == classify.WithinFile {
			p.slowText(r, u.Pattern, u.Literal, "unless", i)
		}
	}
	for i, c := range r.All {
		p.slowCondition(r, c, "all", i)
	}
	for i, c := range r.None {
		p.slowCondition(r, c, "none", i)
	}
}

// slowCondition is slow for a condition, which is looked for in whole files.
func (p *pass) slowCondition(r *rule, c classify.Condition, path ...any) {
	isFile := c.Pattern == "" && c.Literal == "" // that the job has it is all that is asked
	if !isFile && !slices.Contains(c.Files, classify.ResultFile) {
		p.slowText(r, c.Pattern, c.Literal, path...)
	}
}

// slowText is slow for a pattern, else a literal, below a key of the rule.
func (p *pass) slowText(r *rule, pattern, literal string, path ...any) {
	key, texts := "pattern", classify.PatternLiterals(pattern)
	if pattern == "" {
		key, texts = "literal", classify.Literals(classify.Rule{Literal: literal})
	}
	if len(texts) > 0 {
		return
	}
	p.report("W014", r, append(path, key), "has no text to search for: it is tried on every line, which is slow", "ask for three or more plain characters in a row")
}

// ends finds ends of a line in patterns, where they may be left out: one that
// is needed is a mistake that the loader tells of.
func (p *pass) ends(r *rule, t *text) {
	if asks(t.tree, '\n') || asks(t.tree, '\r') {
		p.report("W015", r, t.path, "looks for the end of a line; rules see one line at a time, without its end", "say in next what the line below must be, or use $")
	}
}

// asks reports whether an expression has a character as plain text.
func asks(re *syntax.Regexp, r rune) bool {
	if re == nil || re.Op == syntax.OpLiteral {
		return re != nil && slices.Contains(re.Rune, r)
	}
	return slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return asks(sub, r) })
}

// flags finds flags that make no difference on one line.
func (p *pass) flags(r *rule, t *text) {
	for _, tok := range t.tokens {
		group, isGroup := strings.CutSuffix(tok.text, ":")
		body, isFlags := strings.CutPrefix(strings.TrimSuffix(group, ")"), "(?")
		if !isFlags || tok.kind == tokOpen && !isGroup || strings.Contains(body, "-") || !strings.ContainsAny(body, "ms") || strings.ContainsAny(body, "P<") {
			continue
		}
		left := strings.Map(func(r rune) rune {
			if r == 'm' || r == 's' {
				return -1
			}
			return r
		}, body)
		now := "(?" + left + tok.text[len(tok.text)-1:]
		if now == "(?)" {
			now = ""
		}
		f := p.report("W016", r, t.path, fmt.Sprintf("%s: m and s make no difference on one line", tok.text), "leave them out")
		p.fixable(f, r, t, edit{tok.at, tok.end(), now})
	}
}
