package gerrit

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// maxKeys is how many keys a server is offered. Gerrit ends a connection at the
// sixth attempt to log in, and the first is spent on asking what it accepts.
const maxKeys = 5

// keys are the keys to log in with, the likeliest first.
type keys struct {
	signers []ssh.Signer
	left    int      // others that are not offered
	agent   net.Conn // nil: none
	unwatch func() bool
}

// Close ends the connection to the agent. The keys cannot sign any more.
func (k *keys) Close() {
	if k.agent != nil {
		k.unwatch()
		k.agent.Close()
	}
}

// setDeadline says until when the agent has to have signed.
func (k *keys) setDeadline(t time.Time) error {
	if k.agent == nil {
		return nil
	}
	return k.agent.SetDeadline(t)
}

// loadKeys collects the configured key and those of the agent or, where no key
// is configured, those of the agent and of the user.
func loadKeys(ctx context.Context, o Options) (*keys, error) {
	k := new(keys)
	agentErr := k.askAgent(ctx, o)
	err := k.readFiles(o.KeyFile)
	if err == nil && len(k.signers) == 0 {
		err = errors.New("there is no SSH key to log in with: set key to the file of one, or put a key into an SSH agent (ssh-add FILE)")
	}
	if err != nil {
		k.Close()
		return nil, errors.Join(err, agentErr)
	}
	k.left = max(len(k.signers)-maxKeys, 0)
	k.signers = k.signers[:len(k.signers)-k.left]
	for i, signer := range k.signers {
		k.signers[i] = withoutSHA1(signer)
	}
	return k, nil
}

// withoutSHA1 keeps an RSA key from signing by SHA-1, as x/crypto would have it do
// for a server that does not speak of anything better.
func withoutSHA1(key ssh.Signer) ssh.Signer {
	signer, able := key.(ssh.AlgorithmSigner)
	if !able || !isRSA(key) {
		return key
	}
	safe, err := ssh.NewSignerWithAlgorithms(signer, []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256})
	if err != nil {
		return key // which is restricted already
	}
	return safe
}

// isRSA reports whether a key is one of RSA, or a certificate for one.
func isRSA(key ssh.Signer) bool {
	return strings.HasPrefix(key.PublicKey().Type(), ssh.KeyAlgoRSA)
}

// askAgent takes over the agent's keys. That there is no agent is no error.
func (k *keys) askAgent(ctx context.Context, o Options) error {
	socket := cmp.Or(o.Agent, os.Getenv("SSH_AUTH_SOCK"))
	if socket == "" || o.Agent == "none" {
		return nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return fmt.Errorf("ssh agent: %w", err)
	}
	k.agent, k.unwatch = conn, context.AfterFunc(ctx, func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(o.Timeout)); err != nil {
		return fmt.Errorf("ssh agent: %w", err)
	}
	if k.signers, err = agent.NewClient(conn).Signers(); err != nil {
		return fmt.Errorf("ssh agent %s: list its keys: %w", socket, err)
	}
	return nil
}

// readFiles puts the configured key before all others. Without one it does so with
// those of the agent that are the user's own, as ssh does, and appends the user's
// own that the agent does not hold, if they need no passphrase.
func (k *keys) readFiles(configured string) error {
	if configured != "" {
		return k.readFile(configured)
	}
	own := existing(userFile("id_ed25519"), userFile("id_ecdsa"), userFile("id_rsa"))
	for _, file := range slices.Backward(own) {
		if i := k.find(publicKey(file + ".pub")); i >= 0 {
			k.first(k.signers[i])
		}
	}
	for _, file := range own {
		if text, err := os.ReadFile(file); err == nil {
			if key, err := ssh.ParsePrivateKey(text); err == nil && k.find(key.PublicKey()) < 0 {
				k.signers = append(k.signers, key)
			}
		}
	}
	return nil
}

// readFile puts the key of a file first. If it has a passphrase, or only the
// public half is there, the agent must hold it.
func (k *keys) readFile(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	key, err := ssh.ParsePrivateKey(text)
	if err == nil {
		k.first(key)
		return nil
	}
	public := publicKey(file)
	locked, isLocked := errors.AsType[*ssh.PassphraseMissingError](err)
	if isLocked {
		public = publicHalf(locked.PublicKey, file)
	}
	switch i := k.find(public); {
	case i >= 0:
		k.first(k.signers[i])
		return nil
	case isLocked:
		return fmt.Errorf("key %s has a passphrase, which cannot be asked for here: let an SSH agent hold the key (ssh-add %s)", file, file)
	case public != nil:
		return fmt.Errorf("key %s is the public half only, and no SSH agent holds the other: name the file with the private key", file)
	}
	return fmt.Errorf("key %s is no private SSH key: %w", file, err)
}

// first puts a key before all others.
func (k *keys) first(key ssh.Signer) {
	if i := k.find(key.PublicKey()); i >= 0 {
		k.signers = slices.Delete(k.signers, i, i+1)
	}
	k.signers = slices.Insert(k.signers, 0, key)
}

// publicHalf returns the public key of an encrypted file, which older formats
// keep in a file of its own; nil if it is not to be had.
func publicHalf(inside ssh.PublicKey, file string) ssh.PublicKey {
	if inside != nil {
		return inside
	}
	return publicKey(file + ".pub")
}

// publicKey reads the file of a public key; nil if it is none.
func publicKey(file string) ssh.PublicKey {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	if err != nil {
		return nil
	}
	return key
}

// find returns the index of a key; negative if it is not there.
func (k *keys) find(key ssh.PublicKey) int {
	return slices.IndexFunc(k.signers, func(s ssh.Signer) bool {
		return key != nil && bytes.Equal(s.PublicKey().Marshal(), key.Marshal())
	})
}

// String names the keys as ssh-keygen -l does.
func (k *keys) String() string {
	var all []string
	for _, key := range k.signers {
		all = append(all, fingerprint(key.PublicKey()))
	}
	if k.left > 0 {
		all = append(all, fmt.Sprintf("and %d more, which were not offered as servers allow %d: name the right one as key", k.left, maxKeys))
	}
	return strings.Join(all, ", ")
}
