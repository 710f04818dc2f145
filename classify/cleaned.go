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
// of r other than io.EOF, or that r is empty or holds no text.
func Lines(r io.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		in := &stoppable{r: r}
		err := readPieces(in, func(p piece) {
			if p.first && !in.stopped {
				in.stopped = !yield(Line{p.line, string(p.text), !p.last}, nil)
			}
		})
		if err != nil && !in.stopped {
			yield(Line{}, err)
		}
	}
}

// stoppable is a reader that ends early once stopped.
type stoppable struct {
	r       io.Reader
	stopped bool
}

func (s *stoppable) Read(p []byte) (int, error) {
	if s.stopped {
		return 0, io.EOF
	}
	return s.r.Read(p)
}

// Score returns how much a cleaned line looks like the reason of a failure, by
// the words in it: about 0 for an ordinary line, 2 and more for one worth
// showing. The excerpt of a log that no rule explains is chosen by it.
func Score(line string) float64 { return lineScore([]byte(line)) }
