package strict

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"
)

// explain returns the place of what the parser found wrong with the syntax,
// what it is, and what to do about it.
func (b *builder) explain(err error) (at int, what, remedy string) {
	what = err.Error()
	bad, ok := errors.AsType[*unstable.ParserError](err)
	if !ok || len(bad.Highlight) == 0 {
		return b.next(), what, syntaxRemedy(what)
	}
	place := b.parser.Range(bad.Highlight)
	at, end := int(place.Offset), int(place.Offset+place.Length)
	what = nameCharacter(what, b.text[end-1:])
	if end == len(b.text) && unended(what) {
		at = b.next() // the reader looks for where it began, not for the end of the file
	}
	return at, what, syntaxRemedy(what)
}

// next returns where the expression begins that comes after the last good one.
func (b *builder) next() int {
	text := b.text[b.end:]
	if b.end > 0 { // the rest of its line: a bracket, a comment
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	for {
		text = bytes.TrimLeft(text, " \t\r\n")
		if len(text) == 0 || text[0] != '#' {
			return len(b.text) - len(text)
		}
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
}

// unended reports whether a mistake of the syntax is that something has no end.
func unended(what string) bool {
	return strings.Contains(what, "terminated") || strings.Contains(what, "incomplete")
}

// nameCharacter replaces the character in what, "U+000A" or "U+0041 'A'", by
// one that a reader knows. The parser names bytes as if they were characters;
// the character meant is the first of rest.
func nameCharacter(what string, rest []byte) string {
	before, after, ok := strings.Cut(what, "U+")
	if !ok {
		return what
	}
	after = strings.TrimLeft(after, "0123456789ABCDEF")
	if quoted, ok := strings.CutPrefix(after, " '"); ok {
		_, after, _ = strings.Cut(quoted, "'")
	}
	name := character(rest)
	if strings.HasPrefix(name, "the end") {
		before = strings.TrimSuffix(before, "character ")
	}
	return before + name + after
}

// character names the first character of text.
func character(text []byte) string {
	r, size := utf8.DecodeRune(text)
	switch {
	case size == 0:
		return "the end of the file"
	case r == '\n' || r == '\r':
		return "the end of the line"
	}
	return strconv.QuoteRune(r)
}

// syntaxRemedy tells what to do about what the parser says.
func syntaxRemedy(what string) string {
	has := func(part string) bool { return strings.Contains(what, part) }
	switch {
	case has("nested"):
		return "put it less deep"
	case has("out of range"):
		return "write a smaller number"
	case has("datetime"):
		return "write a day that there is, like 2027-03-01"
	case has("escape character"):
		return "a backslash stands for itself in single quotes"
	case has("cannot have new lines"):
		return "close the string, or put three quotes around one of several lines"
	case has("terminated"):
		return "close the string"
	case has("array is incomplete"), has("after array value"):
		return "put commas between the values and ] after them"
	case has("inline table"):
		return "put commas between the keys and } after them"
	case has("the end of the line at start of value"), has("expected value, not"):
		return "write the value behind the ="
	case has("start of value"), has("must be quoted"):
		return "put a string in quotes, a regular expression in single ones"
	case has("start of key"):
		return `put a key of other characters than letters, digits, "_" and "-" in quotes`
	case has("'=' after key"):
		return "write key = value"
	case has("expected newline"):
		return "begin a new line"
	}
	return "see https://toml.io"
}
