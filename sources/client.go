package sources

import "github.com/watchcat-ci/watchcat/sources/internal/fetch"

// Client is the HTTP client that all sources share: it goes only where it was
// allowed to, tries again where that helps, and is safe for use by several
// goroutines at once.
type Client = fetch.Client

// ClientOptions say where a Client may go and how patient it is.
type ClientOptions = fetch.Options

// Credential is what a host wants to see before it answers. It is never printed.
type Credential = fetch.Credential

// StatusError is an HTTP answer whose status is neither 200 nor 203. It wraps
// fs.ErrNotExist for 404 and 410.
type StatusError = fetch.StatusError

// RefusedError says that a host or address is not allowed, and the remedy.
type RefusedError = fetch.RefusedError

// DownError says that a host gave no answer, to this request or to some before
// it: what a host cost is what such errors cost, by their Host. It wraps
// classify.ErrUnreachable.
type DownError = fetch.DownError

// Certificate is a client certificate for a host that wants one.
type Certificate = fetch.Certificate

// NewClient returns a client. The proxy is taken from the environment.
func NewClient(o ClientOptions) (*Client, error) { return fetch.New(o) }

// ReadCredentials reads credentials by host from a TOML file:
//
//	["logs.example.org"]
//	user     = "watchcat"
//	password = "…"          # or: token = "…"
func ReadCredentials(path string) (map[string]Credential, error) {
	return fetch.ReadCredentials(path)
}
