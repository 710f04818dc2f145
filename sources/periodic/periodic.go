// Package periodic lists the jobs that HTML pages of periodic jobs show, and
// fills in from their consoles what the pages do not tell.
//
// Built in are a web server's index of a folder with one folder a run (Apache,
// nginx, lighttpd, Caddy, Swift, gcsweb, those that Zuul uploads; any page with
// a row a run, with a link and a date), and Prow's job history. Any other page
// is read by CSS selectors (see Selectors).
package periodic

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// Defaults of Options.
const (
	defaultMaxPage = 8 << 20
	atOnce         = 4 // pages that are read at a time
)

// Options say which pages to read.
type Options struct {
	Name    string          // Source of the jobs
	Client  *sources.Client // reads the pages; must be allowed to read them
	Pages   []Page
	Console []string         // candidates of a job's console, the first that is there is read; zero: the usual names
	MaxPage int64            // size of a page, decompressed, in bytes; zero: 8 MiB
	Now     func() time.Time // the present, for dates without a year; nil: time.Now
}

// Page is a page of runs of one job, or of several.
type Page struct {
	URL string `toml:"url"` // http or https

	Depth int `toml:"depth"` // of folders between the page and those that list runs: 1 where it lists a folder a job; zero: it lists the runs

	// What the jobs have in common, or what holds where a row does not tell it.
	Job      string `toml:"job"` // their name; zero: the last folder of the page that lists the runs
	Project  string `toml:"project"`
	Branch   string `toml:"branch"`
	Pipeline string `toml:"pipeline"` // zero: "periodic"

	DateFormat string            `toml:"date_format"` // layout of Go's time package, "unix" or "unix-ms"; of Select.Date; zero: the forms that servers and CI systems write
	Zone       string            `toml:"zone"`        // of dates that name none, such as "Europe/Prague"; zero: UTC
	Results    map[string]string `toml:"results"`     // what the page shows, and the result it stands for: "#FF0000" and "FAILURE"
	Folder     bool              `toml:"folder"`      // log links lead to folders, also where they do not end in "/"

	Select Selectors `toml:"select"` // zero: a built-in form
}

// Selectors say where on a page the jobs are. Each but Row is applied within
// the row, and reads
//
//	CSS-SELECTOR            text of the first such element that has any
//	CSS-SELECTOR@ATTRIBUTE  its attribute
//	… /REGEXP/              of that, the first group, or all that matches
//
// Without a CSS selector ("@color", "/REGEXP/") the row itself is meant. What
// is not selected is not known.
type Selectors struct {
	Row    string `toml:"row"`    // plain CSS selector: an element a run
	Name   string `toml:"name"`   // where the row has none: of the nearest element around it that has
	Link   string `toml:"link"`   // the run's own page; zero: "a@href"
	Log    string `toml:"log"`    // its logs; zero: the same as Link, unless this is a build page of Zuul's
	Date   string `toml:"date"`   // when it ran
	Result string `toml:"result"` // see Page.Results; without these a word such as "failure"
	Branch string `toml:"branch"`
	Length string `toml:"length"` // "111 min", "1h 02m 03s", "1:51:03", or seconds
}

// Source lists the jobs of pages. It implements sources.Source and
// sources.Completer.
type Source struct {
	name    string
	client  *sources.Client
	pages   []*page
	console []string
	maxPage int64
	now     func() time.Time
}

// New returns a source. It reports all mistakes in the options at once.
func New(o Options) (*Source, error) {
	s := &Source{
		name: o.Name, client: o.Client, console: o.Console,
		maxPage: cmp.Or(o.MaxPage, defaultMaxPage), now: o.Now,
	}
	if len(s.console) == 0 {
		s.console = []string{"job-output.txt", "console.html", "consoleText", "console.log", "console.txt"}
	}
	if s.now == nil {
		s.now = time.Now
	}
	var errs []error
	if o.Client == nil {
		errs = append(errs, errors.New("no client to read pages with"))
	}
	if len(o.Pages) == 0 {
		errs = append(errs, errors.New("no pages: name at least one by its url"))
	}
	for _, p := range o.Pages {
		compiled, err := compile(p)
		if err != nil {
			errs = append(errs, err)
		}
		s.pages = append(s.pages, compiled)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

// Jobs reads all pages. A page that cannot be read, or holds no runs, is a
// problem that costs only itself; if none could be read, it is an error.
func (s *Source) Jobs(ctx context.Context) (sources.Listing, error) {
	found := make([][]classify.Job, len(s.pages))
	problems := make([][]error, len(s.pages))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, p := range s.pages {
		g.Go(func() error {
			found[i], problems[i] = s.read(ctx, p)
			return nil
		})
	}
	_ = g.Wait() // the problems hold the errors
	l := sources.Listing{Changes: len(s.pages), What: "page"}
	failed := 0
	for i := range s.pages {
		l.Jobs = append(l.Jobs, found[i]...)
		l.Problems = append(l.Problems, problems[i]...)
		if found[i] == nil && len(problems[i]) > 0 {
			failed++
		}
	}
	switch {
	case ctx.Err() != nil:
		return l, fmt.Errorf("read pages: %w", ctx.Err())
	case failed == len(s.pages):
		return sources.Listing{Changes: failed}, failure(l.Problems)
	}
	return l, nil
}

// failure is the error of a source of which no page could be read.
func failure(problems []error) error {
	if len(problems) == 1 {
		return problems[0]
	}
	return fmt.Errorf("none of %d pages could be read; the first: %w", len(problems), problems[0])
}
