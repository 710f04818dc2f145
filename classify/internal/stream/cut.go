package stream

import "unicode/utf8"

// The limits of the text that is looked at in one piece.
const (
	// MaxLine is the length in bytes up to which a line is seen whole. A longer
	// one is seen in pieces of that length.
	MaxLine = 64 << 10
	// Overlap is how much two neighbouring pieces have in common at least.
	Overlap = 4 << 10
)

// Cut returns where the first piece of a line ends, and where the next piece
// begins: at the same place if the line is not overlong, which is then its only
// piece. A line is cut where no word is cut, so that \b holds at the cut as it
// would without it; only a run of word characters longer than the overlap is cut
// inside.
func Cut(line []byte) (end, next int) {
	if len(line) <= MaxLine {
		return len(line), len(line)
	}
	end = before(line, MaxLine)
	return end, after(line, end-Overlap)
}

// lastCut returns where the last piece of an overlong line ends that is there as
// a whole, and where the next piece begins.
func lastCut(line []byte) (end, next int) {
	for len(line)-next > MaxLine {
		e, n := Cut(line[next:])
		end, next = next+e, next+n
	}
	return end, next
}

// before returns the last place up to n before which text may end.
func before(text []byte, n int) int {
	for i := n; i > n-Overlap; i-- {
		if c := text[i]; c < utf8.RuneSelf && !IsWord(c) {
			return i
		}
	}
	return runeStart(text, n)
}

// after returns the last place up to n at which text may begin.
func after(text []byte, n int) int {
	for i := n; i > n-Overlap; i-- {
		if c := text[i-1]; c < utf8.RuneSelf && !IsWord(c) {
			return i
		}
	}
	return runeStart(text, n)
}

// runeStart returns the place at or shortly before n at which a rune begins.
func runeStart(text []byte, n int) int {
	for i := n; i > n-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			return i
		}
	}
	return n
}

// IsWord reports whether c is a word character of regexp's \w and \b.
func IsWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}
