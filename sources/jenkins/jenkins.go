// Package jenkins reads the REST API of Jenkins: which builds the jobs of a
// folder, a view or a whole server had.
//
// It asks by api/json?tree=…, for no more than it needs: one request for each
// hundred jobs of a folder, and one for each further hundred builds of a job.
package jenkins

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/watchcat-ci/watchcat/sources"
)

const (
	defaultCap   = 2000
	maxCap       = 100_000
	defaultDepth = 5
	maxDepth     = 20
)

// Options say which Jenkins to ask, and for what. URL and Client are needed, all
// else has a default.
type Options struct {
	Name   string          // Source of the jobs; zero: the host of URL
	URL    string          // of Jenkins, or of one of its folders, views or jobs: https://jenkins.example.org/job/team/
	Client *sources.Client // must be allowed to read from there

	// Jobs are patterns (classify.Glob) of whole names, of which one must fit:
	// "team/api/main" is the branch main of the job api in the folder team. None:
	// all jobs. Folders in which no name can fit are not asked for.
	Jobs  []string
	Depth int // how many folders in one another are looked into below URL, a job of many branches being one; zero: 5

	Since time.Time // builds that ended before are not listed, and not looked for; zero: all
	Cap   int       // builds listed at most, of all jobs together; zero: 2000
}

// Source lists the builds that a Jenkins keeps. It is a sources.Source and a
// sources.Prober.
type Source struct {
	options Options
	api     api
	base    place
}

// New checks the options and returns the source. It does not connect; all that
// is wrong with the options is in the error.
func New(o Options) (*Source, error) {
	root, base, err := parseURL(o.URL)
	wrong := []error{err}
	complain := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	complain(o.Client == nil, "no client to ask with")
	complain(slices.Contains(o.Jobs, ""), "an empty name in jobs: leave the key away for all")
	complain(o.Depth < 0 || o.Depth > maxDepth, "depth %d: 1 to %d folders in one another can be looked into", o.Depth, maxDepth)
	complain(o.Cap < 0 || o.Cap > maxCap, "cap %d: 1 to %d builds can be listed", o.Cap, maxCap)
	if u, err := url.Parse(root); err == nil {
		o.Name = cmp.Or(o.Name, u.Host)
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, fmt.Errorf("jenkins %s: %w", cmp.Or(o.Name, "source"), err)
	}
	o.Depth = cmp.Or(o.Depth, defaultDepth)
	o.Cap = cmp.Or(o.Cap, defaultCap)
	return &Source{options: o, api: api{o.Client, root}, base: base}, nil
}

// Probe asks Jenkins for its version, as whom it knows us, and whether what URL
// names is there.
func (s *Source) Probe(ctx context.Context) (sources.Server, error) {
	var asked item
	header, err := s.api.read(ctx, s.base, "_class,name", &asked)
	if err == nil && header.Get("X-Jenkins") == "" && asked.Class == "" {
		err = errors.New("the url answers, but not as Jenkins does")
	}
	if err != nil {
		return sources.Server{}, fmt.Errorf("jenkins %s: %w", s.options.Name, err)
	}
	return sources.Server{Version: version(header), Account: s.api.account(ctx)}, nil
}

// version returns the version that each answer of Jenkins tells, unless a server
// before it keeps that to itself.
func version(header http.Header) string {
	v := clean(text(header.Get("X-Jenkins")), maxName)
	if v == "" {
		return "Jenkins"
	}
	return "Jenkins " + v
}

// Jobs lists builds, first the newest of each job, then older ones, until Since
// or Cap. Listing.Changes counts those of them that did not end before Since. A
// build that runs is listed as RUNNING. What cannot be read of a folder or job is
// a problem that costs only itself; if nothing can be, it is an error.
//
// A build of several configurations (a matrix) is listed, and each of its
// configurations as a job of its own.
func (s *Source) Jobs(ctx context.Context) (sources.Listing, error) {
	r := &reading{
		Source:  s,
		listing: sources.Listing{What: "build", Cap: s.options.Cap},
		seen:    map[string]bool{},
	}
	if err := r.read(ctx); err != nil {
		return r.listing, fmt.Errorf("jenkins %s: %w", s.options.Name, err)
	}
	return r.listing, nil
}
