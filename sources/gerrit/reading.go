package gerrit

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

const (
	maxGuesses = 1000 // comments by unlisted accounts that are looked at
	maxNamed   = 5    // accounts that are named as what could be listed
)

// reading is one listing of a source in the making.
type reading struct {
	*Source
	listing sources.Listing
	rows    int             // changes of the server's that are passed or read
	read    int             // of these, the ones that count towards the cap
	seen    map[int]bool    // changes by number
	told    map[string]bool // problems by text

	believed bool           // there is a comment by a listed account
	guesses  int            // comments by others that were looked at
	others   map[string]int // unless believed: how many comments of whose tell of jobs
}

func (s *Source) newReading() *reading {
	return &reading{
		Source:  s,
		listing: sources.Listing{What: "change", Cap: s.options.Cap},
		seen:    make(map[int]bool),
		told:    make(map[string]bool),
		others:  make(map[string]int),
	}
}

// pages asks page after page, until the cap, until there is no more, or until
// the server repeats itself.
func (r *reading) pages(ctx context.Context, conn *connection) error {
	for more := true; more; {
		if r.listing.Capped = r.read >= r.options.Cap; r.listing.Capped {
			return nil
		}
		page, err := conn.ask(ctx, question{query: r.query, start: r.rows, limit: r.options.Cap - r.read, jobs: r.jobs})
		news := r.add(page)
		if err != nil {
			return err
		}
		more = page.more
		switch {
		case more && page.rows == 0:
			r.problem(fmt.Errorf("there are more than %d changes, but the next page is empty", r.rows))
			return nil
		case more && !news:
			r.problem(fmt.Errorf("the server says that there are more than %d changes, but sends the same ones again", len(r.seen)))
			return nil
		}
	}
	return nil
}

// add adds a page to the listing, and reports whether it holds anything new. A
// change that was on an earlier page moved down while paging, because others
// were updated.
func (r *reading) add(page page) (news bool) {
	for _, problem := range page.problems {
		news = r.problem(problem) || news
	}
	r.rows += page.rows
	r.read += page.rows
	added := make(map[int]bool)
	for _, c := range page.changes {
		if r.seen[c.number] {
			r.read--
			continue
		}
		added[c.number] = true
		r.listing.Changes++
		r.listing.Jobs = append(r.listing.Jobs, c.jobs...)
	}
	maps.Copy(r.seen, added)
	return news || len(added) > 0
}

// problem adds a problem to the listing; false if it is there already.
func (r *reading) problem(err error) bool {
	err = fmt.Errorf("gerrit %s: %w", r.options.Name, err)
	if r.told[err.Error()] {
		return false
	}
	r.told[err.Error()] = true
	r.listing.Problems = append(r.listing.Problems, err)
	return true
}

// jobs returns the jobs that the change's CI comments report.
func (r *reading) jobs(c *change) []classify.Job {
	var jobs []classify.Job
	for _, comment := range c.Comments.all {
		if !r.ci.has(comment.Reviewer) {
			r.guess(comment)
			continue
		}
		r.believed = true
		for _, job := range parseComment(comment.Message) {
			c.describe(&job)
			job.Source = r.options.Name
			job.Server = cmp.Or(job.Server, r.options.Host)
			job.Reporter = comment.Reviewer.login()
			job.Time = comment.time()
			jobs = append(jobs, job)
		}
	}
	return jobs
}

// guess remembers who wrote a comment that tells of jobs, for the case that no
// listed account ever does.
func (r *reading) guess(comment message) {
	login := comment.Reviewer.login()
	if r.believed || r.guesses >= maxGuesses || login == "" {
		return
	}
	r.guesses++
	if len(parseComment(comment.Message)) > 0 {
		r.others[login]++
	}
}

// checkAccounts adds a problem if no comment was by a listed account, but some
// by others tell of jobs: then the list is likely wrong. It names those who did
// so most often.
func (r *reading) checkAccounts() {
	if r.believed || len(r.others) == 0 {
		return
	}
	names := slices.SortedFunc(maps.Keys(r.others), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.others[b], r.others[a]), cmp.Compare(a, b))
	})
	names = names[:min(len(names), maxNamed)]
	slices.Sort(names)
	var listed []string
	for _, glob := range r.options.CI {
		listed = append(listed, strconv.Quote(glob))
	}
	r.problem(fmt.Errorf("no comment is by ci = [%s]; accounts that wrote of jobs: %s",
		strings.Join(listed, ", "), strings.Join(names, ", ")))
}
