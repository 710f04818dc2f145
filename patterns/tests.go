package patterns

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// tests checks the rule's own tests.
func (c check) tests() {
	t := c.owner("test")
	for i, text := range c.text.Tests {
		c.log(t, i, text.Log)
		if !t.tried("want", "test", i) {
			c.wrong("has no want", `give the message, or want = "" if the rule must not match`, "test", i)
		}
		if strings.TrimRight(text.Want, " \t") != text.Want {
			c.wrong(fmt.Sprintf("want %q ends in a blank, which no message does", text.Want), "leave the blank out", "test", i, "want")
		}
		for _, name := range slices.Sorted(maps.Keys(text.Files)) {
			c.testFile(name, "test", i, "files", name)
		}
	}
}

// log checks the log of a test.
func (c check) log(t table, i int, log string) {
	const remedy = "give the line of a log to try the rule on"
	switch {
	case !t.tried("log", "test", i):
		c.wrong("has no log", remedy, "test", i)
	case t.has("test", i, "log") && log == "":
		c.wrong("log is empty", remedy, "test", i, "log")
	}
}

// testFile checks the name of a file that a test gives.
func (c check) testFile(name string, key ...any) {
	var named []string
	for _, cond := range slices.Concat(c.text.All, c.text.None) {
		if cond.File != "" && cond.File != c.text.File {
			named = append(named, cond.File)
		}
	}
	switch {
	case slices.ContainsFunc(named, func(file string) bool { return stands(name, file) }):
	case name == c.text.File:
		c.wrong(fmt.Sprintf("%q is the rule's own file", name), "give its text in log", key...)
	default:
		remedy := "name a file as a condition in all or none names it"
		if near := strict.Nearest(name, named); near != "" {
			remedy = fmt.Sprintf("did you mean %q?", near)
		}
		c.wrong(fmt.Sprintf("no condition names the file %q", name), remedy, key...)
	}
}

// stands reports whether a file that a test gives is one that a condition
// names: by that name, or by a glob.
func stands(name, file string) bool {
	return name == file || classify.IsGlob(file) && classify.MatchFile(file, name)
}
