package convert

import (
	"fmt"
	"strings"
	"testing"
)

// String returns a query in a form that says how it was read.
func (q query) String() string {
	var subs []string
	for _, s := range q.subs {
		subs = append(subs, s.String())
	}
	switch q.op {
	case isAnd:
		return "(" + strings.Join(subs, " & ") + ")"
	case isOr:
		return "(" + strings.Join(subs, " | ") + ")"
	case isNot:
		return "!" + subs[0]
	}
	if q.term.quoted {
		return fmt.Sprintf("%s:%q", q.term.field, q.term.text)
	}
	return q.term.field + ":" + q.term.text
}

func TestParseQuery(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`a`, `:a`},
		{`a b`, `(:a | :b)`},
		{`f:a AND g:"b c"`, `(f:a & g:"b c")`},
		{`a AND b OR c AND d`, `((:a & :b) | (:c & :d))`},
		{`a && (b || c)`, `(:a & (:b | :c))`},
		{`a NOT b`, `(:a & !:b)`},
		{`+a -b !c`, `(:a & !:b & !:c)`},
		{`NOT (a OR b)`, `!(:a | :b)`},
		{`f: "x"`, `f:"x"`},
		{`f:(a OR g:b)`, `(f:a | g:b)`},
		{`"a \"b\" \\"`, `:"a \"b\" \\"`},
		{`a\:b*`, `:a:b*`},
		{`ANDROID ORDER NOTE`, `(:ANDROID | :ORDER | :NOTE)`},
		{`a^2 AND "b"^3.5`, `(:a & :"b")`},
		{"a\n AND\tb", `(:a & :b)`},
		{``, `error: something is missing at the end, or before a bracket`},
		{`a AND`, `error: something is missing at the end, or before a bracket`},
		{`(a`, `error: a bracket is not closed`},
		{`a)`, `error: there is a ")" too much`},
		{`()`, `error: something is missing at the end, or before a bracket`},
		{`"a`, `error: a quote is not closed`},
		{`f:`, `error: a word is missing before ""`},
		{`a~2`, `error: fuzzy terms are not read`},
		{`f:[1 TO 2]`, `error: ranges of values are not read`},
		{`/a/`, `error: regular expressions in queries are not read`},
		{strings.Repeat("(", 60) + "a", `error: the brackets nest too deep`},
		{strings.Repeat("-", 60) + "a", `error: too many negations`},
	} {
		got := ""
		if q, err := parseQuery(test.text); err != nil {
			got = "error: " + err.Error()
		} else {
			got = q.String()
		}
		if got != test.want {
			t.Errorf("%q is %s, want %s", test.text, got, test.want)
		}
	}
}

func TestNormal(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`a AND (b OR c)`, `a b | a c`},
		{`NOT (a OR b)`, `-a -b`},
		{`NOT (a AND NOT b)`, `-a | b`},
		{`(a OR b) AND (c OR d)`, `a c | a d | b c | b d`},
		{strings.TrimSuffix(strings.Repeat("(a OR b) AND ", 7), " AND "), `error: the query has more than 64 alternatives`},
	} {
		q, err := parseQuery(test.text)
		if err != nil {
			t.Fatal(err)
		}
		all, err := q.normal(false)
		var got []string
		for _, terms := range all {
			var words []string
			for _, term := range terms {
				words = append(words, map[bool]string{true: "-"}[term.not]+term.text)
			}
			got = append(got, strings.Join(words, " "))
		}
		if err != nil {
			got = []string{"error: " + err.Error()}
		}
		if text := strings.Join(got, " | "); text != test.want {
			t.Errorf("%q: %s, want %s", test.text, text, test.want)
		}
	}
}

// FuzzQuery holds the parser to this: it does not panic, and what it read,
// written out in its own form, has the same alternatives.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{`a AND NOT (f:"b \" c" OR -d^2) g:(x y)`, `\`, `f:`, `"`, `((a`, `+a !b && c || d`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseQuery(text)
		if err != nil {
			return
		}
		all, err := q.normal(false)
		if err == nil && len(all) == 0 {
			t.Errorf("%q asks for nothing: %s", text, q)
		}
		not, err2 := q.normal(true)
		if err2 == nil && len(not) == 0 {
			t.Errorf("not %q asks for nothing: %s", text, q)
		}
	})
}
