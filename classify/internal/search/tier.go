package search

import (
	"cmp"
	"math"
	"slices"
)

// A tier is literals that one scanner looks for.
type tier struct {
	literals []Literal
	span     int       // bytes in a window: at most the length of the shortest literal
	gram     int       // bytes in a gram: at most span and 8
	sieve    sieveKind // by which grams are found, if by any
}

const (
	maxSpan = 24 // longer windows fill the table more than they lengthen the steps

	// miss is how many steps of a cursor a place where a window may end costs: a
	// branch that was not foreseen, and the look at what is there.
	miss = 18
	// left is likewise what a place costs that a sieve leaves.
	left = 12
	// read is how many steps it costs to read a byte at all.
	read = 0.015
)

// chances are, by the length of a gram, the chances that the gram before a
// cursor is the last one of a given window, and that it is the one at another
// given place of it. Measured with the literals of 1000 rules for OpenStack's CI
// in other projects' logs. That two grams share a slot of the table comes on top.
var chances = [...]struct{ last, other float64 }{
	1: {2e-2, 2e-2},
	2: {1e-3, 8e-4},
	3: {9e-5, 3e-5},
	4: {4e-5, 0},
	5: {1.5e-5, 0},
	6: {3e-6, 0},
	7: {1e-6, 0},
	8: {0, 0},
}

// cost estimates the steps that a scanner with n windows takes for a byte. A
// cursor goes on by k or more if the gram is at none of the last k places of any
// window; the sum of these chances is how far it goes.
func cost(n, span, gram int) float64 {
	const slot = 1.0 / (1 << tableBits)
	on := math.Exp(-float64(n) * (slot + chances[gram].other))
	far := on * (1 - math.Pow(on, float64(span-gram+1))) / (1 - on)
	met := 1 - math.Exp(-float64(n)*(slot+chances[gram].last))
	return read + (1+miss*met)/far
}

// coarse is, by the length of the shortest gram, how coarse each pair of grams
// makes a sieve: the share of the places of a text where it leaves a bucket.
// Measured, like chances.
var coarse = map[sieveKind][mostPlaces + 1]float64{
	narrowSieve: {3: 4.5e-6, 4: 1.8e-6},
	wideSieve:   {3: 4e-6, 4: 9e-7, 5: 2e-7, 6: 1.6e-7},
}

// sieveCost is cost for a sieve with n grams.
func sieveCost(n, gram int, kind sieveKind) float64 {
	return kind.cost + left*min(1, coarse[kind][gram]*float64(n*n))
}

// best returns the tier for the literals, of which the first is the shortest,
// and its cost.
func best(literals []Literal, sieves bool) (t tier, least float64) {
	least = math.Inf(1)
	span := min(maxSpan, len(literals[0].Text))
	for gram := 1; gram <= min(8, span); gram++ {
		if c := cost(len(literals), span, gram); c < least {
			t, least = tier{literals, span, gram, noSieve}, c
		}
	}
	for _, kind := range []sieveKind{narrowSieve, wideSieve} {
		if gram := min(span, kind.gram); sieves && gram >= sieveLeast {
			if c := sieveCost(len(literals), gram, kind); c < least {
				t, least = tier{literals, gram, gram, kind}, c
			}
		}
	}
	return t, least
}

// tiers parts the literals by length so that all scanners together take the
// fewest steps.
func tiers(literals []Literal, sieves bool) []tier {
	literals = slices.Clone(literals)
	slices.SortStableFunc(literals, func(a, b Literal) int { return cmp.Compare(len(a.Text), len(b.Text)) })
	cuts := cuts(literals)
	// A way is how best to part what begins at a cut: its first tier, and the cut
	// behind it.
	type way struct {
		tier
		next int
		cost float64
	}
	ways := make([]way, len(cuts))
	for i := len(cuts) - 2; i >= 0; i-- {
		ways[i].cost = math.Inf(1)
		for next := i + 1; next < len(cuts); next++ {
			t, c := best(literals[cuts[i]:cuts[next]], sieves)
			if c += ways[next].cost; c < ways[i].cost {
				ways[i] = way{t, next, c}
			}
		}
	}
	var parted []tier
	for i := 0; i < len(ways)-1; i = ways[i].next {
		parted = append(parted, ways[i].tier)
	}
	return parted
}

// cuts returns where the literals, ordered by length, may be parted, and their
// number: before those that are longer than the one before, up to the longest span.
func cuts(literals []Literal) []int {
	var cuts []int
	before := 0
	for i, l := range literals {
		if n := min(len(l.Text), maxSpan); n > before {
			cuts, before = append(cuts, i), n
		}
	}
	return append(cuts, len(literals))
}
