package draft

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/watchcat-ci/watchcat/classify"
)

const (
	handful   = 5    // unlike lines of its own log that a pattern may match
	compared  = 2000 // matched lines that are compared with the line
	alike     = 0.5  // likeness from which on lines are of the same kind
	negatives = 2    // lines that must not match
	longNo    = 300  // bytes of such a line, at most
)

// A rung is a pattern for the line, and what it matches in the log.
type rung struct {
	*shape
	re     *regexp.Regexp
	like   int // lines of the same kind
	unlike int // other lines
}

// ladder returns patterns for a line, each asking for more than the one before.
func ladder(s *shape) []*rung {
	var all []*rung
	for {
		if re, err := regexp.Compile(s.pattern()); err == nil && s.end() > s.from {
			all = append(all, &rung{shape: s, re: re})
		}
		s = s.clone()
		if !s.harden(anything) {
			return all
		}
	}
}

// A survey looks at all lines of a log: what the patterns of a ladder match
// there, and which lines are most like the line without being of its kind.
type survey struct {
	target  string
	score   float64
	words   map[string]bool
	frame   map[string]bool // of target
	rungs   []*rung
	matched int
	near    []neighbour // the nearest first
}

// neighbour is a line that is like the target.
type neighbour struct {
	text     string
	likeness float64
}

func newSurvey(target string, rungs []*rung) *survey {
	return &survey{target: target, score: classify.Score(target), words: wordSet(target), frame: frame(target), rungs: rungs}
}

// add looks at a line.
func (v *survey) add(line string) {
	if v.rungs[0].re.MatchString(line) {
		v.match(line)
		return
	}
	likeness := dice(v.words, wordSet(line[:min(len(line), longNo)]))
	if likeness > 0 && classify.Score(line) >= max(2, v.score-1) {
		likeness /= 4 // sounds as bad, and may be what is looked for
	}
	if likeness > 0 && (len(v.near) < negatives || likeness > v.near[len(v.near)-1].likeness) && fitsTest(line) {
		v.keep(neighbour{line, likeness})
	}
}

// match counts a line that the most general pattern matches.
func (v *survey) match(line string) {
	if v.matched++; v.matched > compared {
		return
	}
	like := dice(v.frame, frame(line)) >= alike
	for _, r := range v.rungs {
		switch {
		case !r.re.MatchString(line):
			return
		case like:
			r.like++
		default:
			r.unlike++
		}
	}
}

// keep keeps a line among the nearest, unless one like it is.
func (v *survey) keep(n neighbour) {
	for i, other := range v.near {
		if dice(wordSet(other.text), wordSet(n.text)) > 0.9 {
			if n.likeness > other.likeness {
				v.near[i] = n
			}
			return
		}
	}
	v.near = append(v.near, n)
	slices.SortStableFunc(v.near, func(a, b neighbour) int { return cmp.Compare(b.likeness, a.likeness) })
	v.near = v.near[:min(len(v.near), negatives)]
}

// best returns the first rung that matches but a handful of unlike lines.
func (v *survey) best() int {
	for i, r := range v.rungs {
		if r.unlike <= handful {
			return i
		}
	}
	return len(v.rungs) - 1
}

// fitsTest reports whether a line can stand in a test as it is.
func fitsTest(line string) bool {
	return len(line) <= longNo && utf8.ValidString(line) && cleaned(line) == line &&
		!strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) && r != '\t' })
}

// cleaned returns what the engine makes of a line.
func cleaned(line string) string {
	for l, err := range classify.Lines(strings.NewReader(line)) {
		if err == nil {
			return l.Text
		}
	}
	return ""
}

// wordSet returns the words of a line that say something: letters in a row, small.
func wordSet(line string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsFuncSeq(line, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if w = strings.ToLower(w); len(w) > 1 && wordsWorth[w] != small {
			set[w] = true
		}
	}
	return set
}

// frame returns what lines of the same kind have in common: their words, and
// that there are names.
func frame(line string) map[string]bool {
	set := map[string]bool{}
	for _, t := range tokens(line) {
		switch {
		case t.kind == word, t.kind == strong, t.kind == code:
			set[strings.ToLower(t.text)] = true
		case t.kind >= number:
			set["0"] = true
		}
	}
	return set
}

// dice returns how much two sets have in common, from 0 to 1.
func dice(a, b map[string]bool) float64 {
	common := 0
	for w := range a {
		if b[w] {
			common++
		}
	}
	if common == 0 {
		return 0
	}
	return 2 * float64(common) / float64(len(a)+len(b))
}
