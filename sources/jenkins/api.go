package jenkins

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"

	"github.com/watchcat-ci/watchcat/sources"
)

// maxAnswer bounds an answer. A build with all parameters of the Gerrit Trigger
// has some KiB, and there may be 2000 of these in one.
const maxAnswer = 32 << 20

// api is where a Jenkins is.
type api struct {
	client *sources.Client
	root   string // with a "/" at its end
}

// url returns the page of a folder, view or job.
func (a api) url(p place) string { return a.root + p.path() }

// read asks for fields of a folder, view or job.
func (a api) read(ctx context.Context, p place, tree string, to *item) (http.Header, error) {
	header, err := a.get(ctx, a.url(p)+"api/json?tree="+url.QueryEscape(tree), to)
	if err != nil {
		return nil, shortError{err}
	}
	return header, nil
}

// treeExpr is the query that says what is asked for.
var treeExpr = regexp.MustCompile(`\?tree=[^\s:]*`)

// shortError is an error without the long queries of the URLs in it.
type shortError struct{ error }

func (e shortError) Error() string { return treeExpr.ReplaceAllString(e.error.Error(), "") }
func (e shortError) Unwrap() error { return e.error }

// account asks as whom Jenkins knows us; "" if as nobody, or if it does not tell.
func (a api) account(ctx context.Context) string {
	var who struct {
		Name      text `json:"name"`
		Anonymous text `json:"anonymous"`
	}
	if _, err := a.get(ctx, a.root+"whoAmI/api/json?tree=name,anonymous", &who); err != nil || who.Anonymous == "true" || who.Name == "anonymous" {
		return ""
	}
	return clean(who.Name, maxName)
}

// get asks for something.
func (a api) get(ctx context.Context, from string, to any) (http.Header, error) {
	res, err := a.client.Get(ctx, from, http.Header{"Accept": {"application/json"}})
	if err != nil {
		return nil, withRemedy(err)
	}
	defer res.Body.Close() //nolint:errcheck // nothing was written
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", from, err)
	case len(data) > maxAnswer:
		return nil, fmt.Errorf("read %s: the answer is larger than %d MiB", from, maxAnswer>>20)
	}
	if err := json.Unmarshal(data, to); err != nil {
		return nil, fmt.Errorf("read %s: %w", from, explain(data, err))
	}
	return res.Header, nil
}

// withRemedy says what to do where Jenkins refuses. It refuses to tell that
// something is there, too.
func withRemedy(err error) error {
	status, ok := errors.AsType[*sources.StatusError](err)
	switch {
	case !ok:
		return err
	case status.Code == http.StatusUnauthorized || status.Code == http.StatusForbidden:
		return fmt.Errorf("%w; Jenkins wants a user and an API token of theirs as the user and password of its host", err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w; there is no such folder, view or job, or its reader may not see it", err)
	}
	return err
}

// explain says why an answer is no JSON, if that is plain to see.
func explain(data []byte, err error) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		return errors.New("this is a web page, not what Jenkins' API answers; does the url lead to Jenkins, and does it want a user and an API token in the credentials file?")
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok && syntax.Offset >= int64(len(data)) {
		return fmt.Errorf("the answer was cut short: %w", io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("this is not what Jenkins' API answers: %w", err)
}
