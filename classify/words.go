package classify

import (
	"bytes"
	"strings"
	"sync"
)

// wordClasses say what a word of a line is worth as a sign that the line is the
// reason of a failure. Below zero are words of lines that sound worse than they
// are.
var wordClasses = []wordClass{
	{3, "error fail failed failure fatal exception traceback panic panicked abort aborted assertion " +
		"segmentation segfault undefined unresolved denied refused killed crashed corrupt corrupted"},
	{2, "errors fails failures failing cannot unable missing unexpected invalid timeout timed conflict " +
		"mismatch dumped unknown unrecognized unsupported incorrect violation could incompatible violations"},
	{1, "expected actual expecting exceeded found such exist exists not got but must should required " +
		"declared illegal bad wrong problem unmet unused duplicate missed broken assert"},
	{-1, "warning warn retry retrying info debug note"},
	{-2, "deprecated ignored ignoring skipped skipping ok pass passed success successful successfully succeeded " +
		"downloading downloaded unpacking installing"},
}

// A wordClass is words of one worth.
type wordClass struct {
	worth float64
	words string // of ASCII letters in lower case
}

// A lexicon tells words' worth.
type lexicon struct {
	worth   map[string]float64
	lengths [32][32]uint32 // by the low bits of the first and the last letter: bit n is set if there is a word of n letters
}

// words returns the lexicon of wordClasses.
var words = sync.OnceValue(func() *lexicon {
	l := &lexicon{worth: map[string]float64{}}
	for _, c := range wordClasses {
		for w := range strings.FieldsSeq(c.words) {
			l.worth[w] = c.worth
			l.lengths[w[0]&31][w[len(w)-1]&31] |= 1 << len(w)
		}
	}
	return l
})

// maxWord is how long a word may be that has a worth.
const maxWord = 24

// of returns the worth of a word of ASCII letters in either case. Of most words
// the length, the first and the last letter tell that they have none.
func (l *lexicon) of(word []byte) float64 {
	n := len(word)
	if n > maxWord || l.lengths[word[0]&31][word[n-1]&31]>>n&1 == 0 {
		return 0
	}
	var lower [maxWord]byte
	for i, c := range word {
		lower[i] = c | 0x20
	}
	return l.worth[string(lower[:n])]
}

// placeWorth is what naming a place in a file adds to a line's score.
const placeWorth = 1

// lineScore returns how much a line looks like the reason of a failure, by the
// words in it: about 0 for an ordinary line, 2 and more for one worth showing.
func lineScore(text []byte) float64 {
	score, counted := 0.0, 0
	lexicon := words()
	for w := (word{}); counted < 8 && w.next(text); {
		if worth := w.worth(lexicon, text); worth != 0 {
			counted++
			score += worth
		}
	}
	if endsWell(text) {
		score -= 5
	}
	if hasPlace(text) {
		score += placeWorth
	}
	return score
}

// A word is a word of a line: letters, of which only the first may be upper
// case unless all are ("JSONParseError" has the words "JSON", "Parse", "Error").
// The zero word stands before the first.
type word struct {
	from, to int  // place in the line
	none     bool // "0" or "no" stands before it
}

// next goes to the next word of the line, and returns false if there is none.
func (w *word) next(line []byte) bool {
	i, none := w.to, w.isNo(line)
	for ; i < len(line) && !isLetter(line[i]); i++ {
		if isDigit(line[i]) {
			none = loneZero(line, i)
		}
	}
	from := i
	for ; i < len(line) && isLetter(line[i]); i++ {
		if isUpper(line[i]) && i > from && startsWord(line, i) {
			break
		}
	}
	*w = word{from, i, none}
	return from < i
}

// isNo reports whether the word is "no".
func (w *word) isNo(line []byte) bool {
	return w.to-w.from == 2 && line[w.from]|0x20 == 'n' && line[w.from+1]|0x20 == 'o'
}

// startsWord reports whether the upper-case letter at i, which follows another
// letter, begins a new word of an identifier in camel case.
func startsWord(text []byte, i int) bool {
	return !isUpper(text[i-1]) || i+1 < len(text) && isLetter(text[i+1]) && !isUpper(text[i+1])
}

// isUpper reports whether the letter c is upper case.
func isUpper(c byte) bool { return c&0x20 == 0 }

// loneZero reports whether the number at i is a plain 0.
func loneZero(text []byte, i int) bool {
	return text[i] == '0' && (i == 0 || !isDigit(text[i-1]) && text[i-1] != '.') &&
		(i+1 == len(text) || !isDigit(text[i+1]) && text[i+1] != '.' && text[i+1] != 'x')
}

// worth returns what the word says of its line.
func (w word) worth(l *lexicon, line []byte) float64 {
	worth := l.of(line[w.from:w.to])
	if worth < 2 {
		return worth
	}
	before, after := byte(' '), byte(' ')
	if w.from > 0 {
		before = line[w.from-1]
	}
	if w.to < len(line) {
		after = line[w.to]
	}
	switch {
	case w.none:
		return -2 // "0 failed", "no error"
	case followedByZero(line[w.to:]):
		return -2 // "Failures: 0"
	case isWord(after) || strings.IndexByte("/-.", before) >= 0 || after == '/' || after == '-' || after == '.' && w.to+1 < len(line) && isLetter(line[w.to+1]):
		return 0.3 // part of a name
	case isWord(before):
		if strings.IndexByte(":( ]", after) < 0 {
			return 0.3
		}
	}
	if after == ':' {
		worth++
	}
	if len(bytes.TrimLeft(line[:w.from], " \t*#>!-[")) == 0 {
		worth++
	}
	if line[w.from+1]&0x20 == 0 {
		worth++ // ERROR
	}
	return worth
}

// followedByZero reports whether a count of zero follows: ": 0", "=0".
func followedByZero(rest []byte) bool {
	rest = bytes.TrimLeft(rest, ":= s")
	return len(rest) > 0 && loneZero(rest, 0)
}

// endsWell reports whether a line ends in a word of success, as a test that passed does.
func endsWell(line []byte) bool {
	n := len(line)
	for n > 0 && strings.IndexByte(" \t.])%0123456789[", line[n-1]) >= 0 {
		n--
	}
	if n == 0 || strings.IndexByte("KkPDdSe", line[n-1]) < 0 {
		return false
	}
	for _, end := range []string{"OK", "ok", "PASS", "PASSED", "passed", "SKIPPED", "SKIP", "skipped", "done"} {
		if bytes.HasSuffix(line[:n], []byte(end)) {
			return true
		}
	}
	return false
}

// hasPlace reports whether a line names a place in a file: "main.c:12", "x.py, line 7".
func hasPlace(line []byte) bool {
	for rest := line; ; {
		i := bytes.IndexByte(rest, ':')
		if i < 2 {
			return i >= 0 && bytes.Contains(line, []byte("line "))
		}
		if i+1 < len(rest) && isDigit(rest[i+1]) && isLetter(rest[i-1]) && bytes.IndexByte(rest[max(0, i-6):i], '.') >= 0 {
			return true
		}
		rest = rest[i+1:]
	}
}

// beforeStatus are the texts that stand before the status with which a command ended.
var beforeStatus = []string{"exited with ", "exit code", "exit status", "Exit code", "exit with code", "returned a non-zero code", "exit_code", "Child return code was"}

// What is in the lines in which make, npm, rpmbuild and mock say that they failed.
const (
	makeFailed = ": *** "
	npmFailed  = " ELIFECYCLE"
	rpmFailed  = "Bad exit status from "
	mockFailed = "EXCEPTION: [Error("
)

// failedExit reports whether a line tells that a command ended with an error.
func failedExit(line []byte) bool {
	for _, words := range beforeStatus {
		if i := bytes.Index(line, []byte(words)); i >= 0 {
			rest := bytes.TrimLeft(line[i+len(words):], " :=")
			return len(rest) > 0 && '1' <= rest[0] && rest[0] <= '9'
		}
	}
	return bytes.HasPrefix(line, []byte("make")) && bytes.Contains(line, []byte(makeFailed)) ||
		bytes.HasPrefix(line, []byte("npm ERR! ")) && bytes.Contains(line, []byte(npmFailed)) ||
		bytes.Contains(line, []byte(rpmFailed)) || bytes.HasPrefix(line, []byte(mockFailed))
}

// shapeOf returns a hash of the beginning of a line without its digits.
func shapeOf(line []byte) uint64 {
	h := uint64(14695981039346656037) // FNV-1a
	for _, c := range line[:min(len(line), 80)] {
		if !isDigit(c) {
			h = (h ^ uint64(c)) * 1099511628211
		}
	}
	return h
}
