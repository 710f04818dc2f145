package main

import (
	"cmp"
	"context"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"

	"github.com/watchcat-ci/watchcat/classify"
)

// mostNearest is how many lines are shown that a pattern may have been meant for.
const mostNearest = 3

// nearLine is a line that has much of what a pattern asks for.
type nearLine struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Text string `json:"text"`

	score int
}

// nearest returns the lines of the files that were read for a rule which are
// most like what its pattern asks for; none where it matched a line.
func (e *explained) nearest(ctx context.Context, x *classify.Explanation) []nearLine {
	if len(x.Attempts) > 0 || x.Standing != classify.StandingNone {
		return nil
	}
	w := newWanted(e.ruleOf(x))
	var best []nearLine
	for _, file := range x.Files {
		log, err := e.logs.Open(ctx, e.job, file)
		if err != nil {
			continue // that it could not be read has been told
		}
		for line := range classify.Lines(log) {
			if ctx.Err() != nil {
				break
			}
			best = w.keep(best, nearLine{File: file, Line: line.Number, Text: line.Text})
		}
		log.Close()
	}
	return best
}

// wanted are the words of a pattern.
type wanted struct {
	words   []string // small letters, each once
	total   int      // bytes of all words
	longest string   // of the texts that each match holds one of
}

// newWanted returns what a rule looks for.
func newWanted(r classify.Rule) wanted {
	var w wanted
	for _, literal := range classify.Literals(r) {
		if len(literal) > len(w.longest) {
			w.longest = literal
		}
	}
	texts := []string{r.Literal}
	if tree, err := syntax.Parse(r.Pattern, syntax.Perl); r.Pattern != "" && err == nil {
		texts = literalTexts(tree)
	}
	for _, text := range texts {
		for _, word := range strings.FieldsFunc(strings.ToLower(text), notInWord) {
			if len(word) > 2 && !slices.Contains(w.words, word) {
				w.words = append(w.words, word)
				w.total += len(word)
			}
		}
	}
	return w
}

func notInWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// literalTexts returns the plain texts in a regular expression.
func literalTexts(re *syntax.Regexp) []string {
	if re.Op == syntax.OpLiteral {
		return []string{string(re.Rune)}
	}
	var texts []string
	for _, sub := range re.Sub {
		texts = append(texts, literalTexts(sub)...)
	}
	return texts
}

// keep returns the best lines, with one more if it is one of them: it must hold
// the longest text, or half of the words by their letters.
func (w *wanted) keep(best []nearLine, line nearLine) []nearLine {
	text := strings.ToLower(line.Text)
	for _, word := range w.words {
		if strings.Contains(text, word) {
			line.score += len(word)
		}
	}
	if w.longest != "" && strings.Contains(text, w.longest) {
		line.score += w.total
	}
	if line.score == 0 || 2*line.score < w.total {
		return best
	}
	if slices.ContainsFunc(best, func(b nearLine) bool { return b.Text == line.Text }) {
		return best
	}
	best = append(best, line)
	slices.SortStableFunc(best, func(a, b nearLine) int { return cmp.Compare(b.score, a.score) })
	return best[:min(len(best), mostNearest)]
}
