package zuul

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"sync"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// maxKnown bounds how many answers a Completer remembers.
const maxKnown = 10_000

// Options of a Completer.
type Options struct {
	Client *sources.Client // must be allowed to read from the Zuuls that jobs name

	// CacheDir is a folder in which answers about builds that have ended are
	// kept for 30 days, for other runs; it is made where it is not there. "":
	// answers are remembered as long as the Completer lives.
	CacheDir string
}

// Completer resolves the build pages that Zuul 4.7 and later names in its
// comments. It implements sources.Completer for jobs of all sources. It is safe
// for use by several goroutines at once, and asks once about each build that has
// ended.
type Completer struct {
	client *sources.Client
	disk   *cache

	mu    sync.Mutex
	known map[string]*known
}

// known is what is known of a build. Who holds mu asks for it.
type known struct {
	mu    sync.Mutex
	build *build
	err   error // the build does not exist
}

// New returns a completer.
func New(o Options) *Completer {
	return &Completer{client: o.Client, disk: &cache{dir: o.CacheDir}, known: map[string]*known{}}
}

// Complete asks Zuul about a job whose URL is a build's page and whose LogURL is
// not known, and fills in what is not known: ID, LogURL, result and its detail,
// begin and length, whether it votes, and project, branch and pipeline. Other
// jobs are left alone. A build that left no logs, or still runs, stays without
// a LogURL; that is no error. The error wraps fs.ErrNotExist where Zuul does not
// know the build, or no longer.
func (c *Completer) Complete(ctx context.Context, _ classify.Logs, job *classify.Job) error {
	if job.LogURL != "" {
		return nil
	}
	api, ok := apiURL(job.URL)
	if !ok {
		return nil
	}
	b, err := c.build(ctx, api)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("ask zuul where the logs of %s are: it does not know the build; it may have dropped old ones from its database: %w", job.URL, err)
	case err != nil:
		return fmt.Errorf("ask zuul where the logs of %s are: %w", job.URL, err)
	}
	b.fill(job)
	return nil
}

// build returns a build, from memory, from the disk, or from Zuul.
func (c *Completer) build(ctx context.Context, api string) (*build, error) {
	k := c.entry(api)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.build != nil || k.err != nil {
		return k.build, k.err
	}
	if b, err := parseBuild(c.disk.get(api)); err == nil {
		k.build = b
		return b, nil
	}
	data, err := get(ctx, c.client, api, maxAnswer)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			k.err = err
		}
		return nil, err
	}
	b, err := parseBuild(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", api, explain(data, err))
	}
	if b.Result != "" {
		k.build = b
		c.disk.put(api, data)
	}
	return b, nil
}

// entry returns what is known of a build, which may be nothing yet.
func (c *Completer) entry(api string) *known {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.known[api]
	if k == nil {
		if len(c.known) >= maxKnown {
			clear(c.known)
		}
		k = new(known)
		c.known[api] = k
	}
	return k
}

// apiURL returns the API's URL of a build's page:
//
//	https://zuul.example.org/t/TENANT/build/UUID        a Zuul of many tenants
//	https://example.org/zuul/t/TENANT/build/UUID        one below a folder
//	https://zuul.example.org/build/UUID                 one that shows a single tenant
//
// The first two have it below "api/tenant/TENANT", the third below "api".
func apiURL(page string) (string, bool) {
	id := sources.BuildID(page)
	u, err := url.Parse(page)
	if err != nil || id == "" || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	before, _, _ := strings.Cut(u.EscapedPath(), "/build/")
	root, tenant, many := strings.Cut(before, "/t/")
	if many && (tenant == "" || strings.Contains(tenant, "/")) {
		return "", false
	}
	path := root + "/api/build/" + id
	if many {
		path = root + "/api/tenant/" + tenant + "/build/" + id
	}
	return u.Scheme + "://" + u.Host + path, true
}

// fill fills in what the job does not know.
func (b *build) fill(job *classify.Job) {
	told := b.job()
	job.ID = cmp.Or(job.ID, told.ID)
	job.Result = cmp.Or(job.Result, told.Result)
	job.Detail = cmp.Or(job.Detail, told.Detail)
	job.Project = cmp.Or(job.Project, told.Project)
	job.Branch = cmp.Or(job.Branch, told.Branch)
	job.Pipeline = cmp.Or(job.Pipeline, told.Pipeline)
	job.Voting = cmp.Or(job.Voting, told.Voting)
	job.LogURL = told.LogURL
	if job.Start.IsZero() {
		job.Start = told.Start
	}
	if job.Time.IsZero() {
		job.Time = b.EndTime.time()
	}
	job.Duration = cmp.Or(job.Duration, told.Duration)
}
