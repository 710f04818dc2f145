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

// server is a Gerrit that answers questions, one at a time.
type server interface {
	// ask puts a question. An error does not void the page; it is errDropped if
	// the answer broke off, and another try may help.
	ask(ctx context.Context, q question) (page, error)
	// reconnect makes ready for another try.
	reconnect(ctx context.Context) error
	Close()
}

// reading is one listing of a source in the making.
type reading struct {
	*Source
	server  server
	again   bool // the server was connected to for a second time
	listing sources.Listing
	place   place
	broken  int             // changes that could not be read
	seen    map[int]sight   // changes by number
	told    map[string]bool // problems by text

	believed bool           // there is a comment by a listed account
	named    bool           // there is a comment by an account whose user name is told
	guesses  int            // comments by others that were looked at
	others   map[string]int // unless believed: how many comments of whose tell of jobs
}

func (s *Source) newReading() *reading {
	return &reading{
		Source:  s,
		listing: sources.Listing{What: "change", Cap: s.options.Cap},
		seen:    make(map[int]sight),
		told:    make(map[string]bool),
		others:  make(map[string]int),
	}
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
	current := 0
	if r.options.CurrentOnly {
		current = c.currentPatchSet()
	}
	for _, comment := range c.Comments.all {
		r.named = r.named || comment.Reviewer.Username != ""
		if !r.ci.has(comment.Reviewer) {
			r.guess(comment)
			continue
		}
		r.believed = true
		for _, job := range comment.jobs() {
			if current != 0 && job.PatchSet != 0 && job.PatchSet != current {
				continue
			}
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
	if len(comment.jobs()) > 0 {
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
	hidden := ""
	if !r.named {
		hidden = "; the server tells nobody's user name: list the e-mail addresses of the CI accounts, or ask it as somebody"
	}
	r.problem(fmt.Errorf("no comment is by ci = [%s]; accounts that wrote of jobs: %s%s",
		strings.Join(listed, ", "), strings.Join(names, ", "), hidden))
}
