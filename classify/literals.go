package classify

import (
	"regexp/syntax"

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
	return literal.Required(tree, gram)
}
