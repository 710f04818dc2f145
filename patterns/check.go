package patterns

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// nameForm says how ids, tags and logical names are written, and why.
const nameForm = "write small letters, digits, \".\", \"_\" and \"-\", first a letter or digit: names stand in links, commands and file names"

// check checks one rule.
type check struct {
	*loader
	file   *loaded
	number int
	text   ruleText
}

// wrong reports a mistake at a key of the rule; without a key, of the rule.
func (c check) wrong(what, remedy string, key ...any) {
	c.loader.wrong(c.file, what, remedy, append([]any{"rule", c.number}, key...)...)
}

// has reports whether the rule has a key, be its value empty or wrong.
func (c check) has(key string) bool {
	return c.file.index.Has("rule", c.number, key)
}

func (c check) all() {
	c.missing()
	c.id()
	c.path()
	c.tag()
	c.tier()
	c.pattern()
	c.message()
	c.exclude()
	c.tests()
}

// tried reports whether the rule has a key, or one that most likely stands for it.
func (c check) tried(key string) bool {
	return c.has(key) || c.file.meant(key, "rule", c.number)
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
	if !c.has("id") {
		return
	}
	if why := checkName(c.text.ID); why != "" {
		c.wrong(fmt.Sprintf("id %q %s", c.text.ID, why), nameForm, "id")
		return
	}
	if first, used := c.ids[c.text.ID]; used {
		c.wrong(fmt.Sprintf("id %q is already used in %s", c.text.ID, first.Row()), "give one of the two rules another id", "id")
		return
	}
	c.ids[c.text.ID] = c.file.place("rule", c.number)
}

func (c check) path() {
	file := c.text.File
	if _, logical := c.set.Files[file]; logical || file == classify.ResultFile || !c.has("file") {
		return
	}
	if what, remedy := checkPath(file); what != "" {
		c.wrong(what, remedy, "file")
		return
	}
	near := strict.Nearest(file, slices.Collect(maps.Keys(c.set.Files)))
	if near != "" && !strings.ContainsAny(file, `./*?[\`) {
		c.wrong(fmt.Sprintf("file %q is no logical name", file),
			fmt.Sprintf("did you mean %q? if a log is really called that, say so in [files]", near), "file")
	}
}

func (c check) tag() {
	if _, known := c.set.Tags[c.text.Tag]; known || !c.has("tag") {
		return
	}
	remedy := "declare it in [tags]"
	if near := strict.Nearest(c.text.Tag, slices.Collect(maps.Keys(c.set.Tags))); near != "" {
		remedy = fmt.Sprintf("did you mean %q? or %s", near, remedy)
	} else {
		remedy += "; known are " + strings.Join(slices.Sorted(maps.Keys(c.set.Tags)), ", ")
	}
	c.wrong(fmt.Sprintf("unknown tag %q", c.text.Tag), remedy, "tag")
}

func (c check) tier() {
	switch classify.Tier(c.text.Tier) {
	case classify.TierCause, classify.TierSymptom:
		return
	}
	if c.has("tier") {
		c.wrong(fmt.Sprintf("unknown tier %q", c.text.Tier),
			`write "cause", or "symptom" for lines that only say that something failed`, "tier")
	}
}

func (c check) exclude() {
	for i, text := range c.text.Exclude {
		switch {
		case text == "":
			c.wrong("an empty exclude excludes every line", "leave it out", "exclude", i)
		case strings.ContainsAny(text, neverInLine):
			c.wrong(fmt.Sprintf("exclude %q is never part of a line", text), "leave out the end of the line", "exclude", i)
		}
	}
}

func (c check) tests() {
	for i, t := range c.text.Tests {
		has := func(key string) bool { return c.file.index.Has("rule", c.number, "test", i, key) }
		tried := func(key string) bool { return has(key) || c.file.meant(key, "rule", c.number, "test", i) }
		if !tried("log") {
			c.wrong("has no log", "give the line of a log to try the rule on", "test", i)
		} else if has("log") && t.Log == "" {
			c.wrong("log is empty", "give the line of a log to try the rule on", "test", i, "log")
		}
		if !tried("want") {
			c.wrong("has no want", `give the message, or want = "" if the rule must not match`, "test", i)
		}
		if strings.TrimRight(t.Want, " \t") != t.Want {
			c.wrong(fmt.Sprintf("want %q ends in a blank, which no message does", t.Want), "leave the blank out", "test", i, "want")
		}
	}
}

// checkName says what is wrong with an id, a tag or a logical name.
func checkName(name string) string {
	switch {
	case name == "":
		return "is empty"
	case strings.Trim(name, "._-") == "", strings.ContainsFunc(name, notInName), strings.ContainsAny(name[:1], "._-"):
		return "is not well formed"
	}
	return ""
}

func notInName(r rune) bool {
	return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789._-", r)
}

// maxArchives is how many archives a file may be in, one in the other.
const maxArchives = 2

// cleanFile returns the shortest form of a path, or of each of ARCHIVE//MEMBER.
func cleanFile(file string) string {
	parts := strings.Split(file, "//")
	for i := range parts {
		parts[i] = path.Clean(parts[i])
	}
	return strings.Join(parts, "//")
}

// checkPath says what is wrong with a path or glob of a log file.
func checkPath(file string) (what, remedy string) {
	_, bad := path.Match(file, "")
	steps := strings.Split(file, "/")
	switch {
	case file == "":
		return "file is empty", "give a logical name, a path or a glob"
	case strings.HasPrefix(file, "@"):
		return fmt.Sprintf("file %q is no file", file), fmt.Sprintf("the only name with an @ is %q", classify.ResultFile)
	case strings.Contains(file, "://"), strings.HasPrefix(file, "/"):
		return fmt.Sprintf("file %q does not lie in the folder of a job's logs", file), "give the path below that folder"
	case slices.Contains(steps, ".."):
		return fmt.Sprintf("file %q leads out of the folder of a job's logs", file), "give the path below that folder"
	case strings.HasSuffix(file, "/"):
		return fmt.Sprintf("file %q is a folder", file), "name a file in it, or all with /*"
	case strings.Count(file, "//") > maxArchives:
		return fmt.Sprintf("file %q is in too many archives", file), "at most one archive in another is read"
	case strings.Contains(file, "///"):
		return fmt.Sprintf("file %q has a slash too many", file), "write ARCHIVE//MEMBER"
	case slices.Contains(steps, "."):
		return fmt.Sprintf("file %q is not in its shortest form", file), fmt.Sprintf("write %q", cleanFile(file))
	case slices.ContainsFunc(steps, func(s string) bool { return s != "**" && strings.Contains(s, "**") }):
		return fmt.Sprintf("file %q: ** beside letters", file), "** alone stands for any folders: **/*.log"
	case bad != nil:
		return fmt.Sprintf("file %q is no glob: %v", file, bad), "close each [ with a ], or write \\[ for the bracket itself"
	}
	return "", ""
}
