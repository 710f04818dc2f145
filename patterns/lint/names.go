package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// names finds names that are most likely meant to be another, and declared ones
// that nothing uses.
func (p *pass) names() {
	p.unused()
	p.nearTags()
	p.nearIDs()
}

// unused finds tags and logical files that the user's files declare for nothing.
func (p *pass) unused() {
	tags, files := p.used()
	for _, s := range p.set.Sources {
		src := p.sources[s.Name]
		if s.Packed {
			continue
		}
		for _, tag := range slices.Sorted(maps.Keys(src.tree.Tags)) {
			if !tags[tag] {
				p.found = append(p.found, finding("I002", "", src.place("tags", tag), fmt.Sprintf("no rule has the tag %q", tag), "take it away, or use it"))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(src.tree.Files)) {
			if !files[name] {
				p.found = append(p.found, finding("I002", "", src.place("files", name), fmt.Sprintf("no rule reads the logical file %q", name), "take it away, or use it"))
			}
		}
	}
}

// used returns the tags and logical names that rules use, as they are written.
func (p *pass) used() (tags, files map[string]bool) {
	tags, files = map[string]bool{}, map[string]bool{"console": true} // the main log: classify shows lines of it
	for _, s := range p.sources {
		for _, rule := range slices.Concat(s.tree.Rule, s.tree.Override) {
			if tag, ok := rule["tag"].(string); ok {
				tags[tag] = true
			}
			for _, file := range filesOf(rule) {
				files[file] = true
			}
		}
	}
	return tags, files
}

// filesOf returns the files that a rule or one of its conditions names.
func filesOf(rule map[string]any) []string {
	var files []string
	if file, ok := rule["file"].(string); ok {
		files = append(files, file)
	}
	for _, key := range []string{"all", "none"} {
		switch list := rule[key].(type) {
		case []any:
			for _, c := range list {
				if c, ok := c.(map[string]any); ok {
					files = append(files, filesOf(c)...)
				}
			}
		case []map[string]any:
			for _, c := range list {
				files = append(files, filesOf(c)...)
			}
		}
	}
	return files
}

// nearTags finds tags that are one slip away from another, or from a rule's id.
func (p *pass) nearTags() {
	first, count := map[string]*rule{}, map[string]int{}
	for _, r := range p.rules {
		if first[r.Tag] == nil {
			first[r.Tag] = r
		}
		count[r.Tag]++
	}
	tags := slices.Sorted(maps.Keys(p.set.Tags))
	ids := slices.Sorted(maps.Keys(p.byID))
	for _, tag := range slices.Sorted(maps.Keys(first)) {
		r := first[tag]
		others := slices.DeleteFunc(slices.Clone(tags), func(t string) bool { return t == tag || count[t] < count[tag] })
		if near := slip(tag, others); near != "" && (count[near] > count[tag] || near < tag) {
			p.report("W020", r, []any{"tag"}, fmt.Sprintf("the tag %q is nearly the tag %q", tag, near), fmt.Sprintf("write %q, or give them names that differ more", near))
		} else if near := slip(tag, ids); near != "" || p.byID[tag] != nil {
			if near == "" {
				near = tag
			}
			p.report("W020", r, []any{"tag"}, fmt.Sprintf("the tag %q is the id of a rule, or nearly so: %q", tag, near), "a tag is a word for statistics that many rules share; give that")
		}
	}
}

// nearIDs finds ids that are one slip away from another's.
func (p *pass) nearIDs() {
	var before []string
	for _, r := range p.rules {
		if near := slip(r.ID, before); near != "" {
			p.report("I003", r, []any{"id"}, fmt.Sprintf("is nearly the id %q in %s", near, p.set.Origin(near)), "give them names that differ more")
		}
		before = append(before, r.ID)
	}
}

// slip returns the name among known that differs from name by one slip of the
// keyboard in a word of six letters or more, not its first: one letter too many, missing,
// or two swapped. Numbers and plurals are no slips, nor is another letter.
func slip(name string, known []string) string {
	for _, other := range known {
		if other == name || abs(len(other)-len(name)) > 1 {
			continue
		}
		a, b := differ(name, other)
		if min(len(a), len(b)) >= 6 && a[0] == b[0] && oneSlip(a, b) {
			return other
		}
	}
	return ""
}

// differ returns the words in which two names differ, "" if there are several.
func differ(name, other string) (string, string) {
	a, b := strings.FieldsFunc(name, apartWords), strings.FieldsFunc(other, apartWords)
	if len(a) != len(b) {
		return "", ""
	}
	at := -1
	for i := range a {
		if a[i] != b[i] && at >= 0 {
			return "", ""
		} else if a[i] != b[i] {
			at = i
		}
	}
	if at < 0 {
		return "", ""
	}
	return a[at], b[at]
}

func apartWords(r rune) bool { return r == '-' || r == '_' || r == '.' }

// oneSlip reports whether two words differ by a letter that is missing from
// one, or two that are swapped; not by a digit or a plural's s.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	}
	return a[i:] == b[i+1:] && !strings.ContainsRune("0123456789", rune(b[i])) && !(i == len(a) && strings.HasSuffix(b, "s"))
}

func abs(n int) int { return max(n, -n) }
