package patterns

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// neverInLine holds characters that end a line or an escape sequence: rules see
// lines without them.
const neverInLine = "\n\r\x1b"

// expr is a pattern or a literal. What it is tried on are few texts: the regular
// expression is compiled when one comes.
type expr struct {
	source string
	tree   *syntax.Regexp // nil for a literal
	re     *regexp.Regexp // of a pattern, once it was asked for
}

// matches reports whether a pattern matches text.
func (e *expr) matches(text string) bool {
	if e.re == nil {
		e.re = regexp.MustCompile(e.source) // it parsed: there are no other mistakes
	}
	return e.re.MatchString(text)
}

// within reports whether every text that contains part has a match.
func (e *expr) within(part string) bool {
	if e.tree == nil {
		return strings.Contains(part, e.source)
	}
	return !asserts(e.tree) && e.matches(part)
}

// implies reports whether it can be told that every line that e matches is one
// that other matches too. Either may be nil, for what is not known.
func (e *expr) implies(other *expr) bool {
	switch {
	case e == nil || other == nil:
		return false
	case e.source == other.source && (e.tree == nil) == (other.tree == nil):
		return true
	case e.tree == nil:
		return other.within(e.source)
	}
	return slices.ContainsFunc(required(e.tree), other.within)
}

// required returns texts that every match of a pattern holds, case as it is.
func required(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return []string{string(re.Rune)}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	case syntax.OpConcat:
		var all []string
		for _, sub := range re.Sub {
			all = append(all, required(sub)...)
		}
		return all
	}
	return nil
}

// asserts reports whether a pattern asks for what is around a match, such as
// the beginning of a line.
func asserts(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return slices.ContainsFunc(re.Sub, asserts)
}

// unlike are lines that have nothing in common: what matches them all matches
// practically every line.
var unlike = []string{"", " ", "a", "Z", "7", "-", "_", ".", "é", "(a b)", "\t%", "2026-11-20 10:11:12 | ok: [node-1]"}

// everyLine reports whether a pattern matches every line.
func (e *expr) everyLine() bool {
	return minLen(e.tree) == 0 && !slices.ContainsFunc(unlike, func(line string) bool { return !e.matches(line) })
}

// minLen returns how many characters a match has at least; 0 also stands for
// what can never match.
func minLen(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return minLen(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min * minLen(re.Sub[0])
	case syntax.OpConcat:
		return minLens(re.Sub)
	case syntax.OpAlternate:
		least := minLen(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			least = min(least, minLen(sub))
		}
		return least
	}
	return 0
}

// minLens returns how many characters a match of all, one after the other, has at least.
func minLens(all []*syntax.Regexp) int {
	sum := 0
	for _, re := range all {
		sum += minLen(re)
	}
	return sum
}

// needs reports whether every match has a part, a leaf of the tree or a
// concatenation, of which bad is true.
func needs(re *syntax.Regexp, bad func(*syntax.Regexp) bool) bool {
	if bad(re) {
		return true
	}
	in := func(sub *syntax.Regexp) bool { return needs(sub, bad) }
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return in(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min > 0 && in(re.Sub[0])
	case syntax.OpConcat:
		return slices.ContainsFunc(re.Sub, in)
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !in(sub) })
	}
	return false
}

// neverText reports whether a leaf matches characters only that no line has.
func neverText(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return strings.ContainsAny(string(re.Rune), neverInLine)
	case syntax.OpCharClass:
		return onlyNever(re.Rune)
	}
	return false
}

// onlyNever reports whether a class, given as pairs of first and last, has no
// character that a line may have.
func onlyNever(class []rune) bool {
	for i := 0; i < len(class); i += 2 {
		for r := class[i]; r <= class[i+1]; r++ {
			if !strings.ContainsRune(neverInLine, r) {
				return false
			}
		}
	}
	return len(class) > 0
}

// neverPlace reports whether a part matches nothing at all, or has text before
// the beginning of the line or behind its end.
func neverPlace(re *syntax.Regexp) bool {
	if re.Op == syntax.OpNoMatch {
		return true
	}
	if re.Op != syntax.OpConcat {
		return false
	}
	for i, sub := range re.Sub {
		switch sub.Op {
		case syntax.OpBeginLine, syntax.OpBeginText:
			if minLens(re.Sub[:i]) > 0 {
				return true
			}
		case syntax.OpEndLine, syntax.OpEndText:
			if minLens(re.Sub[i+1:]) > 0 {
				return true
			}
		}
	}
	return false
}
