package patterns

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// Place is where something stands in a rule file.
type Place struct {
	File      string
	Line, Col int // from 1; columns in characters
}

// String returns "file:line:col".
func (p Place) String() string { return fmt.Sprintf("%s:%d", p.Row(), p.Col) }

// Row returns "file:line".
func (p Place) Row() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// Change is what one [[override]] did to a rule.
type Change struct {
	Origin Place    // of the [[override]]
	Fields []string // the keys that it replaced, in the order in which Fields has them
	Off    bool     // it switched the rule off
}

// table is a [[rule]] or an [[override]] of a file.
type table struct {
	file   *loaded
	kind   string // "rule" or "override"
	number int    // from 0
}

// path returns the path of a key of the table.
func (t table) path(key ...any) []any { return append([]any{t.kind, t.number}, key...) }

// place returns where a key of the table stands.
func (t table) place(key ...any) Place { return t.file.place(t.path(key...)...) }

// has reports whether the table has a key, be its value empty or wrong.
func (t table) has(key ...any) bool { return t.file.index.Has(t.path(key...)...) }

// failed reports whether decoding found a mistake in a key, or below it.
func (t table) failed(key ...any) bool {
	if len(t.file.mistakes) == 0 {
		return false // as nearly always, and this is asked often
	}
	path := t.path(key...)
	return slices.ContainsFunc(t.file.mistakes, func(m strict.Mistake) bool {
		return len(m.Path) >= len(path) && slices.Equal(m.Path[:len(path)], path)
	})
}

// tried reports whether the table at path has a key, or one that most likely
// stands for it.
func (t table) tried(key string, path ...any) bool {
	return t.has(append(slices.Clip(path), key)...) || t.file.meant(key, t.path(path...)...)
}

// broken reports whether the table has a mistake.
func (t table) broken() bool { return t.file.broken[tableKey{t.kind, t.number}] }

// draft is a rule on its way into the set, as its own table and the overrides
// that were applied so far have it.
type draft struct {
	table   // its own
	text    ruleText
	keys    map[string]bool  // those it has that decoding found right
	owners  map[string]table // by key: the override that set it last
	changes []Change
	off     *table // the override that switched it off
	ordered bool   // what it hides has been checked
}

// newDraft returns the rule that stands in a table.
func newDraft(t table) *draft {
	d := &draft{table: t, text: t.file.Rules[t.number], keys: map[string]bool{}, owners: map[string]table{}}
	for key := range t.file.index.Keys(t.path()...) {
		d.keys[key] = !slices.ContainsFunc(t.file.mistakes, func(m strict.Mistake) bool {
			return slices.Equal(m.Path, t.path(key))
		})
	}
	return d
}

// clone returns a copy to try an override on.
func (d *draft) clone() *draft {
	c := *d
	c.keys, c.owners, c.changes = maps.Clone(d.keys), maps.Clone(d.owners), slices.Clip(d.changes)
	return &c
}

// owner returns the table that a key comes from: the override that set it last,
// else the rule's own.
func (d *draft) owner(key any) table {
	if name, ok := key.(string); ok && d.owners[name].file != nil {
		return d.owners[name]
	}
	return d.table
}

// place returns where a key of the rule stands: in the override that set it
// last, else in its own table.
func (d *draft) place(path ...any) Place {
	if len(path) > 0 {
		return d.owner(path[0]).place(path...)
	}
	return d.table.place()
}

// Place returns where a rule, or a key of it, stands: the path leads from the
// rule to the key by names (string) and numbers of elements (int, from 0). A key
// that an override set stands there. If there is no such key, it is the place of
// the innermost part of path that there is; without such a rule the zero Place.
// Rules that are switched off have places too.
func (s *Set) Place(id string, path ...any) Place {
	if d, ok := s.drafts[id]; ok {
		return d.place(path...)
	}
	return Place{}
}

// Origin returns where the rule with that id stands, as "file:line", or "" if
// the set has no such rule.
func (s *Set) Origin(id string) string {
	if d, ok := s.drafts[id]; ok {
		return d.place().Row()
	}
	return ""
}

// Changes returns what overrides did to a rule, in their order.
func (s *Set) Changes(id string) []Change {
	if d, ok := s.drafts[id]; ok {
		return d.changes
	}
	return nil
}

// File returns the file of a rule as it is written: a logical name, a path, a
// glob, or "@result"; "" if the set has no such rule.
func (s *Set) File(id string) string {
	if d, ok := s.drafts[id]; ok {
		return d.text.File
	}
	return ""
}

// whereRule is how a mistake names the rule that it is in.
var whereRule = regexp.MustCompile(`^(?:rule|override) "([^"]*)"`)

// RuleOf returns the id of the rule that a mistake is in, or in an override of
// which it is; "" if that has no id, or the mistake is in neither.
func RuleOf(m strict.Mistake) string {
	if found := whereRule.FindStringSubmatch(m.Where); found != nil {
		return found[1]
	}
	return ""
}
