package testreport

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// escapes are the terminal's sequences.
var escapes = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])`)

// clean returns the test of a record as it is kept.
func (r record) clean() Test {
	t := r.head()
	t.Detail = cutMiddle(lines(r.text()), maxDetail)
	return t
}

// head is clean without the detail.
func (r record) head() Test {
	t := r.Test
	t.Name, t.Suite, t.File = oneLine(t.Name, maxName), oneLine(t.Suite, maxName), oneLine(t.File, maxName)
	t.Message = oneLine(r.message(), maxMessage)
	return t
}

// text returns the detail of a record.
func (r record) text() string {
	var all strings.Builder
	for _, p := range r.parts {
		all.WriteString(p.text)
	}
	return all.String()
}

// message returns what a record says of its failure, in a line or more: where
// the report has no message, the detail's first line.
func (r record) message() string {
	if m := strings.TrimSpace(r.Message); m != "" {
		return m
	}
	for line := range strings.FieldsFuncSeq(r.text(), isBreak) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

func isBreak(c rune) bool { return c == '\n' || c == '\r' }

// oneLine returns the first line of a text, cut at n bytes, fit to be shown.
func oneLine(s string, n int) string {
	s = strings.TrimSpace(s)
	if end := strings.IndexFunc(s, isBreak); end >= 0 {
		s = s[:end]
	}
	s = strings.TrimSpace(plain(s))
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// lines returns a text of several lines, fit to be shown.
func lines(s string) string {
	s = lineEnds.Replace(s)
	return strings.TrimRight(strings.TrimLeft(plain(s), "\n"), " \t\n")
}

// plain removes what is not to be shown: escape sequences, control characters
// and those that change the direction of text.
func plain(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexByte(s, 0x1b) >= 0 {
		s = escapes.ReplaceAllString(s, "")
	}
	return strings.Map(func(c rune) rune {
		switch {
		case ' ' <= c && c <= '~':
			return c
		case c == '\n' || c == '\t':
			return c
		case unicode.IsControl(c), unicode.Is(unicode.Bidi_Control, c), c == '\u2028', c == '\u2029':
			return -1
		}
		return c
	}, s)
}

// cutMiddle leaves out the middle of a text longer than n bytes, at line breaks
// if there are such: an error's reason stands at its beginning or at its end.
func cutMiddle(s string, n int) string {
	if len(s) <= n {
		return s
	}
	head, tail := s[:n/2], s[len(s)-n/2:]
	if at := strings.LastIndexByte(head, '\n'); at > 0 {
		head = head[:at]
	}
	if at := strings.IndexByte(tail, '\n'); at >= 0 && at < len(tail)-1 {
		tail = tail[at+1:]
	}
	return strings.ToValidUTF8(head, "") + "\n…\n" + strings.ToValidUTF8(tail, "")
}

// cut returns at most n bytes of a text, whole runes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n]) // not to hold the rest in memory
}

// seconds reads a duration as reports write it: "1.5", "1,234.5".
func seconds(s string) time.Duration {
	f, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(s), ",", ""), 64)
	return duration(f, err == nil)
}

// duration returns a number of seconds, 0 for what is none or longer than a year.
func duration(f float64, ok bool) time.Duration {
	if !ok || !(f > 0 && f < 365*24*3600) {
		return 0
	}
	return time.Duration(math.Round(f * float64(time.Second)))
}
