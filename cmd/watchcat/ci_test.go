package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/sources/gerrit/gerrittest"
)

// ci is a small CI system: a Gerrit with one change, and a log server.
type ci struct {
	gerrit *gerrittest.Server
	logs   *httptest.Server
	config string // path of a configuration that reads it
}

// ciConfig is for one Gerrit that answers and one that is down.
const ciConfig = `
[[gerrit]]
name = "review"
host = "127.0.0.1"
port = %d
user = "me"
key = %q
known_hosts = %q
ci = ["zuul"]

[[gerrit]]
name = "down"
host = "127.0.0.1"
port = 1
user = "me"
key = %[2]q
known_hosts = %[3]q
ci = ["zuul"]

[logs]
hosts = ["127.0.0.1"]
cache = "cache"
retries = 0
`

// ciComment is what Zuul says on the change, an hour ago; %s is the log server.
const ciComment = `Patch Set 1: Verified-1

Build failed (check pipeline).  For information on how to proceed, see https://docs.example.org/

- unit %[1]s/unit/ : FAILURE in 3m 32s
- gone %[1]s/gone/ : FAILURE in 59s
- lint %[1]s/lint/ : SUCCESS in 1m 02s
- docs %[1]s/docs/ : SKIPPED in 0s
- page %[1]s/t/example/build/0123456789abcdef0123456789abcdef : FAILURE in 5m 00s
- else https://zuul.elsewhere.example/t/example/build/0123456789abcdef0123456789abcde0 : FAILURE in 5m 00s
- fine %[1]s/t/example/build/0123456789abcdef0123456789abcde2 : SUCCESS in 5m 00s
- also https://zuul.elsewhere.example/t/example/build/0123456789abcdef0123456789abcde1 : FAILURE in 5m 00s
`

// startCI starts a CI system whose files are in dir. The log of its job "unit"
// says that the disk is full, that of "gone" is not there, one of "slow" never ends; those of "page" are
// told by its build page, and those of the rest by a host that is not listed.
func startCI(dir string) (*ci, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("/unit/job-output.txt", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "+ make test\ncp: cannot write: No space left on device\n")
	})
	mux.HandleFunc("/api/tenant/example/build/0123456789abcdef0123456789abcdef", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"uuid":"0123456789abcdef0123456789abcdef","result":"FAILURE","log_url":"http://%s/unit/"}`, r.Host)
	})
	mux.HandleFunc("/api/tenant/example/build/0123456789abcdef0123456789abcde2", func(http.ResponseWriter, *http.Request) {
		panic("the build page of a job that passed was asked for")
	})
	mux.HandleFunc("/nightly/{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<html><head><title>Index of /nightly/</title></head><body><h1>Index of /nightly/</h1><hr><pre><a href=\"../\">../</a>\n"+
			"<a href=\"1/\">1/</a>   20-Nov-2026 10:00       -\n<a href=\"2/\">2/</a>   20-Nov-2026 11:00       -\n</pre><hr></body></html>")
	})
	mux.HandleFunc("/slow/job-output.txt", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "+ make test")
		_ = http.NewResponseController(w).Flush() // a client that is gone is gone
		<-r.Context().Done()
	})
	mux.HandleFunc("/lint/", func(http.ResponseWriter, *http.Request) {
		panic("the log of a job that passed was asked for")
	})
	c := &ci{logs: httptest.NewServer(mux), config: filepath.Join(dir, "watchcat.toml")}
	change, err := json.Marshal(ciChange(fmt.Sprintf(ciComment, c.logs.URL)))
	if err != nil {
		return nil, err
	}
	if c.gerrit, err = gerrittest.Start(gerrittest.Options{User: "me", Changes: []json.RawMessage{change}}); err != nil {
		return nil, err
	}
	key, known, err := c.gerrit.WriteClientFiles(dir)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf(strings.TrimPrefix(ciConfig, "\n"), c.gerrit.Port(), filepath.Base(key), filepath.Base(known))
	return c, os.WriteFile(c.config, []byte(text), 0o600)
}

func ciChange(comment string) map[string]any {
	hourAgo := time.Now().Add(-time.Hour).Unix()
	zuul := map[string]any{"name": "Zuul", "username": "zuul"}
	return map[string]any{
		"project": "example/api", "branch": "main", "id": "I1", "number": 17, "subject": "Fix it",
		"owner": map[string]any{"name": "Ann", "username": "ann"}, "url": "https://review.example.org/17",
		"createdOn": hourAgo - 60, "lastUpdated": hourAgo, "open": true, "status": "NEW",
		"comments":        []any{map[string]any{"timestamp": hourAgo, "reviewer": zuul, "message": comment}},
		"currentPatchSet": map[string]any{"number": 1, "revision": "abc", "ref": "refs/changes/17/17/1", "createdOn": hourAgo - 60},
	}
}

func (c *ci) close() {
	c.gerrit.Close()
	c.logs.Close()
}
