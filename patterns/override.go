package patterns

import (
	"fmt"
	"slices"
)

// override applies the overrides of a file. One that is wrong changes nothing.
func (l *loader) override(f *loaded) {
	seen := map[string]table{}
	for i, text := range f.Overrides {
		t := table{f, "override", i}
		d := l.target(t, text.ID)
		if d == nil {
			continue
		}
		if first, twice := seen[text.ID]; twice {
			l.wrong(f, fmt.Sprintf("rule %q is already changed in line %d", text.ID, first.place().Line),
				"say all of it in one [[override]]", t.path("id")...)
			continue
		}
		seen[text.ID] = t
		if !d.broken() {
			l.apply(d, t, &text)
		}
	}
}

// target returns the rule that an override is for, nil if there is something
// wrong with that.
func (l *loader) target(t table, id string) *draft {
	switch d := l.ids[id]; {
	case !t.tried("id"):
		l.wrong(t.file, "has no id", "name the rule to change", t.path()...)
	case !t.has("id") || t.failed("id"):
	case d == nil && l.lost: // it may be one of those
	case d == nil:
		l.wrong(t.file, fmt.Sprintf("there is no rule %q", id), l.suggest(id), t.path("id")...)
	case d.file == t.file:
		l.wrong(t.file, fmt.Sprintf("rule %q stands in this file", id), "change the rule itself: an override changes one of an earlier file", t.path("id")...)
	case d.file.order > t.file.order:
		l.wrong(t.file, fmt.Sprintf("rule %q comes later, in %s", id, d.table.place().Row()), "name that file before this one", t.path("id")...)
	default:
		return d
	}
	return nil
}

// apply tries an override on a copy of a rule, and lets the rule have it if that
// is right.
func (l *loader) apply(d *draft, t table, text *overrideText) {
	changed := d.clone()
	fields := changed.take(t, text)
	change := Change{Origin: t.place(), Fields: fields, Off: text.Off}
	if !l.switchable(d, t, change) {
		return
	}
	switch {
	case text.Off:
		changed.off = &t
	case t.has("off"):
		changed.off = nil
	}
	c := check{loader: l, draft: changed, by: &t}
	c.all()
	c.hides()
	if t.broken() {
		return
	}
	changed.changes = append(changed.changes, change)
	*d = *changed
}

// switchable reports whether an override changes anything, and nothing of a rule
// that is off or that it switches off.
func (l *loader) switchable(d *draft, t table, change Change) bool {
	on := t.has("off") && !change.Off
	switch {
	case t.failed():
	case change.Off && len(change.Fields) > 0:
		l.wrong(t.file, "switches the rule off and changes it", "leave out either off or the rest", t.path("off")...)
	case change.Off && d.off != nil:
		l.wrong(t.file, fmt.Sprintf("the rule is already off, by %s", d.off.place().Row()), "leave this one out", t.path("off")...)
	case on && d.off == nil:
		l.wrong(t.file, "the rule is not off", "leave out off = false", t.path("off")...)
	case d.off != nil && !on:
		l.wrong(t.file, fmt.Sprintf("changes a rule that is off, by %s", d.off.place().Row()), "add off = false to switch it on again, or leave this out", t.path()...)
	case !t.has("off") && len(change.Fields) == 0:
		l.wrong(t.file, "changes nothing", "give the keys to replace, or off = true", t.path()...)
	default:
		return true
	}
	return t.failed()
}

// take replaces what an override has, and returns the keys. A pattern takes the
// place of a literal and the other way round.
func (d *draft) take(t table, text *overrideText) []string {
	var fields []string
	for _, key := range ruleKeys {
		if key != "id" && t.has(key) && !t.failed(key) {
			fields = append(fields, key)
		}
	}
	if slices.Contains(fields, "pattern") || slices.Contains(fields, "literal") {
		for _, key := range []string{"pattern", "literal"} {
			d.text.take(key, &ruleText{})
			d.keys[key], d.owners[key] = false, t
		}
	}
	for _, key := range fields {
		d.text.take(key, &text.ruleText)
		d.keys[key], d.owners[key] = true, t
	}
	return fields
}
