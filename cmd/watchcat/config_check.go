package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// maxCap is the most changes that one Gerrit is asked for.
const maxCap = 200

// configCheck collects what is wrong with a configuration: what decoding it
// found, and what is wrong with its values.
type configCheck struct {
	index    *strict.Index
	mistakes strict.Mistakes
}

// at is a path to a key in a configuration.
type at []any

// fail reports a mistake, unless one was found at the same key before.
func (c *configCheck) fail(path at, remedy, format string, args ...any) {
	known := func(m strict.Mistake) bool { return slices.Equal(m.Path, path) }
	if !slices.ContainsFunc(c.mistakes, known) {
		c.mistakes = append(c.mistakes, c.index.Mistake(path, fmt.Sprintf(format, args...), remedy))
	}
}

// config checks the whole.
func (c *configCheck) config(conf *config) {
	names := map[string]bool{}
	for i := range conf.Gerrit {
		g := &conf.Gerrit[i]
		c.gerrit(at{"gerrit", i}, g)
		c.name(at{"gerrit", i, "name"}, g.name(), names)
	}
	for i := range conf.Periodic {
		p := &conf.Periodic[i]
		c.periodic(at{"periodic", i}, p)
		c.name(at{"periodic", i, "name"}, p.name(), names)
	}
	c.positive(at{"logs", "timeout"}, conf.Logs.Timeout)
	if n := conf.Logs.Retries; n != nil && (*n < 0 || *n > 20) {
		c.fail(at{"logs", "retries"}, "0 means none", "retries = %d: must be from 0 to 20", *n)
	}
	for i, rules := range conf.Rules {
		if rules == "" {
			c.fail(at{"rules", i}, `write "default", a file or a folder`, "empty name of a rule file")
		}
	}
}

// name checks that no other source has the name.
func (c *configCheck) name(path at, name string, names map[string]bool) {
	if name != "" && names[name] {
		c.fail(path, "give each a name of its own", "two sources are named %q", name)
	}
	names[name] = true
}

func (c *configCheck) gerrit(path at, g *gerritConfig) {
	key := func(name string) at { return append(path[:len(path):len(path)], name) }
	if !c.index.Has(key("host")...) {
		c.fail(key("host"), `add host = "review.example.org"`, "no host")
	}
	if c.index.Has(key("port")...) && (g.Port < 1 || g.Port > 65535) {
		c.fail(key("port"), "Gerrit's own is 29418", "port = %d: must be from 1 to 65535", g.Port)
	}
	if !c.index.Has(key("ci")...) {
		c.fail(key("ci"), `add ci = ["zuul"]: only the accounts listed there are believed`, "no CI accounts")
	}
	if c.index.Has(key("cap")...) && (g.Cap < 1 || g.Cap > maxCap) {
		c.fail(key("cap"), "", "cap = %d: must be from 1 to %d", g.Cap, maxCap)
	}
	c.positive(key("timeout"), g.Timeout)
	c.filled(key("ci"), g.CI, "account")
	c.filled(key("projects"), g.Projects, "project")
}

// filled reports empty strings in a list.
func (c *configCheck) filled(path at, list []string, what string) {
	if len(list) == 0 && c.index.Has(path...) {
		c.fail(path, "name at least one, or remove the key", "the list of %ss is empty", what)
	}
	for i, s := range list {
		if strings.TrimSpace(s) == "" {
			c.fail(append(path[:len(path):len(path)], i), "", "empty name of a %s", what)
		}
	}
}

// positive reports a length of time that is none.
func (c *configCheck) positive(path at, d time.Duration) {
	if d <= 0 && c.index.Has(path...) {
		c.fail(path, `write it like "30s" or "2m"`, "%s = %q: must be longer than nothing", path[len(path)-1], d)
	}
}
