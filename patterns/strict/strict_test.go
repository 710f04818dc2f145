package strict

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// document is what the tests decode into.
type document struct {
	common
	Tags     map[string]string `toml:"tags"`
	Servers  map[string]server `toml:"server"`
	Rules    []rule            `toml:"rule"`
	Port     uint16            `toml:"port"`
	Small    int8              `toml:"small"`
	Ratio    float64           `toml:"ratio"`
	Wait     time.Duration     `toml:"wait"`
	Day      time.Time         `toml:"day"`
	Any      any               `toml:"any"`
	Pointer  *server           `toml:"pointer"`
	Bind     netip.Addr        `toml:"bind"`
	Soon     soon              `toml:"soon"`
	Own      own               `toml:"own"`
	Untagged string
	Hidden   string `toml:"-"`
}

type common struct {
	On bool `toml:"on"`
}

type server struct {
	Host string `toml:"host"`
}

type rule struct {
	ID       string   `toml:"id"`
	Name     string   `toml:"name"`
	Pattern  string   `toml:"pattern"`
	Priority int      `toml:"priority"`
	Exclude  []string `toml:"exclude"`
	Grid     [][]cell `toml:"grid"`
	Tests    []struct {
		Log  string  `toml:"log"`
		Want *string `toml:"want"`
	} `toml:"test"`
}

type cell struct {
	X int `toml:"x"`
}

// soon is a key that may not be used.
type soon struct{}

func (soon) UnmarshalTOML(any) error {
	return Mistake{What: "coming soon", Remedy: "wait"}
}

// own decodes itself.
type own struct{ got any }

func (o *own) UnmarshalTOML(data any) error {
	if data == "bad" {
		return errors.New("this one is bad")
	}
	o.got = data
	return nil
}

func TestDecode(t *testing.T) {
	text := `
on = true
port = 29418
small = -128
ratio = 2
wait = "1h30m"
day = 2026-11-20T10:11:12Z
any = [1, "two", { three = 3 }]
pointer = { host = "p" }
bind = "127.0.0.1"
own = 7
Untagged = "u"
[tags]
"c++" = "a compiler"
[server.one]
host = "1"
[server]
two.host = "2"
[[rule]]
id = "first"
pattern = '''
\d+'''
priority = 1_000
exclude = ["a", "b"]
grid = [[{ x = 1 }, { x = 2 }], []]
[[rule.test]]
log = "l\u0041"
want = ""
[[rule.test]]
[[rule]]
`
	text = strings.Replace(text, "[server]\ntwo.host = \"2\"\n", "[server.two]\nhost = \"2\"\n", 1)
	var got document
	if _, err := Decode("f.toml", []byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := document{
		common:   common{On: true},
		Tags:     map[string]string{"c++": "a compiler"},
		Servers:  map[string]server{"one": {"1"}, "two": {"2"}},
		Port:     29418,
		Small:    -128,
		Ratio:    2,
		Wait:     90 * time.Minute,
		Day:      time.Date(2026, 11, 20, 10, 11, 12, 0, time.UTC),
		Any:      []any{int64(1), "two", map[string]any{"three": int64(3)}},
		Pointer:  &server{"p"},
		Bind:     netip.MustParseAddr("127.0.0.1"),
		Own:      own{int64(7)},
		Untagged: "u",
		Rules: []rule{{
			ID: "first", Pattern: `\d+`, Priority: 1000, Exclude: []string{"a", "b"},
			Grid: [][]cell{{{1}, {2}}, {}},
		}, {}},
	}
	want.Rules[0].Tests = append(want.Rules[0].Tests, got.Rules[0].Tests...)
	same := cmp.AllowUnexported(document{}, own{})
	if diff := cmp.Diff(want, got, same, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	tests := got.Rules[0].Tests
	if len(tests) != 2 || tests[0].Log != "lA" || tests[0].Want == nil || tests[1].Want != nil {
		t.Errorf("tests = %+v", tests)
	}
}

// TestMistakes has a text and what is wrong with it, a line for each mistake.
func TestMistakes(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown key", "prot = 1", `f.toml:1:1: unknown key "prot"; did you mean "port"?`},
		{"swapped and in capitals", "RULE = 1", `f.toml:1:1: unknown key "RULE"; did you mean "rule"?`},
		{"case matters", "untagged = 'u'", `f.toml:1:1: unknown key "untagged"; did you mean "Untagged"?`},
		{"hidden", "Hidden = 'u'", `f.toml:1:1: unknown key "Hidden"`},
		{"nothing near, few known", "[pointer]\ncolour = 1", `f.toml:2:1: [pointer]: unknown key "colour"; known here: host`},
		{"unknown table", "[rulez]\n", `f.toml:1:2: unknown key "rulez"; did you mean "rule"?`},
		{"unknown dotted key", "pointer.hots = 1", `f.toml:1:9: [pointer]: unknown key "hots"; did you mean "host"?`},
		{"unknown key in an inline table", "pointer = { hots = 1 }", `f.toml:1:13: [pointer]: unknown key "hots"; did you mean "host"?`},
		{"quoted table in the way", "[server.'a b']\nx = 1", `f.toml:2:1: [server."a b"]: unknown key "x"; known here: host`},
		{"element by id", "[[rule]]\nid = 'a'\n[[rule]]\nx = 1\nid = \"b\"", `f.toml:4:1: rule "b": unknown key "x"; known here: exclude, grid, id, name, pattern, priority, test`},
		{"element by name", "[[rule]]\nx = 1\nname = 'n'", `f.toml:2:1: rule "n": unknown key "x"; known here: exclude, grid, id, name, pattern, priority, test`},
		{"element by number", "[[rule]]\n[[rule]]\nx = 1", `f.toml:3:1: rule 2: unknown key "x"; known here: exclude, grid, id, name, pattern, priority, test`},
		{"element of an element", "[[rule]]\nid = 'a'\n[[rule.test]]\n[[rule.test]]\nlgo = 1", `f.toml:5:1: rule "a", test 2: unknown key "lgo"; did you mean "log"?`},
		{"inline element", "rule = [{ id = 'a' }, { idd = 1 }]", `f.toml:1:25: rule 2: unknown key "idd"; did you mean "id"?`},

		{"integer for string", "[[rule]]\nid = 'a'\npattern = 5", `f.toml:3:1: rule "a": "pattern" is an integer, but must be a string; put it in quotes`},
		{"string for integer", "small = '5'", `f.toml:1:1: "small" is a string, but must be an integer; write it without quotes`},
		{"words for integer", "small = 'high'", `f.toml:1:1: "small" is a string, but must be an integer`},
		{"float for integer", "small = 5.5", `f.toml:1:1: "small" is a float, but must be an integer`},
		{"string for float", "ratio = '5.5'", `f.toml:1:1: "ratio" is a string, but must be a number; write it without quotes`},
		{"string for boolean", "on = 'true'", `f.toml:1:1: "on" is a string, but must be true or false; write it without quotes`},
		{"integer for boolean", "on = 1", `f.toml:1:1: "on" is an integer, but must be true or false`},
		{"string for strings", "[[rule]]\nexclude = 'x'", `f.toml:2:1: rule 1: "exclude" is a string, but must be an array of strings; write ["x"]`},
		{"wrong element", "[[rule]]\nexclude = [\n  'x',\n  true, # no\n]", `f.toml:4:3: rule 1: element 2 of "exclude" is a boolean, but must be a string; put it in quotes`},
		{"table for array of tables", "[rule]\nid = 'a'", `f.toml:1:2: "rule" is a table, but must be an array of tables; write [{ … }], or its header in double brackets`},
		{"array of tables for table", "[[tags]]\ncode = 'a'", `f.toml:1:3: "tags" is an array of tables, but must be a table; write its header in single brackets`},
		{"array for table", "pointer = []", `f.toml:1:1: "pointer" is an array, but must be a table`},
		{"value in a map", "[tags]\ncode = 1979-05-27", `f.toml:2:1: [tags]: "code" is a date or time, but must be a string; put it in quotes`},
		{"array of arrays", "[[rule]]\ngrid = 1", `f.toml:2:1: rule 1: "grid" is an integer, but must be an array of arrays of tables`},
		{"deep in arrays", "[[rule]]\ngrid = [[{x=1}], [{x=1}, {x='1'}]]", `f.toml:2:27: rule 1, grid 2 2: "x" is a string, but must be an integer; write it without quotes`},
		{"string for date", "day = '2026-11-20'", `f.toml:1:1: "day" is a string, but must be a date or time; write it without quotes`},
		{"integer for duration", "wait = 30", `f.toml:1:1: "wait" is an integer, but must be a duration in quotes; write it like "30s", "5m" or "1h30m"`},
		{"bad duration", "wait = '30 days'", `f.toml:1:1: "wait": "30 days" is not a duration; write it like "30s", "5m" or "1h30m"`},
		{"too large", "small = 128", `f.toml:1:1: "small": 128 is out of range; the largest is 127`},
		{"too small", "small = -129", `f.toml:1:1: "small": -129 is out of range; the smallest is -128`},
		{"too large, unsigned", "port = 65536", `f.toml:1:1: "port": 65536 is out of range; the largest is 65535`},
		{"negative", "port = -1", `f.toml:1:1: "port": -1 is out of range; the smallest is 0`},
		{"text that the type refuses", "bind = '300.0.0.1'", `f.toml:1:1: "bind": ParseAddr("300.0.0.1"): IPv4 field has value >255`},
		{"no text for a type that wants one", "bind = 3", `f.toml:1:1: "bind" is an integer, but must be a string; put it in quotes`},
		{"value that the type refuses", "own = 'bad'", `f.toml:1:1: "own": this one is bad`},
		{"mistake of the type", "[soon]\nx = 1", `f.toml:1:2: "soon": coming soon; wait`},
		{"several, in the order of the lines", "x = 1\nport = -1\non = 0\n[tags]\na = 1\nb = 'b'\n[[rule]]\nz = 1\na = 1", `
f.toml:1:1: unknown key "x"
f.toml:2:1: "port": -1 is out of range; the smallest is 0
f.toml:3:1: "on" is an integer, but must be true or false
f.toml:5:1: [tags]: "a" is an integer, but must be a string; put it in quotes
f.toml:8:1: rule 1: unknown key "z"; known here: exclude, grid, id, name, pattern, priority, test
f.toml:9:1: rule 1: unknown key "a"; known here: exclude, grid, id, name, pattern, priority, test`},

		{"no value", "on = # later\n", `f.toml:1:6: unexpected character '#' at start of value; put a string in quotes, a regular expression in single ones`},
		{"no value at all", "on =\n", `f.toml:1:5: unexpected the end of the line at start of value; write the value behind the =`},
		{"no value in CRLF", "on =\r\n", `f.toml:1:5: unexpected the end of the line at start of value; write the value behind the =`},
		{"no quotes", "[tags]\ncode = çode", `f.toml:2:8: unexpected character 'ç' at start of value; put a string in quotes, a regular expression in single ones`},
		{"no key", "é = 1", `f.toml:1:1: invalid character at start of key: 'é'; put a key of other characters than letters, digits, "_" and "-" in quotes`},
		{"colon", "on: true", `f.toml:1:3: expected '=' after key; write key = value`},
		{"two on a line", "on = true port = 3", `f.toml:1:11: expected newline but got 'p'; begin a new line`},
		{"regexp in double quotes", `any = "é\d+"`, `f.toml:1:9: invalid escape character 'd'; a backslash stands for itself in single quotes`},
		{"string without an end", "any = 'abc\non = 1", `f.toml:1:11: literal strings cannot have new lines; close the string, or put three quotes around one of several lines`},
		{"string without an end, last", "# one\nany = 'abc", `f.toml:2:1: unterminated literal string; close the string`},
		{"long string without an end", "on = true # yes\n\n# more\n  any = '''\nabc\n[[rule]]\nid = 'a'\n", `f.toml:4:3: multiline literal string not terminated by '''; close the string`},
		{"array without an end", "[tags] # all\nany = [1,\n2\n", `f.toml:2:1: array is incomplete; put commas between the values and ] after them`},
		{"no comma", "any = [1 2]", `f.toml:1:10: expected ',' or ']' after array value; put commas between the values and ] after them`},
		{"inline table without an end", "[[rule]]\nany = { a = 1\n", `f.toml:2:1: inline table is incomplete; put commas between the keys and } after them`},
		{"half a header", "[[rule]\n", `f.toml:1:7: expected ']]' to close array table name; see https://toml.io`},
		{"leading zero", "small = 01", `f.toml:1:9: integers cannot have leading zeroes; see https://toml.io`},
		{"number out of all range", "# é\nany = 'é'\nsmall = 9999999999999999999", `f.toml:3:9: 9999999999999999999 is out of range for int64; write a smaller number`},
		{"invalid date", "'é' = 2026-13-01", `f.toml:1:7: invalid datetime: "2026-13-01"; write a day that there is, like 2027-03-01`},
		{"key twice", "any = 1\non = true\nany = 2", `f.toml:3:1: "any" is already set in line 1; say it once, in one place`},
		{"key twice, written otherwise", "any = 1\n\"a\\u006ey\" = 2", `f.toml:2:1: "any" is already set in line 1; say it once, in one place`},
		{"key twice in an inline table", "any = { a = 1, b.c = 2, b.c = 3 }", `f.toml:1:27: "c" is already set in line 1; say it once, in one place`},
		{"table twice", "[tags]\n[rule]\n[tags]", `f.toml:3:2: "tags" is already set in line 1; say it once, in one place`},
		{"value and table", "tags = 1\n[tags]", `f.toml:2:2: "tags" is already set in line 1; say it once, in one place`},
		{"value and header below it", "any = 1\n[any.x]", `f.toml:2:2: "any" is already set in line 1; say it once, in one place`},
		{"inline table added to", "any = {}\n[any.x]", `f.toml:2:2: "any" is already set in line 1; say it once, in one place`},
		{"dotted table set", "any.x = 1\nany = 2", `f.toml:2:1: "any" is already set in line 1; say it once, in one place`},
		{"dotted table with a header", "any.x = 1\n[any]", `f.toml:2:2: "any" is already set in line 1; say it once, in one place`},
		{"header table added to by dotted key", "[any.x.y]\n[any]\nx.z = 1", `f.toml:3:1: "x" is already set in line 1; say it once, in one place`},
		{"array of tables and table", "[[rule]]\n[rule]", `f.toml:2:2: "rule" is already set in line 1; say it once, in one place`},
		{"array and array of tables", "rule = []\n[[rule]]", `f.toml:2:3: "rule" is already set in line 1; say it once, in one place`},

		{"not UTF-8", "on = true\nany = 'é\xff'", `f.toml:2:9: the byte 0xff is not valid UTF-8; save the file as UTF-8`},
		{"UTF-16", "\xff\xfeo\x00n\x00", `f.toml:1:1: the file is UTF-16; save it as UTF-8`},
		{"null byte", "on = true\x00", `f.toml:1:10: expected newline but got '\x00'; begin a new line`},
		{"too deep a value", "any = " + strings.Repeat("[", 200) + strings.Repeat("]", 200), `f.toml:1:1: values are nested more than 100 deep; put it less deep`},
		{"too deep a value for the parser", "any = " + strings.Repeat("[", 50_000), `f.toml:1:10007: arrays and inline tables are nested more than the maximum of 10000 levels deep; put it less deep`},
		{"too deep a key", strings.Repeat("a.", 200) + "a = 1", `f.toml:1:201: the key has more than 100 parts; put it less deep`},
		{"after a byte order mark", "\ufeffx = 1\n  y = 1", "f.toml:1:1: unknown key \"x\"\nf.toml:2:3: unknown key \"y\""},
		{"after CRLF", "on = true\r\nx = 1\r\n", `f.toml:2:1: unknown key "x"`},
		{"terminal escapes", "\"\\u001b[31m\" = 1", `f.toml:1:1: unknown key "\x1b[31m"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var doc document
			ix, err := Decode("f.toml", []byte(test.text), &doc)
			mistakes, ok := errors.AsType[Mistakes](err)
			if !ok || ix == nil {
				t.Fatalf("Decode = %v, %v; want an index and mistakes", ix, err)
			}
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), mistakes.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeKeepsTheRest(t *testing.T) {
	text := "port = -1\nx = 1\nsmall = 5\n[[rule]]\nid = 'a'\nname = 7\nexclude = ['a', 1, 'b']\n[[rule]]\nid = 'b'\n"
	got := document{Port: 7}
	if _, err := Decode("", []byte(text), &got); err == nil {
		t.Error("no mistakes")
	}
	want := document{Port: 7, Small: 5, Rules: []rule{{ID: "a", Exclude: []string{"a", "", "b"}}, {ID: "b"}}}
	if diff := cmp.Diff(want.Rules, got.Rules); diff != "" || got.Port != want.Port || got.Small != want.Small {
		t.Errorf("got %+v; rules (-want +got):\n%s", got, diff)
	}
}

func TestMistakePath(t *testing.T) {
	_, err := Decode("f", []byte("[[rule]]\n[[rule]]\nexclude = ['a', 1]"), new(document))
	mistakes, _ := errors.AsType[Mistakes](err)
	if len(mistakes) != 1 {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{"rule", 1, "exclude", 1}, mistakes[0].Path); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodePanics(t *testing.T) {
	var none *document
	tests := []struct {
		name string
		into any
	}{
		{"no pointer", document{}},
		{"no struct", new(map[string]any)},
		{"nil", none},
		{"a type that TOML cannot fill", new(struct{ A chan int })},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			Decode("f", []byte("A = 1"), test.into)
		})
	}
}

func TestMistakesError(t *testing.T) {
	ms := Mistakes{
		{File: "b", Line: 1, Col: 1, What: "third"},
		{File: "a", Line: 10, Col: 1, What: "second", Where: "[x]", Remedy: "do"},
		{File: "a", Line: 9, Col: 2, What: "first"},
		{What: "no place"},
		{File: "a", What: "whole file"},
	}
	want := "no place\na: whole file\na:9:2: first\na:10:1: [x]: second; do\nb:1:1: third"
	if got := ms.Error(); got != want {
		t.Errorf("Error() =\n%s\nwant\n%s", got, want)
	}
	if got := fmt.Sprint(ms.Err()); got != want {
		t.Errorf("Err() =\n%s\nwant\n%s", got, want)
	}
	if ms[0].What != "third" {
		t.Error("Err changed the order of its receiver")
	}
	if err := (Mistakes{}).Err(); err != nil {
		t.Errorf("Err of no mistakes = %v", err)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"pattern", "literal", "message", "id", "tag", "tier", "priority"}
	tests := []struct{ name, want string }{
		{"patern", "pattern"}, {"pattren", "pattern"}, {"Pattern", "pattern"}, {"pattern_", "pattern"},
		{"msg", ""}, {"massage", "message"}, {"tga", "tag"}, {"tog", "tag"}, {"teir", "tier"}, {"i", "id"},
		{"x", ""}, {"", ""}, {"regexp", ""}, {"prio", ""}, {"priorität", "priority"},
		{strings.Repeat("x", 1<<20), ""},
	}
	for _, test := range tests {
		if got := Nearest(test.name, known); got != test.want {
			t.Errorf("Nearest(%.20q) = %q, want %q", test.name, got, test.want)
		}
	}
	if got := Nearest("ab", []string{"b", "a"}); got != "a" {
		t.Errorf("of two equally near ones Nearest took %q", got)
	}
}
