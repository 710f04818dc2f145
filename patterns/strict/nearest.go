package strict

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Nearest returns the name among known that name was most likely meant to be,
// or "" if none is close: at most a third of its letters may be wrong, missing,
// too many or swapped with their neighbour; upper and lower case are the same.
func Nearest(name string, known []string) string {
	letters := utf8.RuneCountInString(name)
	best, least := "", max(1, letters/3)+1
	for _, k := range slices.Sorted(slices.Values(known)) {
		if longer := letters - utf8.RuneCountInString(k); k == "" || max(longer, -longer) >= least {
			continue
		}
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// Suggest returns a remedy for a name that is not known: the nearest of those
// that are, else, if they are few, all of them.
func Suggest(name string, known []string) string {
	if near := Nearest(name, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(known) == 0 || len(known) > 12 {
		return ""
	}
	return "known here: " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}

// distance is the number of letters to change, add, remove or swap with their
// neighbour to make b of a (optimal string alignment).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(s)][len(t)]
}
