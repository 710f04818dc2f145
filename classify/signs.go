package classify

import (
	"slices"
	"strings"
	"sync"

	"github.com/watchcat-ci/watchcat/classify/internal/search"
)

// A sign is a text without which a line is not telling. Signs are looked for in
// a whole block at once, in lines before they are cleaned, so that the others
// need not be looked at: what they come to bounds the score of their line, and
// only a line that holds exitSign may be a failed exit.
const (
	exitSign   int32 = iota
	weakSign         // stands in each word of worth 1
	strongSign       // stands in each word of more worth
)

// signs returns what finds the signs, by these IDs.
var signs = sync.OnceValue(func() *search.Set {
	var literals []search.Literal
	for _, text := range append(slices.Clone(beforeStatus), makeFailed, npmFailed, rpmFailed, mockFailed) {
		literals = append(literals, search.Literal{Text: text, ID: exitSign})
	}
	strong, weak := wordSigns()
	for _, w := range strong {
		literals = append(literals, search.Literal{Text: w, Fold: true, ID: strongSign})
	}
	for _, w := range weak {
		literals = append(literals, search.Literal{Text: w, Fold: true, ID: weakSign})
	}
	return search.New(literals)
})

// wordSigns returns the words that are worth more than 1, and those that are
// worth 1, without those that hold another one that is worth as much.
func wordSigns() (strong, weak []string) {
	for _, c := range wordClasses {
		switch words := strings.Fields(c.words); {
		case c.worth > 1:
			strong = append(strong, words...)
		case c.worth > 0:
			weak = append(weak, words...)
		}
	}
	strong = withoutHolders(strong, strong)
	return strong, withoutHolders(weak, append(weak, strong...))
}

// withoutHolders returns the words in which none of the others stands.
func withoutHolders(words, others []string) []string {
	holds := func(w string) bool {
		return slices.ContainsFunc(others, func(other string) bool { return w != other && strings.Contains(w, other) })
	}
	return slices.DeleteFunc(slices.Clone(words), holds)
}

// A tally is what the signs in a line come to.
type tally struct {
	exit  bool
	worth int // of its words at most, or telling
}

// add counts a sign.
func (t *tally) add(sign int32) {
	switch sign {
	case exitSign:
		t.exit = true
	case weakSign:
		t.worth++
	case strongSign:
		t.worth += telling
	}
}

// mayTell reports whether a line with these signs may be telling or a failed exit.
func (t tally) mayTell(head []byte) bool {
	return t.exit || t.worth >= telling || t.worth+placeWorth >= telling && hasPlace(head)
}
