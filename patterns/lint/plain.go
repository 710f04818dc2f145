package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// plainText finds dots and parentheses that stand in plain text and most likely
// are meant to be plain text as well.
func (p *pass) plainText(r *rule, t *text) {
	var edits []edit
	for i, tok := range t.tokens {
		if tok.kind == tokDot && plainDot(t.tokens, i) {
			edits = append(edits, edit{tok.at, tok.end(), `\.`})
		}
	}
	if len(edits) > 0 {
		f := p.report("W007", r, t.path, fmt.Sprintf("the dot in %q stands for any character", around(t.pattern, edits[0])), `write \. for the dot itself`)
		p.fixable(f, r, t, edits...)
	}
	for _, tok := range t.tokens {
		if tok.captures() && p.plainGroup(t, tok) && !p.uses(r, t, tok) {
			end := groupEnd(t.tokens, tok)
			f := p.report("W008", r, t.path, fmt.Sprintf("the parentheses of %q are a group, not text", t.pattern[tok.at:end.end()]), `write \( and \) for the parentheses themselves`)
			p.fixable(f, r, t, edit{tok.at, tok.end(), `\(`}, edit{end.at, end.end(), `\)`})
		}
	}
}

// around returns what stands about an edit, to show it: the word, or the two
// before it if it ends in it.
func around(pattern string, e edit) string {
	inWord := func(c byte) bool { return isWord(c) || c == '.' || c == '-' || c == '/' }
	start, end := e.start, e.end
	for end < len(pattern) && inWord(pattern[end]) {
		end++
	}
	for words := 0; start > 0 && (inWord(pattern[start-1]) || end == e.end && pattern[start-1] == ' ' && words == 0); start-- {
		if pattern[start-1] == ' ' {
			words++
		}
	}
	return pattern[start:end]
}

// plainDot reports whether a dot is not repeated and joins two words, as in
// foo.bar and setup.py, or ends a sentence.
func plainDot(tokens []token, i int) bool {
	if i+1 < len(tokens) && tokens[i+1].kind == tokRepeat {
		return false
	}
	before, after := wordBefore(tokens, i), wordAfter(tokens, i)
	switch {
	case len(before) == 0:
		return len(after) > 1 && i > 0 && tokens[i-1].kind == tokClose && extension[after]
	case i == len(tokens)-1:
		return len(before) > 2 && strings.ContainsAny(before, "abcdefghijklmnopqrstuvwxyz") && sentence(tokens)
	case extension[after], isNumber(before) && isNumber(after):
		return true
	}
	return len(before) > 1 && len(after) > 1
}

// extension holds words that follow a dot in names of files, units and hosts.
var extension = words(`a c cc cpp h hpp o so go rs py pyc rb js ts jsx tsx mjs java class jar war php pl sh bash ps1 bat exe dll
		txt log md rst json yaml yml xml html htm css toml ini cfg conf lock sql csv tar gz tgz xz zip bz2 whl rpm deb
		qcow2 img iso service socket timer target mount com org net io dev edu`)

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(text) {
		set[word] = true
	}
	return set
}

// wordBefore returns the letters and digits that stand right before a token.
func wordBefore(tokens []token, i int) string {
	start := i
	for start > 0 && tokens[start-1].word() {
		start--
	}
	return join(tokens[start:i])
}

// wordAfter returns the letters and digits that stand right after a token, less
// one that is repeated.
func wordAfter(tokens []token, i int) string {
	end := i + 1
	for end < len(tokens) && tokens[end].word() {
		end++
	}
	if end < len(tokens) && tokens[end].kind == tokRepeat && end > i+1 {
		end--
	}
	return join(tokens[i+1 : end])
}

func join(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(t.text)
	}
	return b.String()
}

func isNumber(word string) bool {
	return word != "" && strings.Trim(word, "0123456789") == ""
}

// sentence reports whether a pattern has several words of plain text at its end.
func sentence(tokens []token) bool {
	plain := 0
	for _, t := range slices.Backward(tokens[:len(tokens)-1]) {
		if t.kind != tokChar {
			break
		}
		if t.text == " " {
			plain++
		}
	}
	return plain > 1
}

// groupEnd returns what closes the group that a token opens.
func groupEnd(tokens []token, open token) token {
	depth := 0
	for _, t := range tokens {
		if t.at < open.at {
			continue
		}
		switch t.kind {
		case tokOpen:
			depth++
		case tokClose:
			if depth--; depth == 0 {
				return t
			}
		}
	}
	return token{at: len(tokens)}
}

// plainGroup reports whether a token opens a group without a name that holds
// plain text and is not repeated, in a pattern whose author escaped nothing and
// repeats nothing: as a group it would be of no use, as text it makes sense.
func (p *pass) plainGroup(t *text, open token) bool {
	if !open.captures() || !plainPattern(t.tokens) {
		return false
	}
	start := slices.Index(t.tokens, open)
	for i, tok := range t.tokens[start+1:] {
		if tok.kind == tokClose {
			next := start + i + 2
			return next >= len(t.tokens) || t.tokens[next].kind != tokRepeat
		}
		if tok.kind != tokChar && tok.kind != tokDot {
			return false
		}
	}
	return false
}

// plainPattern reports whether a pattern has nothing in it that only somebody
// writes who knows that it is one.
func plainPattern(tokens []token) bool {
	return !slices.ContainsFunc(tokens, func(t token) bool {
		return t.escaped || t.kind == tokFlags || t.kind == tokBar || t.kind == tokClass && !looksLikeWord(strings.Trim(t.text, "[]")) ||
			t.kind == tokRepeat || t.kind == tokOpen && !t.captures()
	})
}

// uses reports whether a rule's message shows what a group captures.
func (p *pass) uses(r *rule, t *text, open token) bool {
	return t == r.main && slices.Contains(numbers(r), slices.Index(openings(t.tokens), open)+1)
}

// wordClass is what is in brackets where a word was meant.
var wordClass = regexp.MustCompile(`^(?i:error|err|warn|warning|info|debug|fatal|fail|failed|failure|notice|main|trace|critical|severe|exception|panic|ok|step|note|todo|test|build)s?[:!]?$`)

// classes finds classes of characters that are no such thing.
func (p *pass) classes(r *rule, t *text) {
	for _, tok := range t.tokens {
		if tok.kind != tokClass || tok.text[0] != '[' {
			continue
		}
		body := strings.TrimSuffix(tok.text[1:], "]")
		not, negated := strings.CutPrefix(body, "^")
		switch {
		case strings.Contains(body, "A-z"):
			p.report("W009", r, t.path, fmt.Sprintf("%s holds [ \\ ] ^ _ and ` besides the letters", tok.text), "write A-Za-z")
		case negated && (isNumber(not) && !strings.Contains(not[1:], not[:1]) && repeated(t.tokens, tok) || wordClass.MatchString(not)):
			p.report("W010", r, t.path, fmt.Sprintf("%s stands for any other characters, blanks and brackets too, not for another number or word", tok.text), notRemedy(not))
		case !negated && looksLikeWord(body) && !repeated(t.tokens, tok):
			f := p.report("W009", r, t.path, fmt.Sprintf("%s stands for one of these characters, not for the word", tok.text), fmt.Sprintf(`write \[%s\] for the brackets themselves, (?:%s) for the word`, body, body))
			p.fixable(f, r, t, edit{tok.at, tok.end(), `\[` + body + `\]`})
		}
	}
}

// notRemedy says what to write for "not this".
func notRemedy(not string) string {
	if isNumber(not) {
		return `write [1-9]\d* for a number that is not 0`
	}
	return "say what it may be, and put the word into unless or exclude"
}

// repeated reports whether a token is.
func repeated(tokens []token, t token) bool {
	i := slices.Index(tokens, t)
	return i+1 < len(tokens) && tokens[i+1].kind == tokRepeat
}

// looksLikeWord reports whether what stands in brackets is a word: a well-known
// one, a digit by itself, or one in which a letter comes twice; a class has no
// use for these.
func looksLikeWord(body string) bool {
	if wordClass.MatchString(body) || len(body) == 1 && isNumber(body) {
		return true
	}
	if len(body) < 4 || strings.ContainsFunc(body, func(r rune) bool { return r > 'z' || !isWord(byte(r)) }) {
		return false
	}
	for i := range body {
		if strings.IndexByte(body[i+1:], body[i]) >= 0 {
			return true
		}
	}
	return false
}
