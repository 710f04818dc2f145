package fetch

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// retryPolicy decides what is tried again, and when.
type retryPolicy struct{ log *slog.Logger }

func (p retryPolicy) check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		return mayPass(err), nil
	}
	if wait, ok := retryAfter(resp, time.Now()); ok && askedIn(ctx).waited+wait > maxRetryAfter {
		return false, nil
	}
	return statusMayPass(resp.StatusCode), nil
}

func statusMayPass(code int) bool {
	switch code {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return code >= 500
}

// mayPass reports whether a failed request could succeed later.
func mayPass(err error) bool {
	if errors.Is(err, errRedirects) || errors.Is(err, errProxy) || isType[*RefusedError](err) || isType[*downError](err) || isTLS(err) {
		return false
	}
	if late, ok := errors.AsType[*TimeoutError](err); ok && late.Total {
		return false
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return !dns.IsNotFound
	}
	return true
}

func isType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// backoff doubles the wait each time; up to half of it is left to chance, so that
// not all come back at once. What the server asks for (server.heed) is waited for
// by all who want something of it, so not here.
func (p retryPolicy) backoff(least, most time.Duration, try int, resp *http.Response) time.Duration {
	if _, ok := retryAfter(resp, time.Now()); ok {
		return 0
	}
	wait := min(least<<min(try, 16), most)
	return wait - time.Duration(rand.Int64N(int64(wait)/2+1))
}

func (p retryPolicy) logRetry(_ retryablehttp.Logger, req *http.Request, try int) {
	if try > 0 {
		p.log.Debug("trying again", "url", req.URL.Redacted(), "try", try+1)
	}
}

// retryAfter returns for how long the server wants to be left alone (RFC 9110,
// section 10.2.3: seconds or a date).
func retryAfter(resp *http.Response, now time.Time) (time.Duration, bool) {
	if resp == nil || !statusMayPass(resp.StatusCode) {
		return 0, false
	}
	value := strings.TrimSpace(resp.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(date.Sub(now), 0), true
	}
	return 0, false
}
