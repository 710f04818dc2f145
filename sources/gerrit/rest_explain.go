package gerrit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/watchcat-ci/watchcat/sources"
)

const wantsPassword = "put user and HTTP password of your account into the credentials file"

// explained is an error said in other words.
type explained struct {
	text string
	err  error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.err }

// explain says what to do about a server that did not answer as asked.
func (s *rest) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("ask %s: %w", s.pages, context.Cause(ctx))
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // which names the URL again
	}
	if refused, ok := errors.AsType[*sources.RefusedError](err); ok && s.sentElsewhere(refused) {
		return fmt.Errorf("%w; if that is where people log in: %s", err, wantsPassword)
	}
	status, ok := errors.AsType[*sources.StatusError](err)
	if !ok {
		return err
	}
	remedy := s.remedy(status)
	if remedy == "" {
		return err
	}
	return &explained{fmt.Sprintf("ask %s: %d %s: %s", s.pages, status.Code, http.StatusText(status.Code), remedy), err}
}

// sentElsewhere reports whether the server sent somebody whom it does not know to
// another host.
func (s *rest) sentElsewhere(refused *sources.RefusedError) bool {
	own := strings.EqualFold(refused.Host, s.pages.Host) || strings.EqualFold(refused.Host, s.pages.Hostname())
	return s.prefix == "" && !own
}

// remedy says what to do about a status; "" where the error itself says it.
func (s *rest) remedy(status *sources.StatusError) string {
	said := clean(status.Said, maxDetail)
	switch status.Code {
	case http.StatusBadRequest, http.StatusConflict:
		return fmt.Sprintf("the server says: %s", cmp.Or(said, "nothing; are query and projects as it wants them?"))
	case http.StatusUnauthorized:
		if s.prefix == "" {
			return "the server answers nobody that it does not know: " + wantsPassword
		}
		return "user or password in the credentials file are wrong: Gerrit wants the account's HTTP password, not its login password; make one in its web pages (Settings, HTTP Credentials); a Gerrit before 2.14 is to be asked over SSH"
	case http.StatusForbidden:
		if s.prefix == "" {
			return "the server does not let anonymous users read this: " + wantsPassword
		}
		return "the account in the credentials file may not read this: ask the server's keepers"
	case http.StatusNotFound:
		return "there is no Gerrit: is url its address, with its path, such as https://example.org/r/?"
	case http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		return "the query is too long for it: list fewer projects, or patterns of them, or ask over SSH"
	}
	return ""
}
