package patterns

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// pattern checks the rule's own pattern or literal, and that it captures what
// the message names. It returns nil if there is something wrong with it.
func (c check) pattern() *expr {
	switch literal, pattern := c.keys["literal"], c.keys["pattern"]; {
	case literal && pattern:
		c.wrong("has both pattern and literal", "leave one of them out", "literal")
		c.regexp(c.text.Pattern, "pattern")
	case literal:
		c.captures(nil)
		return c.literal(c.text.Literal, "literal")
	case pattern:
		e := c.regexp(c.text.Pattern, "pattern")
		if e != nil {
			c.captures(e.tree)
		}
		return e
	}
	return nil
}

// literal checks a plain text to look for, which stands at key. It returns nil
// if there is something wrong with it.
func (c check) literal(text string, key ...any) *expr {
	switch {
	case c.failed(key...):
	case text == "":
		c.wrong("literal is empty and would match every line", "give the text to look for", key...)
	case strings.ContainsAny(text, neverInLine):
		c.wrong(fmt.Sprintf("literal %q can never match: rules see one line at a time, without its end", text),
			"leave out the end of the line", key...)
	default:
		return &expr{source: text}
	}
	return nil
}

// regexp checks a regular expression, which stands at key. It returns nil if
// there is something wrong with it.
func (c check) regexp(text string, key ...any) *expr {
	if c.failed(key...) {
		return nil
	}
	name := key[len(key)-1]
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		what, remedy := explain(err)
		c.wrong(fmt.Sprintf("bad %s: %s", name, what), remedy, key...)
		return nil
	}
	e := &expr{source: text, tree: tree}
	switch {
	case needs(tree, neverText):
		c.wrong(fmt.Sprintf("%s can never match: rules see one line at a time, without its end", name),
			"leave out the end of the line; what must be on the line after it goes into next", key...)
	case needs(tree, neverPlace):
		c.wrong(fmt.Sprintf("%s can never match: it asks for text before the beginning or behind the end of a line", name),
			`put ^ first and $ last; for the characters themselves write \^ and \$`, key...)
	case len(key) == 1 && name == "pattern" && e.everyLine():
		c.wrong("pattern can match nothing at all, and so every line", "make it ask for some text", key...)
	case len(key) == 1 && name == "pattern" && minLen(tree) == 0:
		c.wrong("pattern can match a line without any text", "make it ask for some text", key...)
	case e.everyLine():
		c.wrong(fmt.Sprintf("%s matches every line", name), "make it ask for some text, or leave it out", key...)
	default:
		return e
	}
	return nil
}

// expr checks the pattern or the literal of the element at key, of which it has
// at most one. It returns nil if there is none, or something is wrong with it.
func (c check) expr(pattern, literal string, key ...any) *expr {
	p, l := append(key[:len(key):len(key)], "pattern"), append(key[:len(key):len(key)], "literal")
	switch {
	case c.holds(p...) && c.holds(l...):
		c.wrong("has both pattern and literal", "leave one of them out", l...)
	case c.holds(p...):
		return c.regexp(pattern, p...)
	case c.holds(l...):
		return c.literal(literal, l...)
	}
	return nil
}

// lookAround are the forms of other engines that say what is around a match,
// and what to use instead.
var lookAround = []struct{ form, remedy string }{
	{"(?!", `say what the line must not hold in exclude (plain text) or unless (a pattern), and what the next line must not be in unless with within = "next"`},
	{"(?<!", "say what the line must not hold in exclude (plain text) or unless (a pattern)"},
	{"(?=", "put what must follow into the pattern itself, and what must be on the next line into next"},
	{"(?<=", "put what goes before into the pattern itself, and capture the rest: (…)"},
}

// explain says what is wrong with a pattern that does not compile.
func explain(err error) (what, remedy string) {
	what = strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	for _, look := range lookAround {
		if strings.Contains(what, look.form) {
			return what, "patterns (RE2) have no look-ahead or look-behind: " + look.remedy
		}
	}
	if strings.HasSuffix(what, "`(?P`") {
		return what, "write (?P<name>…) to capture; patterns (RE2) have no references back to a group"
	}
	for digit := '1'; digit <= '9'; digit++ {
		if strings.HasSuffix(what, fmt.Sprintf("`\\%c`", digit)) {
			return what, "patterns (RE2) have no references back to a group: spell out the texts that may come twice, (?:aa|bb), or look for the second one in next or all"
		}
	}
	if strings.HasSuffix(what, "`\\Z`") {
		return what, "write $ for the end of the line"
	}
	return what, "see https://pkg.go.dev/regexp/syntax"
}

// message checks the message by itself.
func (c check) message() {
	text := c.text.Message
	if !c.keys["message"] {
		return
	}
	switch {
	case strings.TrimSpace(text) == "":
		c.wrong("message is empty", "say in a few words what went wrong", "message")
	case strings.ContainsFunc(text, unicode.IsControl):
		c.wrong(fmt.Sprintf("message %q is not one line of plain text", text), "leave out ends of lines, tabs and other control characters", "message")
	}
}

// captures checks that a pattern captures what the message names; nil stands
// for a literal.
func (c check) captures(re *syntax.Regexp) {
	for _, name := range classify.References(c.text.Message) {
		if !captures(re, name) {
			c.wrong(fmt.Sprintf("message names {%s}, which the pattern does not capture", name), capture(re, name), "message")
		}
	}
}

// captures reports whether re has the group that name stands for.
func captures(re *syntax.Regexp, name string) bool {
	if re == nil {
		return false
	}
	if n, err := strconv.Atoi(name); err == nil {
		return n <= re.MaxCap()
	}
	return slices.Contains(re.CapNames(), name)
}

// capture tells how to get what a message names captured.
func capture(re *syntax.Regexp, name string) string {
	braces := fmt.Sprintf("for the braces themselves write {{%s}}", name)
	if re == nil {
		return "a literal captures nothing; " + braces
	}
	if near := strict.Nearest(name, re.CapNames()[1:]); near != "" {
		return fmt.Sprintf("did you mean {%s}?", near)
	}
	if _, err := strconv.Atoi(name); err == nil {
		if re.MaxCap() == 0 {
			return "put ( and ) around what to capture; " + braces
		}
		return fmt.Sprintf("its last group is {%d}; %s", re.MaxCap(), braces)
	}
	return fmt.Sprintf("put (?P<%s>…) into the pattern; %s", name, braces)
}
