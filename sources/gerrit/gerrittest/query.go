package gerrittest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// defaultPageLimit is Gerrit's queryLimit for those who may log in.
const defaultPageLimit = 500

// Changes returns the Answer of a Gerrit that has these changes, in this order.
// The query itself selects nothing: every query finds all of them. What decides
// is --start, the first limit: of the query, and pageLimit (zero: 500).
// "comments", "currentPatchSet" and "patchSets" are shown only to those who ask
// for them, as Gerrit does.
func Changes(changes []json.RawMessage, pageLimit int) Answer {
	return gerrit{changes: changes, pageLimit: cmp.Or(pageLimit, defaultPageLimit)}.answer
}

// OldChanges is Changes of a Gerrit before 2.10: it refuses --start, shows only
// the changes whose "sortKey" is below that of a resume_sortkey: of the query, and
// does not say whether there are more.
func OldChanges(changes []json.RawMessage, pageLimit int) Answer {
	return gerrit{changes: changes, pageLimit: cmp.Or(pageLimit, defaultPageLimit), old: true}.answer
}

// gerrit answers commands.
type gerrit struct {
	changes   []json.RawMessage
	pageLimit int
	old       bool
}

// answer is an Answer.
func (g gerrit) answer(command string, stdout, stderr io.Writer) int {
	began := time.Now()
	q, err := g.parseCommand(Split(command))
	if err != nil {
		fmt.Fprintf(stderr, "fatal: %v\n", err)
		return 1
	}
	if q.version {
		fmt.Fprintln(stdout, "gerrit version "+g.version())
		return 0
	}
	page, more := q.page(g.changes, g.pageLimit)
	for _, change := range page {
		line, err := q.show(change)
		if err != nil {
			fmt.Fprintf(stderr, "fatal: internal server error: %v\n", err)
			return 128
		}
		stdout.Write(append(line, '\n'))
	}
	fmt.Fprintf(stdout, `{"type":"stats","rowCount":%d,"runTimeMilliseconds":%d`, len(page), time.Since(began).Milliseconds())
	if !g.old {
		fmt.Fprintf(stdout, `,"moreChanges":%t`, more)
	}
	fmt.Fprintln(stdout, "}")
	return 0
}

func (g gerrit) version() string {
	if g.old {
		return "2.8.4"
	}
	return "3.10.2"
}

// query is a "gerrit query" command.
type query struct {
	version bool     // it was "gerrit version"
	old     bool     // --start is no option
	start   int      // changes to pass over
	shown   []string // options of optional fields that were given
	terms   []string // the query's words
}

// optionalFields are the fields of a change that an option of the command asks for.
func optionalFields() map[string]string {
	return map[string]string{
		"comments":        "--comments",
		"currentPatchSet": "--current-patch-set",
		"patchSets":       "--patch-sets",
	}
}

// fatal is what Gerrit prints behind "fatal: ", in Gerrit's spelling.
type fatal string

func (f fatal) Error() string { return string(f) }

func fatalf(format string, args ...any) error { return fatal(fmt.Sprintf(format, args...)) }

// parseCommand reads the words of a command. The error is a fatal.
func (g gerrit) parseCommand(words []string) (query, error) {
	q := query{old: g.old}
	switch {
	case len(words) == 0:
		return q, fatalf("No command")
	case words[0] != "gerrit":
		return q, fatalf("Gerrit Code Review: %s: not found", words[0])
	case len(words) == 1:
		return q, fatalf("gerrit: no command")
	case words[1] == "version":
		return query{version: true}, nil
	case words[1] != "query":
		return q, fatalf("gerrit: %s: not found", words[1])
	}
	err := q.options(words[2:])
	return q, err
}

// options reads the options of a query and the query itself.
func (q *query) options(words []string) error {
	for i := 0; i < len(words); i++ {
		name, value, joined := strings.Cut(words[i], "=")
		switch name {
		case "--":
			q.terms = append(q.terms, words[i+1:]...)
			return nil
		case "--format", "--start", "-S":
			if q.old && name != "--format" {
				return fatalf("%q is not a valid option", name)
			}
			if !joined {
				if i++; i == len(words) {
					return fatalf("Option %q takes an operand", name)
				}
				value = words[i]
			}
			if err := q.option(name, value); err != nil {
				return err
			}
		case "--comments", "--current-patch-set", "--patch-sets", "--all-approvals", "--files",
			"--commit-message", "--dependencies", "--submit-records", "--all-reviewers", "--no-limit":
			q.shown = append(q.shown, name)
		default:
			if strings.HasPrefix(name, "-") {
				return fatalf("%q is not a valid option", name)
			}
			q.terms = append(q.terms, words[i])
		}
	}
	return nil
}

// option reads an option that has a value.
func (q *query) option(name, value string) error {
	if name == "--format" {
		if value != "JSON" {
			return fatalf("%q: only JSON is spoken here", "--format")
		}
		return nil
	}
	start, err := strconv.Atoi(value)
	if err != nil || start < 0 {
		return fatalf("%q is not a valid value for %q", value, name)
	}
	q.start = start
	return nil
}

// page returns the changes that the query asks for, and whether there are more.
func (q *query) page(changes []json.RawMessage, limit int) (page []json.RawMessage, more bool) {
	if n, err := strconv.Atoi(q.value("limit:")); err == nil && n > 0 {
		limit = min(limit, n)
	}
	rest := changes[min(q.start, len(changes)):]
	if key := q.value("resume_sortkey:"); q.old && key != "" {
		rest = slices.DeleteFunc(slices.Clone(rest), func(change json.RawMessage) bool {
			var c struct{ SortKey string }
			return json.Unmarshal(change, &c) != nil || c.SortKey >= key
		})
	}
	n := min(limit, len(rest))
	return rest[:n], n < len(rest)
}

// value returns the value of the first term with an operator; "" if there is none.
func (q *query) value(operator string) string {
	for _, term := range strings.Fields(strings.Join(q.terms, " ")) {
		if value, found := strings.CutPrefix(term, operator); found {
			return value
		}
	}
	return ""
}

// show returns a change as one line, without what was not asked for.
func (q *query) show(change json.RawMessage) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(change, &fields); err != nil {
		return nil, fmt.Errorf("a change of the test server: %w", err)
	}
	hidden := false
	for field, option := range optionalFields() {
		if _, there := fields[field]; there && !slices.Contains(q.shown, option) {
			delete(fields, field)
			hidden = true
		}
	}
	if hidden {
		return json.Marshal(fields)
	}
	var line bytes.Buffer
	err := json.Compact(&line, change)
	return line.Bytes(), err
}

// Split splits a command line into words by Gerrit's own rules, which are not
// quite a shell's: blanks and tabs separate; single and double quotes toggle;
// a backslash makes the next character plain, but not inside single quotes nor
// at the very end; an empty word is dropped.
func Split(command string) []string {
	var words []string
	var word []byte
	var quote byte
	flush := func() {
		if len(word) > 0 {
			words = append(words, string(word))
			word = nil
		}
	}
	for i := 0; i < len(command); i++ {
		switch c := command[i]; {
		case (c == ' ' || c == '\t') && quote == 0:
			flush()
		case (c == '"' || c == '\'') && (quote == 0 || quote == c):
			quote ^= c
		case c == '\\' && quote != '\'' && i+1 < len(command):
			i++
			word = append(word, command[i])
		default:
			word = append(word, c)
		}
	}
	flush()
	return words
}
