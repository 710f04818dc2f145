package gerrit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Changes come in the order of their last update, the latest first, and this
// order moves while pages of it are asked for. A change that is updated goes to
// the top and pushes others down: these come twice, and are dropped by number. A
// change that is merged pulls others up: one would be missed between two pages.
// So pages overlap, and where the overlap is not found the reading steps back.
// What went to the top from behind is looked for there in the end.
const (
	maxOverlap = 10 // changes of a page that are asked for again with the next one
	maxBack    = 8  // steps back of one listing
	firstLook  = 5  // changes that are looked at again in the end; four times as many each time
	maxLooks   = 3
)

// place is how far a reading has come in the order.
type place struct {
	rows    int        // changes that are passed
	overlap int        // of these, the ones to ask for again
	back    int        // steps back
	sweep   int        // how often it began at the top
	last    []reported // the last page
	pages   int        // that were read
	barren  int        // the last ones that brought no news
	stuck   bool       // the server does not get on
	keyed   bool       // the server knows no --start, but sort keys
	sortKey string     // of the last change; "" if it has none
}

// sight says how a change was when it was read last.
type sight struct {
	updated string
	sweep   int // zero: none, it was found in the end
}

// pages asks page after page, until the cap, until there is no more, or until
// the server repeats itself.
func (r *reading) pages(ctx context.Context) error {
	for more := true; more; {
		if r.listing.Capped = r.read() >= r.options.Cap; r.listing.Capped {
			return nil
		}
		q := r.question()
		page, err := r.ask(ctx, q)
		if r.keyless(err) {
			continue
		}
		if err == nil && r.stepBack(q, page) {
			continue
		}
		if q.start == 0 {
			r.place.sweep++
		}
		news := r.add(page)
		if err != nil {
			return err
		}
		more = r.advance(q, page, news)
	}
	if r.place.pages > 1 && !r.place.stuck && !r.listing.Capped {
		return r.lookAgain(ctx)
	}
	return nil
}

// read is how many changes count towards the cap.
func (r *reading) read() int { return len(r.seen) + r.broken }

// question returns what to ask next.
func (r *reading) question() question {
	p := &r.place
	q := question{query: r.query, start: p.rows, limit: r.options.Cap - r.read(), jobs: r.jobs}
	if p.keyed {
		q.after = p.sortKey
		return q
	}
	overlap := min(p.overlap, p.rows)
	q.start -= overlap
	q.limit += overlap
	return q
}

// keyless reports whether the server, a Gerrit before 2.10, refused --start. It
// is to be asked by sort keys then, if it gave one.
func (r *reading) keyless(err error) bool {
	if err == nil || r.place.keyed || r.place.sortKey == "" || !strings.Contains(err.Error(), `"--start" is not a valid option`) {
		return false
	}
	r.place.keyed = true
	return true
}

// stepBack reports whether a page does not join on to those before it, and has
// to be asked for again from further up.
func (r *reading) stepBack(q question, page page) bool {
	p := &r.place
	if p.keyed || p.overlap == 0 || q.start == 0 || r.joins(page) {
		return false
	}
	if p.back >= maxBack {
		r.problem(errors.New("changes leave the list faster than it can be read: some that are open may be missing"))
		return false
	}
	p.back++
	p.overlap = 2 * max(p.overlap, maxOverlap)
	return true
}

// joins reports whether a page begins with changes that are known. One that was
// updated since proves nothing: it moved. Nor does one that was read before the
// reading stepped back to the top: changes went over its head since.
func (r *reading) joins(page page) bool {
	for _, c := range page.changes {
		switch seen := r.seen[c.number]; {
		case seen == sight{c.updated, r.place.sweep}:
			return true
		case seen.sweep != r.place.sweep:
			return false
		}
	}
	return false
}

// advance passes a page that joined, and reports whether there is more to ask
// for. A page without news is nothing odd where changes move; the same page twice
// is, and so is no end of them.
func (r *reading) advance(q question, page page, news bool) bool {
	p := &r.place
	same := slices.EqualFunc(p.last, page.changes, func(a, b reported) bool { return a.number == b.number })
	p.pass(q, page)
	if p.barren++; news {
		p.barren = 0
	}
	switch {
	case page.unsaid:
		return page.more && news
	case !page.more:
		return false
	case page.rows == 0:
		r.problem(fmt.Errorf("there are more than %d changes, but the next page is empty", p.rows))
	case p.pages > 1 && same || p.barren > maxChanges:
		r.problem(fmt.Errorf("the server says that there are more than %d changes, but sends the same ones again", len(r.seen)))
	default:
		return true
	}
	p.stuck = true
	return false
}

// pass moves the place behind a page.
func (p *place) pass(q question, page page) {
	p.last = page.changes
	p.rows = q.start + page.rows
	p.overlap = min(maxOverlap, page.rows/10+1, max(page.rows-1, 0))
	if page.rows > 0 {
		p.pages++
	}
	if n := len(page.changes); n > 0 && isSortKey(page.changes[n-1].sortKey) {
		p.sortKey = page.changes[n-1].sortKey
	}
}

// lookAgain looks at the top of the list, for changes that went there unread.
// Below one that is known and has not moved there is none.
func (r *reading) lookAgain(ctx context.Context) error {
	q := question{query: r.query, limit: firstLook, jobs: r.jobs}
	sweep := r.place.sweep
	r.place.sweep = 0 // below what is read from here on, nothing is known
	for range maxLooks {
		page, err := r.ask(ctx, q)
		met := r.meets(page, sweep)
		r.add(page)
		if err != nil || met || !page.more || r.listing.Capped {
			return err
		}
		q.limit *= 4
	}
	r.problem(errors.New("changes are updated faster than they can be read: some may be missing"))
	return nil
}

// meets reports whether a page holds a change that has not moved since a sweep
// read it.
func (r *reading) meets(page page, sweep int) bool {
	return slices.ContainsFunc(page.changes, func(c reported) bool {
		return r.seen[c.number] == sight{c.updated, sweep}
	})
}

// ask puts a question. Once in a listing it connects again, after a pause, if the
// connection broke, and asks the same again: what came twice is dropped by
// number. With an error, which tells of both tries, comes as much as there is.
func (r *reading) ask(ctx context.Context, q question) (page, error) {
	first, err := r.server.ask(ctx, q)
	if r.again || !errors.Is(err, errDropped) {
		return first, err
	}
	r.again = true
	select {
	case <-ctx.Done():
		return first, fmt.Errorf("%w; then: %w", err, context.Cause(ctx))
	case <-time.After(r.pause):
	}
	if again := r.server.reconnect(ctx); again != nil {
		return first, fmt.Errorf("%w; then: %w", err, again)
	}
	second, again := r.server.ask(ctx, q)
	if again == nil {
		return second, nil
	}
	if second.rows < first.rows {
		second = first
	}
	return second, fmt.Errorf("%w; then: %w", err, again)
}

// add adds a page to the listing, as far as the cap allows, and reports whether
// it holds anything new. A change that was on an earlier page is dropped.
func (r *reading) add(page page) (news bool) {
	for _, broken := range page.broken {
		if r.problem(broken) {
			r.broken++
			news = true
		}
	}
	for _, problem := range page.problems {
		r.problem(problem)
	}
	before := maps.Clone(r.seen)
	for _, c := range page.changes {
		if _, seen := before[c.number]; seen {
			r.seen[c.number] = sight{c.updated, r.place.sweep}
			continue
		}
		if r.read() >= r.options.Cap {
			r.listing.Capped = true
			break
		}
		r.seen[c.number] = sight{c.updated, r.place.sweep}
		r.listing.Changes++
		r.listing.Jobs = append(r.listing.Jobs, c.jobs...)
		news = true
	}
	return news
}
