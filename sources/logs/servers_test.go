package logs_test

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// program returns the path of a server, and skips a test that lacks it, or fails
// it where nothing may be skipped.
func program(t *testing.T, name, pkg string) string {
	t.Helper()
	file, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) {
		file, err = exec.LookPath("/usr/sbin/" + name)
	}
	if err != nil {
		missing := fmt.Sprintf("no %s; run: make test-deps (apt-get install %s)", name, pkg)
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	return file
}

// run runs a server until the test ends, and shows what it said if the test fails.
func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		timer := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
		defer timer.Stop()
		if err := cmd.Wait(); t.Failed() {
			t.Logf("%s: %v", cmd.Path, err)
		}
	})
}

// startNginx starts nginx with directives of its server, and returns its URL.
// It is given a socket that listens already, so nobody has to wait for it.
func startNginx(t *testing.T, directives string) (url string) {
	t.Helper()
	nginx, dir := program(t, "nginx", "nginx"), t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	user := ""
	if os.Geteuid() == 0 {
		user = "user nobody nogroup;"
	}
	open(t, dir)
	writeFile(t, dir+"/nginx.conf", fmt.Sprintf(`
%[4]s
daemon off;
worker_processes 1;
pid %[1]s/pid;
error_log stderr error;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
	default_type text/plain;
	charset utf-8;
	server { listen %[2]s; %[3]s }
}
`, dir, l.Addr(), directives, user))
	var said strings.Builder
	cmd := exec.Command(nginx, "-p", dir, "-c", dir+"/nginx.conf", "-e", "stderr")
	cmd.Env = append(os.Environ(), "NGINX=3;")
	cmd.ExtraFiles = []*os.File{socket}
	cmd.Stderr = &said
	run(t, cmd)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("nginx said: %s", said.String())
		}
	})
	return "http://" + l.Addr().String()
}

// startApache starts Apache with directives of its own, and returns its URL once
// it says that it is ready.
func startApache(t *testing.T, directives string) (url string) {
	t.Helper()
	apache, dir := program(t, "apache2", "apache2"), t.TempDir()
	open(t, dir) // as root it serves as somebody else
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	modules := ""
	for _, name := range strings.Fields("mpm_event authz_core authz_host authn_core authn_file auth_basic authz_user alias autoindex dir mime deflate filter headers") {
		modules += fmt.Sprintf("LoadModule %s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", name)
	}
	writeFile(t, dir+"/apache.conf", fmt.Sprintf(`
ServerRoot %[1]s
ServerName localhost
Listen %[2]s
PidFile %[1]s/pid
ErrorLog /dev/stderr
LogLevel notice
User #65534
Group #65534
DefaultRuntimeDir %[1]s
%[3]s
TypesConfig /dev/null
AddDefaultCharset UTF-8
<Directory />
	Require all granted
	Options +Indexes
</Directory>
%[4]s
`, dir, address, modules, directives))
	cmd := exec.Command(apache, "-d", dir, "-f", dir+"/apache.conf", "-DFOREGROUND")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	t.Cleanup(reading.Wait) // once it has ended
	run(t, cmd)
	late := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
	defer late.Stop()
	said := bufio.NewScanner(stderr)
	var lines []string
	for said.Scan() {
		lines = append(lines, said.Text())
		if strings.Contains(said.Text(), "resuming normal operations") {
			reading.Go(func() { io.Copy(io.Discard, stderr) })
			return "http://" + address
		}
	}
	t.Fatalf("Apache did not start: %s", strings.Join(lines, "\n"))
	return ""
}

// open lets everybody read what is in a folder that a test made.
func open(t *testing.T, dir string) {
	t.Helper()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := os.FileMode(0o644)
		if entry.IsDir() {
			mode = 0o755
		}
		return os.Chmod(path, mode)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// htpasswd writes a file of one user that nginx and Apache read.
func htpasswd(t *testing.T, user, password string) (path string) {
	t.Helper()
	dir := t.TempDir()
	sum := sha1.Sum([]byte(password))
	path = filepath.Join(dir, "htpasswd")
	writeFile(t, path, user+":{SHA}"+base64.StdEncoding.EncodeToString(sum[:])+"\n")
	open(t, dir)
	return path
}

// cutting stands before a server and cuts the first answer that is longer than
// so many bytes. It returns its own URL, and how many connections it passed on.
func cutting(t *testing.T, server string, after int64) (url string, passed *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	passed = new(atomic.Int32)
	var wg sync.WaitGroup
	pass := func(client net.Conn, first bool) {
		defer client.Close()
		upstream, err := net.Dial("tcp", strings.TrimPrefix(server, "http://"))
		if err != nil {
			return
		}
		defer upstream.Close()
		wg.Go(func() { io.Copy(upstream, client); upstream.Close() })
		if first {
			io.CopyN(client, upstream, after)
			return
		}
		io.Copy(client, upstream)
	}
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			first := passed.Add(1) == 1
			wg.Go(func() { pass(client, first) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return "http://" + l.Addr().String(), passed
}
