package periodic

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/internal/index"
)

// Bounds of what one configured page leads to.
const (
	maxDepth   = 4
	maxFolders = 200    // pages of a level
	maxJobs    = 10_000 // runs
)

// read returns the jobs of a page, or of those that its folders lead to, and
// what could not be read.
func (s *Source) read(ctx context.Context, p *page) ([]classify.Job, []error) {
	pages := []*page{p}
	var problems []error
	for range p.Depth {
		var next []string
		next, wrong := each(pages, func(p *page) ([]string, []error) { return s.folders(ctx, p) })
		problems = append(problems, wrong...)
		if len(next) > maxFolders {
			problems = append(problems, fmt.Errorf("page %s: %d folders are too many; the first %d were read", p.URL, len(next), maxFolders))
			next = next[:maxFolders]
		}
		pages = pages[:0:0]
		for _, u := range next {
			below := *p
			below.URL = u
			pages = append(pages, &below)
		}
	}
	jobs, wrong := each(pages, func(p *page) ([]classify.Job, []error) { return s.readPage(ctx, p) })
	problems = append(problems, wrong...)
	if len(jobs) > maxJobs {
		problems = append(problems, fmt.Errorf("page %s: %d runs are too many; %d were looked at, the latest", p.URL, len(jobs), maxJobs))
		slices.SortStableFunc(jobs, func(a, b classify.Job) int { return b.Time.Compare(a.Time) })
		jobs = jobs[:maxJobs]
	}
	return jobs, problems
}

// each reads several pages at once, and returns what they hold in their order.
func each[T any](pages []*page, read func(*page) ([]T, []error)) (all []T, problems []error) {
	found := make([][]T, len(pages))
	wrong := make([][]error, len(pages))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, p := range pages {
		g.Go(func() error {
			found[i], wrong[i] = read(p)
			return nil
		})
	}
	_ = g.Wait() // the problems hold the errors
	return slices.Concat(found...), slices.Concat(wrong...)
}

// folders returns the URLs of the folders that a page lists.
func (s *Source) folders(ctx context.Context, p *page) ([]string, []error) {
	var urls []string
	err := s.fetch(ctx, p, func(text []byte, at *url.URL) error {
		l, err := index.Parse(text, at, p.zone)
		for _, e := range l.Entries {
			if e.Dir {
				urls = append(urls, e.URL)
			}
		}
		if err == nil && len(urls) == 0 {
			err = fmt.Errorf("it shows no folders (depth %d)", p.Depth)
		}
		return err
	})
	if err != nil {
		return nil, []error{err}
	}
	return urls, nil
}
