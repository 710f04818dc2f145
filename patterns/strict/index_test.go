package strict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// placed is a text in which At is tried. Each «path» stands right before the
// place that At must give for that path, and is not part of the text.
var placed = map[string]string{
	"keys":                  "«a»a = 1\n  «b»b=2 # a = 1\n\t«c»c\t= 3\n",
	"headers":               "[«t»t]\n«t a»a = 1\n[ «u»u.«u v»v ]\n«u v a»a = 1\n[u.v.«u v w»w]\n",
	"header after its part": "[u.«u v»v]\n«u v a»a = 1\n[«u»u]\n«u a»a = 1\n",
	"dotted keys":           "«a»a.«a b»b . «a b c»c = 1\na.b.«a b d»d = 2\n[«t»t]\n«t a»a.«t a b»b = 1\n",
	"quoted keys":           "«a.b»\"a.b\" = 1\n«é\"»'é\"'.«é\" x»\"\\u0078\" = 2\n[«#»'#'.«# ]»\"]\"]\n«# ] »\"\" = 1\n",
	"multi-line strings": "«a»a = '''\nb = 1\n[t]\n'''\n«b»b = \"\"\"x\\\"\"\"\\\"\nc = 1\\\\\"\"\"\"\"\n«c»c = 1\n" +
		"«d»d = \"\"\"\n  [[rule]]\n  id = 'x' # no \\\n  \"\"\" # d = 1\n[«t»t]\n«t a»a = ''''''\n«t b»b = '''''x'''''\n",
	"strings that look like TOML": "«a»a = \"b = 1 # ' \\\" [t]\"\n«b»b = '\"\"\" # [[t]] \\'\n«c»c = 1\n",
	"inline tables":               "«a»a = { «a b»b = 1, «a c»c.«a c d»d = { «a c d e»e = '}' }, }\n«f»f = {\n  «f g»g = 1, # h = 2\n  «f h»h = 2\n}\n",
	"arrays": "«a»a = [«a 0»1, «a 1»'],', # 5,\n  «a 2»{ «a 2 b»b = 1 }, [«a 3»1, 2] ]\n" +
		"«n»n = [[«n 0»«n 0 0»{ «n 0 0 x»x = 1 }], [ «n 1»«n 1 0»{ «n 1 0 x»x = 1 }, «n 1 1»{ «n 1 1 x»x = 2 } ]]\n",
	"arrays of tables": "# rules\n[[«r 0»r]]\n«r 0 id»id = 'a'\n[[r.«r 0 t 0»t]]\n«r 0 t 0 x»x = 1\n[[r.«r 0 t 1»t]]\n«r 0 t 1 x»x = 2\n" +
		"[r.«r 0 u»u]\n«r 0 u x»x = 3\n\n[[«r 1»r]]\n«r 1 id»id = 'b'\n[[r.«r 1 t 0»t]]\n«r 1 t 0 x»x = 1\n",
	"CRLF":                                   "«a»a = '''\r\nx\r\n'''\r\n\r\n# c\r\n[«t»t]\r\n  «t b»b = 1\r\n[[«r 0»r]]\r\n«r 0 c»c = [\r\n «r 0 c 0»1,\r\n «r 0 c 1»2 ]\r\n",
	"mark":                                   "\ufeff«a»a = 1\n«b»b = 2\n",
	"characters":                             "a = { 'é' = '日本', «a b»b = '𝄞', «a c»c = 1 } # ü\n«d»d = 1\n",
	"no end of line":                         "«a»a = 1\n«b»b = 2",
	"what is missing stands where it should": "[[r]]\n[[«r 1»«r 1 id»«r 1 t 0 x»r]]\nx = 1\n",
}

func TestAt(t *testing.T) {
	for name, marked := range placed {
		t.Run(name, func(t *testing.T) {
			text, want := unmark(marked)
			ix, err := Decode("", []byte(text), new(struct{}))
			if len(want) == 0 || ix.root.children == nil {
				t.Fatalf("nothing to look for, or nothing found: %v", err)
			}
			for path, place := range want {
				line, col := ix.At(elementsOf(path)...)
				if got := fmt.Sprintf("%d:%d", line, col); got != place {
					t.Errorf("At(%s) = %s, want %s in\n%s", path, got, place, text)
				}
			}
		})
	}
}

// unmark returns a text without its marks, and the place of each.
func unmark(marked string) (text string, places map[string]string) {
	places = map[string]string{}
	line, col := 1, 1
	for marked != "" {
		if mark, ok := strings.CutPrefix(marked, "«"); ok {
			path, rest, _ := strings.Cut(mark, "»")
			places[path] = fmt.Sprintf("%d:%d", line, col)
			marked = rest
			continue
		}
		r, size := utf8.DecodeRuneInString(marked)
		text, marked = text+marked[:size], marked[size:]
		switch r {
		case '\n':
			line, col = line+1, 1
		case '\ufeff':
		default:
			col++
		}
	}
	return text, places
}

// elementsOf returns the path that a mark names: words and numbers.
func elementsOf(path string) []any {
	var elements []any
	for word := range strings.SplitSeq(path, " ") {
		if n, err := strconv.Atoi(word); err == nil {
			elements = append(elements, n)
		} else {
			elements = append(elements, word)
		}
	}
	return elements
}

// TestAtManyRules holds the place of every key of many rules.
func TestAtManyRules(t *testing.T) {
	var text strings.Builder
	const rules = 2000
	for i := range rules {
		fmt.Fprintf(&text, "# %d\n[[rule]]\nid = '%d' \npattern = \"\"\"\n[[rule]]\"\"\"\n\n  [[rule.test]]\n  log = 'x'\n", i, i)
	}
	ix, err := Decode("", []byte(text.String()), new(document))
	if err != nil {
		t.Fatal(err)
	}
	places := map[string][2]int{"": {2, 3}, "id": {3, 1}, "pattern": {4, 1}, "test 0": {7, 10}, "test 0 log": {8, 3}}
	for i := range rules {
		for path, place := range places {
			at := []any{"rule", i}
			if path != "" {
				at = append(at, elementsOf(path)...)
			}
			line, col := ix.At(at...)
			if want := i*8 + place[0]; line != want || col != place[1] {
				t.Fatalf("At%v = %d:%d, want %d:%d", at, line, col, want, place[1])
			}
		}
	}
}

func TestHasAndWhere(t *testing.T) {
	text := `
top = 1
[a]
b.'c d'.e = 1
[[r]]
name = 'n'
id = 'i'
[[r]]
x = [1, { y = 2 }]
[[r.s]]
z = [[{ id = 'deep', w = 1 }]]
`
	ix, _ := Decode("", []byte(text), new(struct{}))
	tests := []struct {
		path  string
		has   bool
		where string
	}{
		{"top", true, ""},
		{"none", false, ""},
		{"top 0", false, ""},
		{"top x", false, "[top]"},
		{"a", true, ""},
		{"a b", true, "[a]"},
		{"a none", false, "[a]"},
		{"r 0", true, `r "i"`},
		{"r 0 id", true, `r "i"`},
		{"r 0 none", false, `r "i"`},
		{"r 1", true, "r 2"},
		{"r 2", false, ""},
		{"r -1", false, ""},
		{"r 1 x", true, "r 2"},
		{"r 1 x 0", true, "r 2"},
		{"r 1 x 1 y", true, "r 2, x 2"},
		{"r 1 s 0 z", true, "r 2, s 1"},
		{"r 1 s 0 z 0 0 w", true, `r 2, s 1, z 1 "deep"`},
	}
	for _, test := range tests {
		path := elementsOf(test.path)
		if got := ix.Has(path...); got != test.has {
			t.Errorf("Has(%s) = %v", test.path, got)
		}
		if got := ix.Where(path...); got != test.where {
			t.Errorf("Where(%s) = %q, want %q", test.path, got, test.where)
		}
	}
	if got, want := ix.Where("a", "b", "c d", "e"), `[a.b."c d"]`; got != want {
		t.Errorf("Where = %q, want %q", got, want)
	}
	if line, col := ix.At(); line != 1 || col != 1 {
		t.Errorf("At() = %d:%d", line, col)
	}
}

func TestKeys(t *testing.T) {
	ix, _ := Decode("", []byte("a = 1\n[[r]]\nid = 'x'\nt.u = 1\n[s]\n"), new(struct{}))
	for path, want := range map[string]string{"": "a r s", "/r 0": "id t", "/r 0 t": "u", "/s": "", "/a": "", "/a b": "", "/r 1": ""} {
		var at []any
		if below, ok := strings.CutPrefix(path, "/"); ok {
			at = elementsOf(below)
		}
		if got := strings.Join(slices.Sorted(ix.Keys(at...)), " "); got != want {
			t.Errorf("Keys(%s) = %s, want %s", path, got, want)
		}
	}
}
