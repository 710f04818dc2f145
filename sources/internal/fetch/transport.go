package fetch

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/net/http/httpproxy"
)

// transport makes single requests: each hop of a redirect and each further try
// comes through here. It refuses hosts, hands out the places a host has, adds
// credentials, and ends what takes too long.
type transport struct {
	o       Options
	hosts   *hostList
	creds   credentialList
	proxy   func(*url.URL) (*url.URL, error)
	direct  *http.Transport // looks at the address it connects to
	proxied *http.Transport // connects to the proxy, wherever that is
	slots   slots
	down    downList
}

func newTransport(o Options, hosts *hostList, creds credentialList, proxy func(*url.URL) (*url.URL, error)) *transport {
	t := &transport{o: o, hosts: hosts, creds: creds, proxy: proxy, slots: slots{size: o.PerHost}}
	t.direct = newHTTPTransport(o, t.dial)
	t.proxied = newHTTPTransport(o, newDialer(o).DialContext)
	t.proxied.Proxy = func(req *http.Request) (*url.URL, error) { return proxy(req.URL) }
	return t
}

func newHTTPTransport(o Options, dial dialFunc) *http.Transport {
	return &http.Transport{
		DialContext:            dial,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // decodeBody knows more encodings
		MaxResponseHeaderBytes: maxHeaderBytes,
		TLSHandshakeTimeout:    o.Timeout,
		MaxIdleConnsPerHost:    o.PerHost,
		IdleConnTimeout:        o.Timeout,
	}
}

func newDialer(o Options) *net.Dialer {
	return &net.Dialer{Timeout: o.Timeout / 3, Resolver: o.resolver}
}

// CloseIdleConnections closes connections that are not in use.
func (t *transport) CloseIdleConnections() {
	t.direct.CloseIdleConnections()
	t.proxied.CloseIdleConnections()
}

// check refuses URLs that must not be fetched, by what can be told without
// resolving the host's name.
func (t *transport) check(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return &RefusedError{Host: u.Host, Reason: "the scheme of the URL is " + quote(u.Scheme) + "; only http and https are fetched"}
	}
	host, port, err := splitHost(u)
	if err != nil {
		return err
	}
	return t.hosts.check(host, port)
}

// dial connects to a host, and unless it may have a private address looks at
// each address just before it is used.
func (t *transport) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if t.o.dial != nil {
		return t.o.dial(ctx, network, addr)
	}
	dialer := newDialer(t.o)
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	host = normalHost(host)
	if t.hosts.trust(host, port) != trustPrivate {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			return t.hosts.checkAddr(host, to)
		}
	}
	return dialer.DialContext(ctx, network, addr)
}

// RoundTrip makes one request. The timeouts hold until its body is closed. If
// there is no answer, and not because nobody waits for it any more, the host is
// unreachable.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.roundTrip(req)
	if err != nil && req.Context().Err() == nil {
		return nil, unreachable{err}
	}
	return resp, err
}

func (t *transport) roundTrip(req *http.Request) (*http.Response, error) {
	if err := t.check(req.URL); err != nil {
		return nil, err
	}
	if err := t.down.recall(req.URL.Host); err != nil {
		return nil, err
	}
	via, err := t.route(req.URL)
	if err != nil {
		return nil, err
	}
	free, err := t.slots.take(req.Context(), req.URL.Host)
	if err != nil {
		return nil, err
	}
	ctx, p := newPatience(req.Context(), t.o)
	var resp *http.Response
	p.during(func() { resp, err = via.RoundTrip(t.dress(req, ctx)) })
	end := sync.OnceFunc(func() { p.end(); free() })
	if err != nil {
		defer end()
		return nil, p.blame(err)
	}
	resp.Request = req // without the credentials
	resp.Body = &body{rc: resp.Body, url: req.URL.Redacted(), patience: p, end: end}
	return resp, nil
}

// proxyFromEnvironment returns what names the proxy of a URL, or nil for none.
// A proxy that is set and not understood is an error, rather than none.
func proxyFromEnvironment() (func(*url.URL) (*url.URL, error), error) {
	config := httpproxy.FromEnvironment()
	always := httpproxy.Config{HTTPProxy: config.HTTPProxy, HTTPSProxy: config.HTTPSProxy}
	for _, scheme := range []string{"http", "https"} {
		set := map[string]string{"http": config.HTTPProxy, "https": config.HTTPSProxy}[scheme]
		proxy, err := always.ProxyFunc()(&url.URL{Scheme: scheme, Host: "logs.example.org"})
		if set != "" && (proxy == nil || err != nil) {
			return nil, fmt.Errorf("the proxy in the environment variable %s_PROXY is no URL", strings.ToUpper(scheme))
		}
	}
	return config.ProxyFunc(), nil
}

// route tells which way a request goes: straight, or through a proxy.
func (t *transport) route(u *url.URL) (*http.Transport, error) {
	proxy, err := t.proxy(u)
	if err != nil {
		return nil, &hint{text: "no proxy can be told from the environment: " + scrub(err.Error()), err: errProxy}
	}
	if proxy == nil {
		return t.direct, nil
	}
	return t.proxied, nil
}

// dress returns the request as it is sent. The credentials are those of the
// host that it goes to; a redirect gets none for an unencrypted connection.
func (t *transport) dress(req *http.Request, ctx context.Context) *http.Request {
	redirected := req.Response != nil
	req = req.Clone(ctx)
	req.Header.Set("User-Agent", t.o.UserAgent)
	if req.Header.Get("Accept-Encoding") == "" {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	if req.Header.Get("Authorization") == "" && req.URL.User == nil && (req.URL.Scheme == "https" || !redirected) {
		t.creds.of(req.URL).apply(req.Header)
	}
	return req
}

// slots hands out the places of each host.
type slots struct {
	size int
	mu   sync.Mutex
	of   map[string]chan struct{}
}

// take waits for a place and returns what gives it back.
func (s *slots) take(ctx context.Context, host string) (free func(), err error) {
	slot := s.host(host)
	select {
	case slot <- struct{}{}:
		return func() { <-slot }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *slots) host(host string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]chan struct{}{}
	}
	if s.of[host] == nil {
		s.of[host] = make(chan struct{}, s.size)
	}
	return s.of[host]
}
