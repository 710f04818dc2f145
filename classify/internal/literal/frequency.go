package literal

import (
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
)

// cost returns what it costs to look for a set: its frequency, for what is done
// wherever a text is found, and for each text what it costs to look for it at
// all. That is as much as if it were found here and there, and more for a short
// one, as a scan cannot skip far for it.
func (s Set) cost() float64 {
	sum := 0.0
	for _, t := range s {
		n := float64(len(t.Text))
		sum += Frequency(t.Text) + 1e-6 + 5e-4/(n*n)
	}
	return sum
}

// Frequency estimates the share of the positions of a CI log at which a text
// begins, the case of ASCII letters ignored. It is never 0.
//
// The estimate is that of a chain of bytes, each dependent on the one before
// it, of the kinds that [kindOf] tells apart; and the words that logs are full
// of count for more than the chain says. The figures are those of 546 logs
// of 120 projects, each project as much as another.
func Frequency(text string) float64 {
	return math.Exp2(-model().bits(text))
}

// maxBits bounds how rare a text is, so that its frequency is not 0.
const maxBits = 256

// frequencyText holds the figures, for the eye too. First a line for each kind
// of bytes: its name, how rare one of its bytes is, and how rare one of each
// kind is after it, in the order of the lines. A figure is -log2 of the share,
// in quarters of a bit, as one character from "!" = 0 on. Then a line for each
// word: by how many bits it is less rare than the chain and the shorter words
// in it say, and the word.
//
//go:embed frequency.txt
var frequencyText string

// kinds are the names of the kinds of bytes. A letter stands for both cases, 0
// for the digits, B for the blank, T for the tab, E for the ends of lines, C for
// all other control characters, N for bytes above ASCII; the rest for itself.
const kinds = "abcdefghijklmnopqrstuvwxyz0BTECN!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

// kindOf holds the kind of each byte, as an index into kinds.
var kindOf = func() (of [256]uint8) {
	for c := range of {
		of[c] = uint8(strings.IndexByte(kinds, kindName(byte(c))))
	}
	return of
}()

// kindName returns the name of the kind of a byte.
func kindName(c byte) byte {
	switch {
	case c >= 0x80:
		return 'N'
	case c == ' ':
		return 'B'
	case c == '\t':
		return 'T'
	case c == '\n' || c == '\r':
		return 'E'
	case c < ' ' || c == 0x7f:
		return 'C'
	case '0' <= c && c <= '9':
		return '0'
	}
	return FoldByte(c)
}

// A chain says how rare texts are, in bits.
type chain struct {
	first [len(kinds)]float64             // a byte, by its kind
	next  [len(kinds)][len(kinds)]float64 // a byte after another
	words [len(kinds)][len(kinds)][]word  // by the kinds of their first two bytes
}

// A word is less rare, by so many bits, than the bytes and words in it say.
type word struct {
	text string
	bits float64
}

// model returns the chain that comes with the package.
var model = sync.OnceValue(func() *chain {
	c, err := readChain(frequencyText)
	if err != nil {
		panic(err) // the table is part of the program
	}
	return c
})

// bits returns how rare a text is, as -log2 of its share.
func (c *chain) bits(text string) float64 {
	if text == "" {
		return 0
	}
	before := kindOf[text[0]]
	bits := c.first[before]
	for i := 1; i < len(text); i++ {
		kind := kindOf[text[i]]
		bits += c.next[before][kind]
		for _, w := range c.words[before][kind] {
			if beginsWith(text[i-1:], w.text) {
				bits -= w.bits
			}
		}
		before = kind
	}
	return min(max(bits, 0), maxBits)
}

// beginsWith reports whether text begins with a word, its letters of either case.
func beginsWith(text, word string) bool {
	if len(text) < len(word) {
		return false
	}
	for i := range len(word) {
		if FoldByte(text[i]) != word[i] {
			return false
		}
	}
	return true
}

// readChain reads the figures.
func readChain(text string) (*chain, error) {
	c := &chain{}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < len(kinds) {
		return nil, fmt.Errorf("%d lines, want one for each of %d kinds of bytes", len(lines), len(kinds))
	}
	for i, line := range lines[:len(kinds)] {
		if len(line) != len("a 1 ")+len(kinds) || line[0] != kinds[i] {
			return nil, fmt.Errorf("line %d: %q is not of kind %q", i+1, line, kinds[i])
		}
		c.first[i] = figure(line[2])
		for j := range kinds {
			c.next[i][j] = figure(line[4+j])
		}
	}
	for i, line := range lines[len(kinds):] {
		w, ok := readWord(line)
		if !ok {
			return nil, fmt.Errorf("line %d: %q does not tell of a word", len(kinds)+i+1, line)
		}
		of := &c.words[kindOf[w.text[0]]][kindOf[w.text[1]]]
		*of = append(*of, w)
	}
	return c, nil
}

// readWord reads a word, which has two bytes at least.
func readWord(line string) (w word, ok bool) {
	bits, quoted, _ := strings.Cut(line, " ")
	less, noBits := strconv.ParseFloat(bits, 64)
	text, noText := strconv.Unquote(quoted)
	return word{text, less}, noBits == nil && noText == nil && len(text) >= 2
}

// figure returns the bits that a character of the table stands for.
func figure(c byte) float64 { return float64(c-'!') / 4 }
