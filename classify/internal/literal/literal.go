// Package literal finds the plain texts without which a regular expression
// cannot match, so that most lines can be passed over without asking it.
//
// The idea is that of Russ Cox, "Regular Expression Matching with a Trigram
// Index" (2012): walk the parsed expression, and keep what every match must
// contain.
package literal

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAlternatives is how many texts of an alternation are told apart.
const maxAlternatives = 64

// Required returns texts of which every match of the expression contains at
// least one, in ASCII lower case: what holds is that the text of a match, with
// Fold applied, contains one of them. Each is at least atLeast bytes long. None
// are returned where there is no such set.
func Required(re *syntax.Regexp, atLeast int) []string {
	texts := slices.Sorted(slices.Values(best(walk(re), atLeast)))
	return slices.Compact(texts)
}

// Fold returns s with the ASCII letters in lower case, every other byte as it is.
func Fold(s []byte) []byte {
	folded := slices.Clone(s)
	for i, c := range folded {
		folded[i] = FoldByte(c)
	}
	return folded
}

// FoldByte is Fold of one byte.
func FoldByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// A piece is what is known of a part of an expression.
type piece struct {
	exact bool     // the part matches texts[0] and nothing else, but for case
	texts []string // every match contains one of these; nil: nothing is known
}

// nothing is the piece of a part of which nothing is known.
func nothing() []piece { return []piece{{}} }

// walk returns the pieces of an expression in a row: a match contains something
// of each of them.
func walk(re *syntax.Regexp) []piece {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return []piece{{exact: true, texts: []string{""}}}
	case syntax.OpLiteral:
		return literal(re.Rune, re.Flags&syntax.FoldCase != 0)
	case syntax.OpCapture:
		return walk(re.Sub[0])
	case syntax.OpPlus:
		return inexact(walk(re.Sub[0]))
	case syntax.OpRepeat:
		if re.Min > 0 {
			return inexact(walk(re.Sub[0]))
		}
	case syntax.OpConcat:
		return concat(re.Sub)
	case syntax.OpAlternate:
		return alternate(re.Sub)
	}
	return nothing()
}

// literal returns the pieces of a run of characters. A character that matches
// more than itself and its other ASCII case parts two pieces.
func literal(runes []rune, fold bool) []piece {
	var pieces []piece
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			pieces = append(pieces, piece{exact: true, texts: []string{text.String()}})
			text.Reset()
		}
	}
	for _, r := range runes {
		if r == utf8.RuneError || fold && !foldsInASCII(r) {
			flush()
			pieces = append(pieces, piece{})
			continue
		}
		if r < utf8.RuneSelf {
			text.WriteByte(FoldByte(byte(r)))
		} else {
			text.WriteRune(r)
		}
	}
	flush()
	return pieces
}

// foldsInASCII reports whether all cases of r are one ASCII letter's, or r has
// no other. The k has the Kelvin sign and the s the long s.
func foldsInASCII(r rune) bool {
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if f >= utf8.RuneSelf || r >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// inexact returns pieces of a part that may occur several times: what is in it
// is there, but nothing is known of what stands beside it.
func inexact(pieces []piece) []piece {
	for i := range pieces {
		pieces[i].exact = false
	}
	return pieces
}

// concat returns the pieces of parts in a row, exact neighbours joined.
func concat(subs []*syntax.Regexp) []piece {
	var pieces []piece
	for _, sub := range subs {
		for _, p := range walk(sub) {
			if n := len(pieces); n > 0 && p.exact && pieces[n-1].exact {
				pieces[n-1].texts = []string{pieces[n-1].texts[0] + p.texts[0]}
				continue
			}
			pieces = append(pieces, p)
		}
	}
	return pieces
}

// alternate returns the piece of an alternation: the best text of each branch.
func alternate(subs []*syntax.Regexp) []piece {
	var texts []string
	for _, sub := range subs {
		of := best(walk(sub), 1)
		texts = append(texts, of...)
		if of == nil || len(texts) > maxAlternatives {
			return nothing()
		}
	}
	return []piece{{texts: texts}}
}

// best returns the texts of the piece that tells most: the one whose shortest
// text is longest.
func best(pieces []piece, atLeast int) []string {
	var texts []string
	longest := atLeast - 1
	for _, p := range pieces {
		if n := shortest(p.texts); n > longest {
			longest, texts = n, p.texts
		}
	}
	return texts
}

// shortest returns the length of the shortest text, 0 if there is none.
func shortest(texts []string) int {
	if len(texts) == 0 {
		return 0
	}
	return len(slices.MinFunc(texts, func(a, b string) int { return len(a) - len(b) }))
}
