package convert

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/watchcat-ci/watchcat/classify"
)

// carried is what a regular expression or text of another tool becomes.
type carried struct {
	pattern, literal string // one of them
	next             string
	unless           []classify.Unless
	changed          []string // what means something else now
}

// fromPython carries over a regular expression of Python's re module that is
// tried on a line or on several: what it asks of the line after the first
// becomes next or unless, as do look-aheads.
func fromPython(text string) (carried, error) {
	pieces, err := splitPython(text)
	if err != nil {
		return carried{}, err
	}
	lines := cutLines(pieces)
	switch {
	case len(lines) > 2:
		return carried{}, errors.New("it asks for three lines in a row, a rule for the line after the match at most")
	case hasAlternatives(pieces) && slices.ContainsFunc(pieces, func(p pyPiece) bool { return p.kind != pyText }):
		return carried{}, errors.New("some of its alternatives look around, or over the end of a line")
	}
	var c carried
	if len(lines) == 2 {
		lines[0] = toLineEnd(lines[0])
	}
	if err := c.firstLine(lines[0]); err != nil {
		return carried{}, err
	}
	if len(lines) == 2 {
		if err := c.secondLine(lines[1]); err != nil {
			return carried{}, err
		}
	}
	return c, c.compiles()
}

// toLineEnd lets pieces reach to the end of the line, as they must if one that
// asks for it follows.
func toLineEnd(pieces []pyPiece) []pyPiece {
	if n := len(pieces) - 1; n > 0 && pieces[n].text == ".*" {
		return pieces[:n]
	}
	return append(slices.Clip(pieces), pyPiece{text: "$"})
}

// compiles returns what is wrong with the regular expressions.
func (c *carried) compiles() error {
	all := []string{c.pattern, c.next}
	for _, u := range c.unless {
		all = append(all, u.Pattern)
	}
	for _, p := range all {
		if _, err := regexp.Compile(p); err != nil {
			return fmt.Errorf("no regular expression of Go's: %w", err)
		}
	}
	return nil
}

// firstLine takes in what is asked of the line of the match.
func (c *carried) firstLine(pieces []pyPiece) error {
	for i, p := range pieces {
		before, after := join(pieces[:i]), join(pieces[i+1:])
		body := "(?:" + p.body + ")"
		switch p.kind {
		case pyText:
			c.pattern += p.text
		case pyAhead:
			if after != "" {
				return fmt.Errorf("the look-ahead %s asks for a second thing on the same line", p.text)
			}
			c.pattern += body
		case pyNotAhead:
			c.forbid(before+body, p.text, before == "^")
		case pyBehind:
			if before != "" {
				return fmt.Errorf("the look-behind %s asks for a second thing on the same line", p.text)
			}
			c.pattern += body
		case pyNotBehind:
			if before != "" {
				return fmt.Errorf("the look-behind %s asks for a second thing on the same line", p.text)
			}
			c.forbid(body+after, p.text, false)
		}
	}
	return nil
}

// forbid lets no line match on which pattern matches; exact says that this is
// all that look asked for.
func (c *carried) forbid(pattern, look string, exact bool) {
	c.unless = append(c.unless, unless(pattern, classify.WithinLine))
	if !exact {
		c.changed = append(c.changed, fmt.Sprintf("a line that has a match with and one without what %s forbids matched, and does not now", look))
	}
}

// secondLine takes in what is asked of the line after that of the match.
func (c *carried) secondLine(pieces []pyPiece) error {
	for len(pieces) > 0 && pieces[len(pieces)-1].text == ".*" {
		pieces = pieces[:len(pieces)-1]
	}
	for i, p := range pieces {
		switch {
		case p.kind == pyNotAhead && i == 0:
			c.unless = append(c.unless, unless("^(?:"+p.body+")", classify.WithinNext))
		case p.kind == pyAhead && i == 0 && len(pieces) == 1:
			c.next = "^(?:" + p.body + ")"
		case p.kind == pyText:
			if c.next == "" {
				c.next = "^"
			}
			c.next += p.text
		default:
			return fmt.Errorf("%s asks for a second thing on the line after the match", p.text)
		}
	}
	if captures(c.next) {
		c.changed = append(c.changed, "what it captures on the line after the match cannot be shown in a message")
	}
	return nil
}

// unless returns an Unless in its simplest form: without what it does not ask
// for, and as plain text where it asks for no more.
func unless(pattern string, within classify.Within) classify.Unless {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return classify.Unless{Pattern: pattern, Within: within}
	}
	if rest := afterAnything(tree); rest != nil {
		tree, pattern = rest, rest.String()
	}
	if tree.Op == syntax.OpLiteral && tree.Flags&syntax.FoldCase == 0 {
		return classify.Unless{Literal: string(tree.Rune), Within: within}
	}
	return classify.Unless{Pattern: pattern, Within: within}
}

// afterAnything returns what stands behind a ".*" or "^.*" at the beginning of a
// regular expression, nil if it does not begin so.
func afterAnything(tree *syntax.Regexp) *syntax.Regexp {
	if tree.Op != syntax.OpConcat {
		return nil
	}
	subs := tree.Sub
	if subs[0].Op == syntax.OpBeginText {
		subs = subs[1:]
	}
	if len(subs) < 2 || subs[0].Op != syntax.OpStar || subs[0].Sub[0].Op != syntax.OpAnyCharNotNL {
		return nil
	}
	if subs = subs[1:]; len(subs) == 1 {
		return subs[0]
	}
	return &syntax.Regexp{Op: syntax.OpConcat, Sub: subs}
}

// pyKind says what a piece of a regular expression is.
type pyKind int

const (
	pyText pyKind = iota
	pyLineEnd
	pyAhead
	pyNotAhead
	pyBehind
	pyNotBehind
)

// pyPiece is a piece of a regular expression: an atom with its quantifier, the
// end of a line, or a look around, with what stands in it.
type pyPiece struct {
	kind pyKind
	text string
	body string
}

// join returns the text of pieces, without what they look for around it.
func join(pieces []pyPiece) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.kind == pyText {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// cutLines cuts pieces at the ends of lines.
func cutLines(pieces []pyPiece) [][]pyPiece {
	lines := [][]pyPiece{nil}
	for _, p := range pieces {
		if p.kind == pyLineEnd {
			lines = append(lines, nil)
			continue
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], p)
	}
	return lines
}

func hasAlternatives(pieces []pyPiece) bool {
	return slices.ContainsFunc(pieces, func(p pyPiece) bool { return p.text == "|" })
}

// looks are the beginnings of groups that look around.
var looks = []struct {
	text string
	kind pyKind
}{{"(?=", pyAhead}, {"(?!", pyNotAhead}, {"(?<=", pyBehind}, {"(?<!", pyNotBehind}}

// splitPython cuts a regular expression into its pieces, and writes what Python
// writes otherwise as Go does.
func splitPython(text string) ([]pyPiece, error) {
	var pieces []pyPiece
	for rest := text; rest != ""; {
		atom := rest[:atomLen(rest)]
		rest = rest[len(atom):]
		quantifier := quantifierText.FindString(rest)
		rest = rest[len(quantifier):]
		p, err := pythonPiece(atom)
		if err != nil {
			return nil, err
		}
		if p.kind != pyText && quantifier != "" {
			return nil, fmt.Errorf("%s%s is nothing that a rule can ask for", atom, quantifier)
		}
		if p.kind == pyText {
			p.text += strings.Replace(quantifier, "{,", "{0,", 1)
		}
		pieces = append(pieces, p)
	}
	return pieces, nil
}

var quantifierText = regexp.MustCompile(`^(?:[*+?]|\{\d*,?\d*\})\??`)

// pythonPiece returns what an atom is.
func pythonPiece(atom string) (pyPiece, error) {
	for _, look := range looks {
		if body, ok := strings.CutPrefix(atom, look.text); ok {
			return lookAround(pyPiece{look.kind, atom, strings.TrimSuffix(body, ")")})
		}
	}
	switch {
	case atom == `\n` || atom == "\n":
		return pyPiece{kind: pyLineEnd, text: atom}, nil
	case len(atom) == 2 && atom[0] == '\\' && atom[1] >= '1' && atom[1] <= '9', strings.HasPrefix(atom, "(?P="):
		return pyPiece{}, fmt.Errorf("%s refers back to a group, which Go's regular expressions cannot", atom)
	case atom == `\Z`:
		return pyPiece{text: "$"}, nil
	case strings.HasPrefix(atom, "(?#"):
		return pyPiece{}, nil
	case strings.HasPrefix(atom, "(") && reachesOn(atom):
		return pyPiece{}, fmt.Errorf("the group %s looks around, or holds the end of a line", atom)
	}
	return pyPiece{text: wideEscape.ReplaceAllString(atom, `\x{$1}`)}, nil
}

var wideEscape = regexp.MustCompile(`\\u([0-9a-fA-F]{4})`)

// lookAround checks what stands in a look around.
func lookAround(p pyPiece) (pyPiece, error) {
	re, err := regexp.Compile(p.body)
	switch {
	case err != nil:
		return pyPiece{}, fmt.Errorf("%s: %w", p.text, err)
	case re.NumSubexp() > 0:
		return pyPiece{}, fmt.Errorf("%s captures", p.text)
	case reachesOn("(?:" + p.body + ")"):
		return pyPiece{}, fmt.Errorf("%s looks over the end of a line", p.text)
	}
	return p, nil
}

// reachesOn reports whether a group looks around or asks for an end of a line
// somewhere in it.
func reachesOn(group string) bool {
	inner := strings.TrimSuffix(group[1:], ")")
	for inner != "" {
		atom := inner[:atomLen(inner)]
		inner = inner[len(atom):]
		if atom == `\n` || atom == "\n" || strings.HasPrefix(atom, "(") && reachesOn(atom) {
			return true
		}
		for _, look := range looks {
			if strings.HasPrefix(atom, look.text) {
				return true
			}
		}
	}
	return false
}

// atomLen returns the length of the atom that text begins with: an escape, a
// class, a group, or a character.
func atomLen(text string) int {
	switch text[0] {
	case '\\':
		if at := wideEscape.FindStringIndex(text); at != nil && at[0] == 0 {
			return at[1]
		}
		return 1 + runeLen(text[1:])
	case '[':
		return classLen(text)
	case '(':
		return groupLen(text)
	}
	return runeLen(text)
}

func runeLen(text string) int {
	_, n := utf8.DecodeRuneInString(text)
	return n
}

// classLen returns the length of the class that text begins with.
func classLen(text string) int {
	i := 1
	if strings.HasPrefix(text[i:], "^") {
		i++
	}
	if strings.HasPrefix(text[i:], "]") {
		i++
	}
	for i < len(text) {
		switch text[i] {
		case '\\':
			i++
		case ']':
			return i + 1
		}
		i++
	}
	return len(text)
}

// groupLen returns the length of the group that text begins with.
func groupLen(text string) int {
	for i := 1; i < len(text); {
		if text[i] == ')' {
			return i + 1
		}
		i += atomLen(text[i:])
	}
	return len(text)
}
