package literal

import "math"

// Frequency estimates the share of the positions of a CI log at which a text
// begins, the case of ASCII letters ignored. It is never 0.
func Frequency(text string) float64 {
	return math.Exp2(-4 * float64(min(len(text), 64)))
}

// perText is what it costs to look for one more text, whatever its frequency:
// as much as one that is found once in a million positions.
const perText = 1e-6

// cost returns what it costs to look for a set.
func (s Set) cost() float64 {
	sum := 0.0
	for _, t := range s {
		sum += Frequency(t.Text) + perText
	}
	return sum
}
