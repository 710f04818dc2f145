package classify

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/watchcat-ci/watchcat/classify/internal/dfa"
	"github.com/watchcat-ci/watchcat/classify/internal/literal"
)

// usable is how many bytes a literal must have to be searched for: shorter ones
// are everywhere.
const usable = 3

// A matcher looks for a pattern or a literal in pieces.
type matcher struct {
	tree    *syntax.Regexp // of a pattern, or of a literal too short to be searched for
	text    string         // the pattern or the literal
	literal []byte         // nil for a pattern
	groups  []string       // the names of the pattern's groups, by number

	whole lazyRegexp // the pattern
	head  lazyRegexp // for the first piece of an overlong line: "$" does not hold
	tail  lazyRegexp // for the last piece: "^" does not hold
	inner lazyRegexp // for a piece between them: neither holds

	// What comes before the pattern is asked: each line that matches meets each of
	// the sets. The first is searched for; the first byte of the line and those of the
	// other sets that are a text by itself rule most lines out, and the automaton says
	// whether one that is left is a match.
	required  []literal.Set
	begin     *beginning
	texts     [][]byte
	automaton *dfa.Set
}

// A lazyRegexp is compiled when it is first asked for: few patterns ever match.
// It gives nil for what never matches.
type lazyRegexp func() *regexp.Regexp

// newMatcher makes the matcher of a pattern, else of a literal.
func newMatcher(pattern, text string) (*matcher, error) {
	if pattern == "" {
		return literalMatcher(text), nil
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	m := &matcher{tree: tree, required: literal.Required(tree, usable), begin: beginningOf(tree)}
	for i, set := range m.required {
		if i > 0 && len(set) == 1 && !set[0].Fold {
			m.texts = append(m.texts, []byte(set[0].Text))
		}
	}
	m.text, m.groups, m.automaton = pattern, tree.CapNames(), dfa.New(tree)
	m.whole = without(pattern)
	m.head = without(pattern, syntax.OpEndText, syntax.OpEndLine)
	m.tail = without(pattern, syntax.OpBeginText, syntax.OpBeginLine)
	m.inner = without(pattern, syntax.OpEndText, syntax.OpEndLine, syntax.OpBeginText, syntax.OpBeginLine)
	return m, nil
}

// literalMatcher makes the matcher of a literal. One that is no text, which no
// tree can stand for, is searched for however short it is.
func literalMatcher(text string) *matcher {
	m := &matcher{text: text, literal: []byte(text)}
	if len(text) >= usable || !utf8.ValidString(text) {
		m.required = []literal.Set{{{Text: text}}}
	} else {
		m.tree = &syntax.Regexp{Op: syntax.OpLiteral, Flags: syntax.Perl, Rune: []rune(text)}
	}
	return m
}

// patternMatcher makes the matcher of a pattern.
func patternMatcher(pattern string) (*matcher, error) { return newMatcher(pattern, "") }

// without returns a pattern, which compiles, in a form in which the operators
// never match.
func without(pattern string, never ...syntax.Op) lazyRegexp {
	return sync.OnceValue(func() *regexp.Regexp {
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil || !forbid(tree, never) {
			return regexp.MustCompile(pattern)
		}
		if neverMatches(tree) {
			return nil // regexp would look for it at every byte
		}
		return regexp.MustCompile(tree.String())
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
	if m.literal != nil {
		if i := bytes.Index(p.text, m.literal); i >= 0 {
			return []int{i, i + len(m.literal)}
		}
		return nil
	}
	if !m.may(p.text) {
		return nil
	}
	if re := m.of(p); re != nil {
		return re.FindSubmatchIndex(p.text)
	}
	return nil
}

// matches reports whether a piece matches.
func (m *matcher) matches(p piece) bool {
	switch {
	case m.literal != nil:
		return bytes.Contains(p.text, m.literal)
	case !m.may(p.text):
		return false
	case p.first && p.last:
		return true
	}
	re := m.of(p)
	return re != nil && re.Match(p.text)
}

// may reports whether a line that is text would match: the piece of an overlong
// one matches only if it does.
func (m *matcher) may(text []byte) bool { return m.could(text) && m.automaton.Match(text) }

// could is may at a glance: of what it lets pass, most does not match either.
func (m *matcher) could(text []byte) bool {
	if !m.begin.of(text) {
		return false
	}
	for _, t := range m.texts {
		if !bytes.Contains(text, t) {
			return false
		}
	}
	return true
}

// of returns the form of the pattern for a piece, nil for what never matches.
func (m *matcher) of(p piece) *regexp.Regexp {
	switch {
	case p.first && p.last:
		return m.whole()
	case p.first:
		return m.head()
	case p.last:
		return m.tail()
	}
	return m.inner()
}

// captures returns what the named groups of a match hold, nil if none does.
func (m *matcher) captures(text []byte, loc []int) map[string]string {
	var named map[string]string
	for i, name := range m.groups {
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
func (m *matcher) String() string { return m.text }
