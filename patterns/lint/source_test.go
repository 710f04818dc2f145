package lint

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

// FuzzSource holds what reads rule files as text to the TOML parser: a file
// without its comments says the same, and what quote writes is read as it was.
func FuzzSource(f *testing.F) {
	for _, seed := range []string{
		"a = 'b#' # c\n# d\n[x] # y\nb = [ '#', # z\n]", "a = \"\\\"#\" # \"\nb = '''\n'#''''' # x", "a = \"\"\"\\\"\"\"#\"\"\"\"\" # ' x\n", "'#' = 1 # é",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list := comments(text)
		var before, after map[string]any
		if _, err := toml.Decode(text, &before); err == nil {
			if _, err := toml.Decode(uncommented(text, list), &after); err != nil || !cmp.Equal(before, after) {
				t.Errorf("%q is not the same without its comments %+v: %v", text, list, err)
			}
		}
		var doc struct{ V string }
		if utf8.ValidString(text) && !strings.HasPrefix(text, "\n") {
			if _, err := toml.Decode("V = "+quote(text), &doc); err != nil || doc.V != text {
				t.Errorf("quote(%q) = %s, which is %q: %v", text, quote(text), doc.V, err)
			}
		}
	})
}

// uncommented returns a text without comments.
func uncommented(text string, list []comment) string {
	lines := strings.SplitAfter(text, "\n")
	for _, c := range list {
		runes := []rune(lines[c.line-1])
		lines[c.line-1] = string(runes[:c.col-1]) + "\n"
	}
	return strings.Join(lines, "")
}
