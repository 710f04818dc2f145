package gerrit

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// hostCheck verifies a server's key by known_hosts files.
type hostCheck struct {
	options Options
	files   []string
	db      *knownhosts.HostKeyDB
	err     error // why the key was refused
}

// newHostCheck reads the known_hosts files. Those that were named must exist.
func newHostCheck(o Options) (*hostCheck, error) {
	files := o.KnownHosts
	if len(files) == 0 {
		files = existing(userFile("known_hosts"), "/etc/ssh/ssh_known_hosts")
	}
	c := &hostCheck{options: o, files: files}
	var err error
	if c.db, err = knownhosts.NewDB(files...); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("known_hosts: %w: %s", err, c.learn())
	} else if err != nil {
		return nil, fmt.Errorf("known_hosts: %w: correct or remove that line", err)
	}
	return c, nil
}

// existing returns the files that exist.
func existing(files ...string) []string {
	var all []string
	for _, file := range files {
		if _, err := os.Stat(file); file != "" && err == nil {
			all = append(all, file)
		}
	}
	return all
}

// userFile returns the path of a file of the user's SSH; "" if there is no home.
func userFile(name string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".ssh", name)
}

// algorithms returns the kinds of keys that are known of the server, so that it
// shows one of these. If none is known it may choose. None rests on SHA-1.
func (c *hostCheck) algorithms() []string {
	safe := ssh.SupportedAlgorithms().HostKeys
	known := c.db.HostKeyAlgorithms(c.options.address())
	if len(known) == 0 {
		return safe
	}
	return slices.DeleteFunc(known, func(algorithm string) bool { return !slices.Contains(safe, algorithm) })
}

// check is an ssh.HostKeyCallback.
func (c *hostCheck) check(host string, remote net.Addr, key ssh.PublicKey) error {
	err := c.db.HostKeyCallback()(host, remote, key)
	switch {
	case err == nil:
	case knownhosts.IsHostKeyChanged(err):
		c.err = c.changed(key, err)
	case knownhosts.IsHostUnknown(err):
		c.err = fmt.Errorf("the host key of %s is not known (it shows %s): compare that with what the people who run the server publish, then %s",
			host, fingerprint(key), c.learn())
	default:
		c.err = c.refused(host, key, err)
	}
	return c.err
}

// changed says that the server shows another key than it used to.
func (c *hostCheck) changed(key ssh.PublicKey, err error) error {
	var old []string
	file := c.file()
	if known, ok := errors.AsType[*xknownhosts.KeyError](err); ok {
		for _, want := range known.Want {
			old = append(old, fingerprint(want.Key))
			file = want.Filename
		}
	}
	return fmt.Errorf("the host key of %s HAS CHANGED from %s to %s: somebody may be listening in. "+
		"Ask the people who run the server; if they did change it, run: ssh-keygen -R '%s' -f %s, then %s",
		c.options.address(), strings.Join(old, ", "), fingerprint(key),
		xknownhosts.Normalize(c.options.address()), file, c.learn())
}

// refused says why a key is refused that is neither unknown nor changed.
func (c *hostCheck) refused(host string, key ssh.PublicKey, err error) error {
	if _, ok := errors.AsType[*xknownhosts.RevokedError](err); ok {
		return fmt.Errorf("the host key of %s (%s) is marked as @revoked in known_hosts: do not trust this server", host, fingerprint(key))
	}
	return fmt.Errorf("the host key of %s (%s) is refused: %w", host, fingerprint(key), err)
}

// fingerprint names a key as ssh-keygen -l does.
func fingerprint(key ssh.PublicKey) string { return key.Type() + " " + ssh.FingerprintSHA256(key) }

// learn is the command that adds the server's keys to known_hosts.
func (c *hostCheck) learn() string {
	return fmt.Sprintf("run: ssh-keyscan -p %d %s >> %s", c.options.Port, c.options.Host, c.file())
}

// file is the known_hosts file to add to.
func (c *hostCheck) file() string {
	if len(c.files) > 0 {
		return c.files[0]
	}
	return "~/.ssh/known_hosts"
}
