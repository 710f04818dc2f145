package main

import (
	"cmp"
	"errors"

	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/gerrit"
)

// name returns the name of a Gerrit: its own, else its host.
func (g *gerritConfig) name() string { return cmp.Or(g.Name, string(g.Host)) }

// options returns what the adapter wants to know.
func (g *gerritConfig) options(c *config) gerrit.Options {
	o := gerrit.Options{
		Name: g.name(), Host: string(g.Host), Port: g.Port, User: g.User, KeyFile: c.file(g.Key),
		CI: g.CI, Projects: g.Projects, Query: g.Query, Cap: g.Cap, Timeout: g.Timeout,
	}
	if g.KnownHosts != "" {
		o.KnownHosts = []string{c.file(g.KnownHosts)}
	}
	return o
}

// sourceHosts returns the hosts of all sources that are configured.
func (c *config) sourceHosts() []string {
	var hosts []string
	for _, g := range c.Gerrit {
		hosts = append(hosts, string(g.Host))
	}
	for i := range c.Periodic {
		hosts = append(hosts, c.Periodic[i].hosts()...)
	}
	return hosts
}

// sources returns the configured sources; each Gerrit is to be asked for at most
// most changes, zero: as configured. An error is the configuration's.
func (c *config) sources(client *sources.Client, most int) ([]sources.Named, error) {
	var named []sources.Named
	var errs []error
	add := func(name string, s sources.Source, err error) {
		named, errs = append(named, sources.Named{Name: name, Source: s}), append(errs, err)
	}
	for i := range c.Gerrit {
		g := &c.Gerrit[i]
		o := g.options(c)
		if most > 0 {
			o.Cap = min(most, cmp.Or(g.Cap, maxCap))
		}
		s, err := gerrit.New(o)
		add(o.Name, s, err)
	}
	return named, usage(errors.Join(errs...))
}
