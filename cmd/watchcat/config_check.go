package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/patterns/strict"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/gerrit"
)

// The most that one log server is asked for: at a time, and in a second.
const (
	maxPerHost   = 64
	maxPerSecond = 10_000
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

// to returns the path to something below p.
func (p at) to(more ...any) at { return append(p[:len(p):len(p)], more...) }

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
	for i := range conf.Zuul {
		z := &conf.Zuul[i]
		c.zuul(at{"zuul", i}, z)
		c.name(at{"zuul", i, "name"}, z.name(), names)
	}
	for i := range conf.Jenkins {
		j := &conf.Jenkins[i]
		c.jenkins(at{"jenkins", i}, j)
		c.name(at{"jenkins", i, "name"}, j.name(), names)
	}
	for i := range conf.Local {
		l := &conf.Local[i]
		if len(l.Paths) == 0 || slices.Contains(l.Paths, "") {
			c.fail(at{"local", i, "paths"}, `add paths = ["/srv/ci/*/"]`, "no paths")
		}
		c.name(at{"local", i, "name"}, l.name(), names)
	}
	c.logs(at{"logs"}, &conf.Logs)
	for i, rules := range conf.Rules {
		if rules == "" {
			c.fail(at{"rules", i}, `write "default", a file or a folder`, "empty name of a rule file")
		}
	}
}

// name checks that no other source has the name.
func (c *configCheck) name(path at, name string, names map[string]bool) {
	if strings.HasPrefix(name, savedPrefix) {
		c.fail(path, "", "name = %q: --source takes what begins with %q for a saved list", name, savedPrefix)
	}
	if name != "" && names[name] {
		c.fail(path, "give each a name of its own", "two sources are named %q", name)
	}
	names[name] = true
}

// logs checks how logs are fetched.
func (c *configCheck) logs(path at, l *logsConfig) {
	c.positive(path.to("timeout"), l.Timeout)
	c.positive(path.to("max_time"), l.MaxTime)
	c.positive(path.to("cache_age"), l.CacheAge)
	if n := l.Retries; n != nil && (*n < 0 || *n > 20) {
		c.fail(path.to("retries"), "0 means none", "retries = %d: must be from 0 to 20", *n)
	}
	if c.index.Has(path.to("per_host")...) && (l.PerHost < 1 || l.PerHost > maxPerHost) {
		c.fail(path.to("per_host"), "8 is the default", "per_host = %d: must be from 1 to %d", l.PerHost, maxPerHost)
	}
	if c.index.Has(path.to("per_second")...) && !(l.PerSecond > 0 && l.PerSecond <= maxPerSecond) {
		c.fail(path.to("per_second"), "50 is the default", "per_second = %v: must be above 0, and at most %d", l.PerSecond, maxPerSecond)
	}
	for host, certificate := range l.Certificates {
		if certificate.Cert == "" {
			c.fail(path.to("certificates", host), `add cert = "client.pem"`, "no file with the certificate for %q", host)
		}
	}
}

func (c *configCheck) gerrit(path at, g *gerritConfig) {
	if c.index.Has(path.to("url")...) {
		for _, key := range []string{"host", "port", "user", "key", "known_hosts"} {
			if c.index.Has(path.to(key)...) {
				c.fail(path.to(key), "leave it out, or leave out url", "%s is for SSH, but url asks over HTTP", key)
			}
		}
		c.adapter(path.to("url"), gerrit.Options{URL: g.URL, Client: &sources.Client{}})
	} else {
		c.needed(path, "host", `add host = "review.example.org"`)
		c.needed(path, "user", `add user = "…", the name of your account there`)
	}
	c.needed(path, "ci", `add ci = ["zuul"]: only the accounts listed there are believed`)
	if c.index.Has(path.to("port")...) && (g.Port < 1 || g.Port > 65535) {
		c.fail(path.to("port"), "Gerrit's own is 29418", "port = %d: must be from 1 to 65535", g.Port)
	}
	if c.index.Has(path.to("cap")...) && (g.Cap < 1 || g.Cap > maxCap) {
		c.fail(path.to("cap"), "", "cap = %d: must be from 1 to %d", g.Cap, maxCap)
	}
	c.positive(path.to("timeout"), g.Timeout)
	c.adapter(path.to("query"), gerrit.Options{Query: g.Query})
	for i, account := range g.CI {
		c.adapter(path.to("ci", i), gerrit.Options{CI: []string{account}})
	}
	for i, project := range g.Projects {
		c.adapter(path.to("projects", i), gerrit.Options{Projects: []string{project}})
	}
	if c.index.Has(path.to("ci")...) && len(g.CI) == 0 {
		c.fail(path.to("ci"), "", "no CI account is believed")
	}
}

// needed reports a key that is missing, unless it is there with a slip in it.
func (c *configCheck) needed(path at, key, remedy string) {
	slip := func(m strict.Mistake) bool {
		return len(m.Path) == len(path)+1 && slices.Equal(m.Path[:len(path)], path) && strings.Contains(m.Remedy, strconv.Quote(key))
	}
	if !c.index.Has(path.to(key)...) && !slices.ContainsFunc(c.mistakes, slip) {
		c.fail(path.to(key), remedy, "no %s", key)
	}
}

// adapter reports what the adapter says of an option at the key that gave it.
func (c *configCheck) adapter(path at, o gerrit.Options) {
	if o.URL == "" {
		o.Host, o.User = "localhost", "me"
	}
	if len(o.CI) == 0 {
		o.CI = []string{"ci"}
	}
	if _, err := gerrit.New(o); err != nil {
		c.fail(path, "", "%v", cmp.Or(errors.Unwrap(err), err))
	}
}

// positive reports a length of time that is none.
func (c *configCheck) positive(path at, d time.Duration) {
	if d <= 0 && c.index.Has(path...) {
		c.fail(path, `write it like "30s" or "2m"`, "%s = %q: must be longer than nothing", path[len(path)-1], d)
	}
}
