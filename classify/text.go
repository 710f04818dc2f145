package classify

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxText is how many bytes of a line a Match or an Evidence keeps.
const maxText = 1000

// cutText returns s, cut at a rune's border to at most n bytes and "…".
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// lineText returns the text of a line as it is stored: valid UTF-8, without
// blanks at its end, at most maxText bytes of it, chosen so that what lies
// between from and to is seen. What is cut is marked by "…".
func lineText(text []byte, from, to int) string {
	if len(text) > maxText && to > maxText {
		start := max(0, min(from-maxText/4, len(text)-maxText))
		for start > 0 && !utf8.RuneStart(text[start]) {
			start--
		}
		if start > 0 {
			return "…" + lineText(text[start:], 0, 0)
		}
	}
	// One rune more than is kept, so that cutText sees that there is more.
	head := string(text[:min(len(text), maxText+utf8.UTFMax)])
	if !isPlain(head) {
		head = visible(strings.ToValidUTF8(head, "\uFFFD"))
	}
	return cutText(strings.TrimRight(head, " \t"), maxText)
}

// isPlain reports whether a text is ASCII and has no control bytes but tabs.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c >= utf8.RuneSelf || isHidden(c) {
			return false
		}
	}
	return true
}

// visible returns s without the control bytes that take no place on a line.
func visible(s string) string {
	for i := range len(s) {
		if isHidden(s[i]) {
			return string(slices.DeleteFunc([]byte(s), isHidden))
		}
	}
	return s
}
