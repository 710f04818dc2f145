package gerrit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/watchcat-ci/watchcat/sources/gerrit/gerrittest"
)

// newRSA returns an RSA key, made once, as that takes long.
var newRSA = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func rsaKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := newRSA()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// hostKeys returns a host key of every kind that servers have, by kind.
func hostKeys(t *testing.T) map[string]ssh.Signer {
	t.Helper()
	all := map[string]ssh.Signer{"ssh-ed25519": signer(t, newKey(t)), "ssh-rsa": signer(t, rsaKey(t))}
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		s := signer(t, key)
		all[s.PublicKey().Type()] = s
	}
	if len(all) != 5 {
		t.Fatalf("%d kinds of keys; want 5", len(all))
	}
	return all
}

// Of a server with host keys of all kinds any one may be known.
func TestHostKeyOfEveryKind(t *testing.T) {
	keys := hostKeys(t)
	var signers []ssh.Signer
	for _, key := range keys {
		signers = append(signers, key)
	}
	all := start(t, gerrittest.Options{HostKeys: signers})
	for kind, key := range keys {
		for name, server := range map[string]*gerrittest.Server{
			"the only one":   start(t, gerrittest.Options{HostKeys: []ssh.Signer{key}}),
			"one among five": all,
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				o := optionsFor(t, server)
				host := knownhosts.Normalize(server.Addr())
				for form, line := range map[string]string{
					"plain":  knownhosts.Line([]string{host}, key.PublicKey()),
					"hashed": knownhosts.Line([]string{knownhosts.HashHostname(host)}, key.PublicKey()),
				} {
					o.KnownHosts = []string{write(t, "known_hosts", []byte(line+"\n"))}
					_, err := list(t, o)
					checkError(t, form, err, "")
				}
			})
		}
	}
}

// A key of the same kind that is another is told from a host that is not known.
func TestChangedHostKeyOfEveryKind(t *testing.T) {
	old := hostKeys(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := hostKeys(t)
	now["ssh-rsa"] = signer(t, other)
	for kind := range old {
		server := start(t, gerrittest.Options{HostKeys: []ssh.Signer{now[kind]}})
		o := optionsFor(t, server)
		o.KnownHosts = []string{write(t, "known_hosts", []byte(knownhosts.Line([]string{server.Addr()}, old[kind].PublicKey())+"\n"))}
		_, err := list(t, o)
		checkParts(t, err, []string{"HAS CHANGED", "from " + kind, "to " + kind})
		o.KnownHosts = []string{write(t, "known_hosts", []byte(knownhosts.Line([]string{"review.example.org:29418"}, old[kind].PublicKey())+"\n"))}
		_, err = list(t, o)
		checkParts(t, err, []string{"is not known (it shows " + kind})
	}
}

// writeRSA writes the RSA key, and returns it as a server wants it, too.
func writeRSA(t *testing.T) (file string, public ssh.PublicKey) {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(rsaKey(t), "")
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "id_rsa", pem.EncodeToMemory(block)), signer(t, rsaKey(t)).PublicKey()
}

// An RSA key logs in, and never by a signature that rests on SHA-1.
func TestSHA1Signatures(t *testing.T) {
	file, public := writeRSA(t)
	sha1 := func(c *ssh.ServerConfig) { c.PublicKeyAuthAlgorithms = []string{ssh.KeyAlgoRSA, ssh.KeyAlgoED25519} }
	for name, test := range map[string]struct {
		ssh   func(*ssh.ServerConfig)
		setup func(o *Options)
		err   []string
	}{
		"a server of today": {ssh: func(c *ssh.ServerConfig) {}, setup: func(o *Options) { o.KeyFile = file }},
		"SHA-512 only": {
			ssh:   func(c *ssh.ServerConfig) { c.PublicKeyAuthAlgorithms = []string{ssh.KeyAlgoRSASHA512} },
			setup: func(o *Options) { o.KeyFile = file },
		},
		"SHA-1 only": {
			ssh: sha1, setup: func(o *Options) { o.KeyFile = file },
			err: []string{"rests on SHA-1", "ssh-keygen -t ed25519", "have the server updated", ssh.FingerprintSHA256(public)},
		},
		"SHA-1 only, another key": {ssh: sha1, setup: func(o *Options) {}},
		"SHA-1 only, another key in the agent": {
			ssh:   sha1,
			setup: func(o *Options) { o.Agent, o.KeyFile = startAgent(t, readKey(t, o.KeyFile)), file },
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := optionsFor(t, start(t, gerrittest.Options{SSH: test.ssh, ClientKeys: []ssh.PublicKey{public}}))
			test.setup(&o)
			_, err := list(t, o)
			checkParts(t, err, test.err)
		})
	}
}

// A server that can prove itself, or agree on keys, by SHA-1 only is refused.
func TestSHA1Servers(t *testing.T) {
	weak, err := ssh.NewSignerWithAlgorithms(signer(t, rsaKey(t)).(ssh.AlgorithmSigner), []string{ssh.KeyAlgoRSA})
	if err != nil {
		t.Fatal(err)
	}
	for name, server := range map[string]*gerrittest.Server{
		"host key": start(t, gerrittest.Options{HostKeys: []ssh.Signer{weak}}),
		"key exchange": start(t, gerrittest.Options{SSH: func(c *ssh.ServerConfig) {
			c.KeyExchanges = []string{ssh.InsecureKeyExchangeDH14SHA1, ssh.InsecureKeyExchangeDH1SHA1}
		}}),
	} {
		for _, known := range []bool{true, false} {
			o := optionsFor(t, server)
			if !known {
				o.KnownHosts = []string{write(t, "known_hosts", nil)}
			}
			_, err := list(t, o)
			checkParts(t, err, []string{"rests on SHA-1", "have the server updated"})
			if _, ok := errors.AsType[*ssh.AlgorithmNegotiationError](err); !ok {
				t.Errorf("%s: %v; want no connection at all", name, err)
			}
		}
	}
}

// readKey reads a key that optionsFor or writeKey wrote.
func readKey(t *testing.T, file string) (key any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		key, err = ssh.ParseRawPrivateKey(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Of an agent's many keys the right one is offered first, and no more than a
// server bears: this one bears no wrong one beside what asks for the methods.
func TestFirstKey(t *testing.T) {
	good := newKey(t)
	many := []any{}
	for range 7 {
		many = append(many, newKey(t))
	}
	socket := startAgent(t, append(many, good)...)
	public := ssh.MarshalAuthorizedKey(signer(t, good).PublicKey())
	var mu sync.Mutex
	var offered []string
	server := start(t, gerrittest.Options{ClientKeys: []ssh.PublicKey{signer(t, good).PublicKey()}, SSH: func(c *ssh.ServerConfig) {
		c.MaxAuthTries = 6
		callback := c.PublicKeyCallback
		c.PublicKeyCallback = func(meta ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			mu.Lock()
			defer mu.Unlock()
			if f := ssh.FingerprintSHA256(key); !slices.Contains(offered, f) {
				offered = append(offered, f)
			}
			return callback(meta, key)
		}
	}})
	for name, test := range map[string]struct {
		setup   func(o *Options, home string)
		offered int
		err     string
	}{
		"the key's file":                 {setup: func(o *Options, _ string) { o.KeyFile = writeKey(t, good, "") }, offered: 1},
		"the key's file with passphrase": {setup: func(o *Options, _ string) { o.KeyFile = writeKey(t, good, "secret") }, offered: 1},
		"the public half":                {setup: func(o *Options, _ string) { o.KeyFile = write(t, "id.pub", public) }, offered: 1},
		"one of the user's own": {setup: func(o *Options, home string) {
			o.KeyFile = ""
			os.Mkdir(filepath.Join(home, ".ssh"), 0o700)
			os.WriteFile(filepath.Join(home, ".ssh/id_rsa"), []byte("on a token"), 0o600)
			os.WriteFile(filepath.Join(home, ".ssh/id_rsa.pub"), public, 0o600)
		}, offered: 1},
		"no hint at all": {setup: func(o *Options, _ string) { o.KeyFile = "" }, offered: 5, err: "and 3 more, which were not offered"},
		"the public half of a stranger's": {setup: func(o *Options, _ string) {
			o.KeyFile = write(t, "id.pub", ssh.MarshalAuthorizedKey(signer(t, newKey(t)).PublicKey()))
		}, err: "is the public half only, and no SSH agent holds the other"},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			t.Setenv("HOME", home)
			offered = nil
			o := optionsFor(t, server)
			o.Agent = socket
			test.setup(&o, home)
			_, err := list(t, o)
			checkError(t, "error", err, test.err)
			if len(offered) != test.offered {
				t.Errorf("offered %s; want %d keys", strings.Join(offered, ", "), test.offered)
			}
		})
	}
}
