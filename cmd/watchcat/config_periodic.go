package main

import (
	"cmp"
	"net/url"

	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/periodic"
)

// periodicConfig names pages of periodic jobs: those of the built-in form by
// their URLs, others by all that is to be known of them.
type periodicConfig struct {
	Name  string          `toml:"name"`
	Pages []string        `toml:"pages"`
	Page  []periodic.Page `toml:"page"`
}

// name returns the name of the source: its own, else "periodic".
func (p *periodicConfig) name() string { return cmp.Or(p.Name, "periodic") }

// options returns what the adapter wants to know.
func (p *periodicConfig) options() periodic.Options {
	o := periodic.Options{Name: p.name()}
	for _, u := range p.Pages {
		o.Pages = append(o.Pages, periodic.Page{URL: u})
	}
	o.Pages = append(o.Pages, p.Page...)
	return o
}

// hosts returns the hosts of all its pages, with their ports.
func (p *periodicConfig) hosts() []string {
	var hosts []string
	for _, page := range p.options().Pages {
		if u, err := url.Parse(page.URL); err == nil && u.Host != "" {
			hosts = append(hosts, u.Host)
		}
	}
	return hosts
}

// periodic checks pages as the adapter does, one by one: so each mistake has
// its place.
func (c *configCheck) periodic(path at, p *periodicConfig) {
	if len(p.Pages)+len(p.Page) == 0 {
		c.fail(path.to("pages"), `add pages = ["https://logs.example.org/periodic/nightly/"]`, "no pages")
	}
	for i, u := range p.Pages {
		c.page(path.to("pages", i), periodic.Page{URL: u})
	}
	for i, page := range p.Page {
		c.page(path.to("page", i), page)
	}
}

// unsecret reports whether a URL is without user and password, and says so if
// it is not.
func (c *configCheck) unsecret(path at, rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil || u.User == nil {
		return true
	}
	c.fail(path, "put them into the file that credentials in [logs] names", "the URL holds a name or password")
	return false
}

func (c *configCheck) page(path at, page periodic.Page) {
	if !c.unsecret(path, page.URL) {
		return
	}
	_, err := periodic.New(periodic.Options{Client: &sources.Client{}, Pages: []periodic.Page{page}})
	if err != nil {
		c.fail(path, "", "%v", err)
	}
}
