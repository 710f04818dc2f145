package literal

import (
	"cmp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A row is what stands side by side in each match of an expression. The empty
// row is the empty match's.
type row []piece

// A piece is a part of a row.
type piece struct {
	texts Set // all that the part can match, as far as it is told apart; none: a gap
	held  Set // of which each match of the part holds one, where texts do not say it as well
}

func (p piece) isGap() bool { return len(p.texts) == 0 }

// with returns the row with one more piece at its end. Plain text beside plain
// text becomes one piece.
func (r row) with(p piece) row {
	if len(r) == 0 {
		return append(r, p)
	}
	last := &r[len(r)-1]
	switch {
	case p.isGap() && last.isGap() && p.held == nil:
		return r
	case len(p.texts) == 1 && len(last.texts) == 1:
		joined := last.texts[0].join(p.texts[0], new(strings.Builder))
		if len(joined.Text) <= maxLength {
			last.texts = Set{joined}
			return r
		}
		r = append(r, piece{})
	}
	if len(r) >= maxPieces {
		r[maxPieces-1] = piece{}
		return r[:maxPieces]
	}
	return append(r, p)
}

// then returns the row with another after it.
func (r row) then(next row) row {
	for _, p := range next {
		r = r.with(p)
	}
	return r
}

// exact returns all that a row can match, nil if that is too much to tell apart.
func (r row) exact() Set {
	texts := empty
	for _, p := range r {
		if texts = texts.times(p.texts); texts == nil {
			return nil
		}
	}
	return texts
}

// first returns at most so many texts of which every match begins with one;
// nil if nothing is known.
func (r row) first(most int) Set {
	var first Set
	texts := empty
	for _, p := range r {
		if texts = texts.times(p.texts); texts == nil || len(texts) > most {
			break
		}
		first = texts
	}
	return first
}

// last returns at most so many texts of which every match ends with one; nil
// if nothing is known.
func (r row) last(most int) Set {
	var last Set
	texts := empty
	for _, p := range slices.Backward(r) {
		if texts = p.texts.times(texts); texts == nil || len(texts) > most {
			break
		}
		last = texts
	}
	return last
}

// A walker makes rows of expressions.
type walker struct {
	atLeast int // the length of texts that are of use
}

// gap is the row of a part of which nothing is known.
func gap() row { return row{{}} }

// row returns the row of an expression.
func (w walker) row(re *syntax.Regexp) row {
	if branches := w.branches(re); branches != nil {
		return w.alternate(branches, nil, nil)
	}
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return nil
	case syntax.OpLiteral:
		return literal(re.Rune, re.Flags&syntax.FoldCase != 0)
	case syntax.OpCharClass:
		return row{{texts: class(re.Rune)}}
	case syntax.OpCapture:
		return w.row(re.Sub[0])
	case syntax.OpPlus:
		return repeat(w.row(re.Sub[0]), 1, -1)
	case syntax.OpRepeat:
		return repeat(w.row(re.Sub[0]), re.Min, re.Max)
	case syntax.OpConcat:
		return w.concat(re.Sub)
	}
	return gap()
}

// concat returns the row of expressions side by side.
func (w walker) concat(subs []*syntax.Regexp) row {
	rows, choices := make([]row, len(subs)), make([][]row, len(subs))
	for i, sub := range subs {
		if choices[i] = w.branches(sub); choices[i] == nil {
			rows[i] = w.row(sub)
		}
	}
	r := make(row, 0, min(len(subs), maxPieces))
	for i, branches := range choices {
		if branches == nil {
			r = r.then(rows[i])
			continue
		}
		var after row
		if i+1 < len(rows) {
			after = rows[i+1]
		}
		r = r.then(w.alternate(branches, r.beside(len(r)-1), after.beside(0)))
	}
	return r
}

// beside returns a piece as a row, nil if there is none or it is not few texts.
func (r row) beside(i int) row {
	if i < 0 || i >= len(r) || len(r[i].texts) > maxBeside {
		return nil
	}
	return row{{texts: r[i].texts}}
}

// branches returns the rows of what an expression is one of, nil if it is no choice.
func (w walker) branches(re *syntax.Regexp) []row {
	switch {
	case re.Op == syntax.OpCapture:
		return w.branches(re.Sub[0])
	case re.Op == syntax.OpQuest, re.Op == syntax.OpRepeat && re.Min == 0 && re.Max == 1:
		return []row{w.row(re.Sub[0]), nil}
	case re.Op == syntax.OpAlternate:
		branches := make([]row, 0, len(re.Sub))
		for _, sub := range re.Sub {
			branches = append(branches, w.row(sub))
		}
		return branches
	}
	return nil
}

// literal returns the row of a run of characters, which match their other
// cases too if fold.
func literal(runes []rune, fold bool) row {
	var r row
	for len(runes) > 0 {
		n := plain(runes, fold)
		if n > 0 {
			r = r.with(piece{texts: Set{textOf(runes[:n], fold)}})
		} else {
			n = 1
			r = r.with(piece{texts: cases(runes[0], fold)})
		}
		runes = runes[n:]
	}
	return r
}

// plain returns how many of the characters make one text of at most maxLength:
// each is itself, or an ASCII letter of either case.
func plain(runes []rune, fold bool) int {
	for i, c := range runes {
		if c == utf8.RuneError || fold && (c >= utf8.RuneSelf || strings.ContainsRune("ksKS", c)) || i == maxLength/utf8.UTFMax {
			return i
		}
	}
	return len(runes)
}

// textOf returns the text of plain characters.
func textOf(runes []rune, fold bool) Text {
	text := string(runes)
	if !fold {
		return Text{Text: text}
	}
	return Text{folded(text), strings.ContainsFunc(text, isLetter)}
}

// cases returns the texts of a character, in all its cases if fold; none if it
// matches bytes that are not valid UTF-8.
func cases(c rune, fold bool) Set {
	ranges := []rune{c, c}
	for f := unicode.SimpleFold(c); fold && f != c; f = unicode.SimpleFold(f) {
		ranges = append(ranges, f, f)
	}
	return class(ranges)
}

// class returns the texts of a character class, none if they are too many or
// it matches bytes that are not valid UTF-8. The class is given as the first
// and last character of each of its ranges.
func class(ranges []rune) Set {
	var runes []rune // those of which each has a text of its own
	for i := 0; i < len(ranges); i += 2 {
		first, last := ranges[i], ranges[i+1]
		if last-first >= 2*maxTexts || first <= utf8.RuneError && utf8.RuneError <= last {
			return nil
		}
		for c := first; c <= last; c++ {
			if other := c ^ 0x20; !isLetter(c) || c > other || !within(ranges, other) { // else it comes with the small letter
				runes = append(runes, c)
			}
		}
		if len(runes) > maxTexts {
			return nil
		}
	}
	return textsOf(runes, func(c rune) bool { return isLetter(c) && within(ranges, c^0x20) })
}

// textsOf returns a text for each of the runes, of either case if fold says so.
func textsOf(runes []rune, fold func(rune) bool) Set {
	texts := make(Set, len(runes))
	all := string(runes)
	for i, c := range runes {
		n := utf8.RuneLen(c)
		texts[i], all = Text{all[:n], fold(c)}, all[n:]
	}
	return texts
}

// isLetter reports whether c is an ASCII letter.
func isLetter(c rune) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// within reports whether c is in one of the ranges.
func within(ranges []rune, c rune) bool {
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i] <= c && c <= ranges[i+1] {
			return true
		}
	}
	return false
}

// repeat returns the row of what r is the row of, at least and at most so many
// times; no limit if most is negative.
func repeat(r row, least, most int) row {
	if most == 0 {
		return nil
	}
	if least == 0 {
		return gap()
	}
	var repeated row
	for range min(least, maxPieces) {
		repeated = repeated.then(r)
	}
	if least == most && least <= maxPieces || slices.ContainsFunc(repeated, piece.isGap) {
		return repeated
	}
	return slices.Clone(repeated).then(gap()).then(repeated)
}

// alternate returns the row of what is one of several. The texts that each match
// holds are told with what stands before and after it, for the parser takes out
// of the branches what they begin with.
func (w walker) alternate(branches []row, before, after row) row {
	texts := union(branches, row.exact)
	var held Set
	if len(texts) != len(branches) {
		held = union(branches, func(r row) Set {
			return w.best(slices.Clone(before).then(r).then(after))
		}).tidy()
	}
	if texts != nil {
		return row{{texts, held}}
	}
	most := maxTexts / len(branches)
	first := union(branches, func(r row) Set { return r.first(most) })
	last := union(branches, func(r row) Set { return r.last(most) })
	return row{{texts: first}}.with(piece{held: held}).with(piece{texts: last})
}

// union returns the texts of all branches, nil if there are none of one of
// them, or too many.
func union(branches []row, of func(row) Set) Set {
	var all Set
	for _, b := range branches {
		texts := of(b)
		if len(texts) == 0 || len(all)+len(texts) > maxTexts {
			return nil
		}
		all = append(all, texts...)
	}
	return all
}

// A run is a set of texts that pieces of a row make together.
type run struct {
	from, to int // the pieces: row[from:to]
	set      Set
	cost     float64 // to compare it by with the other runs of the row
}

// addsNothingTo reports whether r tells little where it is known that other is met.
func (r run) addsNothingTo(other run) bool {
	return r.from < other.to && other.from < r.to || other.set.meets(r.set)
}

// runs returns the sets that every match of a row meets, without those that
// could be had with more plain text.
func (w walker) runs(r row) []run {
	var runs []run
	add := func(from, to int, set Set) {
		if set.shortest() >= w.atLeast {
			runs = append(runs, run{from: from, to: to, set: set})
		}
	}
	for from, p := range r {
		add(from, from+1, p.held)
		if from > 0 && len(r[from-1].texts) == 1 {
			continue
		}
		texts := empty
		for to := from; to < len(r); to++ {
			if texts = texts.times(r[to].texts); texts == nil {
				break
			}
			if to+1 == len(r) || len(r[to+1].texts) != 1 {
				add(from, to+1, texts)
			}
		}
	}
	if len(runs) > 1 { // else there is nothing to choose
		for i := range runs {
			runs[i].cost = runs[i].set.cost()
		}
	}
	return runs
}

// best returns the set of a row that costs least, nil if there is none.
func (w walker) best(r row) Set {
	runs := w.runs(r)
	if len(runs) == 0 {
		return nil
	}
	return slices.MinFunc(runs, cheaper).set
}

// cheaper orders runs by cost, then by the length of their texts.
func cheaper(a, b run) int {
	return cmp.Or(cmp.Compare(a.cost, b.cost), b.set.shortest()-a.set.shortest())
}
