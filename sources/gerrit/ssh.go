package gerrit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

// maxRest is how much a server may say behind the end of an answer, in bytes,
// before the session is closed.
const maxRest = 1 << 20

// errDropped says that a connection that stood is gone.
var errDropped = errors.New("the server dropped the connection")

// connection is one SSH connection to a Gerrit. It is for one goroutine.
type connection struct {
	client  *ssh.Client
	address string
	timeout time.Duration
	unwatch func() bool // ends the watch over the context that dial was given
	pulse   *pulse
}

// dial connects and logs in. The connection is closed when ctx ends.
func dial(ctx context.Context, o Options) (*connection, error) {
	check, err := newHostCheck(o)
	if err != nil {
		return nil, err
	}
	keys, err := loadKeys(ctx, o)
	if err != nil {
		return nil, err
	}
	defer keys.Close()
	dialer := net.Dialer{Timeout: o.Timeout}
	conn, err := dialer.DialContext(ctx, "tcp", o.address())
	if err != nil {
		return nil, explainDial(ctx, o, err)
	}
	unwatch := context.AfterFunc(ctx, func() { conn.Close() })
	client, err := handshake(conn, o, check, keys)
	if err != nil {
		unwatch()
		conn.Close()
		return nil, cmp.Or(check.err, explainHandshake(ctx, o, keys, err))
	}
	return &connection{client: client, address: o.address(), timeout: o.Timeout, unwatch: unwatch, pulse: newPulse(client, o.Timeout)}, nil
}

// handshake logs in over an open connection, within the time-out.
func handshake(conn net.Conn, o Options, check *hostCheck, keys *keys) (*ssh.Client, error) {
	deadline := time.Now().Add(o.Timeout)
	if err := errors.Join(conn.SetDeadline(deadline), keys.setDeadline(deadline)); err != nil {
		return nil, err
	}
	safe := ssh.SupportedAlgorithms()
	sshConn, channels, requests, err := ssh.NewClientConn(conn, o.address(), &ssh.ClientConfig{
		Config:            ssh.Config{KeyExchanges: safe.KeyExchanges, Ciphers: safe.Ciphers, MACs: safe.MACs},
		User:              o.User,
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(keys.signers...)},
		HostKeyCallback:   check.check,
		HostKeyAlgorithms: check.algorithms(),
		ClientVersion:     "SSH-2.0-watchcat",
	})
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		sshConn.Close()
		return nil, err
	}
	return ssh.NewClient(sshConn, channels, requests), nil
}

// Close ends the connection and what runs on it.
func (c *connection) Close() {
	c.unwatch()
	c.client.Close()
	c.client.Wait()
	c.pulse.stop()
}

// sshServer is a server that is asked over SSH, on one connection after the other.
type sshServer struct {
	*connection
	options Options
}

func (s *sshServer) reconnect(ctx context.Context) error {
	conn, err := dial(ctx, s.options)
	if err != nil {
		return err
	}
	s.Close()
	s.connection = conn
	return nil
}

// ask puts a question. An error does not void the page.
func (c *connection) ask(ctx context.Context, q question) (page, error) {
	var p page
	err := c.run(ctx, command(q), func(stdout io.Reader) (err error) {
		p, err = readPage(stdout, q, maxLine)
		return err
	})
	if err != nil {
		return p, fmt.Errorf("gerrit query at %s: %w", c.address, err)
	}
	return p, nil
}

// run runs a command and lets read read its output. It gives up when the server
// is silent for longer than the time-out, which ends the connection.
func (c *connection) run(ctx context.Context, command string, read func(io.Reader) error) error {
	var silent atomic.Bool
	watch := time.AfterFunc(c.timeout, func() {
		silent.Store(true)
		c.client.Close()
	})
	defer watch.Stop()

	var stderr head
	readErr, exitErr := c.session(command, &stderr, func(stdout io.Reader) error {
		return read(&watchedReader{stdout, func() { watch.Reset(c.timeout); c.pulse.heard() }})
	})
	_, exited := errors.AsType[*ssh.ExitError](exitErr)
	switch said := stderr.String(); {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case silent.Load():
		return fmt.Errorf("the server said nothing for %v: it may be overloaded; a longer timeout or a narrower query may help", c.timeout)
	case c.pulse.lost.Load():
		return fmt.Errorf("%w: it did not even answer a keep-alive for %v", errDropped, c.pulse.limit)
	case exited:
		return explainExit(exitErr, said)
	case exitErr != nil && (readErr == nil || errors.Is(readErr, errCut)):
		return fmt.Errorf("%w: %w", errDropped, explainDrop(exitErr, said))
	}
	return readErr
}

// session runs one command. It returns how reading its output ended, and how
// the command did.
func (c *connection) session(command string, stderr io.Writer, read func(io.Reader) error) (readErr, exitErr error) {
	session, err := c.client.NewSession()
	if err != nil {
		return nil, err
	}
	defer session.Close()
	session.Stderr = stderr
	stdout, err := session.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := session.Start(command); err != nil {
		return nil, err
	}
	readErr = read(stdout)
	if _, err := io.CopyN(io.Discard, stdout, maxRest); err == nil {
		session.Close()
		session.Wait()
		return readErr, nil
	}
	return readErr, session.Wait()
}

// explainDrop adds to a dropped connection what the server said last.
func explainDrop(err error, said string) error {
	if said == "" {
		return err
	}
	return fmt.Errorf("it said: %s (%w)", said, err)
}

// explainExit says why a command failed, in the server's own words.
func explainExit(err error, said string) error {
	if said == "" {
		return fmt.Errorf("the server failed and did not say why: %w", err)
	}
	return fmt.Errorf("the server says: %s (%w)", said, err)
}

// watchedReader calls alive after each read that brought something.
type watchedReader struct {
	r     io.Reader
	alive func()
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 {
		w.alive()
	}
	return n, err
}

// head keeps the beginning of what is written to it.
type head struct{ text []byte }

func (h *head) Write(p []byte) (int, error) {
	h.text = append(h.text, p[:min(len(p), 4<<10-len(h.text))]...)
	return len(p), nil
}

// String returns the text in one line. It is to be called when nothing is
// written any more.
func (h *head) String() string { return clean(strings.TrimSpace(string(h.text)), maxDetail) }
