package gerrit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/sources"
)

// status answers with an error, as Gerrit words it.
func status(code int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { new(restServer).say(w, code, text) }
}

// plain answers with a text and status 200.
func plain(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
}

// cut answers with the beginning of an answer, and drops the connection.
func cut(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		io.WriteString(w, text)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

// What a server does wrong costs what it spoils and no more.
func TestRESTBadAnswers(t *testing.T) {
	const prefix = ")]}'\n"
	good := func(number int) string { return string(restChanges(number, 1)[0]) }
	var sixty bytes.Buffer
	for number := 1; number <= 60; number++ {
		sixty.WriteString(good(number))
		if number < 60 {
			sixty.WriteByte(',')
		}
	}
	tests := []struct {
		name     string
		answer   http.HandlerFunc
		somebody bool // asks
		jobs     int
		problem  string // part of the only problem; "": none
		err      string // part of the error; "": none
	}{
		{name: "a query that the server does not understand", answer: status(400, "line 1:13 no viable alternative at input\x1b '<EOF>'\n"), err: "400 Bad Request: the server says: line 1:13 no viable alternative at input '<EOF>'"},
		{name: "a query that it refuses without a word", answer: status(400, ""), err: "are query and projects as it wants them?"},
		{name: "a conflict", answer: status(409, "index is being rebuilt"), err: "the server says: index is being rebuilt"},
		{name: "nobody is let in", answer: status(401, "Unauthorized"), err: "put user and HTTP password of your account into the credentials file"},
		{name: "a wrong password", answer: status(401, "Unauthorized"), somebody: true, err: "the account's HTTP password, not its login password"},
		{name: "nobody may read", answer: status(403, "Forbidden"), err: "does not let anonymous users read this"},
		{name: "an account may not read", answer: status(403, "Forbidden"), somebody: true, err: "may not read this: ask the server's keepers"},
		{name: "another path", answer: status(404, "Not Found"), err: "is url its address, with its path"},
		{name: "a long query", answer: status(414, "URI Too Long"), err: "list fewer projects"},
		{name: "the server fails", answer: status(500, "Internal server error"), err: "500 Internal Server Error; the server has a problem of its own"},
		{name: "a login page", answer: plain("\n<!DOCTYPE html><title>Sign in</title>"), err: "a web page came instead"},
		{name: "nothing", answer: plain(""), err: "the server dropped the connection"},
		{name: "only the beginning of the first line", answer: plain(")]}"), err: "the server dropped the connection"},
		{name: "something else", answer: plain("hello"), err: "what came is no answer of Gerrit"},
		{name: "an object", answer: plain(prefix + `{"changes":[]}`), err: "what came is no answer of Gerrit"},
		{name: "null", answer: plain(prefix + `null`), err: "what came is no answer of Gerrit"},
		{name: "without the first line", answer: plain("[" + good(1) + "]"), jobs: 1},
		{name: "cut between changes", answer: cut(prefix + "[" + good(1) + "," + good(2) + ","), jobs: 2, err: "the server dropped the connection"},
		{name: "cut in a change", answer: cut(prefix + "[" + good(1) + `,{"_number":2,"mess`), jobs: 1, err: "the server dropped the connection"},
		{name: "cut without a sign", answer: plain(prefix + "[" + good(1) + `,{"_number":2,"mess`), jobs: 1, err: "the server dropped the connection"},
		{name: "broken JSON", answer: plain(prefix + "[" + good(1) + `,{"_number":,}]`), jobs: 1, err: "the answer cannot be read: invalid character ','"},
		{name: "a change that is none", answer: plain(prefix + "[" + good(1) + `,null,` + good(3) + "]"), jobs: 2, problem: "change 2 of the answer cannot be read: it has no change number"},
		{name: "a number of another type", answer: plain(prefix + "[" + good(1) + `,{"_number":"2"},` + good(3) + "]"), jobs: 2, problem: "change 2 of the answer cannot be read: it has no change number"},
		{name: "a change of other types", answer: plain(prefix + "[" + good(1) + `,{"_number":2,"owner":{"name":7}},` + good(3) + "]"), jobs: 2, problem: "change 2 of the answer cannot be read: its owner.name is odd: a number"},
		{name: "a change that is a list", answer: plain(prefix + "[" + good(1) + `,[2],` + good(3) + "]"), jobs: 2, problem: "change 2 of the answer cannot be read: it is an array"},
		{name: "a comment of other types", answer: plain(prefix + strings.Replace("["+good(1)+"]", `"messages":[`, `"messages":[{"message":[]},"x",`, 1)), jobs: 1, problem: "change 1: comment 1 cannot be read: its message is odd: an array\ngerrit review: change 1: comment 2 cannot be read: it is a string"},
		{name: "comments that are none", answer: plain(prefix + `[{"_number":1,"messages":{}},` + good(2) + "]"), jobs: 1, problem: "change 1: its comments cannot be read: they are no list"},
		{name: "a comment that is none", answer: plain(prefix + strings.Replace("["+good(1)+"]", `"messages":[`, `"messages":[null,`, 1)), jobs: 1, problem: "change 1: comment 1 cannot be read: it is null"},
		{name: "a comment of no known time", answer: plain(prefix + strings.Replace("["+good(1)+"]", `"messages":[`, `"messages":[{"date":"yesterday"},`, 1)), jobs: 1, problem: "change 1: comment 1 cannot be read: its date is odd: \"yesterday\""},
		{name: "more than asked for", answer: plain(prefix + "[" + sixty.String() + "]"), jobs: 25, problem: "sends the same ones again"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := &restServer{before: func(_ int, w http.ResponseWriter, r *http.Request) bool {
				test.answer(w, r)
				return true
			}}
			if test.somebody {
				server.password = "s3cret"
			}
			got, err := list(t, startREST(t, server))
			if len(got.Jobs) != test.jobs || got.Changes < test.jobs {
				t.Errorf("%d jobs of %d changes, want %d", len(got.Jobs), got.Changes, test.jobs)
			}
			checkError(t, "problems", errors.Join(got.Problems...), test.problem)
			checkError(t, "error", err, test.err)
		})
	}
}

// A server that is busy is asked again when it wants to, and an answer that broke
// off once is asked for once more. Nothing is lost.
func TestRESTSecondTry(t *testing.T) {
	tests := map[string]http.HandlerFunc{
		"busy": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"restarting": status(503, "starting"),
		"cut":        cut(")]}'\n[" + string(restChanges(1, 1)[0]) + `,{"_num`),
	}
	for name, first := range tests {
		t.Run(name, func(t *testing.T) {
			server := &restServer{changes: restChanges(1, 3), before: func(n int, w http.ResponseWriter, r *http.Request) bool {
				if n == 1 {
					first(w, r)
				}
				return n == 1
			}}
			got := mustList(t, startREST(t, server))
			if len(got.Jobs) != 3 || got.Changes != 3 || len(server.requests()) != 2 {
				t.Errorf("%d jobs of %d changes after %d requests; want 3, 3, 2", len(got.Jobs), got.Changes, len(server.requests()))
			}
		})
	}
}

// Who waits no longer is told why, and keeps what came.
func TestRESTCancelled(t *testing.T) {
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	server := &restServer{changes: restChanges(1, 3), pageLimit: 2, before: func(n int, _ http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			return false
		}
		cancel(enough)
		<-r.Context().Done()
		return true
	}}
	source, err := New(startREST(t, server))
	if err != nil {
		t.Fatal(err)
	}
	got, err := source.Jobs(ctx)
	if !errors.Is(err, enough) || len(got.Jobs) != 2 {
		t.Errorf("%d jobs, %v; want 2, and the cause", len(got.Jobs), err)
	}
}

// Where people are sent to log in, a program may not go, and is told what to do.
func TestRESTLoginElsewhere(t *testing.T) {
	server := &restServer{before: func(_ int, w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "https://login.example.org/?next=changes", http.StatusFound)
		return true
	}}
	_, err := list(t, startREST(t, server))
	checkParts(t, err, []string{"login.example.org", "if that is where people log in", "credentials file"})
}

func TestRESTPaging(t *testing.T) {
	tests := []struct {
		name   string
		n      int // changes
		page   int // of these, the server sends at once
		cap    int
		jobs   int
		capped bool
		starts []string // S of each request
	}{
		{name: "nothing", starts: []string{""}},
		{name: "one page", n: 7, jobs: 7, starts: []string{""}},
		{name: "small pages", n: 7, page: 3, jobs: 7, starts: []string{"", "2", "4", ""}},
		{name: "exactly the cap", n: 7, page: 3, cap: 7, jobs: 7, starts: []string{"", "2", "4", ""}},
		{name: "more than the cap", n: 7, page: 3, cap: 5, jobs: 5, capped: true, starts: []string{"", "2"}},
		{name: "the pages that are asked for", n: 99, jobs: 99, starts: []string{"", "22", "44", "66", "88", ""}},
		{name: "more than 200", n: 201, jobs: 200, capped: true, starts: []string{"", "22", "44", "66", "88", "110", "132", "154", "176"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := &restServer{changes: restChanges(1, test.n), pageLimit: test.page}
			o := startREST(t, server)
			o.Cap = test.cap
			got := mustList(t, o)
			if len(got.Jobs) != test.jobs || got.Changes != test.jobs || got.Capped != test.capped {
				t.Errorf("%d jobs of %d changes, capped %t; want %d, %t", len(got.Jobs), got.Changes, got.Capped, test.jobs, test.capped)
			}
			if diff := cmp.Diff(test.starts, parameters(t, server, "S")); diff != "" {
				t.Errorf("starts (-want +got):\n%s", diff)
			}
			for _, n := range parameters(t, server, "n") {
				if number, err := strconv.Atoi(n); err != nil || number < 1 || number > 25 {
					t.Errorf("%s changes are asked for at once", n)
				}
			}
		})
	}
}

// parameters returns the values of a parameter, one of each request.
func parameters(t *testing.T, server *restServer, name string) []string {
	t.Helper()
	var all []string
	for _, uri := range server.requests() {
		r, err := http.NewRequest(http.MethodGet, uri, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r.URL.Query().Get(name))
	}
	return all
}

// A change that is merged while the pages are read pulls those behind it up: none
// is lost.
func TestRESTPagingOfWhatMoves(t *testing.T) {
	server := &restServer{changes: restChanges(1, 9), pageLimit: 4}
	server.before = func(n int, _ http.ResponseWriter, _ *http.Request) bool {
		if n == 2 {
			server.changes = slices.Delete(slices.Clone(server.changes), 0, 2)
		}
		return false
	}
	got := mustList(t, startREST(t, server))
	if len(got.Jobs) != 9 {
		t.Errorf("%d jobs; want those of all 9 changes", len(got.Jobs))
	}
}

// What does not fit into an answer comes with the next, and a change that fits
// into none is left out.
func TestRESTLongAnswer(t *testing.T) {
	server := &restServer{changes: restChanges(1, 9)}
	server.changes[4] = fmt.Appendf(nil, `{"_number":5,"subject":%q}`, strings.Repeat("x", 5000))
	o := startREST(t, server)
	source, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	api, err := newREST(t.Context(), source.options)
	if err != nil {
		t.Fatal(err)
	}
	api.limit = 3 * len(server.changes[0])
	r := source.newReading()
	r.server = api
	if err := r.pages(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(r.listing.Jobs) != 8 {
		t.Errorf("%d jobs; want those of 8 changes", len(r.listing.Jobs))
	}
	checkError(t, "problems", errors.Join(r.listing.Problems...), "change 5 of the answer is longer than")
}

// What the text of a comment does not say of its jobs, its tag and patch set may.
func TestRESTTags(t *testing.T) {
	const text = `- unit https://l.example.org/a/ : FAILURE`
	tests := []struct {
		name, tag, text string
		patchSet        int
		want            string // patch set and pipeline
	}{
		{"neither", "", text, 0, "0 "},
		{"tag and patch set", "autogenerated:zuul:third-party-check", text, 3, "3 third-party-check"},
		{"the text goes first", "autogenerated:zuul:check", "Patch Set 2:\n\nBuild failed (gate pipeline).\n\n" + text, 3, "2 gate"},
		{"tags of others", "autogenerated:jenkins-gerrit-trigger", text, 1, "1 "},
		{"odd values", "autogenerated:zuul:a\x1b\n", text, -1, "0 a"},
	}
	for _, test := range tests {
		m := message{Message: test.text, tag: test.tag, patchSet: test.patchSet}
		jobs := m.jobs()
		if len(jobs) != 1 {
			t.Fatalf("%s: %d jobs", test.name, len(jobs))
		}
		if got := fmt.Sprint(jobs[0].PatchSet, " ", jobs[0].Pipeline); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	if jobs := (message{Message: text, tag: "autogenerated:gerrit:merged"}).jobs(); len(jobs) != 0 {
		t.Errorf("%d jobs in what Gerrit itself wrote", len(jobs))
	}
}

// A server that hides user names from nobody, as anonymous users are called.
func TestRESTHiddenNames(t *testing.T) {
	changes := restChanges(1, 2)
	for i := range changes {
		changes[i] = json.RawMessage(strings.Replace(string(changes[i]), `{"username":"zuul"}`, `{"name":"Zuul CI","email":"zuul@example.org"}`, 1))
	}
	o := startREST(t, &restServer{changes: changes})
	got, err := list(t, o)
	checkError(t, "error", err, "")
	checkError(t, "problems", errors.Join(got.Problems...), "accounts that wrote of jobs: zuul@example.org; the server tells nobody's user name")
	for _, account := range []string{"Zuul CI", "zuul@example.org"} {
		o.CI = []string{account}
		if got := mustList(t, o); len(got.Jobs) != 2 {
			t.Errorf("ci = [%q]: %d jobs, want 2", account, len(got.Jobs))
		}
	}
}

// Jobs of other patch sets than the newest are left out where that is wanted.
func TestRESTCurrentOnly(t *testing.T) {
	o := startREST(t, &restServer{changes: []json.RawMessage{json.RawMessage(fullRESTChange), restChanges(1, 1)[0]}})
	o.CurrentOnly = true
	got := mustList(t, o)
	if len(got.Jobs) != 1 || got.Jobs[0].Change != 1 {
		t.Errorf("%+v; want the job of change 1 only: that of 42 is of patch set 1 of 2", got.Jobs)
	}
}

// The page of a change, which the API does not tell.
func TestRESTChangeURL(t *testing.T) {
	started := false
	for _, test := range []struct {
		url  string
		sent restChange
		want string
	}{
		{"https://review.example.org", restChange{Number: 3, Project: "a/b", ReviewStarted: &started}, "https://review.example.org/c/a/b/+/3"},
		{"https://example.org/r//", restChange{Number: 3, Project: "a b", ReviewStarted: &started}, "https://example.org/r/c/a%20b/+/3"},
		{"https://example.org/r", restChange{Number: 3, Project: "a"}, "https://example.org/r/3"}, // up to 2.14
	} {
		api, err := newREST(t.Context(), Options{URL: test.url, Client: newClient(t, sources.ClientOptions{})})
		if err != nil {
			t.Fatal(err)
		}
		if got := api.changeURL(&test.sent); got != test.want {
			t.Errorf("%s: %s, want %s", test.url, got, test.want)
		}
	}
}

func TestNewREST(t *testing.T) {
	client := newClient(t, sources.ClientOptions{})
	for url, want := range map[string]string{
		"https://me:s3cret@review.example.org/": "put user and password into the credentials file",
		"https://example.org:1/x@evil.org:2/":   "give the address under which",
		"review.example.org":                    "give the address under which",
		"ssh://review.example.org/":             "give the address under which",
		"https://review.example.org/?q=x":       "give the address under which",
		"https://review.example.org/#/q/x":      "give the address under which",
		"https://review.example.org/%zz":        "url is no URL",
	} {
		_, err := New(Options{Name: "review", URL: url, Client: client, CI: []string{"zuul"}})
		checkError(t, url, err, want)
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the password is in: %v", err)
		}
	}
	_, err := New(Options{Name: "review", URL: "https://review.example.org/", CI: []string{"zuul"}})
	checkError(t, "no client", err, "url needs a client")
	source, err := New(Options{URL: "https://Review.example.org:8443/r/", Client: client, CI: []string{"zuul"}})
	if err != nil || source.options.Name != "Review.example.org" {
		t.Errorf("%+v, %v; want the host for a name", source, err)
	}
}

// Whatever a server sends, there is no panic, no change twice on a page, none
// without a number, and no more of them than asked for.
func FuzzREST(f *testing.F) {
	for _, seed := range []string{"", ")]}'\n[]", ")]}'\n[" + fullRESTChange + "]", ")]}'\n[{\"_number\":1,\"_more_changes\":true},null,7]", "<html>", "[{\"_number\":1,\"messages\":[{\"date\":\"\"}]}"} {
		f.Add([]byte(seed))
	}
	client, err := sources.NewClient(sources.ClientOptions{})
	if err != nil {
		f.Fatal(err)
	}
	source, err := New(Options{URL: "https://example.org/", Client: client, CI: []string{"*"}})
	if err != nil {
		f.Fatal(err)
	}
	api, err := newREST(f.Context(), source.options)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := api.readPage(text, question{limit: 3, jobs: source.newReading().jobs})
		if p.rows > 3 || len(p.changes)+len(p.broken) != p.rows {
			t.Errorf("%d rows of 3: %d changes, %d broken", p.rows, len(p.changes), len(p.broken))
		}
		if err == nil && p.rows == 0 && p.more {
			t.Error("nothing came, and there is more of it")
		}
		for _, c := range p.changes {
			if c.number <= 0 {
				t.Errorf("change %d", c.number)
			}
			for _, job := range c.jobs {
				if job.ChangeURL != "" && !strings.HasPrefix(job.ChangeURL, "https://example.org/") || job.Server != "example.org" || job.Name == "" {
					t.Errorf("%+v", job)
				}
			}
		}
	})
}
