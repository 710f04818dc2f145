package main

import (
	"cmp"
	"errors"

	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/zuul"
)

// zuulConfig names a Zuul whose builds are listed.
type zuulConfig struct {
	Name      string   `toml:"name"`
	URL       string   `toml:"url"`
	Tenants   []string `toml:"tenants"`
	Pipelines []string `toml:"pipelines"`
	Projects  []string `toml:"projects"`
	Branches  []string `toml:"branches"`
	Jobs      []string `toml:"jobs"`
	Buildsets bool     `toml:"buildsets"`
	Cap       int      `toml:"cap"`
}

// name returns the name of a Zuul: its own, else its host.
func (z *zuulConfig) name() string { return cmp.Or(z.Name, hostOf(z.URL)) }

// options returns what the adapter wants to know.
func (z *zuulConfig) options() zuul.SourceOptions {
	return zuul.SourceOptions{
		Name: z.name(), URL: z.URL, Tenants: z.Tenants, Pipelines: z.Pipelines, Projects: z.Projects,
		Branches: z.Branches, Jobs: z.Jobs, Buildsets: z.Buildsets, Cap: z.Cap,
	}
}

// zuul checks a Zuul as the adapter does.
func (c *configCheck) zuul(path at, z *zuulConfig) {
	c.needed(path, "url", `add url = "https://zuul.example.org/t/TENANT"`)
	if !c.index.Has(path.to("url")...) || !c.unsecret(path.to("url"), z.URL) {
		return
	}
	if c.index.Has(path.to("cap")...) && z.Cap < 1 {
		c.fail(path.to("cap"), "", "cap = %d: must be from 1 on", z.Cap)
		return
	}
	o := z.options()
	o.Client = &sources.Client{}
	if _, err := zuul.NewSource(o); err != nil {
		c.fail(path.to("url"), "", "%v", cmp.Or(errors.Unwrap(err), err))
	}
}
