// Package fetch is the one HTTP client of all sources: it asks politely,
// tries again where that may help, and goes only where it was allowed to go.
//
// Everything it is given to fetch may come from strangers. So only hosts that
// are listed or were typed by the user are contacted, private addresses only
// where they are meant, and both are looked at for each redirect too.
// Addresses are looked at when the connection is made, after the name was
// resolved, so that no answer of a name server gets round it.
//
// Each host has its own manners: so many requests at once and a second, a pause
// for all when it asks for one (Retry-After), and peace when it fails again and
// again (DownError).
package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Options say where a Client may go and how patient it is. The zero value goes
// nowhere.
type Options struct {
	// Hosts is the allow list: names, globs ("*.example.org"; the star also
	// stands for dots), IP addresses and CIDR blocks, each but the last maybe
	// with ":port"; without a port any port is meant. A host that is listed
	// may have a private address. A glob without a letter or digit ("*") lists
	// public addresses only; a CIDR block beside it allows those private ones.
	Hosts []string

	// Typed are the hosts that the user typed on the command line or
	// configured as a source, maybe with ":port". They are allowed, and may
	// have a private address. No globs.
	Typed []string

	// Certificates are the client certificates, by host or host:port. No other
	// host is shown them, but an HTTPS proxy on the way there is if it asks.
	Certificates map[string]Certificate

	Credentials map[string]Credential // by host or host:port; see ReadCredentials
	CAFile      string                // certificate authorities in PEM, believed beside the system's; zero: none
	Timeout     time.Duration         // of a request until its headers, and of each silent stretch of the body; zero: 30 s
	Total       time.Duration         // all waiting for one answer together: tries, redirects, body; zero: 15 min
	Retries     int                   // further tries after a failure that may pass; zero: 3; negative: none
	RetryWait   time.Duration         // before the first further try, doubled each time, at most 30 s; zero: 1 s
	PerHost     int                   // requests to one host at a time; zero: 8
	PerSecond   float64               // requests to one host a second, after the first PerHost; zero: 50; negative: any number
	UserAgent   string                // zero: "watchcat/<version of the module> (+…)"
	Log         *slog.Logger          // what is tried again; may be nil

	dial     dialFunc      // instead of the network; for tests
	resolver *net.Resolver // instead of the system's; for tests
}

type dialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// Bounds that nobody has wanted to change so far.
const (
	maxRedirects   = 10
	maxHeaderBytes = 256 << 10
	maxRetryWait   = 30 * time.Second
	maxRetryAfter  = 2 * time.Minute // a server that wants to be left alone for longer, all tries together, is
)

// Client fetches by HTTP. It is safe for use by several goroutines at once.
// A body that is neither read to its end nor closed holds one of the places
// that its host has (Options.PerHost).
type Client struct {
	retry     *retryablehttp.Client
	transport *transport
}

// New returns a client. The proxy, if any, is taken from the environment
// (HTTP_PROXY, HTTPS_PROXY, NO_PROXY); behind it host names decide alone,
// because only the proxy resolves them.
func New(o Options) (*Client, error) {
	o = o.withDefaults()
	hosts, err := newHostList(o.Hosts, o.Typed)
	if err != nil {
		return nil, err
	}
	creds, err := newCredentialList(o.Credentials)
	if err != nil {
		return nil, err
	}
	proxy, err := proxyFromEnvironment()
	if err != nil {
		return nil, err
	}
	routes, err := newRoutes(o, hosts, proxy)
	if err != nil {
		return nil, err
	}
	t := &transport{o: o, hosts: hosts, creds: creds, routes: routes, servers: newServers(o)}
	policy := retryPolicy{log: o.Log}
	return &Client{
		transport: t,
		retry: &retryablehttp.Client{
			HTTPClient:     &http.Client{Transport: t, CheckRedirect: checkRedirect},
			RetryWaitMin:   o.RetryWait,
			RetryWaitMax:   maxRetryWait,
			RetryMax:       max(o.Retries, 0),
			CheckRetry:     policy.check,
			Backoff:        policy.backoff,
			ErrorHandler:   retryablehttp.PassthroughErrorHandler,
			RequestLogHook: policy.logRetry,
		},
	}, nil
}

func (o Options) withDefaults() Options {
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.Total = cmp.Or(o.Total, 15*time.Minute)
	o.Retries = cmp.Or(o.Retries, 3)
	o.RetryWait = cmp.Or(o.RetryWait, time.Second)
	o.PerHost = max(cmp.Or(o.PerHost, 8), 1)
	o.PerSecond = cmp.Or(o.PerSecond, 50)
	o.UserAgent = cmp.Or(o.UserAgent, "watchcat/"+moduleVersion()+" (+https://github.com/watchcat-ci/watchcat)")
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	return o
}

func moduleVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// Close closes the connections that are kept for later requests.
func (c *Client) Close() { c.transport.routes.closeIdle() }

// Check reports whether the host of a URL may be contacted, by what can be told
// without asking anybody: nil, or a *RefusedError.
func (c *Client) Check(rawURL string) error {
	u, err := url.Parse(rawURL)
	if err != nil {
		return withoutURL(err)
	}
	return c.transport.check(u)
}

// Get fetches a URL and follows its redirects. The caller closes the body.
// What the server compressed for the way (Content-Encoding) arrives
// decompressed; a body that was cut short ends in io.ErrUnexpectedEOF.
//
// Any status but 200 and 203 (200, of a proxy that changed something on the way)
// is an error: a *StatusError, which wraps fs.ErrNotExist for 404 and 410. A
// host or address that is not allowed is a *RefusedError. The error wraps
// classify.ErrUnreachable where the host gives no answer, or one that holds for
// all that it has: it wants credentials, or is too busy. Where the host is to
// blame it is a *DownError too. No error holds a password of the URL.
func (c *Client) Get(ctx context.Context, rawURL string, header http.Header) (*http.Response, error) {
	resp, err := c.Raw(ctx, rawURL, header)
	if err != nil {
		return nil, err
	}
	if err := decodeBody(resp); err != nil {
		return nil, fmt.Errorf("get %s: %w", Redact(rawURL), errors.Join(err, resp.Body.Close()))
	}
	return resp, nil
}

// Raw is Get, but leaves the body as it was sent: Content-Encoding tells what
// DecodeBody undoes. Where the header asks for them, two more statuses are
// answers: 206 to Range, and 304 to If-None-Match or If-Modified-Since.
func (c *Client) Raw(ctx context.Context, rawURL string, header http.Header) (*http.Response, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", Redact(rawURL), withoutURL(err))
	}
	ctx = withAsked(ctx)
	resp, err := c.do(ctx, u, header)
	if err != nil {
		if resp != nil {
			resp.Body.Close()
		}
		return nil, c.transport.givenUp(ctx, u, lastURL(u, err), err)
	}
	if !isAnswer(resp.StatusCode, header) {
		return nil, c.transport.givenUp(ctx, u, resp.Request.URL, statusError(u, resp))
	}
	return resp, nil
}

// lastURL returns the URL at which a request for u failed.
func lastURL(u *url.URL, err error) *url.URL {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		if last, err := url.Parse(failed.URL); err == nil {
			return last
		}
	}
	return u
}

// isAnswer reports whether a status is what was asked for.
func isAnswer(code int, asked http.Header) bool {
	switch code {
	case http.StatusOK, http.StatusNonAuthoritativeInfo:
		return true
	case http.StatusPartialContent:
		return asked.Get("Range") != ""
	case http.StatusNotModified:
		return asked.Get("If-None-Match") != "" || asked.Get("If-Modified-Since") != ""
	}
	return false
}

func (c *Client) do(ctx context.Context, u *url.URL, header http.Header) (*http.Response, error) {
	if err := c.transport.check(u); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, withoutURL(err)
	}
	if header != nil {
		req.Header = header.Clone()
	}
	wrapped, err := retryablehttp.FromRequest(req)
	if err != nil {
		return nil, err
	}
	return c.retry.Do(wrapped)
}

// checkRedirect bounds redirects and keeps what was meant for one host from
// the next: of the caller's headers only those without secrets travel on.
// Whether the next host is allowed is asked when the request is made.
func checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errRedirects
	}
	req.Header.Del("Referer") // its query may hold a signature
	first := via[0].URL
	if req.URL.Host == first.Host && req.URL.Scheme == first.Scheme {
		return nil
	}
	for name := range req.Header {
		if name != "Accept" && name != "User-Agent" {
			req.Header.Del(name)
		}
	}
	return nil
}

// drain reads the little that an error page holds, so that its connection can
// be used again.
func drain(body io.ReadCloser) {
	io.CopyN(io.Discard, body, 4<<10) //nolint:errcheck // whatever comes, it is not wanted
	body.Close()
}
