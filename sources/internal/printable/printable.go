// Package printable makes text that can be shown of what strangers wrote: the
// names, results and messages of other systems.
package printable

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes one line of a text: blank space of any kind becomes a space,
// characters that do not print and bytes that are no UTF-8 are dropped, and what
// is longer than most bytes is cut between two characters.
func Line(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return strings.TrimSpace(text)
}
