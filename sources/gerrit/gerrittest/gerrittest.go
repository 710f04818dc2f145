// Package gerrittest runs an SSH server on loopback that answers as Gerrit
// does, in the manner of net/http/httptest.
//
// It serves recorded or made-up changes to "gerrit query", page by page, and
// can be told to misbehave in the ways in which real servers do.
package gerrittest

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Answer answers one command: what it writes goes to the client, and what it
// returns is the exit status, or one of HangUp and Silence. It is called by
// several goroutines at once.
type Answer func(command string, stdout, stderr io.Writer) (exit int)

// What an Answer may return beside an exit status.
const (
	HangUp  = -1 // cut the connection, as a server that dies does
	Silence = -2 // say nothing more until the client leaves
)

// Options says what a Server is to be. The zero value is a Gerrit without any
// open change.
type Options struct {
	Addr      string            // where to listen; zero: "127.0.0.1:0"
	User      string            // the only account; zero: every user name is an account
	Changes   []json.RawMessage // the objects that "gerrit query" answers, in this order
	PageLimit int               // changes a page at most, as Gerrit's queryLimit; zero: 500
	Answer    Answer            // answers every command; nil: Changes(o.Changes, o.PageLimit)

	// Old makes OldChanges of the zero Answer.
	Old bool
	// Deaf leaves requests that belong to no session without an answer, such as
	// keep-alives, as a server does that is gone.
	Deaf bool
	// SSH changes how the server speaks SSH, before it starts; nil: as Gerrit
	// 3.10 does.
	SSH func(*ssh.ServerConfig)

	// HostKeys are shown to clients; none: an ed25519 key made for the occasion.
	HostKeys []ssh.Signer
	// ClientKeys are accepted beside the key that WriteClientFiles writes.
	ClientKeys []ssh.PublicKey
}

// Server is a running SSH server. Its methods may be called by several
// goroutines at once.
type Server struct {
	answer   Answer
	deaf     bool
	listener net.Listener
	config   *ssh.ServerConfig
	hostKeys []ssh.Signer
	client   ed25519.PrivateKey
	done     chan struct{} // closed by Close
	close    sync.Once
	running  sync.WaitGroup

	mu          sync.Mutex // guards what follows
	open        map[net.Conn]bool
	connections int
	commands    []string
}

// Start listens and serves until Close.
func Start(o Options) (*Server, error) {
	_, client, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("start a Gerrit for tests: make the client's key: %w", err)
	}
	s := &Server{
		answer: o.Answer,
		deaf:   o.Deaf,
		client: client,
		done:   make(chan struct{}),
		open:   make(map[net.Conn]bool),
	}
	switch {
	case s.answer != nil:
	case o.Old:
		s.answer = OldChanges(o.Changes, o.PageLimit)
	default:
		s.answer = Changes(o.Changes, o.PageLimit)
	}
	if err := s.configure(o); err != nil {
		return nil, fmt.Errorf("start a Gerrit for tests: %w", err)
	}
	s.listener, err = net.Listen("tcp", cmp.Or(o.Addr, "127.0.0.1:0"))
	if err != nil {
		return nil, fmt.Errorf("start a Gerrit for tests: %w", err)
	}
	s.running.Go(s.accept)
	return s, nil
}

// configure makes the keys and says whom the server lets in.
func (s *Server) configure(o Options) error {
	s.hostKeys = o.HostKeys
	if len(s.hostKeys) == 0 {
		key, err := NewHostKey()
		if err != nil {
			return err
		}
		s.hostKeys = []ssh.Signer{key}
	}
	own, err := ssh.NewPublicKey(s.client.Public())
	if err != nil {
		return fmt.Errorf("the client's key: %w", err)
	}
	accepted := append(slices.Clone(o.ClientKeys), own)
	s.config = &ssh.ServerConfig{
		ServerVersion: "SSH-2.0-GerritCodeReview_3.10.2 (watchcat test server)",
		MaxAuthTries:  6, // Gerrit allows five keys
		PublicKeyCallback: func(meta ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if o.User != "" && o.User != meta.User() || !slices.ContainsFunc(accepted, sameAs(key)) {
				return nil, errors.New("permission denied")
			}
			return nil, nil
		},
	}
	for _, key := range s.hostKeys {
		s.config.AddHostKey(key)
	}
	if o.SSH != nil {
		o.SSH(s.config)
	}
	return nil
}

func sameAs(key ssh.PublicKey) func(ssh.PublicKey) bool {
	return func(other ssh.PublicKey) bool { return bytes.Equal(key.Marshal(), other.Marshal()) }
}

// NewHostKey returns a fresh ed25519 key.
func NewHostKey() (ssh.Signer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a host key: %w", err)
	}
	return ssh.NewSignerFromKey(key)
}

// Close ends all connections and waits until everything the server started has
// ended. It may be called more than once.
func (s *Server) Close() {
	s.close.Do(func() {
		close(s.done)
		s.listener.Close()
		s.mu.Lock()
		for conn := range s.open {
			conn.Close()
		}
		s.mu.Unlock()
	})
	s.running.Wait()
}

// Addr is where the server listens, as "127.0.0.1:40123".
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Port is the port of Addr.
func (s *Server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Commands returns the commands that clients sent, in order.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}

// Connections returns how many connections were accepted.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// WriteClientFiles writes into the folder dir what a client needs: a private
// key that the server accepts (mode 0600) and a known_hosts file with the
// server's host keys. It returns their paths.
func (s *Server) WriteClientFiles(dir string) (keyFile, knownHosts string, err error) {
	block, err := ssh.MarshalPrivateKey(s.client, "watchcat test")
	if err != nil {
		return "", "", fmt.Errorf("write the client's key: %w", err)
	}
	keyFile, knownHosts = filepath.Join(dir, "id_ed25519"), filepath.Join(dir, "known_hosts")
	if err := os.WriteFile(keyFile, pem.EncodeToMemory(block), 0o600); err != nil {
		return "", "", fmt.Errorf("write the client's key: %w", err)
	}
	if err := os.WriteFile(knownHosts, s.KnownHosts(), 0o644); err != nil {
		return "", "", fmt.Errorf("write known_hosts: %w", err)
	}
	return keyFile, knownHosts, nil
}

// KnownHosts returns the server's host keys as lines of a known_hosts file.
func (s *Server) KnownHosts() []byte {
	var lines []byte
	for _, key := range s.hostKeys {
		lines = fmt.Appendln(lines, knownhosts.Line([]string{s.Addr()}, key.PublicKey()))
	}
	return lines
}
