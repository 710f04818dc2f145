package gerrit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	gogerrit "github.com/andygrunwald/go-gerrit"

	"github.com/watchcat-ci/watchcat/sources"
)

const (
	// restPage is how many changes are asked for at once over HTTP: their comments
	// are long, 130 KB a change where several CIs report.
	restPage = 50
	// maxRESTAnswer is how long an answer over HTTP may be, in bytes.
	maxRESTAnswer = 64 << 20
)

// restFields are the parts of changes that are not sent unless asked for: the
// comments, the names of accounts, and the newest patch set with its commit message.
var restFields = []string{"MESSAGES", "DETAILED_ACCOUNTS", "CURRENT_REVISION", "CURRENT_COMMIT"}

// rest asks a Gerrit over HTTP, by its REST API. It is for one goroutine.
type rest struct {
	api    *gogerrit.Client
	pages  *url.URL // of the server for people; ends in a slash
	prefix string   // of what is asked for: "a/" where that is asked as somebody
	again  bool     // an answer was asked for twice, because it was cut
}

// newREST returns what asks the server at o.URL, without asking yet.
func newREST(ctx context.Context, o Options) (*rest, error) {
	pages, err := parseURL(o.URL)
	if err != nil {
		return nil, err
	}
	api, err := gogerrit.NewClient(ctx, pages.String(), o.Client.HTTP())
	if err != nil {
		return nil, err
	}
	s := &rest{api: api, pages: pages}
	if o.Client.HasCredential(pages.String()) {
		s.prefix = "a/"
	}
	return s, nil
}

// parseURL parses the address of a Gerrit's pages.
func parseURL(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	switch {
	case err != nil:
		return nil, errors.New("url is no URL: write it as https://review.example.org/")
	case u.User != nil:
		return nil, fmt.Errorf("url %q: put user and password into the credentials file", u.Redacted())
	case webURL(rawURL) == nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("url %q: give the address under which the server's own path begins, such as https://review.example.org/ or https://example.org/r/", rawURL)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/")+"/", ""
	return u, nil
}

// ask puts a question. An error does not void the page. An answer that was cut is
// asked for a second time, once.
func (s *rest) ask(ctx context.Context, q question) (page, error) {
	q.limit = min(q.limit, restPage)
	first, err := s.askOnce(ctx, q)
	if s.again || ctx.Err() != nil || !errors.Is(err, errCut) {
		return first, err
	}
	s.again = true
	second, err := s.askOnce(ctx, q)
	if err != nil && second.rows < first.rows {
		return first, err
	}
	return second, err
}

func (s *rest) askOnce(ctx context.Context, q question) (page, error) {
	var a restAnswer
	err := s.get(ctx, "changes/?"+restQuery(q), &a)
	if err != nil && a.text.Len() == 0 {
		return page{}, err
	}
	if err != nil && !a.full {
		p, _ := s.readPage(a.text.Bytes(), q)
		return p, fmt.Errorf("%s: %w (%w)", s.pages, errCut, err)
	}
	p, err := s.readPage(a.text.Bytes(), q)
	if a.full && p.rows > 0 && errors.Is(err, errCut) {
		p.more, err = true, nil // what is left comes with the next page
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", s.pages, err)
	}
	return p, err
}

// get writes the answer to a request to w, if it is one.
func (s *rest) get(ctx context.Context, path string, w io.Writer) error {
	req, err := s.api.NewRequest(ctx, "GET", s.prefix+path, nil)
	if err != nil {
		return err
	}
	if _, err := s.api.Do(req, w); err != nil {
		return s.explain(ctx, err)
	}
	return nil
}

// restQuery returns a question as the parameters of a request. Colons stay as
// they are, as go-gerrit has it: some servers do not take them otherwise.
func restQuery(q question) string {
	values := url.Values{"q": {q.query}, "n": {strconv.Itoa(q.limit)}, "o": restFields}
	if q.start > 0 {
		values.Set("S", strconv.Itoa(q.start))
	}
	return strings.ReplaceAll(values.Encode(), "%3A", ":")
}

// restAnswer keeps what is written to it, up to a bound.
type restAnswer struct {
	text bytes.Buffer
	full bool // there was more
}

func (a *restAnswer) Write(p []byte) (int, error) {
	room := maxRESTAnswer - a.text.Len()
	if a.full = len(p) > room; a.full {
		a.text.Write(p[:room])
		return room, fmt.Errorf("the answer is longer than %s", size(maxRESTAnswer))
	}
	return a.text.Write(p)
}

// restJobs is Jobs over HTTP.
func (s *Source) restJobs(ctx context.Context) (sources.Listing, error) {
	r := s.newReading()
	server, err := newREST(ctx, s.options)
	if err != nil {
		return r.listing, fmt.Errorf("gerrit %s: %w", s.options.Name, err)
	}
	q := question{query: s.query, jobs: r.jobs}
	for more := true; more && err == nil; {
		if q.limit = s.options.Cap - q.start; q.limit == 0 {
			r.listing.Capped = true
			break
		}
		var p page
		p, err = server.ask(ctx, q)
		q.start += p.rows
		more = r.add(p) && p.more
	}
	r.checkAccounts()
	if err != nil {
		err = fmt.Errorf("gerrit %s: %w", s.options.Name, err)
	}
	return r.listing, err
}
