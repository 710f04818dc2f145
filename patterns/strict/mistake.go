package strict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mistake is one thing that is wrong in a file, and what to do about it.
type Mistake struct {
	File   string
	Line   int    // from 1; 0 for a mistake of the file as a whole
	Col    int    // from 1, in characters (Unicode code points)
	Path   []any  // the keys (string) and numbers of elements (int, from 0) that lead to it; nil where it has no such place
	Where  string // what Path means to a reader: `rule "no-space"`, `[tags]`
	What   string // what is wrong
	Remedy string // what to do about it; may be empty
	Meant  string // the key that an unknown key most likely stands for; may be empty
}

// Error returns `file:line:col: where: what; remedy`, less what is not known.
func (m Mistake) Error() string {
	var b strings.Builder
	b.WriteString(m.File)
	if m.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", m.Line, m.Col)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if m.Where != "" {
		b.WriteString(m.Where + ": ")
	}
	b.WriteString(m.What)
	if m.Remedy != "" {
		b.WriteString("; " + m.Remedy)
	}
	return b.String()
}

func (m Mistake) compare(n Mistake) int {
	return cmp.Or(cmp.Compare(m.File, n.File), cmp.Compare(m.Line, n.Line), cmp.Compare(m.Col, n.Col), cmp.Compare(m.What, n.What))
}

// Mistakes are all mistakes that were found, of one file or of several.
type Mistakes []Mistake

// Error returns one mistake a line, sorted by place.
func (ms Mistakes) Error() string {
	lines := make([]string, 0, len(ms))
	for _, m := range slices.SortedStableFunc(slices.Values(ms), Mistake.compare) {
		lines = append(lines, m.Error())
	}
	return strings.Join(lines, "\n")
}

// Err returns ms, sorted, as an error: nil if there are none.
func (ms Mistakes) Err() error {
	if len(ms) == 0 {
		return nil
	}
	return sorted(slices.Clone(ms))
}
