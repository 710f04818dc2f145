package gerrit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// How long the parts of a comment may be, in bytes, before they are cut.
const (
	maxName   = 255
	maxResult = 40
	maxDetail = 1000
	maxURL    = 2000

	maxComment = 256 << 10 // Gerrit itself takes 16 KiB, unless told otherwise
)

// clean makes one line of what a stranger wrote: characters that do not print
// are dropped, and what is longer than size bytes is cut.
func clean(s string, size int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	if len(s) > size {
		s = strings.ToValidUTF8(s[:size], "")
	}
	return strings.TrimSpace(s)
}
