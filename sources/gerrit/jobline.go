package gerrit

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/watchcat-ci/watchcat/classify"
)

// How long the parts of a comment may be, in bytes, before they are cut.
const (
	maxName   = 255
	maxResult = 40
	maxDetail = 1000
	maxURL    = 2000

	maxComment = 256 << 10 // Gerrit itself takes 16 KiB, unless told otherwise
)

// jobLine is the line of a job in a comment.
type jobLine struct {
	name, url string // at least one is there
	result    string // "FAILURE", or the job's own message instead of it
	detail    string
	duration  classify.Seconds
	voting    *bool // nil: not said
	block     bool  // the detail follows in lines of its own
}

// parseJobLine reads the line of a job; false if it is none. The less of a line
// looks like a job's, the better known must be what does.
func parseJobLine(line string) (l jobLine, ok bool) {
	text, zuul := strings.CutPrefix(line, "- ")
	if !zuul {
		text, zuul = strings.CutPrefix(line, "* ")
	}
	target, result, found := strings.Cut(text, " : ")
	if !found || target == "" || target[0] == ' ' {
		return l, false
	}
	named := l.setTarget(target)
	l.setResult(result, zuul)
	switch {
	case !zuul:
		return l, l.name == "" && isKnown(l.result)
	case l.url == "" && !named:
		return l, !strings.Contains(l.name, " ") && isKnown(l.result)
	case isResult(l.result):
		return l, true
	}
	return l, l.result != "" && !strings.Contains(l.name, " ")
}

// setTarget reads what stands before the colon: a name, a URL, or both. Where a
// job has no URL, Zuul writes its name twice, which makes sure that it is a name.
func (l *jobLine) setTarget(target string) (named bool) {
	i := strings.LastIndexByte(target, ' ')
	if last := target[i+1:]; strings.Contains(last, "://") {
		l.name, l.url = clean(target[:max(i, 0)], maxName), last
		return false
	}
	half := len(target) / 2
	if named = target[half] == ' ' && target[:half] == target[half+1:]; named {
		target = target[:half]
	}
	l.name = clean(target, maxName)
	return named && l.name != ""
}

// setResult reads what stands behind the colon.
func (l *jobLine) setResult(text string, zuul bool) {
	text = strings.TrimSpace(text)
	for _, mark := range []string{"<<<", "<<‹"} {
		if rest, found := strings.CutSuffix(text, mark); found {
			text, l.block = strings.TrimSpace(rest), true
		}
	}
	if zuul {
		l.voting = new(true)
	}
	for _, mark := range []string{"(non-voting)", "(skipped)"} {
		if rest, found := strings.CutSuffix(text, mark); found {
			text, l.voting = strings.TrimSpace(rest), new(false)
		}
	}
	text, l.duration = cutDuration(text)
	word, rest, _ := strings.Cut(text, " ")
	if !isResult(word) {
		word, rest = text, ""
	}
	l.result, l.detail = clean(word, maxDetail), clean(rest, maxDetail)
}

// cutDuration removes " in 1h 02m 03s" from the end of a text.
func cutDuration(text string) (rest string, d classify.Seconds) {
	i := strings.LastIndex(text, " in ")
	if i < 0 {
		return text, 0
	}
	units := map[byte]classify.Seconds{'s': 1, 'm': 60, 'h': 3600}
	for word := range strings.FieldsSeq(text[i+len(" in "):]) {
		last := len(word) - 1
		n, err := strconv.ParseUint(word[:last], 10, 20)
		if err != nil || units[word[last]] == 0 {
			return text, 0
		}
		d += classify.Seconds(n) * units[word[last]]
	}
	return strings.TrimSpace(text[:i]), d
}

// isResult reports whether the word has the form of a result: "NODE_FAILURE".
func isResult(word string) bool {
	return len(word) > 1 && len(word) <= maxResult &&
		strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == ""
}

// isKnown reports whether the word is a result of Jenkins or Zuul.
func isKnown(word string) bool {
	switch word {
	case "SUCCESS", "FAILURE", "UNSTABLE", "NOT_BUILT", "ABORTED",
		"RETRY", "RETRY_LIMIT", "POST_FAILURE", "SKIPPED", "NODE_FAILURE", "MERGE_CONFLICT",
		"MERGER_FAILURE", "MERGE_FAILURE", "CONFIG_ERROR", "TIMED_OUT", "CANCELED", "ERROR",
		"DISK_FULL", "NO_JOBS", "DISCONNECT", "LOST", "EXCEPTION", "NO_HANDLE":
		return true
	}
	return false
}

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
