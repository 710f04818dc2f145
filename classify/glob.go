package classify

import (
	"slices"
	"unicode/utf8"
)

// Glob reports whether name as a whole matches pattern, in which "*" stands for
// any text, also for none and for text with "/" in it, and "?" for one
// character. Everything else stands for itself, so no pattern is malformed.
// Upper and lower case differ. It takes time in proportion to the product of
// the lengths at worst.
func Glob(pattern, name string) bool {
	p, n := 0, 0
	star, mark := -1, 0 // the last "*" seen, and what of name it has not yet taken
	for n < len(name) {
		_, size := utf8.DecodeRuneInString(name[n:])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, n
			p++
		case p < len(pattern) && pattern[p] == '?':
			p++
			n += size
		case p < len(pattern) && pattern[p] == name[n]:
			p++
			n++
		case star >= 0:
			_, size = utf8.DecodeRuneInString(name[mark:])
			mark += size
			p, n = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// GlobAny reports whether name matches one of the patterns, as Glob does.
func GlobAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return Glob(p, name) })
}
