package fetch

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// maxSaid is how much is kept of what a server writes with an error, in bytes.
const maxSaid = 1 << 10

// HTTP returns the client in the form that libraries take. It fetches as Get
// does, with the same errors: what is no answer to Get is none here, so there is
// no response whose status is an error. Any other method than GET is refused.
func (c *Client) HTTP() *http.Client { return &http.Client{Transport: roundTripper{c}} }

type roundTripper struct{ client *Client }

// RoundTrip implements http.RoundTripper.
func (t roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet || req.Body != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, errors.New("only requests that read (GET) are made")
	}
	return t.client.Get(req.Context(), req.URL.String(), req.Header)
}

// CloseIdleConnections is what http.Client looks for under this name.
func (t roundTripper) CloseIdleConnections() { t.client.Close() }

// HasCredential reports whether requests for a URL are made as somebody: with
// what the credentials hold for its host.
func (c *Client) HasCredential(rawURL string) bool {
	u, err := url.Parse(rawURL)
	return err == nil && c.transport.creds.of(u) != Credential{}
}

// said returns the beginning of what a server writes for people, beside a status
// that is an error; "" if that is no plain text.
func said(resp *http.Response) string {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || kind != "text/plain" || decodeBody(resp) != nil {
		return ""
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxSaid)) // what came is better than nothing
	return strings.TrimSpace(strings.ToValidUTF8(string(text), ""))
}
