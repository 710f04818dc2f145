package gerrit

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// realGerrit is a Gerrit that runs on loopback for the length of a test.
type realGerrit struct {
	version string
	site    string // its folder
	sshPort int
	webPort int
	users   map[string]*realUser
	kill    func() // ends it at once, and returns when it has ended
}

// realUser is an account of a realGerrit.
type realUser struct {
	name, fullName, email string
	group                 string // beside those that everybody is in
	password              string // for HTTP

	key  ed25519.PrivateKey
	conn *ssh.Client
}

func (g *realGerrit) sshAddress() string { return fmt.Sprintf("127.0.0.1:%d", g.sshPort) }
func (g *realGerrit) webHost() string    { return fmt.Sprintf("127.0.0.1:%d", g.webPort) }

// startRealGerrit starts a Gerrit that has an admin and nothing else.
func startRealGerrit(t *testing.T, version string) *realGerrit {
	t.Helper()
	cache := gerritCache(t, version)
	g := &realGerrit{version: version, site: filepath.Join(t.TempDir(), "site"), users: make(map[string]*realUser)}
	if err := os.CopyFS(g.site, os.DirFS(filepath.Join(cache, "site"))); err != nil {
		t.Fatal(err)
	}
	g.sshPort, g.webPort = freePort(t), freePort(t)
	g.configure(t, map[string]string{
		"gerrit.canonicalWebUrl":            "http://" + g.webHost() + "/",
		"httpd.listenUrl":                   "http://" + g.webHost() + "/",
		"sshd.listenAddress":                g.sshAddress(),
		"sendemail.enable":                  "false",
		"change.commentSizeLimit":           "1m",
		"change.cumulativeCommentSizeLimit": "100m",
	})
	t.Cleanup(g.logOut)
	g.run(t, cache)
	key, err := os.ReadFile(filepath.Join(cache, "home", ".ssh", "id_ed25519"))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := ssh.ParseRawPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	g.users["admin"] = &realUser{name: "admin", key: *parsed.(*ed25519.PrivateKey)}
	return g
}

// gerritCache returns the folder in which make test-deps puts a Gerrit.
func gerritCache(t *testing.T, version string) string {
	t.Helper()
	const remedy = "run: make test-deps"
	for _, program := range []string{"java", "git"} {
		if _, err := exec.LookPath(program); err != nil {
			needs(t, program, remedy)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cache = filepath.Join(cache, "watchcat-test", "gerrit-"+version)
	if _, err := os.Stat(filepath.Join(cache, "made-by")); err != nil {
		needs(t, "Gerrit "+version, remedy)
	}
	return cache
}

// freePort returns a port that is free now, of those that no client is given.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 20000 + rand.IntN(12000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// configure sets values of gerrit.config.
func (g *realGerrit) configure(t *testing.T, values map[string]string) {
	t.Helper()
	for key, value := range values {
		file := filepath.Join(g.site, "etc", "gerrit.config")
		if out, err := exec.Command("git", "config", "-f", file, "--replace-all", key, value).CombinedOutput(); err != nil {
			t.Fatalf("git config %s: %v: %s", key, err, out)
		}
	}
}

// withTest runs a command in its place, and kills it when standard input ends:
// so it dies with the test, however that ends.
const withTest = `exec 3<&0; { read -r _ <&3; kill -9 $$; } >/dev/null 2>&1 & exec "$@" </dev/null 3<&-`

// run starts the server and waits until it says that it is ready.
func (g *realGerrit) run(t *testing.T, cache string) {
	t.Helper()
	args := []string{"-c", withTest, "sh", "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"}
	for _, name := range []string{"java.lang", "java.net", "java.util", "java.lang.invoke", "sun.nio.ch"} {
		args = append(args, "--add-opens", "java.base/"+name+"=ALL-UNNAMED") // for Gerrits of before Java 17
	}
	lib := filepath.Join(cache, "lib")
	args = append(args, "-Duser.home="+filepath.Dir(g.site), "-cp", lib+":"+filepath.Join(lib, "*"),
		"com.google.gerrit.launcher.GerritLauncher", "daemon", "--headless", "--console-log", "-d", g.site)
	java := exec.Command("sh", args...)
	stdin, err := java.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	log, w := io.Pipe()
	java.Stdout, java.Stderr = w, w
	if err := java.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		java.Wait()
		w.Close()
	}()
	g.kill = func() { stdin.Close(); <-ended }
	t.Cleanup(g.kill)
	g.awaitReady(t, log)
}

// awaitReady reads the log of a server that starts, and goes on to read it.
func (g *realGerrit) awaitReady(t *testing.T, log io.Reader) {
	t.Helper()
	ready := make(chan error, 1)
	go func() {
		var said bytes.Buffer
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			fmt.Fprintln(&said, lines.Text())
			if strings.HasSuffix(lines.Text(), " ready") {
				ready <- nil
				break
			}
		}
		ready <- fmt.Errorf("it ended:\n%s", &said)
		io.Copy(io.Discard, log)
	}()
	select {
	case err := <-ready:
		if err != nil {
			t.Fatalf("Gerrit %s did not start: %v", g.version, err)
		}
	case <-time.After(5 * time.Minute): // on a machine that is busy; else ten seconds do
		t.Fatalf("Gerrit %s did not start within five minutes", g.version)
	}
}

// hostKeys are the keys by which the server is known.
func (g *realGerrit) hostKeys(t *testing.T) []ssh.PublicKey {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(g.site, "etc", "ssh_host_*.pub"))
	if err != nil || len(files) < 2 {
		t.Fatalf("host keys %q: %v", files, err)
	}
	var keys []ssh.PublicKey
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		key, _, _, _, err := ssh.ParseAuthorizedKey(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		keys = append(keys, key)
	}
	return keys
}

// knownHosts writes a file of known hosts with the server's keys for an address.
func (g *realGerrit) knownHosts(t *testing.T, address string) string {
	t.Helper()
	var b bytes.Buffer
	for _, key := range g.hostKeys(t) {
		fmt.Fprintln(&b, knownhosts.Line([]string{address}, key))
	}
	return write(t, "known_hosts", b.Bytes())
}

// command runs a command of the server's as a user, and returns what it printed.
func (g *realGerrit) command(t *testing.T, user, command string, stdin []byte) string {
	t.Helper()
	session, err := g.login(t, g.users[user]).NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	var stdout, stderr bytes.Buffer
	session.Stdin, session.Stdout, session.Stderr = bytes.NewReader(stdin), &stdout, &stderr
	if err := session.Run(command); err != nil {
		t.Fatalf("%s: %s: %v: %s", user, command, err, &stderr)
	}
	return stdout.String()
}

// logOut closes the connections of all users.
func (g *realGerrit) logOut() {
	for _, u := range g.users {
		if u.conn != nil {
			u.conn.Close()
		}
	}
}

// login returns the user's connection: one for all commands.
func (g *realGerrit) login(t *testing.T, u *realUser) *ssh.Client {
	t.Helper()
	if u.conn != nil {
		return u.conn
	}
	keys := g.hostKeys(t)
	conn, err := ssh.Dial("tcp", g.sshAddress(), &ssh.ClientConfig{
		User:              u.name,
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(signer(t, u.key))},
		HostKeyCallback:   ssh.FixedHostKey(keys[0]),
		HostKeyAlgorithms: []string{keys[0].Type()},
	})
	if err != nil {
		t.Fatalf("%s at Gerrit %s: %v", u.name, g.version, err)
	}
	u.conn = conn
	return conn
}
