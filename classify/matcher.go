package classify

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"

	"github.com/watchcat-ci/watchcat/classify/internal/literal"
)

// A matcher looks for a pattern or a literal in pieces.
type matcher struct {
	re      *regexp.Regexp // nil for a literal
	head    lazyRegexp     // re for the first piece of an overlong line: "$" does not hold
	tail    lazyRegexp     // re for the last piece: "^" does not hold
	inner   lazyRegexp     // re for a piece between them: neither holds
	literal []byte

	// required are texts in ASCII lower case, of which each line that matches
	// holds one; none if there is no such set.
	required []string
}

// A lazyRegexp is compiled when it is first asked for: overlong lines are rare.
// It gives nil for what never matches.
type lazyRegexp func() *regexp.Regexp

// newMatcher makes the matcher of a pattern, else of a literal.
func newMatcher(pattern, text string) (*matcher, error) {
	if pattern != "" {
		return patternMatcher(pattern)
	}
	m := &matcher{literal: []byte(text)}
	if len(text) >= gram {
		m.required = []string{string(literal.Fold(m.literal))}
	}
	return m, nil
}

// patternMatcher makes the matcher of a pattern, with its forms for the pieces
// of overlong lines and what it requires.
func patternMatcher(pattern string) (*matcher, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return &matcher{
		re:       re,
		required: required(tree),
		head:     without(re, syntax.OpEndText, syntax.OpEndLine),
		tail:     without(re, syntax.OpBeginText, syntax.OpBeginLine),
		inner:    without(re, syntax.OpEndText, syntax.OpEndLine, syntax.OpBeginText, syntax.OpBeginLine),
	}, nil
}

// without returns re in a form in which the operators never match.
func without(re *regexp.Regexp, never ...syntax.Op) lazyRegexp {
	return sync.OnceValue(func() *regexp.Regexp {
		tree, err := syntax.Parse(re.String(), syntax.Perl)
		if err != nil || !forbid(tree, never) {
			return re
		}
		if neverMatches(tree) {
			return nil // regexp would look for it at every byte
		}
		changed, err := regexp.Compile(tree.String())
		if err != nil {
			return re // cannot be: only operators that take no argument changed
		}
		return changed
	})
}

// forbid makes the operators in tree match nothing, and says whether there were any.
func forbid(tree *syntax.Regexp, never []syntax.Op) bool {
	if slices.Contains(never, tree.Op) {
		*tree = syntax.Regexp{Op: syntax.OpNoMatch}
		return true
	}
	found := false
	for _, sub := range tree.Sub {
		found = forbid(sub, never) || found
	}
	return found
}

// neverMatches reports whether nothing can match tree, as it needs what never matches.
func neverMatches(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpNoMatch:
		return true
	case syntax.OpConcat:
		return slices.ContainsFunc(tree.Sub, neverMatches)
	case syntax.OpCapture, syntax.OpPlus:
		return neverMatches(tree.Sub[0])
	case syntax.OpAlternate:
		return !slices.ContainsFunc(tree.Sub, func(sub *syntax.Regexp) bool { return !neverMatches(sub) })
	}
	return false
}

// locate returns where a piece matches, in the form of
// regexp.FindSubmatchIndex; nil if it does not.
func (m *matcher) locate(p piece) []int {
	if m.re == nil {
		if i := bytes.Index(p.text, m.literal); i >= 0 {
			return []int{i, i + len(m.literal)}
		}
		return nil
	}
	if re := m.of(p); re != nil {
		return re.FindSubmatchIndex(p.text)
	}
	return nil
}

// matches reports whether a piece matches.
func (m *matcher) matches(p piece) bool {
	if m.re == nil {
		return bytes.Contains(p.text, m.literal)
	}
	re := m.of(p)
	return re != nil && re.Match(p.text)
}

// of returns the form of the pattern for a piece, nil for what never matches.
func (m *matcher) of(p piece) *regexp.Regexp {
	switch {
	case p.first && p.last:
		return m.re
	case p.first:
		return m.head()
	case p.last:
		return m.tail()
	}
	return m.inner()
}

// captures returns what the named groups of a match hold, nil if none does.
func (m *matcher) captures(text []byte, loc []int) map[string]string {
	if m.re == nil {
		return nil
	}
	var named map[string]string
	for i, name := range m.re.SubexpNames() {
		if name == "" || loc[2*i] < 0 {
			continue
		}
		if named == nil {
			named = map[string]string{}
		}
		named[name] = cutText(strings.ToValidUTF8(captured(text, loc, i), "\uFFFD"), maxText)
	}
	return named
}

// String returns the pattern or the literal.
func (m *matcher) String() string {
	if m.re == nil {
		return string(m.literal)
	}
	return m.re.String()
}
