package classify

import (
	"bytes"

	"github.com/watchcat-ci/watchcat/classify/internal/stream"
)

// prefixLen returns the length of what a runner put before the text of a line:
// a time stamp and what belongs to it. Known are
//
//	2026-11-20 10:11:12.123456 | node | text   Zuul, os-loganalyze (the node may be absent)
//	2026-11-20T10:11:12.1234567Z text          GitHub, Azure
//	2026-11-20T10:11:12.123456Z 00O+text       GitLab
//	[2026-11-20T10:11:12.123Z] text            Jenkins
//	10:11:12  text, [10:11:12] text            Jenkins, gulp
//	[10:11:12]W:  [Step 1/2] text              TeamCity
//	DEBUG util.py:446:  BUILDSTDERR: text      mock, Koji (either may be absent)
//	[  659s] text                              Open Build Service
//	job<TAB>step<TAB>2026-11-20T10:11:12Z text gh run view --log
//	travis_fold:start:name, section_end:1:name Travis, GitLab
//
// At most one of them is taken away: a second time stamp is the tool's own. What
// BuildKit puts before the lines of a step, "#12 3.456 text", goes with it.
func prefixLen(line []byte) int {
	n := stampedLen(line)
	return n + buildkitLen(line[n:])
}

// buildkitLen returns the length of BuildKit's number of a step and its seconds
// at the beginning of b.
func buildkitLen(b []byte) int {
	if len(b) < len("#1 0.1 ") || b[0] != '#' || !isDigit(b[1]) {
		return 0
	}
	n := 1 + digits(b[1:])
	if n >= len(b) || b[n] != ' ' {
		return 0
	}
	n++
	whole := digits(b[n:])
	n += whole
	if whole == 0 || n >= len(b) || b[n] != '.' {
		return 0
	}
	n++
	part := digits(b[n:])
	n += part
	if part == 0 || n >= len(b) || b[n] != ' ' {
		return 0
	}
	return n + 1
}

// digits returns how many digits b begins with.
func digits(b []byte) int {
	n := 0
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	return n
}

// stampedLen is prefixLen for what a runner put there.
func stampedLen(line []byte) int {
	if len(line) < 9 {
		return 0
	}
	switch c := line[0]; {
	case c == '[':
		return bracketPrefix(line)
	case isDigit(c):
		return stampPrefix(line)
	case c == 't' && line[1] == 'r' || c == 's' && line[1] == 'e':
		if n := markerPrefix(line); n > 0 {
			return n
		}
	case c == 'B' || c == 'D' || c == 'I' || c == 'W' || c == 'E':
		if n := mockPrefix(line); n > 0 {
			return n
		}
	}
	return jobPrefix(line)
}

// maxJob is how many bytes may name a job and its step before a line.
const maxJob = 256

// jobPrefix is prefixLen for a job, a step and a stamp, with tabs between them.
func jobPrefix(line []byte) int {
	head := line[:min(len(line), maxJob)]
	job := bytes.IndexByte(head, '\t') + 1
	if job == 0 {
		return 0
	}
	step := bytes.IndexByte(head[job:], '\t') + 1
	if step == 0 {
		return 0
	}
	n := job + step
	n += len(line[n:]) - len(bytes.TrimPrefix(line[n:], []byte("\ufeff")))
	stamp := isoLen(line[n:])
	if n += stamp; stamp == 0 || n < len(line) && line[n] != ' ' {
		return 0
	}
	return min(n+1, len(line))
}

// markerPrefix is prefixLen for the fold marks of Travis and GitLab, which a
// carriage return parts from the text.
func markerPrefix(line []byte) int {
	for _, mark := range []string{"travis_fold:", "travis_time:", "section_start:", "section_end:"} {
		if bytes.HasPrefix(line, []byte(mark)) && bytes.IndexByte(line, ' ') < 0 {
			return len(line)
		}
	}
	return 0
}

// bracketPrefix is prefixLen for a stamp in brackets.
func bracketPrefix(line []byte) int {
	n := 1 + isoLen(line[1:])
	iso := n > 1
	if !iso {
		n = 1 + clockLen(line[1:])
	}
	if n == 1 {
		return secondsPrefix(line)
	}
	if n >= len(line) || line[n] != ']' {
		return 0
	}
	n++
	if rest := line[n:]; len(rest) > 1 && rest[1] == ':' && (rest[0] == ' ' || isLetter(rest[0])) {
		n += 2
		n += blanks(line[n:])
		return n + stepLen(line[n:])
	}
	if iso { // more blanks are the text's
		return n + min(1, blanks(line[n:]))
	}
	return n + blanks(line[n:])
}

// secondsPrefix is prefixLen for the seconds since a build of the Open Build Service
// began.
func secondsPrefix(line []byte) int {
	n := 1 + blanks(line[1:])
	seconds := digits(line[n:])
	if n += seconds; seconds == 0 || !bytes.HasPrefix(line[n:], []byte("s]")) {
		return 0
	}
	n += len("s]")
	return n + min(1, blanks(line[n:]))
}

// stepLen returns the length of TeamCity's "[Step 1/2] " at the beginning of b.
func stepLen(b []byte) int {
	rest, ok := bytes.CutPrefix(b, []byte("[Step "))
	if !ok {
		return 0
	}
	end := bytes.IndexByte(rest, ']')
	if end < 0 || end > len("9999/9999") {
		return 0
	}
	n := len("[Step ") + end + 1
	return n + blanks(b[n:])
}

// stampPrefix is prefixLen for a stamp that stands free.
func stampPrefix(line []byte) int {
	n := isoLen(line)
	iso := n > 0
	if !iso {
		n = clockLen(line)
	}
	if n == 0 || (n < len(line) && line[n] != ' ' && line[n] != '\t') {
		return 0
	}
	if !iso {
		return n + blanks(line[n:])
	}
	if rest := line[n:]; bytes.HasPrefix(rest, []byte(" | ")) {
		return n + 3 + nodeLen(rest[3:])
	} else if bytes.Equal(rest, []byte(" |")) {
		return len(line)
	} else if len(rest) >= 5 && isDigit(rest[1]) && isDigit(rest[2]) && (rest[3] == 'O' || rest[3] == 'E') && (rest[4] == '+' || rest[4] == ' ') {
		return n + 5
	}
	return min(n+1, len(line))
}

// nodeLen returns the length of Zuul's "node | " at the beginning of b.
func nodeLen(b []byte) int {
	n := 0
	for n < len(b) && n < 64 && (isWord(b[n]) || b[n] == '-' || b[n] == '.') {
		n++
	}
	if n == 0 || !bytes.HasPrefix(b[n:], []byte(" |")) {
		return 0
	}
	n += 2
	if n < len(b) && b[n] == ' ' {
		n++
	}
	return n
}

// mockPrefix is prefixLen for the lines of mock and Koji, with what mock writes
// before what a build writes to its standard error.
func mockPrefix(line []byte) int {
	n := modulePrefix(line)
	return n + len(line[n:]) - len(bytes.TrimPrefix(line[n:], []byte("BUILDSTDERR: ")))
}

// modulePrefix is prefixLen for the level, module and line by which mock logs.
func modulePrefix(line []byte) int {
	level, rest, ok := bytes.Cut(line, []byte(" "))
	if !ok || !(string(level) == "DEBUG" || string(level) == "INFO" || string(level) == "WARNING" || string(level) == "ERROR") {
		return 0
	}
	n := 0
	for n < len(rest) && n < 32 && isWord(rest[n]) {
		n++
	}
	if n == 0 || !bytes.HasPrefix(rest[n:], []byte(".py:")) {
		return 0
	}
	n += len(".py:")
	digits := n
	for n < len(rest) && isDigit(rest[n]) {
		n++
	}
	if n == digits || n >= len(rest) || rest[n] != ':' {
		return 0
	}
	n++
	return len(level) + 1 + n + blanks(rest[n:])
}

// isoLen returns the length of a date and time at the beginning of b, in the
// form of ISO 8601 with a "T" or a blank between the two; 0 if there is none.
func isoLen(b []byte) int {
	if len(b) < len("2006-01-02 15:04:05") || !like(b, "dddd-dd-dd") || (b[10] != ' ' && b[10] != 'T') {
		return 0
	}
	clock := clockLen(b[11:])
	if clock == 0 {
		return 0
	}
	n := 11 + clock
	switch {
	case n < len(b) && b[n] == 'Z':
		n++
	case like(b[n:], "+dd:dd"), like(b[n:], "-dd:dd"):
		n += 6
	case like(b[n:], "+dddd"), like(b[n:], "-dddd"):
		n += 5
	}
	return n
}

// clockLen returns the length of a time of day at the beginning of b, with or
// without a fraction of the second; 0 if there is none.
func clockLen(b []byte) int {
	if !like(b, "dd:dd:dd") {
		return 0
	}
	n := len("15:04:05")
	if n+1 < len(b) && (b[n] == '.' || b[n] == ',') && isDigit(b[n+1]) {
		for n++; n < len(b) && isDigit(b[n]); n++ {
		}
	}
	return n
}

// like reports whether b begins with form, in which d stands for a digit.
func like(b []byte, form string) bool {
	if len(b) < len(form) {
		return false
	}
	for i := range len(form) {
		if form[i] == 'd' {
			if !isDigit(b[i]) {
				return false
			}
		} else if b[i] != form[i] {
			return false
		}
	}
	return true
}

// blanks returns how many blanks and tabs b begins with.
func blanks(b []byte) int {
	return len(b) - len(bytes.TrimLeft(b, " \t"))
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isWord reports whether c is a word character of regexp's \w and \b.
func isWord(c byte) bool { return stream.IsWord(c) }
