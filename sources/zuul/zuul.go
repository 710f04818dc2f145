// Package zuul reads the REST API of Zuul 3 and later: which builds there were
// (Source), and what a build's page stands for that another source names: where
// its logs are, when it ran and why (Completer).
package zuul

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

const (
	defaultCap = 2000
	maxCap     = 100_000
	maxTenants = 100
)

// buildsetName is the Name of the jobs that stand for whole buildsets. No job of
// Zuul's is called so.
const buildsetName = "(buildset)"

// wholeFailures are results of buildsets that fail before any build begins.
var wholeFailures = []string{"CONFIG_ERROR", "MERGE_CONFLICT", "MERGE_FAILURE", "MERGER_FAILURE"}

// SourceOptions say which Zuul to ask, and for what. URL and Client are needed,
// all else has a default.
type SourceOptions struct {
	Name   string          // Source of the jobs; zero: the host of URL
	URL    string          // of Zuul's pages, of all tenants or of one: https://zuul.example.org/t/TENANT
	Client *sources.Client // must be allowed to read from there

	Tenants []string // none: the one that URL names, else all there are

	// Which builds, each by several values of which one must fit; none: all. "*"
	// stands for any text from Zuul 5 on.
	Pipelines, Projects, Branches, Jobs []string

	// Buildsets lists also what failed as a whole before any build began, by a
	// conflict or an error in the configuration. It costs a further request a
	// tenant. Without effect beside Jobs.
	Buildsets bool

	Since time.Time // builds that ended before are not listed, and not looked for; zero: all
	Cap   int       // builds read at most, of all tenants together; zero: 2000
}

// Source lists the builds that a Zuul remembers. It is a sources.Source and a
// sources.Prober.
type Source struct {
	options SourceOptions
	api     api
	filter  url.Values
}

// NewSource checks the options and returns the source. It does not connect; all
// that is wrong with the options is in the error.
func NewSource(o SourceOptions) (*Source, error) {
	root, tenant, err := parseURL(o.URL)
	wrong := []error{err}
	complain := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	complain(o.Client == nil, "no client to ask with")
	complain(tenant != "" && len(o.Tenants) > 0, "url names the tenant %s, and tenants names others: leave one of these away", tenant)
	complain(o.Cap < 0 || o.Cap > maxCap, "cap %d: 1 to %d builds can be read", o.Cap, maxCap)
	complain(len(o.Tenants) > maxTenants, "%d tenants: want at most %d", len(o.Tenants), maxTenants)
	if u, err := url.Parse(root); err == nil {
		o.Name = cmp.Or(o.Name, u.Host)
	}
	filter := url.Values{"pipeline": o.Pipelines, "project": o.Projects, "branch": o.Branches, "job_name": o.Jobs}
	for key, values := range filter {
		complain(slices.Contains(values, ""), "an empty %s: leave the key away for all", key)
	}
	complain(slices.Contains(o.Tenants, ""), "an empty tenant: leave the key away for all")
	if err := errors.Join(wrong...); err != nil {
		return nil, fmt.Errorf("zuul %s: %w", cmp.Or(o.Name, "source"), err)
	}
	if tenant != "" {
		o.Tenants = []string{tenant}
	}
	o.Tenants = slices.Compact(slices.Sorted(slices.Values(o.Tenants)))
	o.Cap = cmp.Or(o.Cap, defaultCap)
	return &Source{options: o, api: api{o.Client, root}, filter: filter}, nil
}

// Probe asks Zuul for its version, which it tells from 5 on, and whether the
// tenants exist.
func (s *Source) Probe(ctx context.Context) (sources.Server, error) {
	_, unknown, err := s.tenants(ctx)
	if err := errors.Join(append(unknown, err)...); err != nil {
		return sources.Server{}, fmt.Errorf("zuul %s: %w", s.options.Name, err)
	}
	return sources.Server{Version: strings.TrimSpace("Zuul " + s.api.version(ctx))}, nil
}

// Jobs lists builds, those of each tenant from the newest on, until Since or Cap.
// Listing.Changes counts builds that were looked at. A build that runs is listed
// as RUNNING; one that Zuul tried again (and so did not report) is not listed. A
// tenant that cannot be read is a problem that costs only itself; if none could
// be, it is an error.
func (s *Source) Jobs(ctx context.Context) (sources.Listing, error) {
	r := &reading{Source: s, listing: sources.Listing{What: "build", Cap: s.options.Cap}}
	tenants, unknown, err := s.tenants(ctx)
	r.listing.Problems = unknown
	if err == nil {
		err = r.read(ctx, tenants)
	}
	if err != nil {
		return r.listing, fmt.Errorf("zuul %s: %w", s.options.Name, err)
	}
	return r.listing, nil
}

// tenants finds out where the tenants are, and says which of those that were
// asked for do not exist. Where Zuul does not tell what exists, those that were
// asked for are believed.
func (s *Source) tenants(ctx context.Context) (found []tenant, unknown []error, err error) {
	asked := s.options.Tenants
	exist, place, err := s.existing(ctx)
	if _, answered := errors.AsType[*sources.StatusError](err); answered && len(asked) > 0 {
		exist, err = asked, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if len(asked) == 0 {
		asked = exist
	}
	for _, name := range asked {
		if !slices.Contains(exist, name) {
			unknown = append(unknown, fmt.Errorf("there is no tenant %q; there is %s", name, enumerate(exist)))
			continue
		}
		found = append(found, place(name))
	}
	switch {
	case len(found) == 0:
		return nil, nil, cmp.Or(errors.Join(unknown...), errors.New("it has no tenants"))
	case len(found) > maxTenants:
		unknown = append(unknown, fmt.Errorf("of %d tenants only %d are read: name those that matter in tenants", len(found), maxTenants))
		found = found[:maxTenants]
	}
	return found, unknown, nil
}

// existing returns the names of the tenants that exist, and where each is: one
// of many, or the only one that a Zuul behind a host of its own shows.
func (s *Source) existing(ctx context.Context) (names []string, place func(string) tenant, err error) {
	if names, err = s.api.tenants(ctx); err == nil {
		return names, s.api.tenant, nil
	}
	if !errors.Is(err, classify.ErrUnreachable) {
		if only, infoErr := s.api.only(ctx); infoErr == nil && only != "" {
			return []string{only}, s.api.alone, nil
		}
	}
	return nil, s.api.tenant, fmt.Errorf("list the tenants: %w", err)
}

// enumerate lists names for people.
func enumerate(names []string) string {
	const most = 20
	var shown []string
	for _, name := range names[:min(len(names), most)] {
		shown = append(shown, clean(text(name), maxName))
	}
	if len(names) > most {
		shown = append(shown, fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(shown, ", ")
}
