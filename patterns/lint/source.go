package lint

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// source is a rule file as it is written.
type source struct {
	patterns.Source
	number   int
	index    *strict.Index
	tree     ruleFile
	comments []comment
}

// ruleFile is what the checks want of a rule file that the set does not tell.
type ruleFile struct {
	Tags     map[string]any   `toml:"tags"`
	Files    map[string]any   `toml:"files"`
	Rule     []map[string]any `toml:"rule"`
	Override []map[string]any `toml:"override"`
}

// comment is a comment of a rule file.
type comment struct {
	line, col int
	text      string // from the # on
	lines     []int  // what it stands for: the line it ends, or the one below it
}

// newSource takes a rule file apart. One that does not load gives what it can.
func newSource(number int, s patterns.Source) *source {
	var none struct{}
	out := &source{Source: s, number: number}
	out.index, _ = strict.Decode(s.Name, s.Text, &none) // every key is unknown to it
	_, _ = toml.Decode(string(bytes.TrimPrefix(s.Text, bom)), &out.tree)
	out.comments = comments(string(bytes.TrimPrefix(s.Text, bom)))
	return out
}

var bom = []byte("\ufeff")

// place returns where a key stands.
func (s *source) place(path ...any) patterns.Place {
	line, col := s.index.At(path...)
	return patterns.Place{File: s.Name, Line: line, Col: col}
}

// comments returns the comments of a text that is TOML, with the lines they
// stand for: all from the one on which their statement begins.
func comments(text string) []comment {
	var list []comment
	var above []int // comments that wait for the line below them
	line, begin, depth := 1, 1, 0
	busy := false // the line has something on it beside blanks
	lineStart := 0
	claim := func() {
		for _, i := range above {
			list[i].lines = append(list[i].lines, line)
		}
		above, busy = nil, true
	}
	for at := 0; at < len(text); {
		switch c := text[at]; {
		case c == '\n':
			at++
			line, lineStart, busy = line+1, at, false
			if depth == 0 {
				begin = line
			}
		case c == '#':
			body, _, _ := strings.Cut(text[at:], "\n")
			found := comment{line: line, col: len([]rune(text[lineStart:at])) + 1, text: strings.TrimRight(body, "\r")}
			if busy {
				found.lines = []int{line, begin}
			} else {
				above = append(above, len(list))
			}
			list = append(list, found)
			at += len(body)
		case c == '"' || c == '\'':
			if !busy {
				claim()
			}
			n := stringLen(text[at:])
			if ends := strings.Count(text[at:at+n], "\n"); ends > 0 {
				line += ends
				lineStart = at + strings.LastIndex(text[at:at+n], "\n") + 1
			}
			at += n
		case c == ' ' || c == '\t' || c == '\r':
			at++
		default:
			if !busy {
				claim()
			}
			depth += bracket(c)
			at++
		}
	}
	return list
}

// bracket returns by how much a character changes the depth of brackets.
func bracket(c byte) int {
	switch c {
	case '[', '{':
		return 1
	case ']', '}':
		return -1
	}
	return 0
}

// stringLen returns the length of the TOML string that text begins with, in
// any of the four forms.
func stringLen(text string) int {
	quote := text[:1]
	if long := strings.Repeat(quote, 3); strings.HasPrefix(text, long) {
		for i := 3; i < len(text); i++ {
			if quote == `"` && text[i] == '\\' {
				i++
			} else if strings.HasPrefix(text[i:], long) {
				n := i + 3
				for n < len(text) && n < i+5 && text[n:n+1] == quote { // quotes before the end
					n++
				}
				return n
			}
		}
		return len(text)
	}
	for i := 1; i < len(text); i++ {
		switch {
		case quote == `"` && text[i] == '\\':
			i++
		case text[i:i+1] == quote:
			return i + 1
		case text[i] == '\n':
			return i
		}
	}
	return len(text)
}

// value returns where the string stands that is the value of the key at a
// place, and what it is.
func value(text string, place patterns.Place) (start, end int, is string, ok bool) {
	at := offset(text, place)
	if at < 0 {
		return 0, 0, "", false
	}
	for at < len(text) && text[at] != '=' && text[at] != '\n' && text[at] != ']' {
		if text[at] == '"' || text[at] == '\'' {
			at += stringLen(text[at:])
			continue
		}
		at++
	}
	if at >= len(text) || text[at] != '=' {
		return 0, 0, "", false
	}
	start = at + 1 + len(text[at+1:]) - len(strings.TrimLeft(text[at+1:], " \t"))
	if start >= len(text) || text[start] != '"' && text[start] != '\'' {
		return 0, 0, "", false
	}
	end = start + stringLen(text[start:])
	var doc struct{ V string }
	if _, err := toml.Decode("V = "+text[start:end], &doc); err != nil {
		return 0, 0, "", false
	}
	return start, end, doc.V, true
}

// offset returns where a place is in a text, -1 if the text has no such place.
func offset(text string, place patterns.Place) int {
	at := len(text) - len(strings.TrimPrefix(text, string(bom)))
	for range place.Line - 1 {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			return -1
		}
		at += n + 1
	}
	for i := 1; i < place.Col; i++ {
		if at >= len(text) {
			return -1
		}
		at += len(string([]rune(text[at:min(at+4, len(text))])[:1]))
	}
	return at
}

// quote returns a pattern as a TOML string, in the plainest form that holds it.
func quote(pattern string) string {
	plain := !strings.ContainsFunc(pattern, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
	switch {
	case plain && !strings.Contains(pattern, "'"):
		return "'" + pattern + "'"
	case plain && !strings.Contains(pattern, "'''") && !strings.HasSuffix(pattern, "'"):
		return "'''" + pattern + "'''"
	}
	return basic(pattern)
}

// basic returns a text as a basic string of TOML.
func basic(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			b.WriteString(`\u00`)
			b.WriteString(strconv.FormatInt(int64(r)+0x100, 16)[1:])
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}
