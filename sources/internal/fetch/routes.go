package fetch

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"golang.org/x/net/http/httpproxy"
)

// routes are the ways to the hosts. A host that is shown a client certificate
// has ways of its own, so that no connection is shared with another.
type routes struct {
	o        Options
	hosts    *hostList
	proxy    func(*url.URL) (*url.URL, error)
	identify certificateList
	of       map[string]route // by key of identify; "": all others
}

// route is how a host is reached: straight, or by way of a proxy.
type route struct {
	direct  *http.Transport // looks at the address it connects to
	proxied *http.Transport // connects to the proxy, wherever that is
}

func newRoutes(o Options, hosts *hostList, proxy func(*url.URL) (*url.URL, error)) (*routes, error) {
	certificates, err := newCertificateList(o.Certificates)
	if err != nil {
		return nil, err
	}
	authorities, err := readAuthorities(o.CAFile)
	if err != nil {
		return nil, err
	}
	r := &routes{o: o, hosts: hosts, proxy: proxy, identify: certificates, of: map[string]route{}}
	r.of[""] = r.newRoute(&tls.Config{RootCAs: authorities})
	for name, c := range certificates {
		r.of[name] = r.newRoute(&tls.Config{
			RootCAs:              authorities,
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.load() },
		})
	}
	return r, nil
}

func (r *routes) newRoute(c *tls.Config) route {
	direct, proxied := newHTTPTransport(r.o), newHTTPTransport(r.o)
	direct.DialContext, direct.TLSClientConfig = r.dial, c
	direct.MaxConnsPerHost = r.o.PerHost // a proxy's host would be the proxy
	proxied.DialContext, proxied.TLSClientConfig = newDialer(r.o).DialContext, c.Clone()
	proxied.Proxy = func(req *http.Request) (*url.URL, error) { return r.proxy(req.URL) }
	return route{direct, proxied}
}

func newHTTPTransport(o Options) *http.Transport {
	return &http.Transport{
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

// closeIdle closes connections that are not in use.
func (r *routes) closeIdle() {
	for _, way := range r.of {
		way.direct.CloseIdleConnections()
		way.proxied.CloseIdleConnections()
	}
}

// to returns the way to the host of a URL.
func (r *routes) to(u *url.URL) (*http.Transport, error) {
	proxy, err := r.proxy(u)
	if err != nil {
		return nil, &hint{text: "no proxy can be told from the environment: " + scrub(err.Error()), err: errProxy}
	}
	name, _ := lookupHost(r.identify, u)
	if proxy == nil {
		return r.of[name].direct, nil
	}
	return r.of[name].proxied, nil
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

// dial connects to a host, and unless it may have a private address looks at
// each address just before it is used.
func (r *routes) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if r.o.dial != nil {
		return r.o.dial(ctx, network, addr)
	}
	dialer := newDialer(r.o)
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	host = normalHost(host)
	if r.hosts.trust(host, port) != trustPrivate {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			return r.hosts.checkAddr(host, to)
		}
	}
	return dialer.DialContext(ctx, network, addr)
}
