package fetch

import (
	"context"
	"net/http"
	"net/url"
)

// transport makes single requests: each hop of a redirect and each further try
// comes through here. It refuses hosts, keeps the manners that each host asks
// for, adds credentials, and ends what takes too long.
//
// It has no CloseIdleConnections: retryablehttp would call that whenever a
// request is given up, and the connections to all hosts were gone.
type transport struct {
	o       Options
	hosts   *hostList
	creds   credentialList
	routes  *routes
	servers *servers
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
	via, err := t.routes.to(req.URL)
	if err != nil {
		return nil, err
	}
	s := t.servers.get(req.URL)
	leave, err := s.enter(req.Context())
	if err != nil {
		return nil, err
	}
	ctx, p := newPatience(req.Context(), t.o)
	var resp *http.Response
	p.during(func() { resp, err = via.RoundTrip(t.dress(req, ctx)) })
	if err != nil {
		err = p.blame(err)
		p.end()
		leave()
		return nil, err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		p.hurry()
	}
	s.heed(resp)
	resp.Request = req // without the credentials
	b := &body{rc: resp.Body, url: req.URL.Redacted(), patience: p, leave: leave}
	if !statusMayPass(resp.StatusCode) {
		b.server, b.asked = s, askedIn(req.Context())
	}
	resp.Body = b
	return resp, nil
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
