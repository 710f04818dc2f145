package gerrit

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// defaultQuery finds what a person calls an open change.
const defaultQuery = "status:open"

// buildQuery returns the query for the changes of some projects; no project
// stands for all.
func buildQuery(query string, projects []string) (string, error) {
	var wrong []error
	if query == "" {
		query = defaultQuery
	} else if err := checkQuery(query); err != nil {
		wrong = append(wrong, err)
	} else {
		query = "(" + query + ")"
	}
	var terms []string
	for _, project := range projects {
		term, err := projectTerm(project)
		if err != nil {
			wrong = append(wrong, err)
		}
		terms = append(terms, term)
	}
	if len(terms) > 0 {
		query += " (" + strings.Join(terms, " OR ") + ")"
	}
	return query, errors.Join(wrong...)
}

// checkQuery says what is wrong with a configured query. Which fields and values
// there are is the server's business.
func checkQuery(query string) error {
	switch {
	case strings.TrimSpace(query) == "":
		return errors.New("query is blank: leave it out to ask for " + defaultQuery)
	case !plainText(query):
		return fmt.Errorf("query %q holds a control character: a query is one line of text", query)
	}
	if err := checkSyntax(query); err != nil {
		return fmt.Errorf("query %q: %w", query, err)
	}
	for word := range strings.FieldsSeq(query) {
		if limit, found := strings.CutPrefix(word, "limit:"); found {
			return fmt.Errorf("query holds limit:%s: the server would answer so many a page, not in all; set cap = %s instead", limit, limit)
		}
	}
	return nil
}

// projectTerm returns the term that finds a project, or all whose names fit a glob.
func projectTerm(project string) (string, error) {
	value := project
	if strings.ContainsAny(project, "*?") {
		value = globRegexp(project)
		if value == "" {
			return "", fmt.Errorf("project %q: with * and ? a pattern may hold letters, digits and / _ - . + only", project)
		}
	}
	quoted, err := quote(value)
	if err != nil {
		return "", fmt.Errorf("project %q: %w", project, err)
	}
	return "project:" + quoted, nil
}

// globRegexp turns a glob into Gerrit's "^" form: a regular expression on the
// whole name. It returns "" for a glob with letters that might mean something
// there.
func globRegexp(glob string) string {
	special := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/_-.+*?", r)
	}
	if strings.ContainsFunc(glob, special) {
		return ""
	}
	return "^" + strings.NewReplacer("*", ".*", "?", ".", ".", "[.]", "+", "[+]").Replace(glob)
}

// quote makes one value of a query of any text, by the rules of Gerrit's own
// parser: within braces nothing is special but the closing brace. What braces
// cannot carry, or what could mean something to the command line in front of
// that parser, is an error.
func quote(value string) (string, error) {
	switch {
	case value == "" || strings.TrimSpace(value) != value:
		return "", errors.New("it is empty, or begins or ends in a blank")
	case strings.ContainsAny(value, "{}\\\"'"):
		return "", errors.New(`{ } \ " and ' cannot be asked for`)
	case !plainText(value):
		return "", errors.New("it holds a control character or is no UTF-8")
	}
	return "{" + value + "}", nil
}

// plainText reports whether s is UTF-8 without any control character.
func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// command returns the command line that puts a question. The limit stands first,
// where nothing in the query can swallow it.
func command(q question) string {
	options, terms := "", fmt.Sprintf("limit:%d ", q.limit)
	if q.after != "" {
		terms += "resume_sortkey:" + q.after + " "
	} else if q.start > 0 {
		options = fmt.Sprintf(" --start=%d", q.start)
	}
	return "gerrit query --format=JSON --comments --commit-message --current-patch-set" + options + " -- " + argument(terms+q.query)
}

// isSortKey reports whether s is a sort key: hexadecimal digits, which need no
// quotes.
func isSortKey(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "0123456789abcdef") == ""
}

// argument makes one word of a command line, by the rules by which Gerrit splits
// it: nothing is special within single quotes, and a single quote stands in
// double ones.
func argument(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}
