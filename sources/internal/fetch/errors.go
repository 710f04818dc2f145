package fetch

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

var (
	errRedirects = fmt.Errorf("more than %d redirects; the server sends us round in circles", maxRedirects)
	errProxy     = errors.New("no proxy")
)

// StatusError is an answer with another status than 200 and 203.
type StatusError struct {
	Code  int
	URL   string        // as asked for, without its password
	After time.Duration // what the server asked to wait before another try
	Said  string        // what it wrote beside, if that is plain text: up to 1 KiB, as it came

	Jenkins bool // the server says that it is a Jenkins
}

// Error names the status and, where there is one, the remedy.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("get %s: %d %s", e.URL, e.Code, http.StatusText(e.Code))
	return strings.TrimSpace(text) + e.remedy()
}

func (e *StatusError) remedy() string {
	switch {
	case e.Code == http.StatusUnauthorized:
		return "; the server wants credentials, or others: look at the credentials file"
	case e.Code == http.StatusGone:
		return "; it was there once: servers let logs expire"
	case e.Code == http.StatusForbidden:
		return "; the server refuses access: ask its keepers, or look at the credentials file"
	case e.Code == http.StatusProxyAuthRequired:
		return "; the proxy wants a user and password: put them in HTTP_PROXY and HTTPS_PROXY"
	case e.After > 0:
		return "; the server asks to try again after " + rounded(e.After)
	case e.Code == http.StatusTooManyRequests:
		return "; the server asks for fewer requests: try again later"
	case e.Code >= 500:
		return "; the server has a problem of its own: try again later"
	}
	return ""
}

// rounded returns a wait as people want to know it.
func rounded(wait time.Duration) string {
	switch {
	case wait > 24*time.Hour:
		return "more than a day"
	case wait > 10*time.Minute:
		return wait.Round(time.Minute).String()
	}
	return max(wait.Round(time.Second), time.Second).String()
}

// Unwrap returns fs.ErrNotExist where the server says so, 404 and 410, and
// classify.ErrUnreachable where it would say the same of its other files. 403 is
// none of these: stores of objects answer so for what they do not have.
func (e *StatusError) Unwrap() error {
	switch e.Code {
	case http.StatusNotFound, http.StatusGone:
		return fs.ErrNotExist
	case http.StatusUnauthorized, http.StatusProxyAuthRequired, http.StatusTooManyRequests:
		return classify.ErrUnreachable
	}
	if e.Code >= 500 {
		return classify.ErrUnreachable
	}
	return nil
}

// busy reports whether the server asked for less work.
func (e *StatusError) busy() bool {
	return e.Code == http.StatusTooManyRequests || e.Code == http.StatusServiceUnavailable
}

func statusError(asked *url.URL, resp *http.Response) *StatusError {
	after, _ := retryAfter(resp, time.Now())
	text := said(resp)
	drain(resp.Body)
	return &StatusError{
		Code: resp.StatusCode, URL: asked.Redacted(), After: after, Said: text,
		Jenkins: resp.Header.Get("X-Jenkins") != "",
	}
}

// RefusedError says that we did not want to go to a host, and the remedy.
type RefusedError struct {
	Host   string
	Reason string
}

// Error names the host, the reason, and the remedy.
func (e *RefusedError) Error() string { return e.Reason }

// Unwrap returns classify.ErrUnreachable: all of the host is refused.
func (e *RefusedError) Unwrap() error { return classify.ErrUnreachable }

// unreachable marks an error as classify.ErrUnreachable.
type unreachable struct{ error }

func (e unreachable) Unwrap() []error { return []error{e.error, classify.ErrUnreachable} }

// hint is an error said in our own words.
type hint struct {
	text string
	err  error
}

func (h *hint) Error() string { return h.text }
func (h *hint) Unwrap() error { return h.err }

// failure is the error of a URL from which no answer came. What a busy host
// answered to another request counts as the answer to this one.
func failure(asked *url.URL, err error) error {
	if status, ok := errors.AsType[*StatusError](err); ok {
		same := *status
		same.URL = asked.Redacted()
		return &same
	}
	return fmt.Errorf("get %s: %w", asked.Redacted(), explain(asked, err))
}

// explain says in words that help why no answer came.
func explain(asked *url.URL, err error) error {
	where := ""
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err
		if u, parseErr := url.Parse(failed.URL); parseErr == nil && u.Host != asked.Host {
			where = "redirected to " + u.Redacted() + ": "
		}
	}
	text := reason(err)
	if text == "" {
		text = cut(scrub(err.Error()))
	}
	return &hint{text: where + text, err: err}
}

// reason returns what happened and what to do, or nothing.
func reason(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		return "the proxy cannot be reached: " + scrub(op.Err.Error()) + "; look at HTTP_PROXY and HTTPS_PROXY"
	}
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		return refused.Error()
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dnsReason(dns)
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused; is the server up, and the port right?"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was reset by the server"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the server hung up without an answer"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no route to the host; is the network up, or a VPN or proxy wanted?"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" && op.Timeout() {
		return "time-out: nobody answers" + at(op.Addr) + "; is the host up, or a VPN or proxy wanted?"
	}
	return tlsReason(err)
}

func at(addr net.Addr) string {
	if addr == nil {
		return ""
	}
	return " at " + addr.String()
}

func dnsReason(err *net.DNSError) string {
	if err.IsNotFound {
		return "no host has the name " + quote(err.Name) + "; is it written right?"
	}
	return "the name " + quote(err.Name) + " could not be looked up: " + err.Err + "; does the name server work?"
}

func tlsReason(err error) string {
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return certificateReason(bad.Err)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == tlsAlert {
		return "the server refuses the encrypted connection: " + op.Err.Error() + "; does it want a client certificate, or another? look at certificates in [logs]"
	}
	if strings.HasSuffix(err.Error(), "http2: client conn could not be established") { // net/http has no other name for it
		return "the server ends the encrypted connection at once; does it want a client certificate, or another? look at certificates in [logs]"
	}
	if isType[tls.RecordHeaderError](err) || errors.Is(err, http.ErrSchemeMismatch) {
		return "the server does not speak TLS; is it http:// that is meant?"
	}
	return ""
}

// tlsAlert is what crypto/tls calls the operation when the other side gives up.
const tlsAlert = "remote error"

func certificateReason(err error) string {
	text := cut(scrub(err.Error()))
	if isType[x509.HostnameError](err) {
		return "the server's certificate is for another host: " + text + "; is the name in the URL right?"
	}
	if bad, ok := errors.AsType[x509.CertificateInvalidError](err); ok && bad.Reason == x509.Expired {
		return "the server's certificate has expired, or is not valid yet: " + text + "; ask its keepers, or look at this machine's clock"
	}
	return "the server's certificate is not trusted: " + text +
		"; if its authority is your own, add it to the system's, or name it as ca in [logs]"
}

// Redact returns a URL without its password, even if it is no proper URL.
func Redact(rawURL string) string {
	if u, err := url.Parse(rawURL); err == nil {
		return u.Redacted()
	}
	return scrub(rawURL)
}

// scrub removes user and password from all URLs in a text: what stands between
// "//" and the last "@" before a slash, blank or quote.
func scrub(text string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, "//")
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i+1])
		text = text[i+1:]
		end := strings.IndexAny(text[1:], "/ \t\n\f\r\"")
		if end < 0 {
			end = len(text) - 1
		}
		if at := strings.LastIndexByte(text[:1+end], '@'); at > 0 {
			b.WriteByte('/')
			text = text[at+1:]
		}
	}
}

// cut shortens a text, which may quote what a server sent.
func cut(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// withoutURL takes the URL out of an error of url.Parse.
func withoutURL(err error) error {
	if parse, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("no proper URL: %s", scrub(parse.Err.Error()))
	}
	return err
}

func quote(s string) string { return strconv.Quote(s) }
