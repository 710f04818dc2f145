package classify

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// A beginning is the bytes, a bit each, with one of which a line begins that matches
// a pattern. Nil is all lines.
type beginning [256 / 64]uint64

// of reports whether a text begins with one of the bytes.
func (b *beginning) of(text []byte) bool {
	return b == nil || len(text) > 0 && b[text[0]/64]>>(text[0]%64)&1 != 0
}

// beginningOf returns the beginning of lines that match an expression: nil if it
// can match anywhere in a line, or the empty text.
func beginningOf(tree *syntax.Regexp) *beginning {
	b := new(beginning)
	if !atBegin(tree) || b.add(tree) {
		return nil
	}
	return b
}

// atBegin reports whether an expression is known to match at the beginning of a
// text only.
func atBegin(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginText:
		return true
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		return atBegin(re.Sub[0])
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !atBegin(sub) })
	}
	return false
}

// add adds the bytes with which a match of an expression begins, and reports
// whether it may be empty.
func (b *beginning) add(re *syntax.Regexp) (empty bool) {
	switch re.Op {
	case syntax.OpNoMatch:
		return false
	case syntax.OpLiteral:
		b.addRunes(re.Rune[0], re.Rune[0])
		for f := unicode.SimpleFold(re.Rune[0]); re.Flags&syntax.FoldCase != 0 && f != re.Rune[0]; f = unicode.SimpleFold(f) {
			b.addRunes(f, f)
		}
		return false
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			b.addRunes(re.Rune[i], re.Rune[i+1])
		}
		return false
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.addRunes(0, unicode.MaxRune)
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return b.add(re.Sub[0])
	case syntax.OpStar, syntax.OpQuest:
		b.add(re.Sub[0])
		return true
	case syntax.OpRepeat:
		return b.add(re.Sub[0]) || re.Min == 0
	case syntax.OpConcat:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !b.add(sub) })
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			empty = b.add(sub) || empty
		}
		return empty
	}
	return true // an assertion
}

// addRunes adds the first bytes of characters: of those beyond ASCII every byte
// that is not in it, as U+FFFD stands for what is not valid UTF-8.
func (b *beginning) addRunes(first, last rune) {
	for c := first; c <= min(last, utf8.RuneSelf-1); c++ {
		b[c/64] |= 1 << (c % 64)
	}
	if last >= utf8.RuneSelf {
		b[2], b[3] = ^uint64(0), ^uint64(0)
	}
}
