package fetch

import (
	"context"
	"crypto/tls"
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
	if wait, ok := retryAfter(resp, time.Now()); ok && sinceAsked(ctx)+wait > maxRetryAfter {
		return false, nil
	}
	return statusMayPass(resp.StatusCode), nil
}

// askedKey is the key under which a request's context holds when it was first made.
type askedKey struct{}

func withAsked(ctx context.Context) context.Context {
	return context.WithValue(ctx, askedKey{}, time.Now())
}

func sinceAsked(ctx context.Context) time.Duration {
	if asked, ok := ctx.Value(askedKey{}).(time.Time); ok {
		return time.Since(asked)
	}
	return 0
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
	if errors.Is(err, errRedirects) || errors.Is(err, errProxy) || isType[*RefusedError](err) || isType[*downError](err) {
		return false
	}
	if isType[*tls.CertificateVerificationError](err) || isType[tls.RecordHeaderError](err) || errors.Is(err, http.ErrSchemeMismatch) {
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

// backoff waits as long as the server asks for, else doubles the wait each
// time; up to half of it is left to chance, so that not all come back at once.
func (p retryPolicy) backoff(least, most time.Duration, try int, resp *http.Response) time.Duration {
	if wait, ok := retryAfter(resp, time.Now()); ok {
		p.log.Info("the server asks to wait", "host", resp.Request.URL.Host, "wait", wait)
		return min(wait, maxRetryAfter)
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
