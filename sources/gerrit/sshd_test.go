package gerrit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/watchcat-ci/watchcat/sources/gerrit/gerrittest"
)

// needs skips a test that lacks something of the machine, or fails it where
// nothing may be skipped.
func needs(t *testing.T, what, remedy string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("no %s: %s", what, remedy)
	}
	t.Skipf("no %s: %s", what, remedy)
}

// findSSHD returns the path of OpenSSH's server.
func findSSHD(t *testing.T) string {
	t.Helper()
	const remedy = "make test-deps (apt-get install openssh-server)"
	file, err := exec.LookPath("sshd")
	if errors.Is(err, exec.ErrNotFound) {
		file, err = exec.LookPath("/usr/sbin/sshd")
	}
	if err != nil {
		needs(t, "sshd", remedy)
	}
	// As root, it wants a folder that its package makes at boot.
	if _, err := os.Stat("/run/sshd"); err != nil && os.Geteuid() == 0 {
		if err := os.Mkdir("/run/sshd", 0o755); err != nil {
			needs(t, "sshd", remedy)
		}
		t.Cleanup(func() { os.Remove("/run/sshd") })
	}
	return file
}

// sshd is an OpenSSH server on loopback that lets one key in and runs one script
// in place of every command.
type sshd struct {
	program, dir string
	listener     net.Listener
	running      sync.WaitGroup
	options      Options // of a source that reads it
}

// startSSHD starts a server for the length of a test. The script finds the
// command that was sent in $SSH_ORIGINAL_COMMAND.
func startSSHD(t *testing.T, script string) *sshd {
	t.Helper()
	s := &sshd{program: findSSHD(t), dir: t.TempDir()}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	client, host := newKey(t), newKey(t)
	authorized := ssh.MarshalAuthorizedKey(signer(t, client).PublicKey())
	command := s.write(t, "command", "#!/bin/sh\n"+script)
	s.write(t, "authorized_keys", fmt.Sprintf("restrict,command=%q %s", command, authorized))
	hostKey, err := os.ReadFile(writeKey(t, host, ""))
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "config", strings.Join([]string{
		"HostKey " + s.write(t, "host_key", string(hostKey)),
		"AuthorizedKeysFile " + filepath.Join(s.dir, "authorized_keys"),
		"StrictModes no", "UsePAM no", "PermitRootLogin yes", "PasswordAuthentication no",
		"KbdInteractiveAuthentication no", "PidFile none", "LogLevel VERBOSE", "",
	}, "\n"))
	s.options = Options{
		Name: "review", Host: "127.0.0.1", Port: s.listener.Addr().(*net.TCPAddr).Port, User: me.Username,
		KeyFile: writeKey(t, client, ""), Agent: "none", CI: []string{"zuul"}, Timeout: 20 * time.Second,
		KnownHosts: []string{s.write(t, "known_hosts", knownhosts.Line([]string{s.listener.Addr().String()}, signer(t, host).PublicKey())+"\n")},
	}
	s.running.Go(func() { s.accept(t) })
	t.Cleanup(func() { s.listener.Close(); s.running.Wait() })
	return s
}

// write writes a file of the server, which may be run.
func (s *sshd) write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(s.dir, name)
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

// accept runs a server for each connection, as inetd would: no port has to be
// guessed and no start awaited.
func (s *sshd) accept(t *testing.T) {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.running.Go(func() {
			defer conn.Close()
			file, err := conn.(*net.TCPConn).File()
			if err != nil {
				t.Error(err)
				return
			}
			defer file.Close()
			var log bytes.Buffer
			server := exec.Command(s.program, "-i", "-e", "-f", filepath.Join(s.dir, "config"))
			server.Stdin, server.Stdout, server.Stderr = file, file, &log
			err = server.Run()
			t.Logf("sshd ended (%v) and said:\n%s", err, &log)
		})
	}
}

// answer returns a script that prints recorded changes as one page, and keeps
// the command it was sent.
func answer(t *testing.T, changes []json.RawMessage) (script, commandFile string) {
	t.Helper()
	var b bytes.Buffer
	for _, change := range changes {
		if err := json.Compact(&b, change); err != nil {
			t.Fatal(err)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, `{"type":"stats","rowCount":%d,"runTimeMilliseconds":4,"moreChanges":false}`+"\n", len(changes))
	commandFile = filepath.Join(t.TempDir(), "sent")
	return fmt.Sprintf("printf '%%s' \"$SSH_ORIGINAL_COMMAND\" >%s\necho Hello >&2\ncat %s\n", commandFile, write(t, "answer", b.Bytes())), commandFile
}

func TestOpenSSH(t *testing.T) {
	findSSHD(t)
	t.Run("an answer", func(t *testing.T) {
		script, sent := answer(t, append(changes(1, 2), json.RawMessage(fullChange)))
		server := startSSHD(t, script)
		want := []string{"unit-1 FAILURE 3s", "unit-2 FAILURE 3s", "unit FAILURE 1m 01s non-voting"}
		if diff := cmp.Diff(want, briefly(mustList(t, server.options).Jobs)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		command, err := os.ReadFile(sent)
		if err != nil {
			t.Fatal(err)
		}
		words := gerrittest.Split(string(command))
		if diff := cmp.Diff([]string{"--", "limit:200 status:open"}, words[len(words)-2:]); diff != "" {
			t.Errorf("%q arrived (-want +got):\n%s", command, diff)
		}
	})
	t.Run("a large recorded answer", func(t *testing.T) {
		script, _ := answer(t, sampleChanges(t, "openstack_ssh_query.jsonl"))
		server := startSSHD(t, script)
		server.options.CI = []string{"jenkins"}
		if got := mustList(t, server.options); len(got.Jobs) != 272 || got.Changes != 6 {
			t.Errorf("%d jobs of %d changes; want 272 of 6", len(got.Jobs), got.Changes)
		}
	})
	t.Run("a failure", func(t *testing.T) {
		server := startSSHD(t, "echo '{\"number\":1}'\necho 'fatal: internal server error' >&2\nexit 128\n")
		got, err := list(t, server.options)
		checkError(t, "error", err, "the server says: fatal: internal server error")
		if got.Changes != 1 {
			t.Errorf("%d changes; want the one that was sent", got.Changes)
		}
	})
	t.Run("a cut", func(t *testing.T) {
		server := startSSHD(t, "echo '{\"number\":1}'\nkill -9 $$\n")
		_, err := list(t, server.options)
		checkError(t, "error", err, "the server failed and did not say why")
	})
	t.Run("a wrong key", func(t *testing.T) {
		server := startSSHD(t, "exit 0\n")
		server.options.KeyFile = writeKey(t, newKey(t), "")
		_, err := list(t, server.options)
		checkError(t, "error", err, "Permission denied (publickey)")
	})
	t.Run("a changed host key", func(t *testing.T) {
		server := startSSHD(t, "exit 0\n")
		line := knownhosts.Line([]string{server.listener.Addr().String()}, signer(t, newKey(t)).PublicKey())
		server.options.KnownHosts = []string{write(t, "known_hosts", []byte(line+"\n"))}
		_, err := list(t, server.options)
		checkError(t, "error", err, "HAS CHANGED")
	})
}
