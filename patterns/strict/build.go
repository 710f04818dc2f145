package strict

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pelletier/go-toml/v2/unstable"
)

// maxDepth bounds how deep keys and values may be nested.
const maxDepth = 100

// how says how a key came to be, which decides what may be added to it.
type how int

const (
	fresh   how = iota // not at all yet
	implied            // on the way to a [header]
	dotted             // on the way to the last part of a dotted key
	header             // by a [header]
	headers            // by [[headers]]
	value              // by a value, which is complete
)

// builder is what building an index keeps from one expression to the next.
type builder struct {
	*Index
	parser   unstable.Parser
	table    *node // that the last header began
	end      int   // of the last expression, or in its last line
	mistakes Mistakes
}

// build fills the index from the text, up to the first mistake in the syntax.
func (ix *Index) build() Mistakes {
	b := builder{Index: ix, table: ix.root}
	b.parser.Reset(ix.text)
	for b.parser.NextExpression() {
		b.expression(b.parser.Expression())
		if len(b.mistakes) > 0 {
			return b.mistakes
		}
	}
	if err := b.parser.Error(); err != nil {
		b.fail(b.explain(err))
	}
	return b.mistakes
}

// expression takes in a header or a line `key = value`.
func (b *builder) expression(e *unstable.Node) {
	switch e.Kind {
	case unstable.Table:
		b.header(e)
	case unstable.ArrayTable:
		b.headers(e)
	case unstable.KeyValue:
		b.keyValue(b.table, e, 0)
		b.end = offset(e) + int(e.Raw.Length)
	}
}

// header takes in a [header].
func (b *builder) header(e *unstable.Node) {
	n, last := b.walk(b.root, e.Key(), implied)
	if !b.free(n, last, fresh, implied) {
		return
	}
	n.how, n.at = header, offset(last)
	b.table, b.end = n, offset(last)
}

// headers takes in a [[header]].
func (b *builder) headers(e *unstable.Node) {
	n, last := b.walk(b.root, e.Key(), implied)
	if !b.free(n, last, fresh, headers) {
		return
	}
	n.how = headers
	b.table = &node{at: offset(last), how: header}
	n.elems = append(n.elems, b.table)
	b.end = offset(last)
}

// keyValue takes in a key and its value below a table.
func (b *builder) keyValue(table *node, e *unstable.Node, depth int) {
	n, last := b.walk(table, e.Key(), dotted)
	if !b.free(n, last, fresh) {
		return
	}
	n.how = value
	b.value(n, e.Value(), depth+1)
	text, ok := n.data.(string)
	switch {
	case !ok:
	case n == table.children["id"]:
		table.label = text
	case n == table.children["name"]:
		table.label = cmp.Or(table.label, text)
	}
}

// value takes in what a value holds.
func (b *builder) value(n *node, v *unstable.Node, depth int) {
	if depth > maxDepth {
		b.fail(n.at, fmt.Sprintf("values are nested more than %d deep", maxDepth), "put it less deep")
		return
	}
	switch v.Kind {
	case unstable.Array:
		n.elems = []*node{}
		for it := v.Children(); it.Next(); {
			elem := &node{at: begin(it.Node(), n.at), how: value}
			n.elems = append(n.elems, elem)
			b.value(elem, it.Node(), depth+1)
		}
	case unstable.InlineTable:
		n.children = map[string]*node{}
		for it := v.Children(); it.Next(); {
			b.keyValue(n, it.Node(), depth)
		}
	default:
		n.data = b.scalar(v)
	}
}

// begin returns the offset at which a value begins. The parser does not keep
// that of an array: it counts as beginning with its first element, or, if it
// has none, with what stands around it.
func begin(v *unstable.Node, around int) int {
	for v.Kind == unstable.Array {
		if v = v.Child(); !v.Valid() {
			return around
		}
	}
	return offset(v)
}

// walk goes down from a table by a dotted key, through the last element of each
// array of tables on the way, and makes what is not there yet: what is on the
// way as via, the last as fresh. It returns nil if there is no such way.
func (b *builder) walk(n *node, key unstable.Iterator, via how) (*node, *unstable.Node) {
	var part *unstable.Node
	for depth := 0; key.Next(); depth++ {
		if part != nil && !b.pass(n, part, via) {
			return nil, nil
		}
		part = key.Node()
		if depth >= maxDepth {
			b.fail(offset(part), fmt.Sprintf("the key has more than %d parts", maxDepth), "put it less deep")
			return nil, nil
		}
		if n.how == headers {
			n = n.elems[len(n.elems)-1]
		}
		n = n.grow(string(part.Data), offset(part))
	}
	return n, part
}

// pass reports whether keys may be added below n, and notes that they are.
func (b *builder) pass(n *node, part *unstable.Node, via how) bool {
	if n.how == fresh {
		n.how = via
	}
	if via == dotted {
		return b.free(n, part, dotted)
	}
	return b.free(n, part, implied, dotted, header, headers)
}

// free reports whether n came to be in one of the given ways, and if not,
// that the key is there already.
func (b *builder) free(n *node, part *unstable.Node, as ...how) bool {
	if n == nil {
		return false
	}
	if slices.Contains(as, n.how) {
		return true
	}
	line, _ := b.place(n.at)
	b.fail(offset(part), fmt.Sprintf("%q is already set in line %d", part.Data, line), "say it once, in one place")
	return false
}

func (b *builder) fail(offset int, what, remedy string) {
	b.mistakes = append(b.mistakes, *b.mistake(offset, what, remedy))
}

// offset returns where a key, or a value that is no array, begins.
func offset(n *unstable.Node) int { return int(n.Raw.Offset) }
