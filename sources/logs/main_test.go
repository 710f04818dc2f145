package logs_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// logServer is a log server that counts what it is asked for.
type logServer struct {
	*httptest.Server
	asked atomic.Int32
}

func serve(t *testing.T, h http.HandlerFunc) *logServer {
	t.Helper()
	s := &logServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// rawServer answers each connection with bytes as they stand, and hangs up.
func rawServer(t *testing.T, answer string) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 4096))
			io.WriteString(conn, answer)
			conn.Close()
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return "http://" + l.Addr().String()
}

// newLogs returns a Logs that reads from this machine; it gets a client if it
// has none.
func newLogs(t *testing.T, o logs.Options) *logs.Logs {
	t.Helper()
	if o.Client == nil {
		client, err := sources.NewClient(sources.ClientOptions{Hosts: []string{"127.0.0.1"}, Retries: -1, PerSecond: -1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		o.Client = client
	}
	l, err := logs.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// read opens a log of a job that ended and reads it to its end. A URL that ends
// in "/" is a folder.
func read(t *testing.T, l *logs.Logs, url, file string) (string, error) {
	t.Helper()
	return readJob(t, l, ended(url), file)
}

func readJob(t *testing.T, l *logs.Logs, job classify.Job, file string) (string, error) {
	t.Helper()
	r, err := l.Open(t.Context(), job, file)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	if closeErr := r.Close(); closeErr != nil {
		t.Errorf("close: %v", closeErr)
	}
	return string(b), err
}

// classified lets the engine look at a folder whose main log has one of three names.
func classified(t *testing.T, l *logs.Logs, url string) classify.Result {
	t.Helper()
	console := []string{"job-output.txt", "console.html", "console.log"}
	c, err := classify.Compile([]classify.Rule{{ID: "wrong", Files: console, Literal: "wrong", Message: "it went wrong", Tag: "wrong"}})
	if err != nil {
		t.Fatal(err)
	}
	c.Console = console
	jobs := []classify.Job{{Name: "a job", LogURL: url, Source: "a source", Result: "FAILURE"}}
	for result := range c.Run(t.Context(), l, jobs) {
		return result
	}
	t.Fatal("no result")
	return classify.Result{}
}

func zip(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func utf16le(text string) string { return inUTF16(text, binary.LittleEndian) }
func utf16be(text string) string { return inUTF16(text, binary.BigEndian) }

// inUTF16 returns a text in UTF-16, behind a byte order mark.
func inUTF16(text string, order binary.AppendByteOrder) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

func isUTF16(text []byte) bool {
	return bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff"))
}

// tree writes files into a new folder and returns its URL and path.
func tree(t *testing.T, files map[string]string) (url, dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	url, err := sources.FileURL(dir)
	if err != nil {
		t.Fatal(err)
	}
	return url, dir
}

// lacks reports whether an error is missing, or a text in it.
func lacks(err error, text string) bool {
	return err == nil || !strings.Contains(fmt.Sprint(err), text)
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
}

// ended is a job that ended, whose log is at a URL.
func ended(url string) classify.Job {
	return classify.Job{LogURL: url, Source: "a source", Result: "FAILURE"}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// withSum returns an entry of the cache that has this line.
func withSum(line string) string {
	return fmt.Sprintf("%s\n%x\n", line, sha256.Sum256([]byte(line)))
}
