package classify

import (
	"bytes"
	"slices"
)

// A block collects the lines that a match shows, as they go by.
type block struct {
	track *track
	index int // of the match's cleaned line
	lines []blockLine
	left  int  // lines it may still take
	ended bool // the current line is its last
}

// blockLine is a cleaned line.
type blockLine struct {
	line int // of the file
	text string
}

// evidence begins the block of a match in a piece, whose text is given as it is shown.
func (t *track) evidence(p piece, text string) *block {
	b := &block{track: t, index: p.index, left: t.Context.After}
	if t.until != nil {
		b.left = MaxBlock - 1
	}
	t.scan.recall(t.scan.text.here.from)
	b.lines = append(t.scan.recent.before(p.index, t.Context.Before), blockLine{p.line, text})
	if b.left > 0 {
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

// collect puts a piece where it is evidence. Of an overlong line the first
// piece is shown. All blocks share its text.
func (s *scan) collect(p piece) {
	s.open = slices.DeleteFunc(s.open, func(b *block) bool { return b.left == 0 })
	if len(s.open) == 0 {
		return
	}
	s.pieces++
	l := blockLine{p.line, lineText(p.text, 0, 0)}
	for _, b := range s.open {
		b.take(p, l)
	}
}

// take puts a piece of a line below the match into the block, as which l is shown.
func (b *block) take(p piece, l blockLine) {
	if p.index == b.index {
		return
	}
	if p.first {
		b.lines = append(b.lines, l)
	}
	b.ended = b.track.ends(p) || b.ended
	switch {
	case !p.last:
	case b.ended:
		b.left = 0
	default:
		b.left--
	}
}

// ends reports whether the rule's blocks end in the line of a piece that is
// being collected: one answer for all of them.
func (t *track) ends(p piece) bool {
	if t.until != nil && t.asked != t.scan.pieces {
		t.asked, t.ended = t.scan.pieces, t.until.matches(p)
	}
	return t.ended
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
	keep  int // lines that may be asked for; 0: none
	lines []recentLine
	next  int // place of the oldest, where the next line goes
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
	if len(r.lines) <= r.keep { // one more than is kept: the current line
		r.lines = append(r.lines, recentLine{index: p.index, line: p.line, text: bytes.Clone(text)})
		return
	}
	l := &r.lines[r.next]
	*l = recentLine{index: p.index, line: p.line, text: append(l.text[:0], text...)}
	r.next = (r.next + 1) % len(r.lines)
}

// before returns the last n lines before that with an index.
func (r *recent) before(index, n int) []blockLine {
	var lines []blockLine
	for i := range r.lines {
		if l := &r.lines[(r.next+i)%len(r.lines)]; l.index < index && l.index >= index-n {
			if l.shown == "" {
				l.shown = lineText(l.text, 0, 0)
			}
			lines = append(lines, blockLine{l.line, l.shown})
		}
	}
	return lines
}
