package classify

import (
	"bytes"
	"slices"
	"sort"
)

// A block is the lines that a match shows. They are put together when the match
// is decided on: those that went by are among the recent lines of the scan, the
// others are collected.
type block struct {
	track *track
	index int // of the match's cleaned line
	lines []blockLine
	bare  bool // lines are of no interest and none are kept
	end   int  // line of the file that is the last one
	left  int  // lines it may still take
	room  int  // of these, that it shows
	ended bool // the current line is its last
}

// blockLine is a cleaned line.
type blockLine struct {
	line int // of the file
	text string
}

// shows reports whether lines of the rule's next match may be the evidence of the
// result: of all its matches, the first goes before the others, or the last. Of
// a clue it is one in a step that failed, of which more is known later.
func (t *track) shows() bool {
	return t.Occurrence == OccurrenceLast || t.Tier == TierClue || len(t.found.list) == 0 && t.scan.known[t.rule] == nil
}

// wants reports whether the line with an index may be evidence of a match that
// waits.
func (t *track) wants(index int) bool {
	waiting := t.fresh
	if t.Occurrence == OccurrenceLast {
		waiting = t.queue
	}
	n := len(waiting)
	return n > 0 && index <= waiting[n-1].index+t.after && (t.until != nil || t.shows())
}

// evidence returns the block of a match; the lines up to that with an index went
// by. It is nil if it is of no interest.
func (t *track) evidence(c *candidate, upTo int) *block {
	b := &block{track: t, index: c.index, bare: !t.shows(), end: c.match.Line}
	if b.bare && t.until == nil {
		return nil
	}
	last := c.index + t.after
	if i := slices.IndexFunc(t.ends, func(end int) bool { return end > c.index }); i >= 0 {
		last = min(last, t.ends[i])
	}
	gone := min(last, upTo)
	b.lines = make([]blockLine, 0, t.Context.Before+1+gone-c.index)
	b.lines = t.scan.recent.appendLines(b.lines, c.index-t.Context.Before, c.index-1)
	before := len(b.lines)
	b.lines = append(b.lines, blockLine{c.match.Line, c.match.Text})
	b.lines = t.scan.recent.appendLines(b.lines, c.index+1, gone)
	b.end = b.lines[len(b.lines)-1].line
	b.room = t.after
	if t.until != nil {
		b.lines = b.lines[:min(len(b.lines), before+shownLines)]
		b.room = before + shownLines - len(b.lines)
	}
	if b.bare {
		b.lines = nil
	}
	if b.left = max(0, last-upTo); b.left > 0 {
		t.scan.open = append(t.scan.open, b)
	}
	return b
}

// close lets a block take no more lines. It may be nil.
func (b *block) close() {
	if b != nil {
		b.left = 0
	}
}

// strip drops the lines of a block. It may be nil.
func (b *block) strip() {
	if b != nil {
		b.lines, b.bare = nil, true
		if b.track.until == nil {
			b.left = 0
		}
	}
}

// collect puts a piece where it is evidence, or may become that. Of an overlong
// line the first piece is shown. All blocks share its text.
func (s *scan) collect(p piece) {
	s.open = slices.DeleteFunc(s.open, func(b *block) bool { return b.left == 0 })
	s.pieces++
	wanted := false
	for _, t := range s.wait {
		if t.wants(p.index) {
			wanted = true
			t.noteEnd(p)
		}
	}
	if wanted {
		s.remember(p)
	}
	for _, b := range s.open {
		b.take(p)
	}
}

// remember puts a piece among the recent lines, after those before it.
func (s *scan) remember(p piece) {
	if !p.first {
		return
	}
	s.recall(s.text.here.from, s.text.here)
	if s.back.index < p.index { // else it was recalled with the line ends before it
		s.recent.add(p)
		s.back = s.text
	}
}

// take puts a piece of a line below the match into the block.
func (b *block) take(p piece) {
	if p.index == b.index {
		return
	}
	if p.first && !b.bare && b.room > 0 {
		b.lines = append(b.lines, blockLine{p.line, b.track.scan.shown(p, 0, 0)})
		b.room--
	}
	b.end = p.line
	b.ended = b.track.endsIn(p) || b.ended
	switch {
	case !p.last:
	case b.ended:
		b.left = 0
	default:
		b.left--
	}
}

// endsIn reports whether the rule's blocks end in the line of a piece that is
// being collected: one answer for all of them.
func (t *track) endsIn(p piece) bool {
	if t.until != nil && t.asked != t.scan.pieces {
		t.asked, t.ended = t.scan.pieces, t.until.matches(p)
	}
	return t.ended
}

// noteEnd notes that the blocks of matches that wait end in the line of a piece,
// if they do.
func (t *track) noteEnd(p piece) {
	if n := len(t.ends); t.endsIn(p) && (n == 0 || t.ends[n-1] != p.index) {
		t.ends = append(t.ends, p.index)
	}
}

// shown returns the text of the piece that is being tried as it is shown where
// what lies between from and to is of interest: mostly the same text for all.
func (s *scan) shown(p piece, from, to int) string {
	if to > maxText {
		return lineText(p.text, from, to)
	}
	if s.textOf != s.pieces {
		s.textOf, s.textShown = s.pieces, lineText(p.text, 0, 0)
	}
	return s.textShown
}

// maxHeld is how many bytes of text a piece may have of which a match is made
// later.
const maxHeld = 4 * maxText

// hold returns a copy of the piece that is being tried: the same one for all.
func (s *scan) hold(p piece) *piece {
	if s.heldOf != s.pieces {
		p.text = bytes.Clone(p.text)
		s.heldOf, s.held = s.pieces, &p
	}
	return s.held
}

// evidence returns the lines of the block.
func (b *block) evidence(file string) []Evidence {
	var runs []Evidence
	for _, l := range b.lines {
		runs = appendLine(runs, file, l.line, l.text)
	}
	return runs
}

// appendLine puts a line at the end of runs of lines: one run for lines of the
// file in a row, one of its own for what a carriage return parts from the rest
// of a line.
func appendLine(runs []Evidence, file string, line int, text string) []Evidence {
	if n := len(runs); n > 0 && runs[n-1].File == file && line == runs[n-1].EndLine+1 {
		runs[n-1].EndLine = line
		runs[n-1].Text = append(runs[n-1].Text, text)
		return runs
	}
	return append(runs, Evidence{File: file, Line: line, EndLine: line, Text: []string{text}})
}

// recent are the last cleaned lines, in a ring.
type recent struct {
	keep int // lines that may be asked for; 0: none
	ring []recentLine
	next int // place of the oldest, where the next line goes
}

// recentLine is a cleaned line, or its first piece.
type recentLine struct {
	index, line int
	text        []byte
	shown       string // text as evidence shows it, once that was asked for
}

// add puts in a line.
func (r *recent) add(p piece) {
	if r.keep == 0 || !p.first {
		return
	}
	text := p.text[:min(len(p.text), maxText+4)]
	if len(r.ring) <= r.keep { // one more than is kept: the current line
		r.ring = append(r.ring, recentLine{index: p.index, line: p.line, text: bytes.Clone(text)})
		return
	}
	l := &r.ring[r.next]
	*l = recentLine{index: p.index, line: p.line, text: append(l.text[:0], text...)}
	r.next = (r.next + 1) % len(r.ring)
}

// appendLines appends to lines those that have an index from first to last.
func (r *recent) appendLines(lines []blockLine, first, last int) []blockLine {
	for i := sort.Search(len(r.ring), func(i int) bool { return r.at(i).index >= first }); i < len(r.ring); i++ {
		l := r.at(i)
		if l.index > last {
			break
		}
		if l.shown == "" {
			l.shown = lineText(l.text, 0, 0)
		}
		lines = append(lines, blockLine{l.line, l.shown})
	}
	return lines
}

// at returns a line by its age, the oldest first.
func (r *recent) at(i int) *recentLine { return &r.ring[(r.next+i)%len(r.ring)] }
