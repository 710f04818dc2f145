package zuul

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// pageSize is how many builds are asked for at a time.
const pageSize = 100

// pager reads one list of builds or buildsets, page by page, the newest first.
//
// It asks for those up to the last one's number in the database (idx_max), so
// that builds that arrive meanwhile change nothing. A Zuul that does not know
// idx_max is asked by position (skip) instead: there, builds that arrive meanwhile
// push others onto the next page, where they are known already.
type pager struct {
	tenant tenant
	whole  bool // of buildsets that failed as a whole
	filter url.Values
	since  time.Time

	seen    map[string]bool // by key
	first   string          // key of the first one
	rows    int             // of the largest page
	idxMax  int             // zero: this is the first page
	skip    int             // zero: by idxMax
	longest time.Duration   // that a build took
	done    bool
}

// page is what an answer holds.
type page struct {
	builds []*build
	rows   int   // those that could not be read are among them
	bad    error // why one could not be read
	err    error // why the page ends before its end
}

// next reads the next page and returns what is new on it. An error that ends the
// list sets done; another one costs but single builds. A page that was cut short
// costs nothing, as the next one begins where it ended.
func (p *pager) next(ctx context.Context, a api) ([]*build, error) {
	got := parsePage(get(ctx, a.client, p.url(), maxPage))
	if p.ignored(got) {
		p.skip = len(p.seen)
		return nil, nil
	}
	fresh := p.fresh(got.builds)
	switch {
	case len(fresh) == 0:
		p.done = true
		return nil, p.endOf(got)
	case got.err == nil && got.rows < p.rows, p.over(fresh):
		p.done = true
	}
	p.rows = max(p.rows, got.rows)
	p.advance(got)
	return fresh, got.bad
}

// url returns the URL of the next page.
func (p *pager) url() string {
	q := url.Values{"limit": {strconv.Itoa(pageSize)}}
	for key, values := range p.filter {
		q[key] = values
	}
	switch {
	case p.skip > 0:
		q.Set("skip", strconv.Itoa(p.skip))
	case p.idxMax > 0:
		q.Set("idx_max", strconv.Itoa(p.idxMax))
	}
	return p.tenant.api + "/" + p.what() + "?" + q.Encode()
}

// what says of what the list is.
func (p *pager) what() string {
	if p.whole {
		return "buildsets"
	}
	return "builds"
}

// ignored reports whether the server does not know idx_max: it refuses what it
// does not know as not found, or answers as if it had not been asked for.
func (p *pager) ignored(got page) bool {
	if p.skip > 0 || p.idxMax == 0 {
		return false
	}
	return errors.Is(got.err, fs.ErrNotExist) ||
		slices.ContainsFunc(got.builds, func(b *build) bool { return b.ID.number() > p.idxMax })
}

// fresh returns the builds that were not there before.
func (p *pager) fresh(builds []*build) []*build {
	var out []*build
	for _, b := range builds {
		key := b.key()
		p.first = cmp.Or(p.first, key)
		if !p.seen[key] {
			p.seen[key] = true
			out = append(out, b)
		}
	}
	return out
}

// endOf returns what is wrong with a page without anything new.
func (p *pager) endOf(got page) error {
	if p.skip > 0 && slices.ContainsFunc(got.builds, func(b *build) bool { return b.key() == p.first }) {
		return errors.New("the server answers with the first page, whatever page is asked for; older builds were not read")
	}
	return errors.Join(got.err, got.bad)
}

// over reports whether all that follows ended before since. Builds come more or
// less in the order in which they began (before Zuul 5: were reported), so if all
// of a page began long before, what still matters took longer than any build
// seen so far. (One that never began says nothing; before Zuul 5 no buildset has
// a time, and none is listed.)
func (p *pager) over(builds []*build) bool {
	for _, b := range builds {
		p.longest = max(p.longest, min(b.Duration.seconds().Duration(), 24*time.Hour))
	}
	dated := 0
	for _, b := range builds {
		began := b.began()
		if began.IsZero() {
			continue
		}
		if dated++; !began.Before(p.since.Add(-p.longest)) {
			return false
		}
	}
	return dated > 0 || p.whole
}

// advance sets where the next page begins. That the last build is asked for
// again does no harm; it is known.
func (p *pager) advance(got page) {
	lowest := 0
	for _, b := range got.builds {
		if id := b.ID.number(); id > 0 && (lowest == 0 || id < lowest) {
			lowest = id
		}
	}
	switch {
	case p.skip > 0:
		p.skip += got.rows
	case lowest > 0:
		p.idxMax = lowest
	default:
		p.skip = len(p.seen)
	}
}

// parsePage parses a list of builds, of which err tells why it ends. Builds that
// cannot be read are left out.
func parsePage(data []byte, err error) page {
	got := page{err: err}
	d := json.NewDecoder(bytes.NewReader(data))
	if t, tokenErr := d.Token(); t != json.Delim('[') {
		got.err = cmp.Or(err, explain(data, cmp.Or(tokenErr, errors.New("it is no list"))))
		return got
	}
	bad := 0
	for d.More() {
		var row json.RawMessage
		if rowErr := d.Decode(&row); rowErr != nil {
			got.err = cmp.Or(err, explain(nil, rowErr))
			break
		}
		got.rows++
		b, rowErr := parseRow(row)
		if rowErr == nil {
			got.builds = append(got.builds, b)
		} else if bad++; bad == 1 {
			got.bad = rowErr
		}
	}
	if _, tokenErr := d.Token(); tokenErr != nil && got.err == nil {
		got.err = explain(nil, tokenErr)
	}
	if bad > 0 {
		got.bad = fmt.Errorf("%d of %d builds could not be read, the first because %w", bad, got.rows, got.bad)
	}
	return got
}
