package strict

import (
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	other "github.com/pelletier/go-toml/v2"
)

// FuzzDecode holds Decode to what must be true of any text: it does not panic,
// each mistake stands in the text, a key that was decoded has a place at which
// the text has it, and what it takes for TOML two whole parsers take for the
// same TOML.
func FuzzDecode(f *testing.F) {
	for _, marked := range placed {
		text, _ := unmark(marked)
		f.Add([]byte(text))
	}
	for _, seed := range []string{
		"on = 1\nport = '5'\nwait = '1x'\nbind = ''\nsoon = 1\nown = 'bad'\nday = 1\nsmall = 999",
		"[[rule]]\nid = 'a'\nexclude = [1]\ngrid = [[{x = ''}]]\n[rule.test]\n[[rule]]\nidd = 1",
		"a = 1\na = 2", "[a]\n[a]", "a.b = 1\na = 2", "a = {}\n[a.b]", "a = [1]\n[[a]]", "[[a]]\n[a]",
		"a = -0\nb = +1\nc = 007", "a = 2027-02-30", "a = [ 1, 99999999999999999999 ]", "a = 0xff\nb = 1_0\nc = [-12, 0, true, false]\nd = { }\ne = []",
		"a = 1e5\nb = nan", "a = 1e5\nb = -nan\nc = 0x_f\nd = 1979-05-27 07:32:00.5\ne = 07:32:00", "a = '''\n", "a = [", "a", "[[a]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var doc document
		ix, err := Decode("f.toml", text, &doc)
		mistakes, ok := errors.AsType[Mistakes](err)
		if err != nil && (!ok || len(mistakes) == 0) {
			t.Fatalf("error %v is no Mistakes", err)
		}
		for _, m := range mistakes {
			checkInside(t, ix, m)
		}
		tree, broken := decodeTree(text)
		if broken != nil {
			return
		}
		checkPlaces(t, ix, nil, tree)
		var want map[string]any
		if _, err := toml.Decode(string(ix.text), &want); err != nil {
			t.Fatalf("a whole parser refuses the text: %v", err)
		}
		if diff := cmp.Diff(want, tree, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("a whole parser reads it otherwise (-theirs +ours):\n%s", diff)
		}
		want = nil
		if err := other.Unmarshal(ix.text, &want); err != nil {
			t.Fatalf("another parser refuses the text: %v", err)
		}
		if diff := cmp.Diff(want, tree, sameTOML()...); diff != "" {
			t.Errorf("another parser reads it otherwise (-theirs +ours):\n%s", diff)
		}
	})
}

// decodeTree returns what Decode decodes from.
func decodeTree(text []byte) (map[string]any, error) {
	ix, err := Decode("f.toml", text, &struct{}{})
	if mistakes, ok := errors.AsType[Mistakes](err); ok && mistakes[0].Path == nil {
		return nil, err
	}
	return ix.root.table(), nil
}

func checkInside(t *testing.T, ix *Index, m Mistake) {
	t.Helper()
	if m.Line < 1 || m.Line > len(ix.lines) || m.Col < 1 {
		t.Fatalf("%v is outside of %d lines", m, len(ix.lines))
	}
	end := len(ix.text)
	if m.Line < len(ix.lines) {
		end = ix.lines[m.Line] - 1
	}
	if width := utf8.RuneCount(ix.text[ix.lines[m.Line-1]:end]); m.Col > width+1 {
		t.Fatalf("%v is outside of a line of %d characters", m, width)
	}
}

// checkPlaces checks that the index has all keys of the tree below path.
func checkPlaces(t *testing.T, ix *Index, path []any, data any) {
	t.Helper()
	if !ix.Has(path...) {
		t.Fatalf("no place for %v", path)
	}
	switch data := data.(type) {
	case map[string]any:
		for key, v := range data {
			checkPlaces(t, ix, append(path[:len(path):len(path)], key), v)
		}
	case []map[string]any:
		for i, v := range data {
			checkPlaces(t, ix, append(path[:len(path):len(path)], i), v)
		}
	case []any:
		for i, v := range data {
			checkPlaces(t, ix, append(path[:len(path):len(path)], i), v)
		}
	}
}

// sameTOML makes the trees of the two parsers comparable: they keep arrays of
// tables and dates without a zone in types of their own.
func sameTOML() []cmp.Option {
	return []cmp.Option{
		cmpopts.EquateEmpty(),
		cmpopts.EquateNaNs(),
		cmp.FilterValues(func(a, b any) bool { return isDate(a) && isDate(b) }, cmp.Ignore()),
		cmp.FilterValues(func(a, b any) bool { return isTables(a) || isTables(b) }, cmp.Transformer("elements", elements)),
	}
}

func isDate(v any) bool {
	switch v.(type) {
	case time.Time, other.LocalDate, other.LocalDateTime, other.LocalTime:
		return true
	}
	return false
}

func isTables(v any) bool {
	_, ok := v.([]map[string]any)
	return ok
}

func elements(v any) []any {
	tables, ok := v.([]map[string]any)
	if !ok {
		list, _ := v.([]any)
		return list
	}
	list := make([]any, len(tables))
	for i, table := range tables {
		list[i] = table
	}
	return list
}
