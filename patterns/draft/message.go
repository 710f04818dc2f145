package draft

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestMessage is the number of characters that a message is cut to.
const longestMessage = 160

// message returns the message: what the pattern asks for, as English as it is,
// with captures for what was captured and "…" for what differs otherwise.
func (s *shape) message() string {
	var text strings.Builder
	for i := s.opening(); i < s.to; i++ {
		if end := s.aside(i); end > i {
			i = end
			continue
		}
		text.WriteString(s.said(i))
	}
	return polish(text.String())
}

// said returns what the message says for a token.
func (s *shape) said(i int) string {
	t := s.line[i]
	switch {
	case t.kind == space:
		return " "
	case t.kind == junk:
		return "…"
	case s.names[i] != "":
		return "{" + s.names[i] + "}"
	case s.tails[i]:
		return plainBraces.Replace(baseOf(t.text))
	case t.text == ":" && i+1 < s.to && s.line[i+1].kind == number && !s.kept[i+1] && s.inPlace(i+1):
		return ""
	case s.kept[i]:
		return plainBraces.Replace(t.text)
	case t.kind == number && s.inPlace(i):
		return ""
	}
	return "…"
}

// plainBraces writes braces as a message does.
var plainBraces = strings.NewReplacer("{", "{{", "}", "}}")

// inPlace reports whether a number belongs to a place, "main.c:12:5".
func (s *shape) inPlace(i int) bool {
	if i-1 < s.from || s.line[i-1].text != ":" {
		return false
	}
	return i-2 >= s.from && (s.line[i-2].kind == pathname || s.line[i-2].kind == file || s.line[i-2].kind == number)
}

// opening returns where the message begins: behind bullets, the severity and
// tags in brackets.
func (s *shape) opening() int {
	at := s.from
	for i := s.from; i < s.to; i++ {
		t, after := s.line[i], token{}
		if i+1 < s.to {
			after = s.line[i+1]
		}
		switch {
		case t.kind == space:
		case t.text == "[" && after.kind != space && !severity[strings.ToLower(after.text)]:
			return at
		case t.kind == punct && !strings.Contains("{<(", t.text):
		case t.kind == word && severity[strings.ToLower(t.text)] && after.kind == punct:
		case t.kind == number && strings.Contains(").", after.text) && after.text != "":
		default:
			return at
		}
		if t.kind == space || t.kind == punct && i+1 < s.to && s.line[i+1].kind != space {
			at = i + 1
		}
		if !saysSomething(s.line[i+1 : s.to]) {
			return at
		}
	}
	return s.from
}

// severity holds the words that lines begin with to say how bad they are.
var severity = words("error err e warning warn w fatal info i critical failure severe note")

// aside returns the end of brackets that begin at a token and hold nothing that
// a message keeps; the beginning where there are none.
func (s *shape) aside(from int) int {
	if t := s.line[from]; t.text != "(" && t.text != "[" {
		return from
	}
	for i := from + 1; i < s.to; i++ {
		switch t := s.line[i]; {
		case t.text == ")" || t.text == "]":
			return i
		case s.names[i] != "", s.tails[i], s.kept[i] && t.kind != space && t.kind != punct:
			return from
		}
	}
	return from
}

// polish makes a sentence of what was put together.
func polish(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text)
	text = repeatedGap.ReplaceAllString(strings.Join(strings.Fields(text), " "), "…")
	text = position.ReplaceAllString(text, "$1")
	return shorten(strings.TrimLeft(trimEnd(text), " .,:;|)]…"))
}

// repeatedGap are several "…" in a row.
var repeatedGap = regexp.MustCompile(`…(?:[ :,.;/-]*…)+`)

// position is a line or column that is another each time.
var position = regexp.MustCompile(`(?:[,:]| at| on| in| from)? ?\b(?:lines?|col(?:umn)?|page) …(?:[-–:]*…)?(?: of)?|: …(:)`)

// trimEnd takes from the end of a message what only led to something left out.
func trimEnd(text string) string {
	for {
		short := strings.TrimRight(text, " .,:;-–—(|[<=@#+&…")
		for _, mark := range []string{`"`, "'", "`"} {
			if strings.Count(short, mark)%2 == 1 {
				short = strings.TrimSuffix(short, mark)
			}
		}
		if len(short) == len(text) {
			return text
		}
		for {
			i := strings.LastIndexByte(short, ' ')
			if i <= 0 || !dangling[strings.ToLower(short[i+1:])] {
				break
			}
			short = short[:i]
		}
		text = short
	}
}

// dangling holds words that no message ends in.
var dangling = words("at in on of to for from by with line lines column after is was and the a an : page as near")

// shorten cuts a message at a word.
func shorten(text string) string {
	runes := []rune(text)
	if len(runes) <= longestMessage {
		return text
	}
	cut := string(runes[:longestMessage])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	if i := strings.LastIndexAny(cut, "{}"); i >= 0 && cut[i] == '{' {
		cut = strings.TrimRight(cut[:i], "{ ") // no half of a capture or of a doubled brace
	}
	return cut + "…"
}

// negation holds small words that change what the others say.
var negation = words("not no")

// longestID is the number of bytes of an id.
const longestID = 48

// id returns an id made of the words that the pattern asks for.
func (s *shape) id() string {
	var parts []string
	for i := s.opening(); i < s.to && len(parts) < 5; i++ {
		t := s.line[i]
		if !s.kept[i] && !s.tails[i] || t.kind == punct || t.kind == space || (wordsWorth[strings.ToLower(t.text)] == small || position.MatchString(t.text+" …")) && !negation[strings.ToLower(t.text)] {
			continue
		}
		text := t.text
		if s.tails[i] || t.kind == pathname {
			text = baseOf(text)
		}
		parts = append(parts, strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9')
		})...)
	}
	for _, name := range s.names {
		if name != "" && len(parts) < 2 {
			parts = append(parts, strings.TrimRight(name, "0123456789"))
		}
	}
	parts = slices.Compact(parts[:min(len(parts), 6)])
	id := strings.Join(parts, "-")
	for len(id) > longestID && strings.Contains(id, "-") {
		id = id[:strings.LastIndexByte(id, '-')]
	}
	id = id[:min(len(id), longestID)]
	if id == "" {
		return "log-line"
	}
	return id
}
