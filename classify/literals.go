package classify

import (
	"regexp/syntax"
	"slices"

	"github.com/watchcat-ci/watchcat/classify/internal/literal"
)

// Literals returns the texts that the engine searches lines for before it tries
// the rule: each line that the rule matches holds one of them, but for the case
// of ASCII letters, in which they are given small. None: the rule is tried on
// every line, which is slow. A pattern that does not compile has none.
func Literals(r Rule) []string {
	if r.Pattern != "" {
		return PatternLiterals(r.Pattern)
	}
	if len(r.Literal) < gram {
		return nil
	}
	return []string{string(literal.Fold([]byte(r.Literal)))}
}

// PatternLiterals is Literals of a regular expression by itself, such as that
// of an Unless or a Condition.
func PatternLiterals(pattern string) []string {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	return required(tree)
}

// required returns the texts of which each match of an expression holds one, in
// ASCII lower case; none if there is no such set.
func required(tree *syntax.Regexp) []string {
	sets := literal.Required(tree, gram)
	if len(sets) == 0 {
		return nil
	}
	var texts []string
	for _, t := range sets[0] {
		texts = append(texts, string(literal.Fold([]byte(t.Text))))
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}
