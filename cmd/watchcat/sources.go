package main

import (
	"cmp"
	"errors"
	"time"

	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/gerrit"
	"github.com/watchcat-ci/watchcat/sources/jenkins"
	"github.com/watchcat-ci/watchcat/sources/local"
	"github.com/watchcat-ci/watchcat/sources/periodic"
	"github.com/watchcat-ci/watchcat/sources/zuul"
)

// name returns the name of a Gerrit: its own, else its host.
func (g *gerritConfig) name() string { return cmp.Or(g.Name, string(g.Host), hostOf(g.URL)) }

// name returns the name of a source of local files: its own, else "local".
func (l *localConfig) name() string { return cmp.Or(l.Name, "local") }

// source returns the source, whose jobs all failed.
func (l *localConfig) source(c *config) sources.Source {
	s := &local.Source{Each: l.Each, Result: "FAILURE"}
	for _, path := range l.Paths {
		s.Paths = append(s.Paths, c.file(path))
	}
	return s
}

// options returns what the adapter wants to know.
func (g *gerritConfig) options(c *config) gerrit.Options {
	o := gerrit.Options{
		Name: g.name(), Host: string(g.Host), Port: g.Port, User: g.User, KeyFile: c.file(g.Key), URL: g.URL,
		CI: g.CI, Projects: g.Projects, Query: g.Query, Cap: g.Cap, Timeout: g.Timeout, CurrentOnly: g.CurrentOnly,
	}
	if g.KnownHosts != "" {
		o.KnownHosts = []string{c.file(g.KnownHosts)}
	}
	return o
}

// sourceHosts returns the hosts that are configured as sources and asked over
// HTTP. That a Gerrit is asked by SSH allows no download from it.
func (c *config) sourceHosts() []string {
	var hosts []string
	for i := range c.Gerrit {
		if host := hostOf(c.Gerrit[i].URL); host != "" {
			hosts = append(hosts, host)
		}
	}
	for i := range c.Zuul {
		hosts = append(hosts, hostOf(c.Zuul[i].URL))
	}
	for i := range c.Jenkins {
		hosts = append(hosts, hostOf(c.Jenkins[i].URL))
	}
	for i := range c.Periodic {
		hosts = append(hosts, c.Periodic[i].hosts()...)
	}
	return hosts
}

// localSources returns the names of the sources of local files.
func (c *config) localSources() []string {
	var names []string
	for i := range c.Local {
		names = append(names, c.Local[i].name())
	}
	return names
}

// sourceOptions are what sources need beside their configuration.
type sourceOptions struct {
	client  *sources.Client
	console []string  // candidates of a job's main log
	cap     int       // most changes that a Gerrit is asked for; zero: as configured
	since   time.Time // nothing that was reported before is looked for; zero: all
}

// sources returns the configured sources. An error is the configuration's.
func (c *config) sources(o sourceOptions) ([]sources.Named, error) {
	var named []sources.Named
	var errs []error
	add := func(name string, s sources.Source, err error) {
		named, errs = append(named, sources.Named{Name: name, Source: s}), append(errs, err)
	}
	for i := range c.Gerrit {
		g := &c.Gerrit[i]
		options := g.options(c)
		options.Client = o.client
		if o.cap > 0 {
			options.Cap = min(o.cap, cmp.Or(g.Cap, maxCap))
		}
		s, err := gerrit.New(options)
		add(options.Name, s, err)
	}
	for i := range c.Periodic {
		options := c.Periodic[i].options()
		options.Client, options.Console = o.client, o.console
		s, err := periodic.New(options)
		add(options.Name, s, err)
	}
	for i := range c.Zuul {
		options := c.Zuul[i].options()
		options.Client, options.Since = o.client, o.since
		s, err := zuul.NewSource(options)
		add(options.Name, s, err)
	}
	for i := range c.Jenkins {
		options := c.Jenkins[i].options()
		options.Client, options.Since = o.client, o.since
		s, err := jenkins.New(options)
		add(options.Name, s, err)
	}
	for i := range c.Local {
		add(c.Local[i].name(), c.Local[i].source(c), nil)
	}
	return named, usage(errors.Join(errs...))
}
