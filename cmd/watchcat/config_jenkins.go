package main

import (
	"cmp"
	"errors"

	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/jenkins"
)

// jenkinsConfig names a Jenkins whose builds are listed.
type jenkinsConfig struct {
	Name  string   `toml:"name"`
	URL   string   `toml:"url"`
	Jobs  []string `toml:"jobs"`
	Depth int      `toml:"depth"`
	Cap   int      `toml:"cap"`
}

// name returns the name of a Jenkins: its own, else its host.
func (j *jenkinsConfig) name() string { return cmp.Or(j.Name, hostOf(j.URL)) }

// options returns what the adapter wants to know.
func (j *jenkinsConfig) options() jenkins.Options {
	return jenkins.Options{Name: j.name(), URL: j.URL, Jobs: j.Jobs, Depth: j.Depth, Cap: j.Cap}
}

// jenkins checks a Jenkins as the adapter does.
func (c *configCheck) jenkins(path at, j *jenkinsConfig) {
	if !c.address(path, j.URL, `add url = "https://jenkins.example.org/"`) || !c.atLeastOne(path.to("cap"), j.Cap) || !c.atLeastOne(path.to("depth"), j.Depth) {
		return
	}
	o := j.options()
	o.Client = &sources.Client{}
	if _, err := jenkins.New(o); err != nil {
		c.fail(path.to("url"), "", "%v", cmp.Or(errors.Unwrap(err), err))
	}
}
