package classify_test

import (
	"regexp"
	"slices"
	"strings"
)

// oracleLines returns the cleaned lines of a log: what stands between carriage
// returns and is not empty without escape sequences, which no line end is part
// of; of a line of the file without text, one empty line.
func oracleLines(log string) []refLine {
	var lines []refLine
	file := strings.Split(strings.TrimPrefix(log, "\xef\xbb\xbf"), "\n")
	for i, raw := range file {
		var texts []string
		for text := range strings.SplitSeq(raw, "\r") {
			if text = withoutEscapes(text); text != "" {
				texts = append(texts, withoutPrefix(strings.Trim(text, unseen)))
			}
		}
		if len(texts) == 0 {
			if i == len(file)-1 && !strings.Contains(raw, "\r") {
				break // nothing follows the last LF
			}
			texts = []string{""}
		}
		for _, text := range texts {
			lines = append(lines, refLine{text: text, no: i + 1, whole: true})
		}
	}
	return lines
}

// unseen are the control characters that do not belong to the text of a line at
// its ends.
var unseen = func() string {
	controls := "\x7f"
	for c := range byte(' ') {
		if c != '\t' {
			controls += string(rune(c))
		}
	}
	return controls
}()

// withoutEscapes takes the escape sequences away, and a shift in or out directly
// behind one.
func withoutEscapes(s string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(s, 0x1b)
		if at < 0 {
			return b.String() + s
		}
		b.WriteString(s[:at])
		s = s[at+escapeLen(s[at:]):]
		if s != "" && (s[0] == 0x0e || s[0] == 0x0f) {
			s = s[1:]
		}
	}
}

// escapeLen returns the length of the escape sequence that s begins with. In
// general another ESC ends it.
func escapeLen(s string) int {
	body := s[1:]
	if body != "" && strings.IndexByte("]PX^_", body[0]) >= 0 {
		return 2 + stringLen(body[1:])
	}
	rest := strings.TrimLeft(body, " !\"#$%&'()*+,-./")
	if after, ok := strings.CutPrefix(body, "["); ok {
		rest = strings.TrimLeft(after, " !\"#$%&'()*+,-./0123456789:;<=>?")
	}
	if rest != "" && rest[0] != 0x1b {
		rest = rest[1:] // the final byte
	}
	return 1 + len(body) - len(rest)
}

var stringEnds = regexp.MustCompile(`\x07|\x1b[\x07\\]|\x1b\x1b`)

// stringLen returns the length of the string of an escape sequence, whose end
// BEL or ESC \ is. Two ESC in a row end it between them.
func stringLen(s string) int {
	end := stringEnds.FindStringIndex(s)
	switch {
	case end == nil:
		return len(s)
	case strings.HasSuffix(s[:end[1]], "\x1b"):
		return end[1] - 1
	}
	return end[1]
}

// What runners put in front of the text, by the table of prefixLen.
const (
	clockForm = `\d\d:\d\d:\d\d(?:[.,]\d+)?`
	isoForm   = `\d{4}-\d\d-\d\d[ T]` + clockForm + `(?:Z|[+-]\d\d:?\d\d)?`
)

// runnerForms are tried in this order.
var runnerForms = compileAll(
	`^`+isoForm+` \| [\w.-]{1,64} \| ?`, // Zuul, with a node
	`^`+isoForm+` \|(?: |$)`,            // Zuul
	`^`+isoForm+`[ \t]\d\d[OE][+ ]`,     // GitLab
	`^`+isoForm+`(?:[ \t]|$)`,           // GitHub
	`^`+clockForm+`[ \t]+`,              // Jenkins
	`^\d\d:\d\d:\d\d[.,]\d+$`,           // Jenkins, without text
	`^\[(?:`+isoForm+`|`+clockForm+`)\][ A-Za-z]:[ \t]*(?:\[Step [^\]]{0,9}\][ \t]*)?`, // TeamCity
	`^\[`+isoForm+`\][ \t]?`,                                        // Jenkins
	`^\[`+clockForm+`\][ \t]*`,                                      // gulp
	`^(?:DEBUG|INFO|WARNING|ERROR) \w{1,32}\.py:\d+:[ \t]*`,         // mock, Koji
	`^(?:travis_fold|travis_time|section_start|section_end):[^ ]*$`, // Travis, GitLab
)

func compileAll(patterns ...string) []*regexp.Regexp {
	var all []*regexp.Regexp
	for _, p := range patterns {
		all = append(all, regexp.MustCompile(p))
	}
	return all
}

// withoutPrefix takes away what a runner put before the text, once.
func withoutPrefix(s string) string {
	for _, form := range runnerForms {
		if loc := form.FindStringIndex(s); loc != nil {
			s = s[loc[1]:]
			break
		}
	}
	return buildkitForm.ReplaceAllString(s, "")
}

// buildkitForm is what BuildKit puts before the lines of a step.
var buildkitForm = regexp.MustCompile(`^#\d+ \d+\.\d+ `)

// judged reports whether the oracle can say what is in a log: it is text by its
// beginning, and has no line that may be looked at in pieces.
func judged(log string) bool {
	begins := func(magic string) bool { return strings.HasPrefix(log, magic) }
	head := strings.ReplaceAll(log[:min(len(log), 4096)], "\x00", "")
	if odd := len(controls.FindAllString(head, -1)); odd > 8 && odd > len(head)/20 || slices.ContainsFunc(notText, begins) {
		return false
	}
	for line := range strings.SplitSeq(log, "\n") {
		if len(line) > 60_000 {
			return false
		}
	}
	return true
}

// notText are beginnings of what is no text, and controls are what it has little of.
var (
	notText  = []string{"\xff\xfe", "\xfe\xff", "\x1f\x8b", "\xfd7zXZ\x00", "BZh", "\x28\xb5\x2f\xfd", "PK\x03\x04"}
	controls = regexp.MustCompile(`[\x01-\x06\x0e-\x1a\x1c-\x1f\x7f]`)
)
