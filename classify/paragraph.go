package classify

import (
	"bytes"
	"slices"
	"unicode"

	"github.com/watchcat-ci/watchcat/classify/internal/stream"
)

// paragraphLevel is how many lines below a match, indented as it is, belong to its
// paragraph.
const paragraphLevel = 2

// A paragraph is what a match shows, with the lines below that belong to it: those
// of its paragraph that are not indented less, such as the source line and the
// caret below a compiler's message, the rest of an assertion, or the frames of a
// traceback. A blank line ends it, a line that is indented less, one with another
// label, and a mark that ends a step.
type paragraph struct {
	run   Evidence
	label []byte // with which the match begins, as "[error]"
	depth int    // how far it is indented, behind its label; -1: it was not read yet
	level int    // lines so far that are indented as it is
}

// paragraph returns the evidence of a finding with the rest of its paragraph, or
// of the block that its rule asks for: as much as the spool of its file, if that is
// there still, has of it.
func (l *look) paragraph(f *finding) []Evidence {
	runs := f.evidence()
	if len(runs) == 0 {
		runs = []Evidence{{File: f.File, Line: f.Line, EndLine: f.Line, Text: []string{f.Text}, Rule: f.Rule}}
	}
	i := l.kept(f.File)
	if i < 0 || len(runs) != 1 || f.shown != nil {
		return runs
	}
	p := &paragraph{run: runs[0], depth: -1}
	add := p.add
	if f.rule.until != nil {
		add = func(line piece) bool { return p.addTo(line, f.EndLine) }
	}
	l.seen[i].spool.read(f.Line, add)
	return []Evidence{p.run}
}

// add takes a line of the file, from the first line of the match on. It returns
// false if the paragraph has ended.
func (p *paragraph) add(line piece) bool {
	label := label(line.text)
	behind := line.text[len(label):]
	text := bytes.TrimLeft(behind, " \t")
	depth := len(behind) - len(text)
	switch {
	case p.depth < 0:
		p.label, p.depth = bytes.Clone(label), depth
	case len(text) == 0, depth < p.depth, !bytes.Equal(label, p.label), endsStep(line):
		return false
	case line.line <= p.run.EndLine:
	case depth == p.depth && p.level == paragraphLevel, len(p.run.Text) >= shownLines:
		return false
	default:
		if depth == p.depth {
			p.level++
		}
		p.take(line)
	}
	return true
}

// label returns the word in brackets with which a line begins, as loggers of build
// tools print a level: none is nil.
func label(line []byte) []byte {
	if len(line) == 0 || line[0] != '[' {
		return nil
	}
	n := 1 + len(line[1:]) - len(bytes.TrimLeftFunc(line[1:], unicode.IsLetter))
	if n == 1 || n == len(line) || line[n] != ']' {
		return nil
	}
	return line[:n+1]
}

// addTo takes a line of the file, from the first line of the match on, as far as
// the line with a number. It returns false if that is reached.
func (p *paragraph) addTo(line piece, last int) bool {
	if line.line > last || len(p.run.Text) >= shownLines {
		return false
	}
	if line.line > p.run.EndLine {
		p.take(line)
	}
	return true
}

// take puts a line at the end.
func (p *paragraph) take(line piece) {
	p.run.EndLine = line.line
	p.run.Text = append(p.run.Text, lineText(line.text, 0, 0))
}

// kept returns the index of a file among the logs of which lines are kept, -1 if it
// is none of them.
func (l *look) kept(file string) int {
	return slices.IndexFunc(l.seen, func(s seenLog) bool { return s.file == file && s.spool != nil })
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
