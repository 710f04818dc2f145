package classify_test

import (
	"regexp"
	"slices"
	"strings"
)

// oracleLines returns the cleaned lines of a log: what stands between carriage
// returns and has any text; of a line of the file without text, one empty line.
func oracleLines(log string) []refLine {
	var lines []refLine
	file := strings.Split(strings.TrimPrefix(log, "\xef\xbb\xbf"), "\n")
	for i, raw := range file {
		line := withoutEscapes(raw)
		if i == len(file)-1 && line == "" {
			break // after the last LF there is no line
		}
		var texts []string
		for text := range strings.SplitSeq(line, "\r") {
			if text = strings.Trim(text, unseen); text != "" {
				texts = append(texts, withoutPrefix(text))
			}
		}
		if len(texts) == 0 {
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

// withoutEscapes takes the escape sequences away from a line of the file, and
// a shift in or out directly behind one.
func withoutEscapes(s string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(s, 0x1b)
		if at < 0 {
			break
		}
		b.WriteString(s[:at])
		s = s[at+escapeLen(s[at:]):]
		if s != "" && (s[0] == 0x0e || s[0] == 0x0f) {
			s = s[1:]
		}
	}
	return b.String() + s
}

// escapeLen returns the length of the escape sequence that s begins with. A
// carriage return, the end of the line and in general another ESC end it.
func escapeLen(s string) int {
	body := s[1:]
	if end := strings.IndexByte(body, '\r'); end >= 0 {
		body = body[:end]
	}
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
	`^\[(?:`+isoForm+`|`+clockForm+`)\][ \t]*`,                                         // Jenkins, gulp
	`^(?:DEBUG|INFO|WARNING|ERROR) \w{1,32}\.py:\d+:[ \t]*`,                            // mock, Koji
	`^(?:travis_fold|travis_time|section_start|section_end):[^ ]*$`,                    // Travis, GitLab
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
			return s[loc[1]:]
		}
	}
	return s
}

// controlsStay says that the engine keeps control characters within a line, and
// sees no line in a last one that has no LF and only escape sequences.
const controlsStay = false

// judged reports whether the oracle's meaning of a log is the engine's: it is
// text by its beginning, and has no line that would be cut into pieces.
func judged(log string) bool {
	begins := func(magic string) bool { return strings.HasPrefix(log, magic) }
	if slices.ContainsFunc(notText, begins) || len(controls.FindAllString(log[:min(len(log), 4096)], 9)) > 8 {
		return false
	}
	for line := range strings.SplitSeq(log, "\n") {
		if len(line) > 60_000 || !controlsStay && strings.ContainsAny(strings.ReplaceAll(withoutEscapes(line), "\r", ""), unseen) {
			return false
		}
	}
	last := log[strings.LastIndexByte(log, '\n')+1:]
	return controlsStay || last == "" || strings.Trim(withoutEscapes(last), "\r") != ""
}

// notText are beginnings of what is no text, and controls are what it has little of.
var (
	notText  = []string{"\xff\xfe", "\xfe\xff", "\x1f\x8b", "\xfd7zXZ\x00", "BZh", "\x28\xb5\x2f\xfd", "PK\x03\x04"}
	controls = regexp.MustCompile(`[\x01-\x06\x0e-\x1a\x1c-\x1f\x7f]`)
)
