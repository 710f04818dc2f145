package gerrit

import (
	"errors"
	"fmt"
	"strings"
)

// checkSyntax says what is wrong with a query by the grammar of Gerrit's own
// parser (antlr3, Query.g). The server itself takes much of that in silence, and
// answers another question.
func checkSyntax(query string) error {
	tokens, err := tokenize(query)
	if err != nil {
		return err
	}
	var open int
	before := "(" // what stands before a token, which may begin a term behind "(" only
	for _, token := range append(tokens, "") {
		begins := before == "(" || isOperator(before)
		switch {
		case token == ")":
			open--
		case token == "(":
			open++
		}
		switch {
		case open < 0:
			return errors.New(`a ")" closes nothing`)
		case isOperator(before) && (token == "" || token == ")"):
			return fmt.Errorf("nothing stands behind %s", before)
		case begins && token == ")":
			return errors.New("nothing stands between ( and )")
		case begins && (token == "AND" || token == "OR"):
			return fmt.Errorf("nothing stands before %s", token)
		}
		before = token
	}
	if open > 0 {
		return errors.New(`a "(" is not closed`)
	}
	return nil
}

// isOperator reports whether a term has to follow the token.
func isOperator(token string) bool {
	return token == "AND" || token == "OR" || token == "NOT" || token == "-" || strings.HasSuffix(token, ":")
}

// tokenize splits a query into parentheses, operators, a field's name with its
// colon, bare words and quoted values (with their quotes).
func tokenize(query string) (tokens []string, err error) {
	for rest := strings.TrimLeft(query, " "); rest != ""; rest = strings.TrimLeft(rest, " ") {
		var n int
		switch {
		case strings.ContainsRune("()-", rune(rest[0])):
			n = 1
		case rest[0] == '"' || rest[0] == '{':
			n, err = quoted(rest)
		default:
			n, err = bare(rest)
		}
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, rest[:n])
		rest = rest[n:]
	}
	return tokens, nil
}

// quoted returns the length of the quoted value that a text begins with.
func quoted(text string) (n int, err error) {
	if text[0] == '"' {
		if n = strings.IndexByte(text[1:], '"'); n < 0 {
			return 0, errors.New(`a " is not closed`)
		}
		return n + 2, nil
	}
	if n = strings.IndexAny(text[1:], "{}"); n < 0 || text[1+n] == '{' {
		return 0, errors.New("a { is not closed")
	}
	return n + 2, nil
}

// bare returns the length of the bare word that a text begins with, together with
// a colon behind it.
func bare(text string) (n int, err error) {
	if n = strings.IndexAny(text, " \"(){}:!$%&';?[]#`"); n < 0 {
		return len(text), nil
	}
	switch c := text[n]; c {
	case ':':
		if n == 0 {
			return 0, errors.New("no operator stands before a colon")
		}
		return n + 1, nil
	case ' ', '(', ')', '"', '{':
		return n, nil
	case '}':
		return 0, errors.New("a } closes nothing")
	case '\'':
		return 0, errors.New(`' is no quote to Gerrit: write "…" or {…}`)
	case '#':
		return 0, errors.New("what stands behind a # is not read: leave it out, or put the value in quotes")
	default:
		return 0, fmt.Errorf("a bare word cannot hold %c: put the value in quotes", c)
	}
}
