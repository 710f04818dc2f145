package draft

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// kind says what a token of a line is.
type kind int

// The kinds. From number on what stands there is another in the next build:
// chance, or a name of the project.
const (
	space  kind = iota
	punct       // a character
	word        // letters
	code        // an error's number: E501, TS2345, CVE-2026-1234
	strong      // a name that says what went wrong: ValueError
	junk        // bytes that are no text
	number      // chance from here on
	hex
	stamp
	length // 2.63s, 12MB
	address
	id      // a hash, a UUID, a build's id
	version // names from here on
	url
	pathname
	file
	host
	symbol
	quoted
	pack // a package with its version
	test
)

// name reports whether a token is a name, which may be kept or generalised.
func (k kind) name() bool { return k >= version }

// A token is a part of a line.
type token struct {
	kind kind
	text string
	from int // offset in the line
}

// end returns the offset behind the token.
func (t token) end() int { return t.from + len(t.text) }

// A form is how tokens of a kind look.
type form struct {
	kind kind
	re   *regexp.Regexp
	ok   func(text string) bool // nil: any text will do
}

// like returns a form; its regular expression holds where a token begins.
func like(k kind, re string, ok func(string) bool) form {
	return form{k, regexp.MustCompile(`\A(?:` + re + `)`), ok}
}

// extensions are those of files that builds name, without the dot.
const extensions = `c|h|cc|cpp|cxx|hh|hpp|hs|lhs|hrl|erl|ex|exs|go|rs|py|pyx|rb|erb|java|kt|kts|scala|sc|clj|cljs|groovy|gradle|js|jsx|mjs|cjs|ts|tsx|vue|css|scss|sass|less|html?|xml|xsd|json|ya?ml|toml|ini|cfg|conf|md|rst|txt|tex|csv|sql|sh|bash|zsh|bat|ps1|psm1|psd1|pl|pm|t|php|phpt|swift|mm?|cs|csproj|fs|fsx|vb|sln|el|lisp|lua|vim|jl|R|dart|nim|zig|v|sv|vhd|proto|lock|log|out|o|a|so|dylib|dll|exe|lib|jar|war|class|whl|egg|gem|deb|rpm|tar|tgz|gz|bz2|xz|zip|iso|img|qcow2|pdf|png|jpe?g|svg|gif|ico|key|pem|crt|mk|cmake|in|am|ac|m4|spec|service|template|j2|tf|patch|diff|snap|d|pyc`

// forms are tried in this order.
var forms = sync.OnceValue(func() []form {
	return []form{
		like(url, `[a-z][a-z0-9+.-]{1,10}://[^\s"'<>`+"`"+`)\]}|]*[\w/]`, nil),
		like(id, `[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b`, nil),
		like(stamp, `\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?`, nil),
		like(stamp, `(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +)?(?:\d\d? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: +\d{1,2})?(?:,? \d\d:\d\d:\d\d)?(?: [A-Z]{3,4})?(?: \d{4})?(?:,? \d\d:\d\d:\d\d)?\b`, hasDigit),
		like(stamp, `(?:\d\d[-/. ]\d\d[-/. ]\d{4},? )?\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b`, nil),
		like(address, `\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d+)?\b`, nil),
		like(address, `(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}\b|(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?::(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4})*)?`, looksLikeIPv6),
		like(address, `[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b`, looksLikeMail),
		like(hex, `0[xX][0-9a-fA-F]+\b`, nil),
		like(length, `(?:\d+h)?(?:\d+m)?\d[\d.,]*(?:ns|us|µs|ms|s|secs?|mins?|m|h|hrs?|[kKMGT]i?B|B|pt|px|%)(?:\b|$)`, nil),
		like(pack, `@?[A-Za-z][\w.+/-]*(?:\[[\w,-]+\])?(?:[=<>~!]=|@)v?\d[\w.+*-]*`, nil),
		like(pack, `[A-Za-z][\w+]*(?:[.-][A-Za-z][\w+]*)*[-_:]v?\d+(?:\.\d+)+(?:[-.+]\w+)*`, nil),
		like(version, `v?\d+(?:\.\d+){2,}(?:[-.+~]?\w+)*|v\d+\.\d+\w*\b`, nil),
		like(code, `(?:[A-Z]{2,8}[-_])?[A-Z]{1,8}-?\d{2,6}\b(?:/[a-z-]+)*|CVE-\d{4}-\d+`, nil),
		like(test, `[\w./\\-]+\.\w{1,5}::[\w:.$\[\]/<>-]+`, nil),
		like(symbol, `[$@%][A-Za-z][\w-]*|[A-Za-z][\w.!?]*/\d+\b`, nil),
		like(pathname, `[A-Za-z]:[\\/][^\s"'<>|:*?(),;]+|\\\\[\w.$-]+\\[^\s"'<>|:*?(),;]+`, nil),
		like(pathname, `(?:~|\.{1,2}|[$%@]?\{?\w[\w.+@~%=\[\]-]*\}?)?(?:[/\\][\w.+@~%={}$#\[\]-]+)+[/\\]?`, looksLikePath),
		like(id, `[0-9a-fA-F]{7,}\b`, looksLikeHash),
		like(file, `[\w+~-][\w.+~-]*\.(?:`+extensions+`)\b`, nil),
		like(host, `[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\.(?:com|org|net|io|dev|edu|gov|info|local|internal|cloud|de|uk|cz|fr|eu|jp|cn)(?::\d+)?\b|localhost(?::\d+)?\b`, nil),
		like(symbol, `[$@%]*[\pL_][\pL\pN_$]*(?:(?:::|\.|->|#)[$@%]*[\pL_][\pL\pN_$]*)*[?!]?`, isSymbol),
		like(id, `[A-Za-z0-9]{12,}`, looksLikeID),
		like(number, `\d+(?:,\d{3}\b)*(?:\.\d+)?`, nil),
		like(word, `\pL+(?:['’-]\pL+)*`, nil),
		like(symbol, `[$@%]*[\pL_][\pL\pN_$]*`, nil),
	}
})

// longest is the number of bytes of a line that are looked at: no rule that
// helps asks for more.
const longest = 1000

// tokens takes a line apart; joined, the texts of the tokens are the line, or
// the beginning of it that is looked at.
func tokens(line string) []token {
	if len(line) > longest {
		line = line[:longest]
		for len(line) > 0 && !utf8.RuneStart(line[len(line)-1]) {
			line = line[:len(line)-1]
		}
		line = line[:max(0, len(line)-1)]
	}
	var list []token
	for at := 0; at < len(line); {
		t := next(line, at)
		t.from = at
		list = append(list, t)
		at = t.end()
	}
	return list
}

// next returns the token that begins at an offset of a line.
func next(line string, at int) token {
	rest := line[at:]
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case r == utf8.RuneError || !unicode.IsPrint(r) && !unicode.IsSpace(r):
		return token{kind: junk, text: rest[:size]}
	case unicode.IsSpace(r):
		n := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsSpace(r) })
		if n < 0 {
			n = len(rest)
		}
		return token{kind: space, text: rest[:n]}
	}
	before, _ := utf8.DecodeLastRuneInString(line[:at])
	if r == '/' && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
		return token{kind: punct, text: rest[:size]} // of words: "and/or"
	}
	if text := quote(line, at); text != "" {
		return token{kind: quoted, text: text}
	}
	for _, f := range forms() {
		text := f.re.FindString(rest)
		if text == "" || f.ok != nil && !f.ok(text) || f.kind == host && goesOn(rest[len(text):]) {
			continue
		}
		return classified(f.kind, text)
	}
	return token{kind: punct, text: rest[:size]}
}

// goesOn reports whether a name with dots goes on behind what looks like its end.
func goesOn(rest string) bool {
	return len(rest) > 1 && rest[0] == '.' && unicode.IsLetter(rune(rest[1]))
}

// classified returns a token, whose kind its text may make another.
func classified(k kind, text string) token {
	switch {
	case k != symbol && k != word:
	case strongEnd.MatchString(text):
		k = strong
	case testName.MatchString(text):
		k = test
	}
	return token{kind: k, text: text}
}

// strongEnd is how names of errors end.
var strongEnd = regexp.MustCompile(`[a-z](?:Error|Exception|Failure|Fault|Violation|Panic|Timeout|Warning|NotFound|Denied|Refused)$|^E(?:NO|CONN|ACC|ADDR|PERM|EXIST|PIPE|TIME|LIFE|RESOLVE|INTEGRITY|PEER|INVAL|BUSY|HOST|NET|ISDIR|MFILE)[A-Z]*$`)

// testName is how names of tests look.
var testName = regexp.MustCompile(`^[Tt]est[_A-Z0-9]|_test(?:_|$|\.)|[a-z0-9](?:Tests?|Spec|TestCase|IT)(?:$|[.#:])|[.:#]test[_A-Z]`)

// quotes are the characters that texts are quoted in.
var quotes = map[rune]string{'"': `"`, '\'': "'", '`': "'`", '‘': "’", '“': "”", '«': "»"}

// quote returns the quoted text that begins at an offset of a line, "" if there
// is none: an apostrophe is no quote, and a quote of no letters, or of a
// sentence, is no name.
func quote(line string, at int) string {
	open, size := utf8.DecodeRuneInString(line[at:])
	before, _ := utf8.DecodeLastRuneInString(line[:at])
	if quotes[open] == "" || at > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
		return ""
	}
	for i, r := range line[at+size:] {
		if !strings.ContainsRune(quotes[open], r) || strings.HasSuffix(line[:at+size+i], `\`) {
			continue
		}
		end := at + size + i + utf8.RuneLen(r)
		after, _ := utf8.DecodeRuneInString(line[end:])
		if end < len(line) && (unicode.IsLetter(after) || unicode.IsDigit(after)) {
			continue
		}
		if inner := line[at+size : end-utf8.RuneLen(r)]; hasLetter(inner) && utf8.ValidString(inner) && !isSentence(inner) {
			return line[at:end]
		}
		return ""
	}
	return ""
}

// isSentence tells what a person wrote from a name or a command.
func isSentence(text string) bool {
	joining := 0
	parts := strings.Fields(text)
	for _, w := range parts {
		if wordsWorth[strings.ToLower(w)] == small {
			joining++
		}
	}
	return len(parts) > 2 && joining > 0
}

func hasLetter(text string) bool { return strings.ContainsFunc(text, unicode.IsLetter) }

func hasDigit(text string) bool { return strings.ContainsFunc(text, unicode.IsDigit) }

func looksLikeIPv6(text string) bool { return strings.Count(text, ":") > 2 || text == "::1" }

func looksLikeMail(text string) bool { return !strings.HasPrefix(text, "@") && !hasDigitFirst(text) }

func hasDigitFirst(text string) bool { return text[0] >= '0' && text[0] <= '9' }

// looksLikeHash asks for a digit in what may be a word ("defaced") and for a
// letter in what may be a number.
func looksLikeHash(text string) bool {
	return hasDigit(text) && (hasLetter(text) || len(text) >= 20) && text == strings.ToLower(text)
}

// looksLikeID asks for what no one would choose as a name: digits in several places.
func looksLikeID(text string) bool {
	runs := 0
	for i := range len(text) {
		if c := text[i]; c >= '0' && c <= '9' && (i == 0 || text[i-1] > '9') {
			runs++
		}
	}
	return runs >= 3
}

// looksLikePath tells a path from words with a stroke between them: "and/or".
func looksLikePath(text string) bool {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '/' || r == '\\' })
	if len(parts) == 0 || !hasLetter(text) || len(parts) == 1 && len(parts[0]) < 3 {
		return false
	}
	return strings.ContainsAny(text[:1], "/~.$%{") || len(parts) > 2 || strings.ContainsAny(text, "._@") || hasDigit(text)
}

// isSymbol tells a name in a program from a word: it has an underscore, parts,
// a digit, or capitals within.
func isSymbol(text string) bool {
	name := strings.TrimRight(text, "?!")
	if len(name) < len(text) && !strings.ContainsAny(name, "_.:#") {
		return false
	}
	runes := []rune(strings.TrimLeft(name, "$@%"))
	if len(runes) == 0 {
		return false
	}
	if len(runes) < len(name) && len(runes) == utf8.RuneCountInString(name)-1 && strings.ContainsAny(name[:1], "$@") {
		return true
	}
	return strings.ContainsAny(name, "_.:#>") || hasDigit(name) ||
		slices.ContainsFunc(runes[1:], unicode.IsUpper) && slices.ContainsFunc(runes, unicode.IsLower)
}
