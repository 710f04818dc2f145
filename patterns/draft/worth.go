package draft

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// How much it takes for a pattern to tell its line from others. The worth of a
// line's parts is a rough count of how seldom a line of any log holds them.
const (
	enough = 4.5  // the start: a pattern of less gets more of the line
	ample  = 11.0 // a pattern of this needs no further clause of its line
	little = 1.2  // a line whose words are worth less says too little
)

// small is what the small words of the language are worth.
const small = 0.2

// wordsWorth holds the words that say little, since many lines hold them.
var wordsWorth = wordTable([]wordClass{
	{small, "a an the this that these those it its is are was were be been has have had of in on at to for from by with as or and but if then than so into onto via per not no new all any each out up off over under i you we they he she your our more less only also just when where while which what who how there here"},
	{0.7, "ok done yes true false none null nil void int string bool return end begin start started stop stopped line lines file files name names path type value values data result results number total time date version info debug notice note verbose warning warnings warn error errors fail fails failed failing failure failures passed pass passing success successful successfully skipped skip pending test tests testing spec specs suite case cases example examples assertions build builds building built run runs running ran command script step steps job task tasks stage process exit exited code status make install installed installing installation download downloading downloaded fetch fetching get got set setting using use used load loading loaded update updating updated check checking checked create creating created cache package packages module modules function method class def var let const import include dependencies seconds second sec minutes ms finished finish complete completed log output message main see found expected actual"},
})

// A wordClass is words of one worth.
type wordClass struct {
	worth float64
	words string
}

// wordTable returns the worth of each word.
func wordTable(classes []wordClass) map[string]float64 {
	table := map[string]float64{}
	for _, c := range classes {
		for w := range strings.FieldsSeq(c.words) {
			table[w] = c.worth
		}
	}
	return table
}

// wordWorth returns what it is worth that a pattern asks for a word.
func wordWorth(text string) float64 {
	worth, common := wordsWorth[strings.ToLower(text)]
	switch n := utf8.RuneCountInString(text); {
	case common:
	case n < 3:
		worth = 0.5
	case n < 5:
		worth = 1.2
	default:
		worth = 2
	}
	if utf8.RuneCountInString(text) > 2 && strings.IndexFunc(text, unicode.IsLower) < 0 {
		worth += 0.5 // FAILED
	}
	return worth
}

// worth returns what it is worth that a pattern asks for the token itself.
func (t token) worth() float64 {
	switch t.kind {
	case space, junk:
		return 0
	case punct:
		if strings.Contains(`,.:;()"'`, t.text) {
			return 0.05
		}
		return 0.25
	case word:
		return wordWorth(t.text)
	case number, length, stamp:
		return 1
	case version, address:
		return 2
	}
	return 3
}

// classWorth returns what it is worth that a pattern asks for something of the
// token's kind.
func (t token) classWorth() float64 {
	switch t.kind {
	case hex, address, url, pack, id:
		return 0.5
	case file, pathname:
		if extension(t.text) != "" {
			return 1
		}
	case test:
		return 1.5
	case quoted:
		return 0.4
	}
	return 0.1
}

// saysSomething reports whether there are words or names in a line by which it
// could be known again.
func saysSomething(line []token) bool {
	sum := 0.0
	for _, t := range line {
		switch {
		case t.kind == word && utf8.RuneCountInString(t.text) > 2, t.kind == code, t.kind == strong, t.kind.name():
			sum += t.worth()
		}
	}
	return sum >= little
}
