package search

import (
	"cmp"
	"math"
	"slices"
)

// A tier is literals that one scanner looks for.
type tier struct {
	literals []Literal
	span     int // bytes in a window: at most the length of the shortest literal
	gram     int // bytes in a gram: at most span and 8
}

const (
	maxSpan  = 24 // longer windows fill the table more than they lengthen the steps
	maxTiers = 3

	step = 0.7 // ns for a step of a cursor
	miss = 8.0 // ns for a place where a window may end, most of it a branch mispredicted
)

// frequencies is how often a gram that is in a literal is met in a log, by its
// length. Measured with messages of OpenStack's CI; only the order matters.
var frequencies = [...]float64{1: 2e-2, 2: 2.5e-3, 3: 4e-4, 4: 1.5e-4, 5: 7e-5, 6: 5e-5, 7: 4e-5, 8: 3e-5}

// cost returns the time in ns that a scanner with n windows takes for a byte.
// A slot of the table lets a cursor go on by k or more if no gram of the last k
// places of any window has got there, neither by its hash nor in fact.
func cost(n, span, gram int) float64 {
	met := float64(n) * (1.0/(1<<tableBits) + frequencies[gram])
	far := 0.0
	for k := 1; k <= span-gram+1; k++ {
		far += math.Exp(-met * float64(k))
	}
	return (step + miss*(1-math.Exp(-met))) / far
}

// best returns the tier for the literals, of which the first is the shortest,
// and its cost.
func best(literals []Literal) (t tier, least float64) {
	least = math.Inf(1)
	for span := 1; span <= min(maxSpan, len(literals[0].Text)); span++ {
		for gram := 1; gram <= min(8, span); gram++ {
			if c := cost(len(literals), span, gram); c < least {
				t, least = tier{literals, span, gram}, c
			}
		}
	}
	return t, least
}

// tiers parts the literals by length so that all scanners together take the
// least time.
func tiers(literals []Literal) []tier {
	literals = slices.Clone(literals)
	slices.SortStableFunc(literals, func(a, b Literal) int { return cmp.Compare(len(a.Text), len(b.Text)) })
	parted, _ := part(literals, maxTiers)
	return parted
}

// part parts the literals, ordered by length, into at most so many tiers.
func part(literals []Literal, most int) (parted []tier, least float64) {
	if len(literals) == 0 {
		return nil, 0
	}
	t, least := best(literals)
	parted = []tier{t}
	if most == 1 {
		return parted, least
	}
	for cut := 1; cut < len(literals) && len(literals[cut-1].Text) < maxSpan; cut++ {
		if len(literals[cut].Text) == len(literals[cut-1].Text) {
			continue
		}
		t, low := best(literals[:cut])
		if low >= least {
			continue
		}
		if rest, high := part(literals[cut:], most-1); low+high < least {
			parted, least = append([]tier{t}, rest...), low+high
		}
	}
	return parted, least
}

// rarest returns where in the text the window begins that stops cursors least.
// The last gram counts most: each time it is met a literal is compared.
func rarest(text string, span, gram int) int {
	at, least := 0, math.Inf(1)
	for from := 0; from+span <= len(text); from++ {
		sum := miss / step * frequency(text[from+span-gram:from+span])
		for i := from; i+gram < from+span; i++ {
			sum += frequency(text[i:i+gram]) * float64(i-from+1) / float64(span-gram+1)
		}
		if sum < least {
			at, least = from, sum
		}
	}
	return at
}
