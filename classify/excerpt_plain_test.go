package classify

import (
	"bytes"
	"slices"
	"strings"
)

// A plainExcerpt is an excerpt made the plain way, by a look at every line: what
// the quick way is held to.
type plainExcerpt struct{ excerpt }

// add looks at one cleaned line.
func (e *plainExcerpt) add(p piece) bool {
	if !p.first {
		return true
	}
	l := excerptLine{line: p.line, index: p.index, text: bytes.Clone(excerptText(p))}
	exit := failedExit(excerptHead(l.text))
	if l.score = plainScore(excerptHead(l.text)); exit {
		l.score = min(l.score, 1)
	}
	if l.score >= telling {
		l.shape = shapeOf(l.text)
		e.count(l.shape)
		e.until = p.index + excerptAfter
	}
	switch {
	case exit:
		e.keepLast(excerptBefore)
		e.credit(p.index)
	case l.score >= telling:
		e.keepLast(excerptAbove)
	}
	if p.index > e.until && !exit {
		e.recent = append(e.recent, l)
		return true
	}
	if e.kept = append(e.kept, l); len(e.kept) > excerptKept {
		e.prune()
	}
	return true
}

// keepLast keeps the last n of the lines since one was kept.
func (e *plainExcerpt) keepLast(n int) {
	e.kept = append(e.kept, e.recent[max(0, len(e.recent)-n):]...)
	e.recent = nil
}

// plainScore is lineScore by words that are cut out and looked up one by one.
func plainScore(line []byte) float64 {
	score, counted := 0.0, 0
	for _, w := range plainWords(line) {
		if worth := w.worth(words(), line); worth != 0 && counted < 8 {
			counted++
			score += worth
		}
	}
	if plainEndsWell(line) {
		score -= 5
	}
	if hasPlace(line) {
		score += placeWorth
	}
	return score
}

// plainWords returns the words of a line.
func plainWords(line []byte) []word {
	var all []word
	none := false
	for i := 0; i < len(line); {
		if !isLetter(line[i]) {
			none = none && !isDigit(line[i]) || loneZero(line, i)
			i++
			continue
		}
		from := i
		for i++; i < len(line) && isLetter(line[i]) && !(isUpper(line[i]) && startsWord(line, i)); i++ {
		}
		text := strings.ToLower(string(line[from:i]))
		all = append(all, word{from, i, none})
		none = text == "no"
	}
	return all
}

// plainEndsWell is endsWell by the standard library's means.
func plainEndsWell(line []byte) bool {
	line = bytes.TrimRight(line, " \t.])%0123456789[")
	return slices.ContainsFunc([]string{"OK", "ok", "PASS", "PASSED", "passed", "SKIPPED", "SKIP", "skipped", "done"},
		func(end string) bool { return bytes.HasSuffix(line, []byte(end)) })
}
