package main

import "cmp"

// periodicConfig names pages of periodic jobs.
type periodicConfig struct {
	Name  string `toml:"name"`
	Pages []link `toml:"pages"`
}

// name returns the name of the source: its own, else "periodic".
func (p *periodicConfig) name() string { return cmp.Or(p.Name, "periodic") }

// hosts returns the hosts of all its pages.
func (p *periodicConfig) hosts() []string {
	var hosts []string
	for _, page := range p.Pages {
		hosts = append(hosts, page.host())
	}
	return hosts
}

func (c *configCheck) periodic(path at, p *periodicConfig) {}
