package gerrit

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/watchcat-ci/watchcat/sources/gerrit/gerrittest"
)

// newKey returns a fresh ed25519 key.
func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// signer returns a key as x/crypto wants it.
func signer(t *testing.T, key any) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ecdsaKey returns a fresh host key of another kind than ed25519.
func ecdsaKey(t *testing.T) ssh.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer(t, key)
}

// write writes a file into a folder of its own.
func write(t *testing.T, name string, text []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// writeKey writes a private key, with a passphrase unless that is "".
func writeKey(t *testing.T, key ed25519.PrivateKey, passphrase string) string {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(key, "")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "id_ed25519", pem.EncodeToMemory(block))
}

// startAgent runs an SSH agent that holds the keys, and returns its socket.
func startAgent(t *testing.T, keys ...any) string {
	t.Helper()
	ring := agent.NewKeyring()
	for _, key := range keys {
		if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := os.MkdirTemp("", "agent") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			agent.ServeAgent(ring, conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return socket
}

func TestLogin(t *testing.T) {
	good, bad := newKey(t), newKey(t)
	var many []any
	for range 7 {
		many = append(many, newKey(t))
	}
	locked := writeKey(t, good, "secret")
	ring := startAgent(t, good)
	full := startAgent(t, append(many, good)...)
	server := start(t, gerrittest.Options{User: "reader", ClientKeys: []ssh.PublicKey{signer(t, good).PublicKey()}})
	tests := []struct {
		name  string
		setup func(o *Options)
		err   []string // parts of the error; none: it works
	}{
		{name: "key file", setup: func(o *Options) {}},
		{name: "agent", setup: func(o *Options) { o.KeyFile, o.Agent = "", ring }},
		{name: "a key file before all keys of an agent", setup: func(o *Options) { o.Agent = full }},
		{name: "a key file that the agent holds too", setup: func(o *Options) { o.KeyFile, o.Agent = writeKey(t, good, ""), full }},
		{name: "a wrong key file and an agent", setup: func(o *Options) { o.KeyFile, o.Agent = writeKey(t, bad, ""), ring }},
		{name: "a key with a passphrase that the agent holds", setup: func(o *Options) { o.KeyFile, o.Agent = locked, full }},
		{name: "no agent where one should be, but a key file", setup: func(o *Options) { o.Agent = "/nonexistent" }},

		{name: "unknown user", setup: func(o *Options) { o.User = "stranger" }, err: []string{`as "stranger": Permission denied (publickey)`, "Settings, SSH Keys", "stranger@127.0.0.1"}},
		{name: "wrong key", setup: func(o *Options) { o.KeyFile = writeKey(t, bad, "") }, err: []string{"Permission denied (publickey)", ssh.FingerprintSHA256(signer(t, bad).PublicKey())}},
		{name: "more keys than a server tries", setup: func(o *Options) { o.KeyFile, o.Agent = "", full }, err: []string{"Permission denied (publickey)"}},
		{name: "a key with a passphrase", setup: func(o *Options) { o.KeyFile = locked }, err: []string{"has a passphrase", "ssh-add"}},
		{name: "no key", setup: func(o *Options) { o.KeyFile = "" }, err: []string{"there is no SSH key", "set key to", "ssh-add"}},
		{name: "no key and no agent", setup: func(o *Options) { o.KeyFile, o.Agent = "", "/nonexistent" }, err: []string{"there is no SSH key", "ssh agent", "/nonexistent"}},
		{name: "no such key file", setup: func(o *Options) { o.KeyFile = "/nonexistent" }, err: []string{": key: open /nonexistent"}},
		{name: "a key file that is none", setup: func(o *Options) { o.KeyFile = write(t, "key", []byte("hello")) }, err: []string{"is no private SSH key"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("HOME", t.TempDir())
			o := optionsFor(t, server)
			test.setup(&o)
			_, err := list(t, o)
			checkParts(t, err, test.err)
		})
	}
}

// checkParts checks that an error holds all parts; no parts stand for no error.
func checkParts(t *testing.T, err error, parts []string) {
	t.Helper()
	if len(parts) == 0 {
		checkError(t, "error", err, "")
	}
	for _, part := range parts {
		checkError(t, "error", err, part)
	}
}

// The keys that ssh itself would try are tried, and its agent is asked.
func TestLoginLikeSSH(t *testing.T) {
	key := newKey(t)
	server := start(t, gerrittest.Options{ClientKeys: []ssh.PublicKey{signer(t, key).PublicKey()}})
	o := optionsFor(t, server)
	known, err := os.ReadFile(o.KnownHosts[0])
	if err != nil {
		t.Fatal(err)
	}
	o.KeyFile, o.KnownHosts, o.Agent = "", nil, ""
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("SSH_AUTH_SOCK", "")
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".ssh/known_hosts"), known, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = list(t, o)
	checkError(t, "without key", err, "there is no SSH key")

	text, err := os.ReadFile(writeKey(t, key, ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".ssh/id_ecdsa"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = list(t, o)
	checkError(t, "with a key file", err, "")

	if err := os.Remove(filepath.Join(home, ".ssh/id_ecdsa")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSH_AUTH_SOCK", startAgent(t, key))
	_, err = list(t, o)
	checkError(t, "with an agent", err, "")
}

func TestHostKeys(t *testing.T) {
	ed, ec, other := signer(t, newKey(t)), ecdsaKey(t), signer(t, newKey(t))
	server := start(t, gerrittest.Options{HostKeys: []ssh.Signer{ed, ec}})
	port := strconv.Itoa(server.Port())
	line := func(keys ...ssh.Signer) []byte {
		var b bytes.Buffer
		for _, key := range keys {
			b.WriteString(knownhosts.Line([]string{server.Addr()}, key.PublicKey()) + "\n")
		}
		return b.Bytes()
	}
	keyscan := "ssh-keyscan -p " + port + " 127.0.0.1 >> "
	tests := []struct {
		name  string
		known []byte
		err   []string
	}{
		{name: "both known", known: line(ed, ec)},
		{name: "only one kind known", known: line(ec)},
		{name: "only the other kind known", known: line(ed)},
		{name: "an old key beside the new", known: line(other, ed)},
		{name: "hashed", known: []byte(knownhosts.HashHostname(knownhosts.Normalize(server.Addr())) + " " + strings.SplitN(string(line(ed)), " ", 2)[1])},
		{name: "unknown", known: []byte("# none\n"), err: []string{"is not known", "SHA256:", keyscan}},
		{name: "of another port", known: []byte(knownhosts.Line([]string{"127.0.0.1:1"}, ed.PublicKey()) + "\n"), err: []string{"is not known", keyscan}},
		{
			name: "changed", known: line(other),
			err: []string{
				"HAS CHANGED", "from ssh-ed25519 " + ssh.FingerprintSHA256(other.PublicKey()), "to ssh-ed25519 " + ssh.FingerprintSHA256(ed.PublicKey()),
				"ssh-keygen -R '[127.0.0.1]:" + port + "' -f /", keyscan,
			},
		},
		{name: "revoked", known: []byte("@revoked " + string(line(ed)) + "@revoked " + string(line(ec))), err: []string{"@revoked"}},
		{name: "nonsense", known: []byte("127.0.0.1 ssh-ed25519 nonsense\n"), err: []string{"known_hosts:1", "correct or remove"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := optionsFor(t, server)
			o.KnownHosts = []string{write(t, "known_hosts", test.known)}
			_, err := list(t, o)
			checkParts(t, err, test.err)
		})
	}
	t.Run("no file", func(t *testing.T) {
		o := optionsFor(t, server)
		o.KnownHosts = []string{filepath.Join(t.TempDir(), "absent")}
		_, err := list(t, o)
		checkParts(t, err, []string{"absent", keyscan})
	})
	t.Run("no file by default", func(t *testing.T) {
		t.Setenv("HOME", t.TempDir())
		o := optionsFor(t, server)
		o.KnownHosts = nil
		_, err := list(t, o)
		checkParts(t, err, []string{"is not known", "ssh-keyscan -p " + port})
	})
}

// A server that has given up the only kind of key that is known of it.
func TestHostKeyOfAnotherKind(t *testing.T) {
	server := start(t, gerrittest.Options{HostKeys: []ssh.Signer{ecdsaKey(t)}})
	o := optionsFor(t, server)
	o.KnownHosts = []string{write(t, "known_hosts", []byte(knownhosts.Line([]string{server.Addr()}, signer(t, newKey(t)).PublicKey())+"\n"))}
	_, err := list(t, o)
	checkParts(t, err, []string{"no host key of the kinds that known_hosts has", "ssh-keyscan -p " + strconv.Itoa(server.Port())})
}

// TestUnreachable connects to what is no Gerrit, or nothing at all.
func TestUnreachable(t *testing.T) {
	o := optionsFor(t, start(t, gerrittest.Options{}))

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	o.Port = closed
	_, err = list(t, o)
	checkParts(t, err, []string{"connect to 127.0.0.1:" + strconv.Itoa(closed), "connection refused", "is the port right"})

	o.Host = "no..such..host" // which needs no name server to be found wrong
	_, err = list(t, o)
	checkParts(t, err, []string{"connect to no..such..host", "no such host", "is its name right"})
	o.Host = "127.0.0.1"

	for name, test := range map[string]struct {
		greet func(net.Conn)
		want  string
	}{
		"hangs up":       {func(net.Conn) {}, "the server hung up"},
		"speaks HTTP":    {func(c net.Conn) { io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }, "log in to 127.0.0.1"},
		"is silent":      {func(c net.Conn) { io.Copy(io.Discard, c) }, "no answer within 300ms"},
		"is overcrowded": {func(c net.Conn) { io.WriteString(c, "Too many concurrent connections (64)\r\n") }, "log in to 127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			o := o
			o.Port = serveOnce(t, test.greet)
			o.Timeout = 300 * time.Millisecond
			_, err := list(t, o)
			checkError(t, "error", err, test.want)
		})
	}
}

// serveOnce lets greet speak to one client, and returns the port.
func serveOnce(t *testing.T, greet func(net.Conn)) (port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		greet(conn)
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return listener.Addr().(*net.TCPAddr).Port
}
