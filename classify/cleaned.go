package classify

import (
	"io"
	"iter"
)

// Line is a cleaned line of a log: what rules are tried on.
type Line struct {
	Number int    // of the file's line, from 1; several cleaned lines have one where carriage returns part them
	Text   string // at most MaxLine bytes
	Cut    bool   // the line is longer than MaxLine; the rest of it is left out
}

// Lines yields the cleaned lines of a log, in bounded memory, as they are read.
// At the end comes what went wrong, if something did, with a zero Line: an error
// of r other than io.EOF, or that r is empty or holds no text. It reads some
// hundred KiB ahead; a loop that is broken off waits for a Read under way.
func Lines(r io.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		more := true
		err := readPieces(r, func(p piece) bool {
			if p.first {
				more = yield(Line{p.line, string(p.text), !p.last}, nil)
			}
			return more
		})
		if err != nil && more {
			yield(Line{}, err)
		}
	}
}

// Score returns how much a cleaned line looks like the reason of a failure, by
// the words in it: about 0 for an ordinary line, 2 and more for one worth
// showing. The excerpt of a log that no rule explains is chosen by it.
func Score(line string) float64 { return lineScore([]byte(line)) }
