package gerrit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/watchcat-ci/watchcat/sources"
)

// restServer answers over HTTP as a Gerrit does whose pages are below /r/. Its
// zero value has no changes and lets everybody in.
type restServer struct {
	changes   []json.RawMessage
	pageLimit int    // changes of an answer at most; zero: no limit
	password  string // of the user "reader"; "" lets everybody in, as nobody

	// before may answer a request in place of the server. Requests count from 1.
	before func(n int, w http.ResponseWriter, r *http.Request) (done bool)

	mu    sync.Mutex
	asked []string // path and query of each request
}

// ServeHTTP implements http.Handler.
func (s *restServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.RequestURI())
	n := len(s.asked)
	s.mu.Unlock()
	if s.before != nil && s.before(n, w, r) {
		return
	}
	path, found := strings.CutPrefix(r.URL.Path, "/r/")
	if !found {
		http.NotFound(w, r)
		return
	}
	path, account := strings.CutPrefix(path, "a/")
	user, password, _ := r.BasicAuth()
	switch {
	case account && (user != "reader" || password != s.password || password == ""):
		s.say(w, http.StatusUnauthorized, "Unauthorized")
	case !account && s.password != "":
		s.say(w, http.StatusForbidden, "Authentication required")
	case path == "changes/":
		s.query(w, r)
	case path == "config/server/version":
		fmt.Fprint(w, ")]}'\n\"3.10.2\"\n")
	case path == "accounts/self" && account:
		fmt.Fprint(w, ")]}'\n{\"_account_id\":1000002,\"name\":\"Rea Der\",\"username\":\"reader\"}\n")
	default:
		s.say(w, http.StatusNotFound, "Not found: "+path)
	}
}

// say answers with an error, as Gerrit words them.
func (s *restServer) say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	io.WriteString(w, text)
}

// query answers a query with the changes from S on, n of them at most.
func (s *restServer) query(w http.ResponseWriter, r *http.Request) {
	start, _ := strconv.Atoi(r.URL.Query().Get("S"))
	n, _ := strconv.Atoi(r.URL.Query().Get("n"))
	if s.pageLimit > 0 {
		n = min(n, s.pageLimit)
	}
	changes := s.changes[min(start, len(s.changes)):]
	more := len(changes) > n
	changes = slices.Clone(changes[:min(n, len(changes))])
	if more {
		last := len(changes) - 1
		changes[last] = slices.Concat(bytes.TrimSuffix(bytes.TrimSpace(changes[last]), []byte("}")), []byte(`,"_more_changes":true}`))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	io.WriteString(w, ")]}'\n[")
	for i, change := range changes {
		if i > 0 {
			io.WriteString(w, ",")
		}
		w.Write(change)
	}
	io.WriteString(w, "]\n")
}

// requests returns what was asked for, path and query.
func (s *restServer) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// startREST runs a server for the length of a test, and returns the options of a
// source that reads it: as "reader" if it has a password, else as nobody.
func startREST(t *testing.T, s *restServer) Options {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	o := sources.ClientOptions{Hosts: []string{"127.0.0.1"}, RetryWait: 1}
	if s.password != "" {
		o.Credentials = map[string]sources.Credential{"127.0.0.1": {User: "reader", Password: s.password}}
	}
	return Options{Name: "review", URL: server.URL + "/r/", Client: newClient(t, o), CI: []string{"zuul"}}
}

func newClient(t *testing.T, o sources.ClientOptions) *sources.Client {
	t.Helper()
	client, err := sources.NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// restChanges returns n changes with a failed job each, from number first on.
func restChanges(first, n int) []json.RawMessage {
	var all []json.RawMessage
	for number := first; number < first+n; number++ {
		all = append(all, fmt.Appendf(nil, `{"_number":%d,"updated":"2026-11-20 10:52:17.%09d","has_review_started":true,"messages":[
			{"date":"1970-01-01 00:16:40.000000000","author":{"username":"zuul"},"_revision_number":1,
			"message":"Patch Set 1:\n\nBuild failed.\n\n- unit-%d https://l.example.org/%d : FAILURE in 3s"}]}`, number, number, number, number))
	}
	return all
}
