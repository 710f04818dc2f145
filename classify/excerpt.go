package classify

import (
	"bytes"
	"math"

	"github.com/watchcat-ci/watchcat/classify/internal/search"
	"github.com/watchcat-ci/watchcat/classify/internal/stream"
)

// The excerpt's limits.
const (
	excerptLines  = 28   // shown at most
	excerptRun    = 10   // shown in one run at most
	excerptBefore = 16   // lines kept before a failed exit
	excerptAbove  = 3    // lines kept before a telling one
	excerptAfter  = 10   // lines kept after one
	excerptKept   = 4000 // lines kept before the least telling are dropped
	excerptBest   = 150  // telling lines that survive that
	excerptBytes  = 512  // of a line that are read
)

// An excerpt looks, while a log goes by in blocks, for the lines that look most
// like the reason of a failure, and keeps these with their neighbours in bounded
// memory.
//
// Each line is scored by its words (see lineScore). A line in which a command
// ends with an error makes the lines above it more likely: a tool says what is
// wrong before it gives up. A line like many others counts less, and so does one in
// a step that did not fail.
//
// Few lines are scored: those that hold enough of the signs (see signs) to be
// telling, and those that are kept beside a telling one.
type excerpt struct {
	text   cursor        // before the lines not looked at yet
	back   cursor        // before the lines of the block that were passed over since one was kept
	hits   []search.Hit  // signs in the block, those not looked at yet
	room   []search.Hit  // what hits lies in
	recent []excerptLine // the last lines before back, not kept and not scored yet
	kept   []excerptLine // in the order of the log
	until  int           // index of the last cleaned line to keep without asking
	shapes map[uint64]int
	steps  outline // of the log, as far as is known
}

// excerptLine is a line that may be shown.
type excerptLine struct {
	line  int // of the file
	index int // among the cleaned lines
	text  []byte
	score float64
	exit  float64 // how much a failed exit below it says of it
	shape uint64
}

// telling is the score from which on a line is worth keeping.
const telling = 2

// newExcerpt returns an excerpt that begins where a cursor is.
func newExcerpt(begin cursor) *excerpt {
	begin.exact = true
	return &excerpt{text: begin}
}

// read looks at the block that follows. It keeps nothing of the block's memory.
func (e *excerpt) read(b *stream.Block) {
	e.text.enter(b)
	e.back = e.text
	e.room = signs().Find(b.Text, e.room[:0])
	e.hits = e.room
	for e.nextLine() {
		if found := e.passSigns(); e.text.here.first {
			e.look(found)
		}
	}
	e.recall(segment{from: len(b.Text), index: math.MaxInt}, excerptBefore)
	e.text = e.back
	e.text.leave()
}

// nextLine goes to the next line that is to be looked at: the next one of all
// below a telling line, else that of the next sign.
func (e *excerpt) nextLine() bool {
	switch {
	case e.text.following() <= e.until:
		return e.text.next()
	case len(e.hits) > 0:
		return e.text.seek(int(e.hits[0].At))
	}
	return false
}

// passSigns goes beyond the signs in the line, before which none is left, and
// returns what they come to.
func (e *excerpt) passSigns() (found tally) {
	for len(e.hits) > 0 && int(e.hits[0].At) < e.text.here.to {
		found.add(e.hits[0].ID)
		e.hits = e.hits[1:]
	}
	return found
}

// look scores the line and keeps it, and its neighbours, if it is telling. Of a
// line that is not kept otherwise, what was found in it may tell that it is not.
func (e *excerpt) look(found tally) {
	p, _ := e.text.piece(e.text.here.from)
	text := excerptText(p)
	head := excerptHead(text)
	if p.index > e.until && !found.mayTell(head) {
		return
	}
	score, exit := lineScore(head), found.exit && failedExit(head)
	if exit {
		score = min(score, 1)
	}
	l := excerptLine{line: p.line, index: p.index, score: score}
	if score >= telling {
		l.shape = shapeOf(text)
		e.count(l.shape)
		e.until = p.index + excerptAfter
	}
	switch {
	case exit:
		e.recall(e.text.here, excerptBefore)
		e.keepRecent(excerptBefore)
		e.credit(p.index)
	case score >= telling:
		e.recall(e.text.here, excerptAbove)
		e.keepRecent(excerptAbove)
	}
	if p.index <= e.until || exit {
		l.text = bytes.Clone(text)
		e.keep(l)
	}
}

// excerptText returns what an excerpt keeps of the first piece of a line.
func excerptText(p piece) []byte { return p.text[:min(len(p.text), maxText+4)] }

// excerptHead returns what of a text is scored.
func excerptHead(text []byte) []byte { return text[:min(len(text), excerptBytes)] }

// count counts a shape; a log of ever new shapes does not grow the table for ever.
func (e *excerpt) count(shape uint64) {
	if e.shapes == nil {
		e.shapes = map[uint64]int{}
	}
	if len(e.shapes) < 1<<14 || e.shapes[shape] > 0 {
		e.shapes[shape]++
	}
}

// keep keeps the line that was just looked at.
func (e *excerpt) keep(l excerptLine) {
	e.kept = append(e.kept, l)
	e.back = e.text
	if len(e.kept) > excerptKept {
		e.prune()
	}
}

// recall brings to mind the lines of the block before a segment that were passed
// over, the last n at least.
func (e *excerpt) recall(before segment, n int) {
	e.back.skip(linesBefore(e.back.Text, e.back.pos, before.from, n))
	for e.back.next() && e.back.here.index < before.index {
		if e.back.here.first {
			p, _ := e.back.piece(e.back.here.from)
			e.remember(p)
		}
	}
}

// remember makes a line the last one of the recent ones.
func (e *excerpt) remember(p piece) {
	l := excerptLine{line: p.line, index: p.index}
	if len(e.recent) == excerptBefore {
		l.text = e.recent[0].text[:0]
		e.recent = append(e.recent[:0], e.recent[1:]...)
	}
	l.text = append(l.text, excerptText(p)...)
	e.recent = append(e.recent, l)
}

// keepRecent keeps the last n of the recent lines.
func (e *excerpt) keepRecent(n int) {
	for _, l := range e.recent[max(0, len(e.recent)-n):] {
		l.score = lineScore(excerptHead(l.text))
		e.kept = append(e.kept, l)
	}
	e.recent = nil
}

// credit tells the lines above a failed exit that they may be its reason.
func (e *excerpt) credit(index int) {
	for i := len(e.kept) - 1; i >= 0; i-- {
		l := &e.kept[i]
		d := index - l.index
		if d > 4*excerptBefore {
			return
		}
		l.exit = max(l.exit, math.Exp(-float64(d)/30))
	}
}

// prune drops the lines that are far from every telling one.
func (e *excerpt) prune() {
	own := make([]float64, len(e.kept))
	for i := range e.kept {
		own[i] = e.weigh(&e.kept[i]).own()
	}
	near := make([]bool, len(e.kept))
	for _, i := range byWeight(own)[:min(excerptBest, len(own))] {
		for j := max(0, i-3); j <= min(len(near)-1, i+excerptAfter); j++ {
			near[j] = true
		}
	}
	kept := e.kept[:0]
	for i, l := range e.kept {
		if near[i] {
			kept = append(kept, l)
		}
	}
	clear(e.kept[len(kept):])
	e.kept = kept
}
