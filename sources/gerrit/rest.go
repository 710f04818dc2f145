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
)

const (
	// restPage is how many changes are asked for at once over HTTP. Where several
	// CIs report, a change has 130 KB of comments, and a server that begins to answer
	// only when it has read them all must not take too long.
	restPage = 25
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
	limit  int      // bytes of an answer that are read
	prefix string   // of what is asked for: "a/" where that is asked as somebody
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
	s := &rest{api: api, pages: pages, limit: maxRESTAnswer}
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
	case webURL(rawURL) == nil || u.RawQuery != "" || u.Fragment != "" || strings.Contains(rawURL, "@"): // which go-gerrit takes for a password's end
		return nil, fmt.Errorf("url %q: give the address under which the server's own path begins, such as https://review.example.org/ or https://example.org/r/", rawURL)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/")+"/", ""
	return u, nil
}

// Close implements server. The connections are the client's.
func (s *rest) Close() {}

// reconnect implements server. Each request finds its own connection.
func (s *rest) reconnect(context.Context) error { return nil }

// ask implements server.
func (s *rest) ask(ctx context.Context, q question) (page, error) {
	q.limit = min(q.limit, restPage)
	a := restAnswer{limit: s.limit}
	getErr := s.get(ctx, "changes/?"+restQuery(q), &a)
	if getErr != nil && a.text.Len() == 0 {
		return page{}, getErr
	}
	p, err := s.readPage(a.text.Bytes(), q)
	switch {
	case a.full && errors.Is(err, errCut):
		return p.shorten(q, s.limit), nil
	case ctx.Err() != nil:
		return p, getErr
	case getErr != nil && errors.Is(err, errCut):
		err = fmt.Errorf("%w: %w", errDropped, getErr)
	case errors.Is(err, errCut):
		err = fmt.Errorf("%w: %w", errDropped, err)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", s.pages, err)
	}
	return p, err
}

// shorten makes the best of an answer that is longer than is read: what did not
// fit comes with the next page. A change that is too long all alone is left out.
func (p page) shorten(q question, limit int) page {
	p.more = true
	if p.rows == 0 {
		p.rows = 1
		p.broken = append(p.broken, fmt.Errorf("change %d of the answer is longer than %s, it is left out", q.start+1, size(limit)))
	}
	return p
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
	limit int // bytes
	text  bytes.Buffer
	full  bool // there was more
}

func (a *restAnswer) Write(p []byte) (int, error) {
	room := a.limit - a.text.Len()
	if a.full = len(p) > room; a.full {
		a.text.Write(p[:room])
		return room, fmt.Errorf("the answer is longer than %s", size(a.limit))
	}
	return a.text.Write(p)
}
