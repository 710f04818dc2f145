package draft

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// captures is how many parts of a line a message names.
const captures = 2

// telling is how much each kind of token says of what went wrong.
var telling = map[kind]int{
	test: 9, pack: 8, quoted: 7, pathname: 6, file: 6, symbol: 5, host: 4, url: 4, version: 3, address: 2, number: 1,
}

// called holds what captures are called by kind.
var called = map[kind]string{
	test: "test", pack: "package", quoted: "name", pathname: "path", file: "file", symbol: "name",
	host: "host", url: "url", version: "version", address: "address", number: "count",
}

// announced holds words that say what the next name is, and what it is called then.
var announced = words(`function method class module package library property variable option flag symbol type
	field command host user target task step job rule key attribute plugin dependency image repository branch ref tag
	revision commit test suite file directory folder path port address server version status code signal device
	interface table column database service container process program tool gem crate artifact resource import argument
	parameter expected actual`)

// otherwise holds words that announce a name under another word.
var otherwise = map[string]string{
	"got": "actual", "but": "actual", "found": "actual", "dir": "directory", "func": "function",
	"def": "function", "repo": "repository", "exited": "code", "signal": "signal", "import": "module", "from": "source",
}

// linking holds words between a word that announces a name and the name.
var linking = words("is are was named called of to")

// words returns a set of words.
func words(text string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		set[w] = true
	}
	return set
}

// capture chooses the tokens that are captured and names them.
func (s *shape) capture() {
	clear(s.names)
	var best []int
	for i := s.from; i < s.to; i++ {
		if !s.kept[i] && !s.tails[i] && s.telling(i) > 0 {
			best = append(best, i)
		}
	}
	slices.SortStableFunc(best, func(a, b int) int { return cmp.Compare(s.telling(b), s.telling(a)) })
	best = best[:min(len(best), captures)]
	slices.Sort(best)
	for _, i := range best {
		s.names[i] = s.unused(s.call(i))
	}
	s.forget()
}

// telling returns how much a token says of what went wrong.
func (s *shape) telling(i int) int {
	t := s.line[i]
	switch {
	case t.kind != number:
		return telling[t.kind]
	case s.isPosition(i):
		return 0
	case s.announcement(i) != "":
		return 3
	}
	return telling[number]
}

// isPosition reports whether a number is that of a line or column, or one in a list.
func (s *shape) isPosition(i int) bool {
	before := func(n int) token {
		if i-n < s.from {
			return token{}
		}
		return s.line[i-n]
	}
	switch b := before(1); {
	case i == s.from, b.text == ":", b.text == "(", b.text == "[", b.text == "#", b.text == ",", b.text == "-":
		return true
	case b.kind == space:
		switch strings.ToLower(before(2).text) {
		case "line", "lines", "column", "col", "page", ":", "", "-", "at":
			return true
		}
		return before(3).text == ":"
	}
	return false
}

// announcement returns what the word before a token says that the token is, ""
// if there is no such word.
func (s *shape) announcement(i int) string {
	for j := i - 1; j >= max(s.from, i-5); j-- {
		switch t := s.line[j]; {
		case t.kind == space, t.kind == punct && strings.Contains(":=(<'", t.text):
		case t.kind == word && linking[strings.ToLower(t.text)]:
		case t.kind == word:
			w := strings.ToLower(t.text)
			switch {
			case announced[w]:
				return w
			case otherwise[w] == "actual" && !s.expects(i):
				return ""
			}
			return otherwise[w]
		default:
			return ""
		}
	}
	return ""
}

// expects reports whether the line says before a token what was expected.
func (s *shape) expects(i int) bool {
	return slices.ContainsFunc(s.line[s.from:i], func(t token) bool {
		return t.kind == word && strings.HasPrefix(strings.ToLower(t.text), "expect")
	})
}

// call returns the name that a captured token gets.
func (s *shape) call(i int) string {
	t := s.line[i]
	if t.kind == test || t.kind == pack {
		return called[t.kind]
	}
	if name := s.announcement(i); name != "" {
		return name
	}
	k := t.kind
	if noun := s.noun(i); k == number && noun != "" {
		return noun
	}
	if k == quoted {
		_, inner, _ := unquote(t.text)
		if parts := tokens(inner); len(parts) == 1 && called[parts[0].kind] != "" {
			k = parts[0].kind
		}
	}
	if k == pathname && extensionText(t.text) != "" {
		k = file
	}
	return called[k]
}

// noun returns the word right before a number that is none of a count, "" if
// there is none: "stage 12", but not "found 12 errors".
func (s *shape) noun(i int) string {
	if i < s.from+2 || s.line[i-1].kind != space || i+2 < len(s.line) && s.line[i+2].kind == word {
		return ""
	}
	w := strings.ToLower(s.line[i-2].text)
	if s.line[i-2].kind != word || wordsWorth[w] == small || strings.ContainsFunc(w, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return ""
	}
	return w
}

// unused returns a name that no capture has yet.
func (s *shape) unused(name string) string {
	for n := 2; ; n++ {
		if !slices.Contains(s.names, name) {
			return name
		}
		name = fmt.Sprintf("%s%d", strings.TrimRight(name, "0123456789"), n)
	}
}

// forget gives up captures that the message does not name.
func (s *shape) forget() {
	message := s.message()
	for i, name := range s.names {
		if name != "" && !strings.Contains(message, "{"+name+"}") {
			s.names[i] = ""
		}
	}
}
