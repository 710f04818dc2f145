package lint

import (
	"fmt"
	"regexp"
	"strings"
)

// Forms of what the engine takes off a line, as patterns write it.
var (
	// stampForm is what an anchored time stamp looks like once digits that
	// patterns ask for are written as d: at least a year and a dash, or an hour
	// and a colon.
	stampForm = regexp.MustCompile(`^\[?(?:dddd-|dd:)`)
	// colorForm is a colour's end, or what is left of it without its beginning.
	colorForm = regexp.MustCompile(`\[\d{1,2}(?:;\d{1,3})*m|^\d{1,2}(?:;\d{1,3})+m|;\d{1,2}m|^m(?:Error|Warning|Notice|Info|Debug|ERROR|WARNING|FAILED|Failed|fatal)\b`)
)

// stamps finds patterns that begin with a time stamp at the beginning of the
// line, which the engine takes away before rules see the line.
func (p *pass) stamps(r *rule, t *text) {
	if len(t.tokens) == 0 || t.tokens[0].text != "^" && t.tokens[0].text != `\A` || isResult(r) {
		return
	}
	if !stampForm.MatchString(shape(t.tokens[1:])) || len(r.lines) > 0 && t == r.main {
		return // a test shows that there are such lines
	}
	p.report("W011", r, t.path, "begins with a time stamp, which is taken off the line before rules see it: most likely it never matches",
		"take the time stamp away; begin with what stands after it")
}

// shape returns what the beginning of a pattern asks for: d for a digit, other
// plain characters as they are, up to anything else.
func shape(tokens []token) string {
	var b strings.Builder
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		is := ""
		switch {
		case t.kind == tokClass && (t.text == `\d` || t.text == "[0-9]" || t.text == "[012]" || t.text == "[0-2]" || t.text == "[0-5]"):
			is = "d"
		case t.kind == tokChar && strings.Trim(t.text, "0123456789") == "":
			is = "d"
		case t.kind == tokChar:
			is = strings.TrimPrefix(t.text, `\`)
		case t.kind == tokOpen:
			continue
		default:
			return b.String()
		}
		if i+1 < len(tokens) && tokens[i+1].kind == tokRepeat {
			switch tokens[i+1].text {
			case "?": // may be there or not: what comes after it tells
				is = ""
			case "{2}", "{1,2}":
				is += is
			case "{4}":
				is = strings.Repeat(is, 4)
			case "+":
				return b.String() + is
			default:
				return b.String()
			}
			i++
		}
		b.WriteString(is)
	}
	return b.String()
}

// escapes finds patterns that look for colours.
func (p *pass) escapes(r *rule, t *text) {
	plain := ""
	for _, run := range runs(t) {
		if found := colorForm.FindString(run); found != "" {
			plain = found
			break
		}
	}
	if plain == "" && !strings.Contains(t.pattern, `\x1b`) && !strings.Contains(t.pattern, `\033`) {
		return
	}
	if len(r.lines) > 0 && t == r.main && plain != "" {
		return // a test shows that there are such lines
	}
	what := "looks for escape sequences"
	if plain != "" {
		what = fmt.Sprintf("looks for %q, the rest of an escape sequence", plain)
	}
	p.report("W012", r, t.path, what+"; colours are taken off the line before rules see it", "look for the text without its colour")
}

// runs returns the plain texts of a pattern, broken where it is none.
func runs(t *text) []string {
	list := []string{""}
	for _, tok := range t.tokens {
		if tok.kind == tokChar {
			list[len(list)-1] += strings.TrimPrefix(tok.text, `\`)
		} else {
			list = append(list, "")
		}
	}
	return list
}
