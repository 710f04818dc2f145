package patterns

import "fmt"

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
	Fields []string // the keys that it replaced, in the order of Fields
	Off    bool     // it switched the rule off
}

// spot is a table of a file: a [[rule]] or an [[override]].
type spot struct {
	file *loaded
	path []any
}

// place returns where a key of the table stands.
func (s spot) place(path ...any) Place {
	return s.file.place(append(s.path[:len(s.path):len(s.path)], path...)...)
}

// origin is where a rule comes from: its own table, and the overrides that
// changed it.
type origin struct {
	spot
	file    string          // the rule's file as it is written
	set     map[string]spot // by key: the override that set it last
	changes []Change
}

// Place returns where a rule, or a key of it, stands: the path leads from the
// rule to the key by names (string) and numbers of elements (int, from 0). A key
// that an override set stands there. If there is no such key, it is the place of
// the innermost part of path that there is; without such a rule the zero Place.
// Rules that are switched off have places too.
func (s *Set) Place(id string, path ...any) Place {
	o, ok := s.origins[id]
	if !ok {
		return Place{}
	}
	if len(path) > 0 {
		if key, ok := path[0].(string); ok && o.set[key].file != nil {
			return o.set[key].place(path...)
		}
	}
	return o.place(path...)
}

// Origin returns where the rule with that id stands, as "file:line", or "" if
// the set has no such rule.
func (s *Set) Origin(id string) string {
	if _, ok := s.origins[id]; !ok {
		return ""
	}
	return s.Place(id).Row()
}

// Changes returns what overrides did to a rule, in their order.
func (s *Set) Changes(id string) []Change { return s.origins[id].changes }

// File returns the file of a rule as it is written: a logical name, a path, a
// glob, or "@result"; "" if the set has no such rule.
func (s *Set) File(id string) string { return s.origins[id].file }
