// Package gerrit lists the jobs that CI systems reported on a Gerrit's open
// changes.
//
// It asks the server over SSH, in one connection, or over HTTP, and reads the jobs
// from the comments of the accounts that are known to be CI systems. It understands what
// Zuul and the Gerrit Trigger of Jenkins write.
package gerrit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/sources"
)

const (
	defaultPort    = 29418
	defaultTimeout = time.Minute

	// maxChanges is how many changes are read at most, whatever is configured.
	maxChanges = 200

	// reconnectPause is how long a server is left alone after it dropped a
	// connection.
	reconnectPause = 2 * time.Second
)

// Options says which Gerrit to ask, as whom, and for what. Host and User (SSH), or
// URL and Client (HTTP), and CI are needed, all else has a default.
type Options struct {
	Name string // of the source; zero: Host
	Host string // name or address of the server; zero: that of URL
	Port int    // of its SSH; zero: 29418
	User string // the account's user name

	// KeyFile is a private key, without passphrase unless an agent holds it
	// too, or the public half of one that an agent holds. It is offered first.
	// Zero: the keys of the agent, those of ~/.ssh first, then these themselves.
	// No more than five keys are offered, and none of RSA to a server that takes
	// only signatures which rest on SHA-1.
	KeyFile string
	// Agent is the socket of an SSH agent; zero: $SSH_AUTH_SOCK. "none" asks no
	// agent.
	Agent string
	// KnownHosts are files with the keys of servers; none: ~/.ssh/known_hosts
	// and /etc/ssh/ssh_known_hosts, if they exist.
	KnownHosts []string

	// URL is the address of the server's web pages, with its path if it has one,
	// such as "https://example.org/r/". If it is set, the server is asked over HTTP
	// (Gerrit's REST API) instead of SSH: as the user whose credentials Client has
	// for the host, else as nobody. Port, User, the keys and Timeout are SSH's only.
	URL string
	// Client asks at URL; it must be allowed to.
	Client *sources.Client

	// CI are the accounts to believe, by user name; "*" and "?" stand for any
	// letters. One with an "@" speaks of e-mail addresses, in any case; one with a
	// blank of full names: the last resort, as people may choose these freely.
	// In both kinds of names upper and lower case differ, as they do to Gerrit.
	CI []string

	Projects []string      // only these; "*" and "?" stand for any letters; none: all
	Query    string        // in Gerrit's words; zero: "status:open". Projects narrow it further
	Cap      int           // changes read at most; zero: 200, which is also the most
	Timeout  time.Duration // until the connection stands, and of each silence after; zero: a minute

	// CurrentOnly leaves out jobs of other patch sets than the newest of their
	// change. Zero: those of all patch sets are listed, as long as comments tell
	// of them.
	CurrentOnly bool
}

// Source reads one Gerrit. It is a sources.Source.
type Source struct {
	options Options
	query   string
	ci      accounts
	pause   time.Duration // before a second connection
}

// New checks the options and returns the source. It does not connect; all that
// is wrong with the options is in the error.
func New(o Options) (*Source, error) {
	if u, err := url.Parse(o.URL); err == nil {
		o.Host = cmp.Or(o.Host, u.Hostname())
	}
	o.Name = cmp.Or(o.Name, o.Host)
	o.Port = cmp.Or(o.Port, defaultPort)
	o.Cap = cmp.Or(o.Cap, maxChanges)
	o.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	query, queryErr := buildQuery(o.Query, o.Projects)
	ci, ciErr := newAccounts(o.CI)
	if err := errors.Join(o.check(), ciErr, queryErr); err != nil {
		return nil, fmt.Errorf("gerrit %s: %w", o.Name, err)
	}
	return &Source{options: o, query: query, ci: ci, pause: reconnectPause}, nil
}

// check says what is wrong with the options beside CI, Projects and Query.
func (o Options) check() error {
	var wrong []error
	complain := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	colon := strings.Contains(o.Host, ":") && net.ParseIP(o.Host) == nil
	complain(o.Host == "" && o.URL == "", "host is missing: the name of the Gerrit server, such as review.example.org")
	complain(strings.ContainsAny(o.Host, "/@ []\t\r\n") || strings.HasPrefix(o.Host, "-") || colon,
		"host %q: give the bare name of the server; the port and the user have keys of their own", o.Host)
	complain(o.User == "" && o.URL == "", "user is missing: your user name on the server (in its web pages: Settings, Profile)")
	complain(clean(o.User, maxName) != o.User, "user %q holds characters that no user name has", o.User)
	complain(o.Port < 1 || o.Port > 65535, "port %d: a port is 1 to 65535, Gerrit's is usually %d", o.Port, defaultPort)
	complain(o.Cap < 1 || o.Cap > maxChanges, "cap %d: 1 to %d changes can be read", o.Cap, maxChanges)
	complain(o.Timeout < 0, "timeout %v is below zero", o.Timeout)
	if o.URL != "" {
		_, err := parseURL(o.URL)
		complain(err != nil, "%w", err)
		complain(o.Client == nil, "url needs a client")
	}
	return errors.Join(wrong...)
}

// address is the host and port, as Dial and known_hosts want them.
func (o Options) address() string { return net.JoinHostPort(o.Host, strconv.Itoa(o.Port)) }

// Jobs lists the jobs of the changes that the query finds, in the server's
// order of changes and in the order in which they were reported. A job that
// was reported twice is listed twice.
func (s *Source) Jobs(ctx context.Context) (sources.Listing, error) {
	r := s.newReading()
	var err error
	if r.server, err = connect(ctx, s.options); err != nil {
		return r.listing, fmt.Errorf("gerrit %s: %w", s.options.Name, err)
	}
	defer r.server.Close()
	err = r.pages(ctx)
	r.checkAccounts()
	if err != nil {
		return r.listing, fmt.Errorf("gerrit %s: %w", s.options.Name, err)
	}
	return r.listing, nil
}

// connect returns the server, to be asked as the options say.
func connect(ctx context.Context, o Options) (server, error) {
	if o.URL != "" {
		return newREST(ctx, o)
	}
	conn, err := dial(ctx, o)
	if err != nil {
		return nil, err
	}
	return &sshServer{conn, o}, nil
}
