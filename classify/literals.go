package classify

import (
	"slices"

	"github.com/watchcat-ci/watchcat/classify/internal/literal"
)

// Literals returns the texts that the engine searches logs for before it tries
// the rule: each line that the rule matches holds one of them, but for the case
// of ASCII letters, in which they are given small. None: the rule is tried on
// every line, which is slow. A pattern that does not compile has none.
func Literals(r Rule) []string { return literals(r.Pattern, r.Literal) }

// PatternLiterals is Literals of a regular expression by itself, such as that
// of an Unless or a Condition.
func PatternLiterals(pattern string) []string { return literals(pattern, "") }

func literals(pattern, text string) []string {
	m, err := newMatcher(pattern, text)
	if err != nil || len(m.required) == 0 {
		return nil
	}
	var texts []string
	for _, t := range m.required[0] {
		texts = append(texts, string(literal.Fold([]byte(t.Text))))
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}
