package classify_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
)

func TestLines(t *testing.T) {
	long := strings.Repeat("word ", classify.MaxLine/4)
	for name, c := range map[string]struct {
		log  string
		want []classify.Line
		err  string
	}{
		"plain":           {log: "a\n\nb", want: []classify.Line{{1, "a", false}, {2, "", false}, {3, "b", false}}},
		"carriage return": {log: "one\rtwo\r\nthree\n", want: []classify.Line{{1, "one", false}, {1, "two", false}, {2, "three", false}}},
		"stamp, colour":   {log: "2026-11-20T10:11:12.1234567Z \x1b[31mred\x1b[0m\n", want: []classify.Line{{1, "red", false}}},
		"overlong":        {log: long + "\nb\n", want: []classify.Line{{1, strings.TrimSuffix(long[:classify.MaxLine-1], " "), true}, {2, "b", false}}},
		"empty":           {log: "", err: "the file is empty: no text"},
		"packed":          {log: "\x1f\x8bxyz", err: "the file is gzip, unpack it: no text"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []classify.Line
			err := ""
			for l, e := range classify.Lines(strings.NewReader(c.log)) {
				if e != nil {
					err = e.Error()
					continue
				}
				got = append(got, l)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || err != c.err {
				t.Errorf("error %q, want %q; %s", err, c.err, diff)
			}
		})
	}
}

// TestLinesError tells of what the reader says, after the lines before it.
func TestLinesError(t *testing.T) {
	broken := errors.New("broken")
	r := io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken))
	var got []string
	for l, err := range classify.Lines(r) {
		if err != nil {
			got = append(got, err.Error())
			continue
		}
		got = append(got, l.Text)
	}
	if diff := cmp.Diff([]string{"a", "b", "broken"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestLinesStop reads no further than a block after the loop has ended.
func TestLinesStop(t *testing.T) {
	r := strings.NewReader(strings.Repeat("line\n", 1<<20))
	for l := range classify.Lines(r) {
		if l.Number == 3 {
			break
		}
	}
	if read := int(r.Size()) - r.Len(); read > 256<<10 {
		t.Errorf("%d bytes were read", read)
	}
}
