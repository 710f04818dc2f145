package lint

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// lackForm is how the loader tells of what patterns do not have.
var lackForm = regexp.MustCompile("\\(\\?<?[=!]|`\\\\[1-9]`")

// lacking reports whether a mistake is about something that RE2 leaves out.
func lacking(what string) bool {
	return strings.Contains(what, "pattern") && lackForm.MatchString(what)
}

// expiry finds rules that have expired, or will.
func (p *pass) expiry(r *rule) {
	if p.options.Now.IsZero() {
		return
	}
	const remedy = "see whether it is still needed: take it away, or set a later day"
	switch patterns.ExpiryOf(r.Rule, p.options.Now) {
	case patterns.Expired:
		p.report("W017", r, []any{"expires"}, "has expired on "+r.Expires, remedy)
	case patterns.Expiring:
		p.report("I001", r, []any{"expires"}, "expires on "+r.Expires, remedy)
	}
}

// file finds files that are most likely meant to be logical names.
func (p *pass) file(r *rule) {
	if len(r.Files) != 1 || isResult(r) || strings.ContainsAny(r.Files[0], "./*?[") {
		return
	}
	if _, logical := p.set.Files[r.Files[0]]; !logical && !p.declared("files", func(v any) bool { return contains(v, r.Files[0]) }) {
		p.report("W018", r, []any{"file"}, fmt.Sprintf("file %q is no logical name, and does not look like a file", r.Files[0]),
			"declare it in [files], if a log is called that; declared are "+strings.Join(slices.Sorted(maps.Keys(p.set.Files)), ", "))
	}
}

// declared reports whether a value that a rule file declares in a table fits.
func (p *pass) declared(table string, fits func(any) bool) bool {
	for _, s := range p.sources {
		values := s.tree.Files
		if table == "tags" {
			values = s.tree.Tags
		}
		for _, v := range values {
			if fits(v) {
				return true
			}
		}
	}
	return false
}

// contains reports whether a list of TOML holds a text.
func contains(list any, text string) bool {
	values, _ := list.([]any)
	return slices.Contains(values, any(text))
}

// jobs finds globs of jobs that fit none that is known.
func (p *pass) jobs(r *rule) {
	if len(p.options.Jobs) == 0 {
		return
	}
	for i, glob := range r.Jobs {
		plain := strings.TrimPrefix(glob, "!")
		if slices.ContainsFunc(p.options.Jobs, func(job string) bool { return classify.Glob(plain, job) }) {
			continue
		}
		remedy := "take it away, or correct it"
		if near := strict.Nearest(plain, p.options.Jobs); near != "" {
			remedy = fmt.Sprintf("did you mean %q?", near)
		}
		p.report("W019", r, []any{"jobs", i}, fmt.Sprintf("%q fits none of the known jobs", glob), remedy)
	}
}

// hides finds rules that hide one which is never tried on the same job, by
// lists of jobs without globs.
func (p *pass) hides(r *rule) {
	for i, id := range r.Hides {
		other := p.byID[id]
		if other == nil {
			continue
		}
		for _, lists := range [][2][]string{{r.Jobs, other.Jobs}, {r.Projects, other.Projects}, {r.Branches, other.Branches}, {r.Pipelines, other.Pipelines}} {
			if apart(lists[0], lists[1]) {
				p.report("W023", r, []any{"hides", i}, fmt.Sprintf("hides %q, which is never tried on the same job", id), "take it out of hides, or let the two be tried on the same jobs")
				break
			}
		}
	}
}

// apart reports whether no name is allowed by both lists.
func apart(a, b []string) bool {
	return names(a) && names(b) && !slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
}

// names reports whether a list names what it allows, without globs.
func names(list []string) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(x string) bool { return strings.ContainsAny(x, "*?!") })
}

// overrides finds keys of overrides that say what the rule says anyway.
func (p *pass) overrides() {
	effective := map[string]map[string]any{}
	for _, s := range p.set.Sources {
		src := p.sources[s.Name]
		for _, rule := range src.tree.Rule {
			if id, ok := rule["id"].(string); ok && effective[id] == nil {
				effective[id] = maps.Clone(rule)
			}
		}
		for i, over := range src.tree.Override {
			id, _ := over["id"].(string)
			if rule := effective[id]; rule != nil {
				p.override(src, i, over, rule)
			}
		}
	}
}

func (p *pass) override(src *source, number int, over, rule map[string]any) {
	var same []string
	for _, key := range slices.Sorted(maps.Keys(over)) {
		if key == "id" {
			continue
		}
		if reflect.DeepEqual(over[key], rule[key]) {
			same = append(same, key)
		}
		rule[key] = over[key]
	}
	id, _ := over["id"].(string)
	if len(over) == 1 {
		p.found = append(p.found, finding("W024", id, src.place("override", number), "this override changes nothing", "give the keys to change, or off = true, or take it away"))
	}
	for _, key := range same {
		p.found = append(p.found, finding("W024", id, src.place("override", number, key), fmt.Sprintf("%s is what the rule has anyway", key), "leave it out"))
	}
}

// tests finds rules that lack tests.
func (p *pass) tests(r *rule) {
	positive, negative := false, false
	for _, t := range r.tests {
		positive = positive || t.Want != ""
		negative = negative || t.Want == ""
	}
	const add = "add a [[rule.test]] with a line as the tool prints it, and the message as want"
	const addNot = `with the nearest harmless line and want = ""`
	switch {
	case !positive && !negative:
		p.report("W021", r, nil, "has no tests", add+"; and one "+addNot)
	case !positive:
		p.report("W021", r, nil, "has no test that it must match", add)
	case !negative:
		p.report("W022", r, nil, "has no test that it must not match", "add a [[rule.test]] "+addNot)
	}
}

// failing finds tests that fail.
func (p *pass) failing() {
	results, err := p.set.Test(context.Background())
	if err != nil {
		p.found = append(p.found, finding("E003", "", patterns.Place{}, err.Error(), ""))
	}
	for _, result := range results {
		if result.Passed() {
			continue
		}
		place := parsePlace(result.Origin)
		what := strings.TrimPrefix(result.String(), result.Origin+": ")
		what = strings.TrimPrefix(what, fmt.Sprintf("rule %q: ", result.Rule))
		f := finding("E003", result.Rule, place, "a test fails: the rule "+what, "correct the rule or the test; watchcat rules explain shows each condition")
		f.Example = firstOf(strings.SplitN(result.Log, "\n", 2))
		p.found = append(p.found, f)
	}
}

// parsePlace reads "file:line:col".
func parsePlace(origin string) patterns.Place {
	var place patterns.Place
	parts := strings.Split(origin, ":")
	if len(parts) < 3 {
		return patterns.Place{File: origin}
	}
	place.File = strings.Join(parts[:len(parts)-2], ":")
	_, _ = fmt.Sscan(parts[len(parts)-2], &place.Line)
	_, _ = fmt.Sscan(parts[len(parts)-1], &place.Col)
	return place
}
