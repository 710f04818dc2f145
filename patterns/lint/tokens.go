package lint

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// tokenKind is what a part of a pattern is.
type tokenKind int

const (
	tokChar   tokenKind = iota // a character that stands for itself, or \Q…\E
	tokDot                     // .
	tokClass                   // [a-z], \d, \pL
	tokAssert                  // ^ $ \b \A \z
	tokOpen                    // ( (?: (?P<name> (?i:
	tokClose                   // )
	tokFlags                   // (?i)
	tokRepeat                  // * + ? {2,3}, with the ? of lazy ones
	tokBar                     // |
)

// token is a part of a pattern as it is written.
type token struct {
	kind    tokenKind
	text    string
	at      int // offset into the pattern
	escaped bool
}

func (t token) end() int { return t.at + len(t.text) }

// word reports whether t is a letter, digit or underscore that stands for itself.
func (t token) word() bool {
	return t.kind == tokChar && !t.escaped && len(t.text) == 1 && isWord(t.text[0])
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// captures reports whether t opens a group without a name that captures.
func (t token) captures() bool { return t.kind == tokOpen && t.text == "(" }

// tokens takes a pattern apart that compiles. In sum they are the pattern.
func tokens(pattern string) []token {
	var list []token
	for at := 0; at < len(pattern); {
		t := first(pattern[at:])
		t.at = at
		list = append(list, t)
		at += len(t.text)
	}
	return list
}

// Forms of tokens that begin with a given character.
var (
	escapeForm = regexp.MustCompile(`^\\(?:[pP](?:\{\^?\w+\}|[A-Z])|x(?:\{[0-9A-Fa-f]+\}|[0-9A-Fa-f]{2})|[0-7]{1,3}|(?s:.))`)
	groupForm  = regexp.MustCompile(`^\((?:\?P?<\w+>|\?[a-zA-Z-]*[:)])?`)
	repeatForm = regexp.MustCompile(`^(?:[*+?]|\{\d+(?:,\d*)?\})\??`)
)

// first returns the token that text begins with.
func first(text string) token {
	switch text[0] {
	case '\\':
		return escape(text)
	case '[':
		return token{kind: tokClass, text: text[:classLen(text)]}
	case '(':
		group := groupForm.FindString(text)
		if strings.HasSuffix(group, ")") {
			return token{kind: tokFlags, text: group}
		}
		return token{kind: tokOpen, text: group}
	case ')':
		return token{kind: tokClose, text: ")"}
	case '|':
		return token{kind: tokBar, text: "|"}
	case '.':
		return token{kind: tokDot, text: "."}
	case '^', '$':
		return token{kind: tokAssert, text: text[:1]}
	case '*', '+', '?', '{':
		if repeat := repeatForm.FindString(text); repeat != "" {
			return token{kind: tokRepeat, text: repeat}
		}
	}
	_, size := utf8.DecodeRuneInString(text)
	return token{kind: tokChar, text: text[:size]}
}

// escape returns the token that begins with a backslash.
func escape(text string) token {
	if strings.HasPrefix(text, `\Q`) {
		if end := strings.Index(text, `\E`); end >= 0 {
			text = text[:end+2]
		}
		return token{kind: tokChar, text: text, escaped: true}
	}
	t := token{kind: tokChar, text: escapeForm.FindString(text), escaped: true}
	if t.text == "" {
		t.text = text
	}
	switch {
	case len(t.text) > 1 && strings.IndexByte("dDsSwWpPC", t.text[1]) >= 0:
		t.kind = tokClass
	case len(t.text) > 1 && strings.IndexByte("AzbB", t.text[1]) >= 0:
		t.kind = tokAssert
	}
	return t
}

// classLen returns the length of the class in brackets that text begins with.
func classLen(text string) int {
	i := 1
	if strings.HasPrefix(text[i:], "^") {
		i++
	}
	for start := i; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case strings.HasPrefix(text[i:], "[:"):
			if end := strings.Index(text[i:], ":]"); end > 0 {
				i += end + 1
			}
		case text[i] == ']' && i > start:
			return i + 1
		}
	}
	return len(text)
}
