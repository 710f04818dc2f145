package classify

import (
	"bytes"
	"slices"

	"github.com/watchcat-ci/watchcat/classify/internal/stream"
)

// The limits of what the primary match shows with the rest of its paragraph.
const (
	paragraphLines = 30 // in all
	paragraphLevel = 10 // below the match, that are indented as it is
)

// A paragraph is what a match shows, with the lines below that belong to it: those
// of its paragraph that are not indented less, such as the source line and the
// caret below a compiler's message, the rest of an assertion, or the frames of a
// traceback. A blank line ends it, a line that is indented less, and a mark that
// ends a step.
type paragraph struct {
	runs  []Evidence // one, as no line is left out
	depth int        // how far the match is indented; -1: it was not read yet
	level int        // lines so far that are indented as it is
}

// paragraph returns the evidence of a finding with the rest of its paragraph, if
// its rule does not say where it ends: as much as the spool of its file, if that is
// there still, has of it.
func (l *look) paragraph(f *finding) []Evidence {
	runs := f.evidence()
	i := slices.IndexFunc(l.seen, func(s seenLog) bool { return s.file == f.File && s.spool != nil })
	if i < 0 || len(runs) != 1 || f.block == nil || f.rule.until != nil {
		return runs
	}
	p := &paragraph{runs: runs, depth: -1}
	l.seen[i].spool.read(f.Line, p.add)
	return p.runs
}

// add takes a line of the file, from the first line of the match on. It returns
// false if the paragraph has ended.
func (p *paragraph) add(line piece) bool {
	text := bytes.TrimLeft(line.text, " \t")
	depth := len(line.text) - len(text)
	shown := &p.runs[0]
	switch {
	case p.depth < 0:
		p.depth = depth
	case len(text) == 0, depth < p.depth, endsStep(line):
		return false
	case line.line <= shown.EndLine:
	case depth == p.depth && p.level == paragraphLevel, len(shown.Text) >= paragraphLines:
		return false
	default:
		if depth == p.depth {
			p.level++
		}
		p.runs = appendLine(p.runs, shown.File, line.line, lineText(line.text, 0, 0))
	}
	return true
}

// endsStep reports whether a line is a mark.
func endsStep(p piece) bool {
	return slices.ContainsFunc(markMatchers(), func(m *matcher) bool { return m.matches(p) })
}

// read visits the lines that are kept, from that with a number of the file on,
// until visit returns false. Of an overlong line it visits the first piece. It
// visits none if the line is not kept.
func (s *spool) read(from int, visit func(piece) bool) {
	n := len(s.blocks) - 1
	for n >= 0 && s.begin[n].line > from {
		n--
	}
	if n < 0 {
		return
	}
	text := s.begin[n]
	for _, b := range s.blocks[n:] {
		if !text.readFrom(b, from, visit) {
			return
		}
	}
}

// readFrom visits the lines of the block that follows, from that with a number of
// the file on, until visit returns false, which it returns.
func (c *cursor) readFrom(b *stream.Block, from int, visit func(piece) bool) bool {
	c.enter(b)
	c.skip(lineStart(b.Text, from-c.line))
	for c.next() {
		if p, _ := c.piece(c.here.from); p.first && p.line >= from && !visit(p) {
			return false
		}
	}
	c.leave()
	return true
}

// lineStart returns where in a text the line begins that so many line feeds stand
// before; its end if there are fewer.
func lineStart(text []byte, lines int) int {
	at := 0
	for ; lines > 0; lines-- {
		n := bytes.IndexByte(text[at:], '\n')
		if n < 0 {
			return len(text)
		}
		at += n + 1
	}
	return at
}
