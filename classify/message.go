package classify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxCapture is how many bytes of a captured text a message shows.
const maxCapture = 300

// References returns the names of the captures that a rule's message names, in
// their order: "x" for "{x}", "1" for "{1}".
func References(text string) []string {
	var names []string
	for _, p := range splitMessage(text) {
		if p.name != "" {
			names = append(names, p.name)
		}
	}
	return names
}

// A message is a rule's message, taken apart: plain text and captures in turn.
type message struct {
	parts []part
}

// A part is plain text, or where name is set, a capture.
type part struct {
	text  string
	name  string
	group int
}

// parseMessage takes apart the message of a rule whose pattern has the groups
// with these names; a literal has none.
func parseMessage(text string, groups []string) (message, error) {
	m := message{splitMessage(text)}
	for i := range m.parts {
		p := &m.parts[i]
		if p.name == "" {
			continue
		}
		if p.group = captureGroup(groups, p.name); p.group < 0 {
			return m, fmt.Errorf("message names {%s}, which the pattern does not capture", p.name)
		}
	}
	return m, nil
}

// splitMessage splits a message into its parts: "{name}" and "{1}" stand for
// captures, "{{" and "}}" for braces, and every other brace for itself.
func splitMessage(text string) []part {
	var parts []part
	for text != "" {
		at := strings.IndexAny(text, "{}")
		if at < 0 {
			return append(parts, part{text: text})
		}
		parts = append(parts, part{text: text[:at]})
		text = text[at:]
		name, rest, ok := cutReference(text)
		switch {
		case strings.HasPrefix(text, "{{"), strings.HasPrefix(text, "}}"):
			parts = append(parts, part{text: text[:1]})
			text = text[2:]
		case ok:
			parts = append(parts, part{name: name})
			text = rest
		default:
			parts = append(parts, part{text: text[:1]})
			text = text[1:]
		}
	}
	return parts
}

// cutReference cuts a leading "{name}" off text.
func cutReference(text string) (name, rest string, ok bool) {
	body, ok := strings.CutPrefix(text, "{")
	if !ok {
		return "", "", false
	}
	name, rest, ok = strings.Cut(body, "}")
	notWord := func(r rune) bool { return r > 'z' || !isWord(byte(r)) }
	return name, rest, ok && name != "" && !strings.ContainsFunc(name, notWord)
}

// captureGroup returns the number of the group that name stands for, -1 if there is none.
func captureGroup(groups []string, name string) int {
	if n, err := strconv.Atoi(name); err == nil {
		if n < 0 || n >= len(groups) {
			return -1
		}
		return n
	}
	return slices.Index(groups, name)
}

// render returns the message for a match whose groups lie in text at loc, in
// one line without blanks at its ends or two in a row.
func (m message) render(text []byte, loc []int) string {
	message := make([]byte, 0, 256)
	for _, p := range m.parts {
		if p.name == "" {
			message = append(message, p.text...)
		} else {
			message = append(message, cutText(captured(text, loc, p.group), maxCapture)...)
		}
	}
	if isTidy(message) {
		return string(message)
	}
	return strings.Join(strings.Fields(string(message)), " ")
}

// isTidy reports whether a text is known to be one line without blanks at its ends
// or two in a row.
func isTidy(text []byte) bool {
	before := byte(' ')
	for _, c := range text {
		if c < ' ' || c >= utf8.RuneSelf || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return before != ' '
}

// captured returns what group n captured, "" if it took no part in the match.
func captured(text []byte, loc []int, n int) string {
	if loc[2*n] < 0 {
		return ""
	}
	return strings.TrimSpace(visible(string(text[loc[2*n]:loc[2*n+1]])))
}
