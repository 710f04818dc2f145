package periodic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/internal/printable"
)

// How long what a page says may be, in bytes: names and the like are cut, longer
// links lead nowhere.
const (
	maxName = 255
	maxURL  = 2000
)

// page is a Page made ready for reading.
type page struct {
	Page
	zone   *time.Location
	fields *fields // nil: an index of runs
}

// compile checks a page's options and makes it ready. It reports all mistakes
// at once, each with the page's URL.
func compile(p Page) (*page, error) {
	c := &page{Page: p}
	var errs []error
	if u, err := url.Parse(p.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		errs = append(errs, errors.New("url: want one that begins with http:// or https://"))
	}
	var err error
	if c.zone, err = time.LoadLocation(p.Zone); err != nil {
		errs = append(errs, fmt.Errorf("zone %q: want a name such as Europe/Prague: %w", p.Zone, err))
	}
	if p.Depth < 0 || p.Depth > maxDepth {
		errs = append(errs, fmt.Errorf("depth %d: want 0, where the page shows runs, to %d", p.Depth, maxDepth))
	}
	if err := checkFormat(p.DateFormat); err != nil {
		errs = append(errs, err)
	}
	if p.Select != (Selectors{}) {
		c.fields, err = compileFields(p.Select)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("page %q: %w", p.URL, err)
	}
	return c, nil
}

// readPage fetches a page and returns its jobs, and its problems.
func (s *Source) readPage(ctx context.Context, p *page) ([]classify.Job, []error) {
	var r *reading
	err := s.fetch(ctx, p, func(text []byte, at *url.URL) (err error) {
		r, err = s.parse(p, at, text)
		return err
	})
	if err != nil {
		return nil, []error{err}
	}
	return r.jobs, r.problems()
}

// fetch hands on the text of a page, and where it was found after redirects.
func (s *Source) fetch(ctx context.Context, p *page, read func([]byte, *url.URL) error) error {
	res, err := s.client.Get(ctx, p.URL, http.Header{"Accept": {"text/html"}})
	if err != nil {
		return fmt.Errorf("read page %s: %w", p.URL, err)
	}
	defer res.Body.Close() //nolint:errcheck // nothing was written
	text, err := io.ReadAll(io.LimitReader(res.Body, s.maxPage+1))
	switch {
	case err != nil:
	case int64(len(text)) > s.maxPage:
		err = fmt.Errorf("it is larger than %d MiB", s.maxPage>>20)
	default:
		err = read(text, res.Request.URL)
	}
	if err != nil {
		return fmt.Errorf("read page %s: %w", p.URL, err)
	}
	return nil
}

// parse reads a page that was found at a URL.
func (s *Source) parse(p *page, at *url.URL, text []byte) (*reading, error) {
	r := &reading{page: p, base: at, now: s.now(), source: s.name, names: map[*html.Node]string{}}
	if p.fields == nil {
		if !r.prow(text, at) {
			r.index(text, at)
		}
		return r, nil
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if href, ok := doc.Find("base[href]").First().Attr("href"); ok {
		if u, err := at.Parse(href); err == nil {
			r.base = u
		}
	}
	r.rows(doc)
	return r, nil
}

// reading is what was read of a page until now.
type reading struct {
	*page
	base   *url.URL // of relative links
	now    time.Time
	source string

	names    map[*html.Node]string // found in elements around rows
	jobs     []classify.Job
	err      error // the page holds no jobs
	badDates int
	badDate  error // the first one
}

// problems returns what is wrong with the page, in one error a kind.
func (r *reading) problems() (out []error) {
	if r.err != nil {
		out = append(out, fmt.Errorf("page %s: %w", r.URL, r.err))
	}
	if r.badDates > 0 {
		out = append(out, fmt.Errorf("page %s: %d of %d jobs have no date that could be read; the first: %w",
			r.URL, r.badDates, len(r.jobs), r.badDate))
	}
	return out
}

// add adds a job, with what all of the page's have in common.
func (r *reading) add(j classify.Job) {
	j.Source = r.source
	for _, field := range []*string{&j.Name, &j.Result, &j.Project, &j.Branch} {
		*field = printable.Line(*field, maxName)
	}
	fill(&j.Name, r.Job)
	fill(&j.Name, folderOf(r.URL))
	fill(&j.Project, r.Project)
	fill(&j.Branch, r.Branch)
	fill(&j.Pipeline, r.Pipeline)
	fill(&j.Pipeline, "periodic")
	r.jobs = append(r.jobs, j)
}

// fill sets what is not known.
func fill(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// folderOf returns the name of the last folder of a URL, else its host.
func folderOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	dir := u.Path
	if base := path.Base(dir); !strings.HasSuffix(dir, "/") && strings.Contains(base, ".htm") {
		dir = path.Dir(dir)
	}
	if name := printable.Line(path.Base(dir), maxName); name != "" && name != "/" && name != "." {
		return name
	}
	return u.Host
}

// link returns the URL that a link of the page leads to, or nil where this is
// no page or log: a script, an address with a password, or what is left of a
// link when a program had none ("None", "#").
func (r *reading) link(href string) *url.URL {
	switch href = strings.TrimSpace(href); href {
	case "", "#", "None", "null", "undefined":
		return nil
	}
	u, err := r.base.Parse(href)
	if err != nil || len(href) > maxURL || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil
	}
	u.Fragment, u.RawFragment = "", ""
	if _, err := url.Parse(u.String()); err != nil { // "//_::1", which only a whole URL is refused for
		return nil
	}
	return u
}

// urlOf writes a URL, that of a folder with a "/" at the end.
func (r *reading) urlOf(u *url.URL, folder bool) string {
	switch {
	case u == nil:
		return ""
	case folder && !strings.HasSuffix(u.Path, "/"):
		return u.JoinPath("/").String()
	}
	return u.String()
}
