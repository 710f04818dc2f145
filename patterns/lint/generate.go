package lint

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// maxGenerated is how many lines are made from one pattern.
const maxGenerated = 6

// generate returns a few short lines that an expression most likely matches:
// different branches, and the least or a little more of what repeats. The
// caller tries them: what an assertion such as \b asks for is not looked at.
func generate(re *syntax.Regexp) []string {
	var lines []string
	for i := range maxGenerated {
		var b strings.Builder
		generator{i, &b}.add(re)
		if line := b.String(); !slices.Contains(lines, line) && !strings.ContainsAny(line, "\n\r\x1b") {
			lines = append(lines, line)
		}
	}
	return lines
}

// generator writes the line of that number.
type generator struct {
	number int
	out    *strings.Builder
}

func (g generator) add(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		g.out.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		g.out.WriteRune(pick(re.Rune, g.number))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		g.out.WriteByte("xa0 -."[g.number%6])
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			g.add(sub)
		}
	case syntax.OpAlternate:
		g.add(re.Sub[g.number%len(re.Sub)])
	case syntax.OpStar:
		g.repeat(re.Sub[0], 0)
	case syntax.OpQuest:
		if g.number%2 == 1 {
			g.add(re.Sub[0])
		}
	case syntax.OpPlus:
		g.repeat(re.Sub[0], 1)
	case syntax.OpRepeat:
		g.repeat(re.Sub[0], re.Min)
	}
}

// repeat writes an expression so often, or once more in every third line.
func (g generator) repeat(re *syntax.Regexp, least int) {
	if g.number%3 == 1 && least < 2 {
		least++
	}
	for range min(least, 1000) {
		g.add(re)
	}
}

// pick returns a character of a class, given as pairs of first and last: of
// those that people write, if there is one.
func pick(class []rune, number int) rune {
	has := func(r rune) bool {
		for i := 0; i < len(class); i += 2 {
			if class[i] <= r && r <= class[i+1] {
				return true
			}
		}
		return false
	}
	likely := []rune("a1x/-b7:")
	for i := range likely {
		if r := likely[(i+number)%len(likely)]; has(r) {
			return r
		}
	}
	var fit []rune
	for r := ' '; r < 0x7f; r++ {
		if has(r) {
			fit = append(fit, r)
		}
	}
	switch {
	case len(fit) > 0:
		return fit[number%len(fit)]
	case len(class) > 0:
		return class[0]
	}
	return 'x'
}
