package patterns

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// neverInLine holds characters that end a line or an escape sequence: rules see
// lines without them.
const neverInLine = "\n\r\x1b"

// pattern checks the pattern or literal, and that it captures what the message
// names.
func (c check) pattern() {
	switch literal, pattern := c.has("literal"), c.has("pattern"); {
	case literal && pattern:
		c.wrong("has both pattern and literal", "leave one of them out", "literal")
		c.regexp()
	case literal:
		c.literal()
		c.captures(nil)
	case pattern:
		if re := c.regexp(); re != nil {
			c.captures(re)
		}
	}
}

func (c check) literal() {
	switch text := c.text.Literal; {
	case text == "":
		c.wrong("literal is empty and would match every line", "give the text to look for", "literal")
	case strings.ContainsAny(text, neverInLine):
		c.wrong(fmt.Sprintf("literal %q can never match: rules see one line at a time, without its end", text),
			"leave out the end of the line", "literal")
	}
}

// regexp returns the compiled pattern, nil if there is something wrong with it.
func (c check) regexp() *regexp.Regexp {
	text := c.text.Pattern
	re, err := regexp.Compile(text)
	if err != nil {
		what, remedy := explain(err)
		c.wrong(what, remedy, "pattern")
		return nil
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return re
	}
	switch {
	case needsNever(tree):
		c.wrong("pattern can never match: rules see one line at a time, without its end", "leave out the end of the line", "pattern")
	case minLen(tree) == 0:
		c.wrong("pattern can match nothing at all, and so every line", "make it ask for some text", "pattern")
	}
	return re
}

// explain says what is wrong with a pattern that does not compile.
func explain(err error) (what, remedy string) {
	what = "bad pattern: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	for _, form := range []string{"(?=", "(?!", "(?<=", "(?<!"} {
		if strings.Contains(what, form) {
			return what, "patterns (RE2) have no look-ahead or look-behind; say in exclude what the line must not hold"
		}
	}
	for digit := '1'; digit <= '9'; digit++ {
		if strings.HasSuffix(what, fmt.Sprintf("`\\%c`", digit)) {
			return what, "patterns (RE2) have no references back to a group"
		}
	}
	return what, "see https://pkg.go.dev/regexp/syntax"
}

// message checks the message by itself.
func (c check) message() {
	text := c.text.Message
	if !c.has("message") {
		return
	}
	switch {
	case strings.TrimSpace(text) == "":
		c.wrong("message is empty", "say in a few words what went wrong", "message")
	case strings.ContainsFunc(text, unicode.IsControl):
		c.wrong(fmt.Sprintf("message %q is not one line of plain text", text), "leave out ends of lines, tabs and other control characters", "message")
	}
}

// captures checks that re captures what the message names; re is nil for a
// literal.
func (c check) captures(re *regexp.Regexp) {
	for _, name := range classify.References(c.text.Message) {
		if !captures(re, name) {
			c.wrong(fmt.Sprintf("message names {%s}, which the pattern does not capture", name), capture(re, name), "message")
		}
	}
}

// captures reports whether re has the group that name stands for.
func captures(re *regexp.Regexp, name string) bool {
	if re == nil {
		return false
	}
	if n, err := strconv.Atoi(name); err == nil {
		return n <= re.NumSubexp()
	}
	return re.SubexpIndex(name) >= 0
}

// capture tells how to get what a message names captured.
func capture(re *regexp.Regexp, name string) string {
	braces := fmt.Sprintf("for the braces themselves write {{%s}}", name)
	if re == nil {
		return "a literal captures nothing; " + braces
	}
	if near := strict.Nearest(name, re.SubexpNames()[1:]); near != "" {
		return fmt.Sprintf("did you mean {%s}?", near)
	}
	if _, err := strconv.Atoi(name); err == nil {
		if re.NumSubexp() == 0 {
			return "put ( and ) around what to capture; " + braces
		}
		return fmt.Sprintf("its last group is {%d}; %s", re.NumSubexp(), braces)
	}
	return fmt.Sprintf("put (?P<%s>…) into the pattern; %s", name, braces)
}

// minLen returns how many characters a match has at least; 0 also stands for
// what can never match.
func minLen(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return minLen(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min * minLen(re.Sub[0])
	case syntax.OpConcat:
		sum := 0
		for _, sub := range re.Sub {
			sum += minLen(sub)
		}
		return sum
	case syntax.OpAlternate:
		least := minLen(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			least = min(least, minLen(sub))
		}
		return least
	}
	return 0
}

// needsNever reports whether every match has a character that no line has.
func needsNever(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return strings.ContainsAny(string(re.Rune), neverInLine)
	case syntax.OpCharClass:
		return onlyNever(re.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return needsNever(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min > 0 && needsNever(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if needsNever(sub) {
				return true
			}
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if !needsNever(sub) {
				return false
			}
		}
		return true
	}
	return false
}

// onlyNever reports whether a class, given as pairs of first and last, has no
// character that a line may have.
func onlyNever(class []rune) bool {
	for i := 0; i < len(class); i += 2 {
		for r := class[i]; r <= class[i+1]; r++ {
			if !strings.ContainsRune(neverInLine, r) {
				return false
			}
		}
	}
	return len(class) > 0
}
