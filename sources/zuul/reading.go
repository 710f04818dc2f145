package zuul

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// reading is one go at all tenants.
type reading struct {
	*Source
	listing sources.Listing
	failed  []error // of lists that could not be read to their end
	some    bool    // something was read of some list
}

// lists returns what is to be read of the tenants.
func (r *reading) lists(tenants []tenant) []*pager {
	whole := url.Values{"result": wholeFailures}
	for _, key := range []string{"pipeline", "project", "branch"} {
		whole[key] = r.filter[key]
	}
	var all []*pager
	for _, t := range tenants {
		all = append(all, &pager{tenant: t, filter: r.filter, since: r.options.Since, seen: map[string]bool{}})
		if r.options.Buildsets && len(r.options.Jobs) == 0 {
			all = append(all, &pager{tenant: t, whole: true, filter: whole, since: r.options.Since, seen: map[string]bool{}})
		}
	}
	return all
}

// read reads all that is to be read of the tenants.
func (r *reading) read(ctx context.Context, tenants []tenant) error {
	if err := r.rounds(ctx, r.lists(tenants)); err != nil {
		return err
	}
	if !r.some && len(r.failed) > 0 {
		return errors.Join(r.failed...)
	}
	r.listing.Problems = append(r.listing.Problems, r.failed...)
	return nil
}

// rounds reads a page of each list in turn, so that one that has much does not
// use up the cap that is for all.
func (r *reading) rounds(ctx context.Context, lists []*pager) error {
	for len(lists) > 0 {
		for _, l := range lists {
			fresh, err := l.next(ctx, r.api)
			if ctx.Err() != nil {
				return fmt.Errorf("list builds: %w", ctx.Err())
			}
			r.some = r.some || err == nil || !l.done || len(fresh) > 0
			r.note(l, err)
			if r.take(l, fresh); r.listing.Capped {
				return nil
			}
		}
		lists = slices.DeleteFunc(lists, func(l *pager) bool { return l.done })
	}
	return nil
}

// note notes what is wrong with a page.
func (r *reading) note(l *pager, err error) {
	if err == nil {
		return
	}
	err = fmt.Errorf("list %s of tenant %s: %w", l.what(), clean(text(l.tenant.name), maxName), err)
	if l.done {
		r.failed = append(r.failed, err)
	} else {
		r.listing.Problems = append(r.listing.Problems, err)
	}
}

// take lists the builds of a page, as far as the cap allows. Once it is reached
// a further page only tells whether there is more.
func (r *reading) take(l *pager, builds []*build) {
	left := r.options.Cap - r.listing.Changes
	l.done = l.done || left <= 0
	for i, b := range builds {
		job := l.job(b)
		late := job.Status() != classify.Unending && !job.Time.IsZero() && job.Time.Before(r.options.Since)
		if i >= left {
			r.listing.Capped = r.listing.Capped || !late
			continue
		}
		r.listing.Changes++
		again := b.Final.boolean()
		undated := l.whole && job.Time.IsZero() // it may be of years ago
		if late || undated || again != nil && !*again {
			continue
		}
		job.Source = r.options.Name
		r.listing.Jobs = append(r.listing.Jobs, job)
	}
}

// job returns the job that a build, or a whole buildset, is. One that never
// began may have no page of its own, but its buildset has.
func (p *pager) job(b *build) classify.Job {
	job := b.job()
	switch set := b.buildsetID(); {
	case p.whole:
		job.URL = p.tenant.page + "/buildset/" + job.ID
		job.Name = buildsetName
		job.Detail = clean(b.Message, maxDetail)
	case job.ID != "":
		job.URL = p.tenant.page + "/build/" + job.ID
	case set != "":
		job.URL = p.tenant.page + "/buildset/" + set
	}
	if job.Result == "" {
		job.Result = "RUNNING"
		if !b.EndTime.time().IsZero() {
			job.Result = "UNKNOWN"
		}
	}
	return job
}
