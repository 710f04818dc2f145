package report

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"
)

// oneLine returns s as it may be printed anywhere: one line without terminal
// escapes, control characters or invisible marks (such as those that turn the
// direction of writing). Blank space of any kind becomes one space, invalid
// UTF-8 the replacement character.
func oneLine(s string) string {
	if plain(s) {
		return s
	}
	return strings.Join(strings.FieldsFunc(printable(s), isSpace), " ")
}

// lines returns s as oneLine does, line by line, with its indentation. Blank
// lines at the end are dropped.
func lines(s string) []string {
	out := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range out {
		out[i] = logLine(l)
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// logLine returns a line of a log as oneLine does, but keeps blanks as they
// are, since columns and indentation tell something; a tab is four blanks.
func logLine(s string) string {
	s = strings.ReplaceAll(printable(s), "\t", "    ")
	s = strings.Map(func(r rune) rune {
		if isSpace(r) {
			return ' '
		}
		return r
	}, s)
	return strings.TrimRight(s, " ")
}

// plain reports whether s is printable ASCII in single blanks, as nearly all text is.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			if s[i] != ' ' || i == 0 || i == len(s)-1 || s[i-1] == ' ' {
				return false
			}
		}
	}
	return true
}

// mostMarks is how many characters without a width of their own printable
// leaves in a row.
const mostMarks = 4

// printable removes terminal escapes and all that is not to be seen but blank
// space. Of marks piled up on one character it leaves a few.
func printable(s string) string {
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	if strings.ContainsFunc(s, func(r rune) bool { return r == '\x1b' || r >= 0x80 && r < 0xa0 }) {
		s = escapes.ReplaceAllString(s, "")
	}
	marks := 0
	return strings.Map(func(r rune) rune {
		switch {
		case isSpace(r):
			marks = 0
		case invisible(r):
			return -1
		case r < utf8.RuneSelf || text.RuneWidth(r) > 0:
			marks = 0
		default:
			if marks++; marks > mostMarks {
				return -1
			}
		}
		return r
	}, s)
}

// escapes matches the control sequences of ECMA-48, in the forms of seven bits
// and of eight: CSI sequences, strings up to their end (OSC, DCS, SOS, PM, APC),
// and the short escapes. Of a string without an end only the opening goes: the
// text behind it must not be swallowed.
var escapes = regexp.MustCompile(`(?:\x1b\[|\x{9b})[0-?]*[ -/]*[@-~]?` +
	`|(?:\x1b[\]PX^_]|[\x{9d}\x{90}\x{98}\x{9e}\x{9f}])[^\x07\x1b\x{9c}\n\r]*(?:\x07|\x1b\\|\x{9c})` +
	`|\x1b[ -/]*[0-~]?`)

// invisible reports whether r steers a terminal or a page instead of being seen:
// control and format characters, line separators, and the selectors that change
// the width of the character before them.
func invisible(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == '\x7f'
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector)
}

func isSpace(r rune) bool {
	return unicode.IsSpace(r) || r >= utf8.RuneSelf && unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp)
}

// width returns how many columns s takes on a terminal.
func width(s string) int { return text.StringWidthWithoutEscSequences(s) }

// enough returns how many bytes of printable text are sure to fill w columns
// and one more: a column takes one character and its marks.
func enough(w int) int { return (w + 1) * (1 + mostMarks) * utf8.UTFMax }

// clip returns s in at most n bytes, without the rest of a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// clipLeft is clip, but takes from the beginning.
func clipLeft(s string, n int) string {
	if len(s) <= n {
		return s
	}
	i := len(s) - n
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return s[i:]
}

// ellipsis stands where text was cut.
const ellipsis = "…"

// cut returns printable text in at most w columns; what is left out at the end
// shows as "…".
func cut(s string, w int) string {
	if w < 1 || len(s) <= w {
		return s
	}
	s = clip(s, enough(w))
	if width(s) <= w {
		return s
	}
	return strings.TrimRight(text.Trim(s, w-width(ellipsis)), " ") + ellipsis
}

// cutLeft is cut for text whose end says the most, such as a path.
func cutLeft(s string, w int) string {
	if w < 1 || len(s) <= w {
		return s
	}
	s = clipLeft(s, enough(w))
	have := width(s)
	if have <= w {
		return s
	}
	have += width(ellipsis)
	for i, r := range s {
		columns := text.RuneWidth(r)
		if have <= w && columns > 0 { // not at a mark that belongs to the character before it
			return ellipsis + s[i:]
		}
		have -= columns
	}
	return ellipsis
}

// wrap splits s into at most n lines of at most w columns, at a blank where
// there is one in the second half of a line; what is left out shows as "…".
func wrap(s string, w, n int) []string {
	s = clip(s, enough(w*n))
	var out []string
	for len(out) < n-1 && width(s) > w {
		head := text.Trim(s, w)
		if head == "" { // a wide character in a column of one
			break
		}
		if i := strings.LastIndexByte(head+s[len(head):len(head)+1], ' '); i >= len(head)/2 {
			head = s[:i]
		}
		out = append(out, strings.TrimRight(head, " "))
		s = strings.TrimLeft(s[len(head):], " ")
	}
	return append(out, cut(s, w))
}
