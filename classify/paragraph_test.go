package classify_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// TestParagraph looks at what the match that names the reason shows.
func TestParagraph(t *testing.T) {
	deep := strings.Repeat("  detail\n", 40)
	level := strings.Repeat("same\n", 40)
	for _, tt := range []struct {
		name string
		rule classify.Rule
		log  string
		want string // lines, from the first one shown on
	}{
		{"a source line and a caret", classify.Rule{}, "x\na.c:1: boom\n  int x = y;\n          ^\nmake: next\n\nend\n", "a.c:1: boom\n  int x = y;\n          ^\nmake: next"},
		{"a blank line ends it", classify.Rule{}, "boom\n  a\n\n  b\n", "boom\n  a"},
		{"blanks are a blank line", classify.Rule{}, "boom\n  a\n \t\n  b\n", "boom\n  a"},
		{"less indented", classify.Rule{}, "  boom\n    a\n  b\nc\n", "  boom\n    a\n  b"},
		{"the step's end", classify.Rule{}, "boom\n  a\nmake: *** [x] Error 1\nb\n", "boom\n  a"},
		{"prefixes of the runner", classify.Rule{}, "2026-11-20T10:11:12.1234567Z boom\n2026-11-20T10:11:12.1234567Z   a\n2026-11-20T10:11:12.1234567Z \n2026-11-20T10:11:12.1234567Z b\n", "boom\n  a"},
		{"another label", classify.Rule{}, "[error] boom\n[error]   int x\n[info] next\n", "[error] boom\n[error]   int x"},
		{"less indented behind the label", classify.Rule{}, "[error]   boom\n[error]     int x\n[error] next\n", "[error]   boom\n[error]     int x"},
		{"no label", classify.Rule{}, "[error boom\n  [7] a\n[] b\n\nc\n", "[error boom\n  [7] a\n[] b"},
		{"thirty lines", classify.Rule{}, "boom\n" + deep, "boom\n" + strings.TrimSuffix(deep[:29*len("  detail\n")], "\n")},
		{"two as deep", classify.Rule{}, "boom\n" + level, "boom\n" + strings.TrimSuffix(level[:2*len("same\n")], "\n")},
		{"the log's end", classify.Rule{}, "boom\n  a", "boom\n  a"},
		{"context in any case", classify.Rule{Context: classify.Context{Before: 1, After: 2}}, "x\nboom\n\na\nb\n\nc\n", "x\nboom\n\na"},
		{"more than the context", classify.Rule{Context: classify.Context{After: 1}}, "boom\n  a\n  b\n\nc\n", "boom\n  a\n  b"},
		{"until says where it ends", classify.Rule{Until: "^  a"}, "boom\n  a\n  b\n", "boom\n  a"},
		{"carriage returns", classify.Rule{}, "boom\n  10 %\r  20 %\n  a\n\nb\n", "boom\n  10 %\n  a"},
		{"the first block is long gone", classify.Rule{}, "boom\n  a\n" + strings.Repeat(strings.Repeat(".", 99)+"\n", 10<<20/100), "boom"},
		{"behind several blocks", classify.Rule{}, strings.Repeat(strings.Repeat(".", 99)+"\n", 1<<20/100) + "boom\n  a\n", "boom\n  a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.rule
			r.ID, r.Files, r.Literal, r.Message = "r", []string{"log"}, "boom", "m"
			for _, no := range []bool{false, true} {
				c, err := classify.Compile([]classify.Rule{r})
				if err != nil {
					t.Fatal(err)
				}
				c.NoExcerpt = no
				got := c.Log(t.Context(), "log", strings.NewReader(tt.log)).Evidence
				if len(got) != 1 {
					t.Fatalf("%d runs: %v", len(got), got)
				}
				if n := got[0].EndLine - got[0].Line + 1; n != len(got[0].Text) {
					t.Errorf("lines %d to %d, %d of text", got[0].Line, got[0].EndLine, len(got[0].Text))
				}
				text := strings.Join(got[0].Text, "\n")
				if no {
					if !strings.HasPrefix(tt.want, text) {
						t.Errorf("without an excerpt: %q", text)
					}
				} else if diff := cmp.Diff(tt.want, text); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}
