package draft

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pattern returns a regular expression for tokens of t's kind. With a name,
// what tells one from another is captured. After is the character behind the
// token, 0 at the end of the line.
func (t token) pattern(name string, after rune) string {
	capture := func(re string) string {
		if name == "" {
			return re
		}
		return "(?P<" + name + ">" + re + ")"
	}
	if t.kind == quoted {
		open, inner, closing := unquote(t.text)
		return regexp.QuoteMeta(open) + capture(quotedClass(inner, closing)) + regexp.QuoteMeta(closing)
	}
	return capture(t.class(after))
}

// unquote parts a quoted text from its quotes.
func unquote(text string) (open, inner, closing string) {
	_, first := utf8.DecodeRuneInString(text)
	_, last := utf8.DecodeLastRuneInString(text)
	return text[:first], text[first : len(text)-last], text[len(text)-last:]
}

// quotedClass returns what stands for a text within quotes.
func quotedClass(inner, closing string) string {
	if strings.Contains(inner, closing) {
		return `.+?`
	}
	return `[^` + closing + `]+`
}

// class returns what stands for a token of t's kind that is not quoted.
func (t token) class(after rune) string {
	switch t.kind {
	case junk:
		return `.?`
	case number:
		if strings.ContainsAny(t.text, ".,") {
			return `\d[\d.,]*`
		}
		return `\d+`
	case hex:
		return `0[xX][0-9a-fA-F]+`
	case length:
		if strings.HasSuffix(t.text, "%") {
			return `\d[\d.,]*%`
		}
		return `\d[\w.,]*`
	case version:
		return `v?\d[\w.+~-]*`
	case url:
		scheme, _, _ := strings.Cut(t.text, "://")
		if scheme == "http" || scheme == "https" {
			scheme = "https?"
		} else {
			scheme = regexp.QuoteMeta(scheme)
		}
		return scheme + "://" + notSpace(t.text, after)
	case pathname:
		return notSpace(t.text, after) + extension(t.text)
	case file:
		return characters(strings.TrimSuffix(t.text, extensionText(t.text))) + extension(t.text)
	case pack:
		return notSpace(t.text, after)
	case test:
		return testClass(t.text, after)
	}
	return characters(t.text)
}

// notSpace returns what stands for a text without blanks, which the character
// behind it ends if it is not in the text.
func notSpace(text string, after rune) string {
	if after == 0 || unicode.IsSpace(after) || after >= utf8.RuneSelf || strings.ContainsRune(text, after) || unicode.IsLetter(after) || unicode.IsDigit(after) {
		return `\S+`
	}
	return `[^\s` + escaped(after) + `]+`
}

// escaped returns an ASCII character as it is written in a class.
func escaped(r rune) string {
	if strings.ContainsRune(`\]^-[`, r) {
		return `\` + string(r)
	}
	return string(r)
}

// characters returns a class of the characters of a text, or the like.
func characters(text string) string {
	others, letters, dash := "", false, ""
	for _, r := range text {
		switch {
		case r == '-':
			dash = "-"
		case r < utf8.RuneSelf && (r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			letters = true
		case unicode.IsSpace(r):
			if !strings.Contains(others, `\s`) {
				others += `\s`
			}
		case !strings.ContainsRune(others, r):
			others += escaped(r)
		}
	}
	if letters {
		others = `\pL\pN` + others
	}
	if others+dash == "" {
		return `\w+`
	}
	return `[\w` + others + dash + `]+`
}

// extensionOf finds the extension of a file's name.
var extensionOf = regexp.MustCompile(`\.[A-Za-z]\w{0,7}$`)

// extensionText returns the extension of a file with the dot, "" for none.
func extensionText(text string) string { return extensionOf.FindString(text) }

// extension returns the regular expression of extensionText.
func extension(text string) string { return regexp.QuoteMeta(extensionText(text)) }

// testClass returns what stands for names of tests: what makes t one stays.
func testClass(text string, after rune) string {
	if strings.Contains(text, "::") && strings.ContainsAny(text, "/.") {
		return notSpace(text, after)
	}
	for _, begin := range []string{"Test", "test_", "test"} {
		if rest, ok := strings.CutPrefix(text, begin); ok && rest != "" {
			return begin + characters(rest)
		}
	}
	for _, end := range []string{"Tests", "Test", "Spec", "TestCase"} {
		if rest, ok := strings.CutSuffix(text, end); ok && rest != "" {
			return characters(rest) + end
		}
	}
	return characters(text)
}
