package strict

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Index knows where the keys of a TOML text stand. It does not change once
// Decode has returned it.
type Index struct {
	file  string
	text  []byte
	lines []int // offsets of the lines' first bytes
	root  *node
}

// node is a key, or an element of an array.
type node struct {
	at       int              // offset of the key or, for an element without one, of its value
	children map[string]*node // of a table
	elems    []*node          // of an array
	data     any              // of a value that is neither
	label    string           // of a table: its id or name
	how      how              // it came to be
}

// grow returns the child of that name, which it makes at that offset if it is
// not there yet.
func (n *node) grow(name string, at int) *node {
	if n.children == nil {
		n.children = map[string]*node{}
	}
	if n.children[name] == nil {
		n.children[name] = &node{at: at}
	}
	return n.children[name]
}

func newIndex(file string, text []byte) *Index {
	ix := &Index{file: file, text: text, lines: []int{0}, root: &node{}}
	for i, c := range text {
		if c == '\n' {
			ix.lines = append(ix.lines, i+1)
		}
	}
	return ix
}

// At returns the line and column (both from 1; columns in characters, not
// bytes, a byte order mark not counted) of the key that path leads to: names of
// keys (string) and numbers of elements (int, from 0). An element of an array
// of tables stands where its [[header]] has the key, an element of any other
// array where its value begins. If there is no such key, At returns the place
// of the innermost part of path that there is: where the key is missing.
func (ix *Index) At(path ...any) (line, col int) {
	n, _ := ix.find(path)
	return ix.place(n.at)
}

// Has reports whether the text has a key or element at path.
func (ix *Index) Has(path ...any) bool {
	_, ok := ix.find(path)
	return ok
}

// Keys yields the keys of the table at path, in no order; none if there is no
// such table.
func (ix *Index) Keys(path ...any) iter.Seq[string] {
	n, ok := ix.find(path)
	if !ok {
		n = &node{}
	}
	return maps.Keys(n.children)
}

// Where returns what to call the table that path leads to, or that holds its
// last key: each element of an array of tables on the way by its id or name,
// else its number (`rule "no-space"`, `rule 3`), a table by its header
// (`[tags]`), the top level not at all.
func (ix *Index) Where(path ...any) string {
	var parts, keys []string
	n := ix.root
	for _, p := range ix.holder(path) {
		if n = n.child(p); n == nil {
			break
		}
		switch p := p.(type) {
		case string:
			keys = append(keys, bare(p))
		case int:
			if n.isTable() {
				parts = append(parts, label(keys, p, n))
				keys = nil
			} else {
				keys[len(keys)-1] += " " + strconv.Itoa(p+1)
			}
		}
	}
	if len(parts) == 0 && len(keys) > 0 {
		return "[" + strings.Join(keys, ".") + "]"
	}
	return strings.Join(parts, ", ")
}

// holder returns the part of path that leads to a table.
func (ix *Index) holder(path []any) []any {
	for i, p := range slices.Backward(path) {
		if _, ok := p.(string); ok {
			return path[:i]
		}
		if n, ok := ix.find(path[:i+1]); ok && n.isTable() {
			return path[:i+1]
		}
	}
	return nil
}

func label(keys []string, number int, n *node) string {
	name := strings.Join(keys, ".")
	if n.label != "" {
		return fmt.Sprintf("%s %q", name, n.label)
	}
	return fmt.Sprintf("%s %d", name, number+1)
}

// isTable reports whether n is an element of an array that is a table.
func (n *node) isTable() bool { return n.how == header || n.children != nil }

// tree returns what stands below n: a map[string]any of a table, a
// []map[string]any of an array of tables, a []any of any other array, else a
// scalar.
func (n *node) tree() any {
	switch {
	case n.how == headers:
		tables := make([]map[string]any, len(n.elems))
		for i, elem := range n.elems {
			tables[i] = elem.table()
		}
		return tables
	case n.data != nil:
		return n.data
	case n.elems != nil:
		list := make([]any, len(n.elems))
		for i, elem := range n.elems {
			list[i] = elem.tree()
		}
		return list
	}
	return n.table()
}

// table returns what stands below a table.
func (n *node) table() map[string]any {
	table := make(map[string]any, len(n.children))
	for key, child := range n.children {
		table[key] = child.tree()
	}
	return table
}

// bare returns a key as it is written in TOML: in quotes, if need be.
func bare(key string) string {
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return !isBare(r) }) {
		return fmt.Sprintf("%q", key)
	}
	return key
}

func isBare(r rune) bool {
	return r == '-' || r == '_' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
}

// Mistake returns a mistake at the place of path, as At and Where give it.
func (ix *Index) Mistake(path []any, what, remedy string) Mistake {
	line, col := ix.At(path...)
	return Mistake{
		File: ix.file, Line: line, Col: col,
		Path: slices.Clone(path), Where: ix.Where(path...), What: what, Remedy: remedy,
	}
}

// mistake returns a mistake at an offset into the text.
func (ix *Index) mistake(offset int, what, remedy string) *Mistake {
	line, col := ix.place(offset)
	return &Mistake{File: ix.file, Line: line, Col: col, What: what, Remedy: remedy}
}

// place turns an offset into a line and a column.
func (ix *Index) place(offset int) (line, col int) {
	offset = min(max(offset, 0), len(ix.text))
	line = sort.SearchInts(ix.lines, offset+1)
	return line, utf8.RuneCount(ix.text[ix.lines[line-1]:offset]) + 1
}

// find returns the node at path, or the innermost on the way to it.
func (ix *Index) find(path []any) (*node, bool) {
	n := ix.root
	for _, p := range path {
		next := n.child(p)
		if next == nil {
			return n, false
		}
		n = next
	}
	return n, true
}

func (n *node) child(p any) *node {
	switch p := p.(type) {
	case string:
		return n.children[p]
	case int:
		if p >= 0 && p < len(n.elems) {
			return n.elems[p]
		}
	}
	return nil
}
