package strict

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"
)

// maxDepth bounds how deep keys and values may be nested.
const maxDepth = 100

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
	label    string           // of a table: its id or name
	set      bool             // a value or a [header] was given for it
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

// Where returns what to call the table that holds the last key of path: each
// element of an array of tables on the way by its id or name, else its number
// (`rule "no-space"`, `rule 3`), a table by its header (`[tags]`), the top
// level not at all.
func (ix *Index) Where(path ...any) string {
	var parts, keys []string
	n := ix.root
	for i, p := range path {
		if n = n.child(p); n == nil {
			break
		}
		switch p := p.(type) {
		case string:
			if i < len(path)-1 {
				keys = append(keys, p)
			}
		case int:
			if n.children != nil {
				parts = append(parts, label(keys, p, n))
				keys = nil
			}
		}
	}
	if len(parts) == 0 && len(keys) > 0 {
		return "[" + strings.Join(keys, ".") + "]"
	}
	return strings.Join(parts, ", ")
}

func label(keys []string, number int, n *node) string {
	name := strings.Join(keys, ".")
	if n.label != "" {
		return fmt.Sprintf("%s %q", name, n.label)
	}
	return fmt.Sprintf("%s %d", name, number+1)
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

// build fills the index from the text, up to the first mistake in the syntax.
func (ix *Index) build() Mistakes {
	b := builder{Index: ix, table: ix.root}
	b.parser.Reset(bytes.Clone(ix.text)) // the parser wants the text's capacity to be its length
	for b.parser.NextExpression() {
		b.expression(b.parser.Expression())
		if len(b.mistakes) > 0 {
			return b.mistakes
		}
	}
	if err := b.parser.Error(); err != nil {
		return Mistakes{*ix.syntax(&b.parser, err)}
	}
	return nil
}

// syntax says what the parser found wrong with the text.
func (ix *Index) syntax(p *unstable.Parser, err error) *Mistake {
	offset := len(ix.text)
	if bad, ok := errors.AsType[*unstable.ParserError](err); ok && len(bad.Highlight) > 0 {
		offset = int(p.Range(bad.Highlight).Offset)
	}
	return ix.mistake(offset, err.Error(), "")
}

// builder is what building an index keeps from one expression to the next.
type builder struct {
	*Index
	parser   unstable.Parser
	table    *node // of the last [header]
	mistakes Mistakes
}

func (b *builder) expression(e *unstable.Node) {
	switch e.Kind {
	case unstable.Table:
		if n := b.walk(b.root, e.Key()); n != nil {
			b.give(n, e)
			b.table = n
		}
	case unstable.ArrayTable:
		if n := b.walk(b.root, e.Key()); n != nil {
			b.table = &node{at: n.at, children: map[string]*node{}}
			b.table.at = lastKey(e)
			n.elems = append(n.elems, b.table)
		}
	case unstable.KeyValue:
		b.keyValue(b.table, e, 0)
	}
}

// keyValue takes in a key and its value below a table.
func (b *builder) keyValue(table *node, e *unstable.Node, depth int) {
	n := b.walk(table, e.Key())
	if n == nil {
		return
	}
	b.give(n, e)
	value := e.Value()
	if name := lastName(e); value.Kind == unstable.String && (name == "id" || name == "name" && table.label == "") {
		table.label = string(value.Data)
	}
	b.value(n, value, depth+1)
}

// value takes in what a value holds.
func (b *builder) value(n *node, value *unstable.Node, depth int) {
	if depth > maxDepth {
		b.fail(n.at, fmt.Sprintf("values are nested more than %d deep", maxDepth), "")
		return
	}
	switch value.Kind {
	case unstable.Array:
		b.array(n, value, depth)
	case unstable.InlineTable:
		n.children = map[string]*node{}
		for it := value.Children(); it.Next(); {
			b.keyValue(n, it.Node(), depth)
		}
	}
}

func (b *builder) array(n *node, value *unstable.Node, depth int) {
	for it := value.Children(); it.Next(); {
		elem := &node{at: b.begin(it.Node(), n.at), set: true}
		n.elems = append(n.elems, elem)
		b.value(elem, it.Node(), depth+1)
	}
}

// begin returns the offset at which a value begins. The parser does not keep
// that of an array: it counts as beginning with its first element, or, if it
// has none, with what stands around it.
func (b *builder) begin(value *unstable.Node, around int) int {
	for value.Kind == unstable.Array {
		first := value.Child()
		if !first.Valid() {
			return around
		}
		value = first
	}
	return int(value.Raw.Offset)
}

// give notes that a key was given a value or a [header], which none may be twice.
func (b *builder) give(n *node, e *unstable.Node) {
	if n.set {
		line, _ := b.place(n.at)
		b.fail(lastKey(e), fmt.Sprintf("%q is already set in line %d", lastName(e), line), "keep one of the two")
		return
	}
	n.set = true
	n.at = lastKey(e)
}

// walk goes down from a node by a dotted key, through the last element of each
// array of tables on the way, and makes what is not there yet.
func (b *builder) walk(n *node, key unstable.Iterator) *node {
	for depth := 0; key.Next(); depth++ {
		if depth > maxDepth {
			b.fail(int(key.Node().Raw.Offset), fmt.Sprintf("the key has more than %d parts", maxDepth), "")
			return nil
		}
		if len(n.elems) > 0 {
			n = n.elems[len(n.elems)-1]
		}
		if n.children == nil {
			n.children = map[string]*node{}
		}
		name := string(key.Node().Data)
		if n.children[name] == nil {
			n.children[name] = &node{at: int(key.Node().Raw.Offset)}
		}
		n = n.children[name]
	}
	return n
}

func (b *builder) fail(offset int, what, remedy string) {
	b.mistakes = append(b.mistakes, *b.mistake(offset, what, remedy))
}

// lastPart returns the last part of an expression's dotted key.
func lastPart(e *unstable.Node) *unstable.Node {
	key := e.Key()
	for key.Next() {
		if key.IsLast() {
			break
		}
	}
	return key.Node()
}

func lastKey(e *unstable.Node) int     { return int(lastPart(e).Raw.Offset) }
func lastName(e *unstable.Node) string { return string(lastPart(e).Data) }
