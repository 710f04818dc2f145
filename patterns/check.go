package patterns

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// check checks one rule: as its own table has it, or as an override would make it.
type check struct {
	*loader
	*draft
	by *table // the override; nil: the rule's own table
}

// holds reports whether the table that a key comes from has it.
func (c check) holds(key ...any) bool { return c.owner(key[0]).has(key...) }

// failed reports whether decoding found a mistake in a key, or below it.
func (c check) failed(key ...any) bool { return c.owner(key[0]).failed(key...) }

// wrong reports a mistake at a key of the rule; without a key, of the rule. The
// mistake is that of the override that is checked, wherever the key stands.
func (c check) wrong(what, remedy string, key ...any) {
	t := c.table
	if len(key) > 0 {
		t = c.owner(key[0])
	}
	if c.by != nil && t != *c.by {
		c.loader.wrong(c.by.file, fmt.Sprintf("makes the rule of %s wrong: %s", c.table.place().Row(), what), remedy, c.by.path()...)
		return
	}
	c.loader.wrong(t.file, what, remedy, t.path(key...)...)
}

// rule checks the rule's own table. What it hides is checked when all rules are known.
// Those that are embedded are only checked for what the rules beside them may make
// wrong: a test holds them to the rest, so that not every start has to.
func (c check) rule() {
	c.missing()
	c.id()
	if c.file.packed {
		c.files()
		return
	}
	c.all()
}

// all checks everything that an override may change, but for what the rule hides.
func (c check) all() {
	c.files()
	c.tag()
	c.words()
	c.message()
	own := c.pattern()
	c.exclude(own)
	next := c.next()
	conditions := c.conditions(own)
	c.unless(own, next, conditions)
	c.evidence()
	c.resultFile()
	c.restrictions()
	c.about()
	c.tests()
}

// missing reports the keys that a rule must have and this one has not, in one
// mistake, since they all are missing in the same place.
func (c check) missing() {
	var keys []string
	for _, key := range []string{"id", "file", "message", "tag"} {
		if !c.tried(key) {
			keys = append(keys, key)
		}
	}
	if !c.tried("pattern") && !c.tried("literal") {
		keys = append(keys, "pattern (or literal)")
	}
	if len(keys) > 0 {
		c.wrong("has no "+strings.Join(keys, ", no "), "every rule has an id, a file, a pattern or literal, a message and a tag")
	}
}

func (c check) id() {
	if !c.keys["id"] {
		return
	}
	if why := checkName(c.text.ID); why != "" {
		c.wrong(fmt.Sprintf("id %q %s", c.text.ID, why), nameForm, "id")
		return
	}
	if first, used := c.ids[c.text.ID]; used {
		c.wrong(fmt.Sprintf("id %q is already used in %s", c.text.ID, first.table.place().Row()), "give one of the two rules another id", "id")
		return
	}
	c.ids[c.text.ID] = c.draft
}

// files checks the rule's own file.
func (c check) files() {
	if c.keys["file"] {
		c.path(c.text.File, "file")
	}
}

// path checks a file, which stands at key.
func (c check) path(file string, key ...any) {
	if files, logical := c.loader.set.Files[file]; logical {
		if len(files) == 0 { // which has been told of where it is declared
			c.file.mark(c.owner(key[0]).path())
		}
		return
	}
	if file == classify.ResultFile {
		return
	}
	if what, remedy := checkPath(file); what != "" {
		c.wrong(what, remedy, key...)
		return
	}
	near := strict.Nearest(file, slices.Collect(maps.Keys(c.loader.set.Files)))
	if near != "" && !strings.ContainsAny(file, `./*?[\`) {
		c.wrong(fmt.Sprintf("file %q is no logical name", file),
			fmt.Sprintf("did you mean %q? if a log is really called that, say so in [files]", near), key...)
	}
}

func (c check) tag() {
	if _, known := c.loader.set.Tags[c.text.Tag]; known || !c.keys["tag"] {
		return
	}
	remedy := "declare it in [tags]"
	if near := strict.Nearest(c.text.Tag, slices.Collect(maps.Keys(c.loader.set.Tags))); near != "" {
		remedy = fmt.Sprintf("did you mean %q? or %s", near, remedy)
	} else {
		remedy += "; known are " + strings.Join(slices.Sorted(maps.Keys(c.loader.set.Tags)), ", ")
	}
	c.wrong(fmt.Sprintf("unknown tag %q", c.text.Tag), remedy, "tag")
}

// words checks the keys that hold one of two words.
func (c check) words() {
	if tier := classify.Tier(c.text.Tier); c.keys["tier"] && !slices.Contains(classify.Tiers(), tier) {
		c.wrong(fmt.Sprintf("unknown tier %q", tier),
			`write "cause", "clue" for lines that name the reason only where a command failed, or "symptom" for those that only say that something failed`, "tier")
	}
	if o := classify.Occurrence(c.text.Occurrence); c.keys["occurrence"] && o != classify.OccurrenceFirst && o != classify.OccurrenceLast {
		c.wrong(fmt.Sprintf("unknown occurrence %q", o), `write "first" or "last"`, "occurrence")
	}
}

// exclude checks the texts that a line must not contain against what the rule
// looks for.
func (c check) exclude(own *expr) {
	for i, text := range c.text.Exclude {
		switch {
		case text == "":
			c.wrong("an empty exclude excludes every line", "leave it out", "exclude", i)
		case strings.ContainsAny(text, neverInLine):
			c.wrong(fmt.Sprintf("exclude %q is never part of a line", text), "leave out the end of the line", "exclude", i)
		case own.implies(&expr{source: text}):
			c.wrong(fmt.Sprintf("exclude %q is part of every line that the rule looks for: it can never match", text),
				"exclude what the harmless lines alone have", "exclude", i)
		}
	}
}

// restrictions checks the globs that say which jobs the rule is for.
func (c check) restrictions() {
	for _, r := range []struct {
		key   string
		globs []string
	}{{"jobs", c.text.Jobs}, {"projects", c.text.Projects}, {"branches", c.text.Branches}, {"pipelines", c.text.Pipelines}} {
		sound := true
		for i, glob := range r.globs {
			if strings.TrimSpace(strings.TrimPrefix(glob, "!")) == "" {
				c.wrong(fmt.Sprintf("%q is no glob", glob), `write a name, with "*" for any text and "?" for any character; "!" before it excludes`, r.key, i)
				sound = false
			}
		}
		if sound && !c.failed(r.key) && allowsNone(r.globs) {
			c.wrong(fmt.Sprintf("%s excludes all that it allows: the rule can never match", r.key), `leave out what has a "!", or what has none`, r.key)
		}
	}
}

// allowsNone reports whether globs that exclude cover all others, or everything.
func allowsNone(globs []string) bool {
	var not []string
	for _, glob := range globs {
		if n, ok := strings.CutPrefix(glob, "!"); ok && !strings.Contains(n, "?") {
			not = append(not, n)
		}
	}
	covered := func(glob string) bool { return classify.GlobAny(not, glob) }
	if covered("*") {
		return true
	}
	allowed := slices.DeleteFunc(slices.Clone(globs), func(g string) bool { return strings.HasPrefix(g, "!") })
	return len(allowed) > 0 && !slices.ContainsFunc(allowed, func(g string) bool { return !covered(g) })
}

// about checks what is for people only.
func (c check) about() {
	if c.keys["url"] {
		u, err := url.Parse(c.text.URL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			c.wrong(fmt.Sprintf("url %q is no web address", c.text.URL), "write it with http:// or https://", "url")
		}
	}
	if c.keys["description"] && strings.TrimSpace(c.text.Description) == "" {
		c.wrong("description is empty", "say what the rule is about, or leave it out", "description")
	}
}

// hides checks, now that all rules are known, what they hide.
func (l *loader) hides() {
	for _, d := range l.drafts {
		if !d.broken() {
			check{loader: l, draft: d}.hides()
		}
		d.ordered = true
	}
}

// hides checks what the rule hides: each a rule that there is, and none that
// hides this one in turn. The rule that closes a circle is the one that is wrong.
func (c check) hides() {
	for i, id := range c.text.Hides {
		if id == c.text.ID {
			c.wrong("hides itself", "leave it out", "hides", i)
			continue
		}
		if c.ids[id] == nil {
			if !c.lost {
				c.wrong(fmt.Sprintf("hides %q, but there is no such rule", id), c.suggest(id), "hides", i)
			}
			continue
		}
		if way := c.way(id, map[string]bool{}); way != nil {
			circle := append([]string{c.text.ID}, way...)
			c.wrong("rules hide one another in a circle: "+strings.Join(circle, " → "), "leave out the one that is no consequence", "hides", i)
		}
	}
}

// way returns the rules by which the one of that id hides the rule that is
// checked, this one last; nil if it does not. Rules that come later are left
// out, unless they have been checked: the last of a circle finds it.
func (c check) way(id string, seen map[string]bool) []string {
	if id == c.text.ID {
		return []string{id}
	}
	d := c.ids[id]
	if d == nil || d.broken() || seen[id] || !d.ordered {
		return nil
	}
	seen[id] = true
	for _, next := range d.text.Hides {
		if way := c.way(next, seen); way != nil {
			return append([]string{id}, way...)
		}
	}
	return nil
}

// suggest returns a remedy for the id of a rule that there is not.
func (l *loader) suggest(id string) string {
	if near := strict.Nearest(id, slices.Collect(maps.Keys(l.ids))); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "watchcat rules list shows the rules that there are"
}
