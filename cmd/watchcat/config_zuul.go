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

// address reports whether the url of a source is there and holds no secret, and
// says so if it does not.
func (c *configCheck) address(path at, url, remedy string) bool {
	c.needed(path, "url", remedy)
	return c.index.Has(path.to("url")...) && c.unsecret(path.to("url"), url)
}

// atLeastOne reports whether a number that is there is one or more, and says so
// if it is not.
func (c *configCheck) atLeastOne(path at, n int) bool {
	if !c.index.Has(path...) || n > 0 {
		return true
	}
	c.fail(path, "", "%s = %d: must be from 1 on", path[len(path)-1], n)
	return false
}

// zuul checks a Zuul as the adapter does.
func (c *configCheck) zuul(path at, z *zuulConfig) {
	if !c.address(path, z.URL, `add url = "https://zuul.example.org/t/TENANT"`) || !c.atLeastOne(path.to("cap"), z.Cap) {
		return
	}
	o := z.options()
	o.Client = &sources.Client{}
	if _, err := zuul.NewSource(o); err != nil {
		c.fail(path.to("url"), "", "%v", cmp.Or(errors.Unwrap(err), err))
	}
}
