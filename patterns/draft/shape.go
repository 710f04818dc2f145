package draft

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A shape is a line of which some tokens are kept as they are, some generalised,
// and the rest is left out.
type shape struct {
	line  []token
	names []string // of the captures, by token; "" for none
	kept  []bool   // tokens that the pattern asks for as they are
	tails []bool   // paths and URLs of which it asks for the last part
	from  int      // the pattern asks for line[from:to]
	to    int
	whole bool // and for the end of the line behind it
	trail bool // the line ends in blanks
}

// newShape returns the most general shape of a line that keeps its words.
func newShape(line []token) *shape {
	trail := len(line) > 0 && line[len(line)-1].kind == space
	if trail {
		line = line[:len(line)-1]
	}
	s := &shape{line: line, trail: trail, names: make([]string, len(line)), kept: make([]bool, len(line)), tails: make([]bool, len(line))}
	for i, t := range line {
		s.kept[i] = t.kind < junk
	}
	s.from = leading(line)
	for s.to = s.from; s.to < len(line) && s.worth() < ample; {
		s.to = s.clause()
	}
	for s.worth() < enough && s.harden(names) {
	}
	s.capture()
	return s
}

// clone returns a copy that can be hardened by itself.
func (s *shape) clone() *shape {
	c := *s
	c.names, c.kept, c.tails = slices.Clone(s.names), slices.Clone(s.kept), slices.Clone(s.tails)
	return &c
}

// leading returns where the text begins after a time stamp of the tool itself.
func leading(line []token) int {
	for i, t := range line {
		switch {
		case t.kind == stamp:
			rest := line[i+1:]
			n := slices.IndexFunc(rest, func(t token) bool { return t.kind != space && !strings.Contains("])-|:,.", t.text) })
			if n >= 0 && saysSomething(rest) {
				return i + 1 + n
			}
			return 0
		case t.kind != space && t.text != "[" && t.text != "(":
			return 0
		}
	}
	return 0
}

// long is the number of bytes after which a clause ends at any word; within
// quotes it is twice that.
const long = 120

// clause returns where the clause ends that begins at s.to.
func (s *shape) clause() int {
	most := long
	for i := s.to + 1; i < len(s.line); i++ {
		before, t := s.line[i-1], s.line[i]
		if before.text == `"` && (i < 2 || s.line[i-2].text != `\`) {
			most = 3*long - most // the quotes begin or end
		}
		switch {
		case t.kind == space && before.kind == punct && strings.Contains(".,;!?)]}|", before.text),
			t.kind == space && i+1 < len(s.line) && s.line[i+1].kind == punct && strings.Contains("([{@|-=<>→—–", s.line[i+1].text),
			t.from > s.line[s.to].from+most && before.kind != space && (t.kind == space || t.kind == punct):
			return i
		}
	}
	return len(s.line)
}

// worth returns what the pattern is worth; see worth.go.
func (s *shape) worth() float64 {
	sum, marks := 0.0, 0.0
	for i := s.from; i < s.to; i++ {
		switch t := s.line[i]; {
		case t.kind == punct:
			marks += t.worth()
		case s.kept[i], s.tails[i]:
			sum += t.worth()
		default:
			sum += t.classWorth()
		}
	}
	if s.from == 0 {
		sum++
	}
	if s.whole {
		sum += 0.5
	}
	return sum + min(marks, 1.5)
}

// harden makes the pattern ask for more of the line, by a step: for another
// clause, for the end, for a token of one of these kinds as it is. It reports
// false where the pattern asks for all of that.
func (s *shape) harden(kinds []kind) bool {
	switch {
	case s.to < len(s.line):
		s.to = s.clause()
	case !s.whole && len(s.line) > 0:
		s.whole = true
	default:
		i := s.softest(kinds)
		if i < 0 {
			return false
		}
		s.keep(i)
	}
	s.capture()
	return true
}

// keep makes the pattern ask for a token as it is; of a path or URL first for its last
// part.
func (s *shape) keep(i int) {
	if t := s.line[i]; (t.kind == pathname || t.kind == url) && !s.tails[i] && len(baseOf(t.text)) > 3 {
		s.tails[i] = true
		return
	}
	s.kept[i] = true
}

// The order in which generalised tokens are kept after all: names first, and of
// these first what other builds are likely to have too.
var (
	names    = []kind{symbol, host, file, pack, quoted, test, version, pathname, url}
	anything = append(slices.Clone(names), length, number, address, id, hex, stamp)
)

// softest returns the generalised token to keep next, -1 if there is none.
func (s *shape) softest(kinds []kind) int {
	for _, k := range kinds {
		for i := s.from; i < s.to; i++ {
			if !s.kept[i] && s.line[i].kind == k && !(s.tails[i] && len(kinds) == len(names)) {
				return i
			}
		}
	}
	return -1
}

// pattern returns the regular expression.
func (s *shape) pattern() string {
	var re strings.Builder
	if s.from == 0 {
		re.WriteString("^")
	}
	for i := s.from; i < s.end(); i++ {
		switch t := s.line[i]; {
		case t.kind == space && i == s.from:
			re.WriteString(`\s*`)
		case t.kind == space && t.text != " ":
			re.WriteString(`\s+`)
		case s.kept[i]:
			re.WriteString(regexp.QuoteMeta(t.text))
		case s.tails[i]:
			re.WriteString(token{t.kind, strings.TrimSuffix(t.text, baseOf(t.text)), 0}.pattern("", s.after(i)) + regexp.QuoteMeta(baseOf(t.text)))
		default:
			re.WriteString(t.pattern(s.names[i], s.after(i)))
		}
	}
	switch {
	case s.whole && s.trail:
		re.WriteString(`\s*$`)
	case s.whole:
		re.WriteString("$")
	}
	return re.String()
}

// end returns where the pattern ends: it asks for nothing behind its last text
// or capture unless for the end of the line.
func (s *shape) end() int {
	end := s.to
	for end > s.from && !s.whole && (s.line[end-1].kind == space || !s.kept[end-1] && !s.tails[end-1] && s.names[end-1] == "") {
		end--
	}
	return end
}

// after returns the character behind a token, 0 for none.
func (s *shape) after(i int) rune {
	if i+1 >= len(s.line) {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s.line[i+1].text)
	return r
}

// baseOf returns the last part of a path.
func baseOf(text string) string {
	return text[strings.LastIndexAny(strings.TrimRight(text, `/\`), `/\`)+1:]
}
