// Package literal finds the plain texts without which a regular expression
// cannot match, so that most of a log can be passed over without asking it.
//
// The idea is that of Russ Cox, "Regular Expression Matching with a Trigram
// Index" (2012): walk the parsed expression, and keep what every match must
// hold. What is kept here is whole texts. An expression becomes a row of pieces
// that stand side by side in each match; a piece is the few texts that a part
// can match, or a gap if it can match more than is worth telling apart. Pieces
// between two gaps, taken together, make texts: `disk (full|gone) on .*\bhost`
// gives {"disk full on ", "disk gone on "} and {"host"}.
//
// What holds throughout:
//
//   - Every match is made of matches of the pieces in their order. A gap may
//     match anything, so a row stays true if a piece is made a gap, if texts are
//     added to a piece, and if a text is taken with Fold instead of without.
//   - The same bytes of a match may stand for two pieces with a gap between
//     them: (ab)+ is the row "ab", gap, "ab", and "ab" matches it. So nothing may
//     be concluded from texts on both sides of a gap together.
//   - A rune of the expression stands for its UTF-8 encoding and nothing else,
//     but for U+FFFD, which matches any byte that is not valid UTF-8, and so is
//     a gap.
//
// Which texts to look for is a matter of how often they come by chance: see
// [Frequency].
package literal

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// Limits to what is told apart.
const (
	maxTexts  = 64  // in a set
	maxLength = 128 // of a text, in bytes
	maxPieces = 128 // in a row
	maxSets   = 8   // of an expression
	maxLater  = 8   // texts in a set that is not the best
	maxBeside = 8   // texts beside a choice that are taken together with its branches
)

// A Set is texts of which every match holds at least one.
type Set []Text

// A Text is a plain text that is looked for. Its zero value is the empty text,
// which is everywhere.
type Text struct {
	Text string // in ASCII lower case if Fold
	Fold bool   // ASCII letters may be of either case; every other byte is itself
}

// Required returns sets each of which every match of the expression meets, the
// one that costs least to look for first: by the Frequency of its texts, summed,
// and a little for each text. None: nothing is known. The texts of a set are
// sorted, none is found wherever another is, and each is atLeast to 128 bytes long.
func Required(re *syntax.Regexp, atLeast int) []Set {
	w := walker{max(atLeast, 1)}
	runs := w.runs(w.row(re))
	slices.SortStableFunc(runs, cheaper)
	var sets []Set
	var taken []run
	for _, r := range runs {
		if len(taken) == maxSets || len(taken) > 0 && len(r.set) > maxLater || slices.ContainsFunc(taken, r.addsNothingTo) {
			continue
		}
		taken = append(taken, r)
		sets = append(sets, r.set.tidy())
	}
	return sets
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

// folded is Fold of a string.
func folded(s string) string {
	for i := range len(s) {
		if s[i] != FoldByte(s[i]) {
			return string(Fold([]byte(s)))
		}
	}
	return s
}

// join returns the text of a and b side by side, which it puts at the end of
// room. If one of them is folded, so is the whole.
func (a Text) join(b Text, room *strings.Builder) Text {
	switch {
	case a.Text == "":
		return b
	case b.Text == "":
		return a
	case a.Fold != b.Fold:
		a, b = Text{folded(a.Text), true}, Text{folded(b.Text), true}
	}
	from := room.Len()
	room.Grow(len(a.Text) + len(b.Text))
	room.WriteString(a.Text)
	room.WriteString(b.Text)
	return Text{room.String()[from:], a.Fold}
}

// holds reports whether b is found wherever a is.
func (a Text) holds(b Text) bool {
	if b.Fold {
		return strings.Contains(folded(a.Text), b.Text)
	}
	return !a.Fold && strings.Contains(a.Text, b.Text)
}

// meets reports whether whatever meets s meets t as well.
func (s Set) meets(t Set) bool {
	return !slices.ContainsFunc(s, func(a Text) bool { return !slices.ContainsFunc(t, a.holds) })
}

// shortest returns the length of the shortest text, 0 if there is none.
func (s Set) shortest() int {
	if len(s) == 0 {
		return 0
	}
	return len(slices.MinFunc(s, func(a, b Text) int { return len(a.Text) - len(b.Text) }).Text)
}

// tidy returns s in order, its texts cut to length, without those that hold
// another of it.
func (s Set) tidy() Set {
	if len(s) == 1 && len(s[0].Text) <= maxLength {
		return s
	}
	s = slices.Clone(s)
	for i := range s {
		s[i].Text = s[i].Text[:min(len(s[i].Text), maxLength)]
	}
	slices.SortFunc(s, wider)
	tidy := s[:0]
	for _, t := range s {
		if !slices.ContainsFunc(tidy, t.holds) {
			tidy = append(tidy, t)
		}
	}
	slices.SortFunc(tidy, func(a, b Text) int { return strings.Compare(a.Text, b.Text) })
	return tidy
}

// wider orders texts such that none is held by one after it.
func wider(a, b Text) int {
	switch {
	case len(a.Text) != len(b.Text):
		return len(a.Text) - len(b.Text)
	case a.Fold == b.Fold:
		return 0
	case a.Fold:
		return -1
	}
	return 1
}

// empty is the set of the empty text, which is where products begin.
var empty = Set{{}}

// times returns each text of s followed by each of t; nil if there are none, or
// too many.
func (s Set) times(t Set) Set {
	switch {
	case len(s)*len(t) == 0 || len(s)*len(t) > maxTexts:
		return nil
	case len(s) == 1 && s[0].Text == "":
		return t
	case len(t) == 1 && t[0].Text == "":
		return s
	}
	var room strings.Builder
	room.Grow(len(s) * len(t) * (len(s[0].Text) + len(t[0].Text)))
	product := make(Set, 0, len(s)*len(t))
	for _, a := range s {
		for _, b := range t {
			product = append(product, a.join(b, &room))
		}
	}
	return product
}
