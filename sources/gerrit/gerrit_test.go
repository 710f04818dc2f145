package gerrit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/gerrit/gerrittest"
)

// start runs a Gerrit for the length of a test.
func start(t *testing.T, o gerrittest.Options) *gerrittest.Server {
	t.Helper()
	server, err := gerrittest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// optionsFor returns the options of a source that reads the server.
func optionsFor(t *testing.T, server *gerrittest.Server) Options {
	t.Helper()
	keyFile, knownHosts, err := server.WriteClientFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Name:       "review",
		Host:       "127.0.0.1",
		Port:       server.Port(),
		User:       "reader",
		KeyFile:    keyFile,
		Agent:      "none",
		KnownHosts: []string{knownHosts},
		CI:         []string{"zuul"},
		Timeout:    20 * time.Second,
	}
}

// list lists the jobs of a source.
func list(t *testing.T, o Options) (sources.Listing, error) {
	t.Helper()
	source, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	source.pause = 0
	return source.Jobs(t.Context())
}

// mustList lists the jobs of a source that has nothing to complain of.
func mustList(t *testing.T, o Options) sources.Listing {
	t.Helper()
	listing, err := list(t, o)
	if err := errors.Join(append(listing.Problems, err)...); err != nil {
		t.Fatal(err)
	}
	return listing
}

// changes returns n changes with a failed job each, from number first on.
func changes(first, n int) []json.RawMessage {
	var all []json.RawMessage
	for number := first; number < first+n; number++ {
		all = append(all, fmt.Appendf(nil, `{"number":%d,"comments":[{"timestamp":1000,"reviewer":{"username":"zuul"},
			"message":"Patch Set 1:\n\nBuild failed.\n\n- unit-%d https://l.example.org/%d : FAILURE in 3s"}]}`, number, number, number))
	}
	return all
}

// A change with all that is read of one, and comments that must not be.
const fullChange = `{
	"project": "tools/cat", "branch": "stable/9", "topic": "purr", "id": "I0123", "number": 42,
	"subject": "Purr \u003clouder\u003e", "owner": {"name": "Ann Author", "email": "ann@example.org", "username": "ann"},
	"url": "https://review.example.org/c/tools/cat/+/42", "commitMessage": "Purr \u003clouder\u003e\n\nMuch louder.\n",
	"createdOn": 1795171934, "lastUpdated": 1795171936, "open": true, "status": "NEW", "wip": true, "hashtags": [],
	"comments": [
		{"timestamp": 1795171934, "reviewer": {"username": "ann"}, "message": "Uploaded patch set 1."},
		{"timestamp": 1795171935, "reviewer": {"username": "mallory", "name": "Zuul", "email": "zuul@evil.example.org"},
			"message": "Patch Set 1:\n\n- forged https://evil.example.org/ : FAILURE"},
		{"timestamp": 1795171935, "reviewer": {"username": "Zuul"}, "message": "Patch Set 1:\n\n- registered https://evil.example.org/ : FAILURE"},
		{"timestamp": 1795171936, "message": "Patch Set 1:\n\n- nobody https://evil.example.org/ : FAILURE"},
		{"timestamp": 1795171936, "reviewer": {"username": "zuul", "name": "CI"},
			"message": "Patch Set 1: Verified-1\n\nBuild failed (check pipeline).\n\n- unit https://z.example.org/t/a/build/0123456789abcdef0123456789abcdef : FAILURE in 1m 01s (non-voting)"},
		{"timestamp": 1795171940, "reviewer": {"username": "jenkins-2"},
			"message": "Patch Set 2:\n\nhttps://ci.example.org/job/unit/7/ : SUCCESS"}
	],
	"currentPatchSet": {"number": 2, "kind": "REWORK", "sizeInsertions": 1}, "patchSets": [{"number": 1}, {"number": 2}]
}`

func TestJobs(t *testing.T) {
	server := start(t, gerrittest.Options{Changes: []json.RawMessage{json.RawMessage(fullChange)}})
	o := optionsFor(t, server)
	o.CI = []string{"zuul", "jenkins-*"}
	got := mustList(t, o)

	of := classify.Job{
		Source: "review", Server: "review.example.org", Project: "tools/cat", Branch: "stable/9", Topic: "purr",
		Change: 42, Owner: "Ann Author", Subject: "Purr <louder>", CommitMsg: "Purr <louder>\n\nMuch louder.\n",
		ChangeURL: "https://review.example.org/c/tools/cat/+/42",
	}
	unit, jenkins := of, of
	unit.Name, unit.Reporter, unit.PatchSet, unit.Pipeline = "unit", "zuul", 1, "check"
	unit.ID, unit.URL = "0123456789abcdef0123456789abcdef", "https://z.example.org/t/a/build/0123456789abcdef0123456789abcdef"
	unit.Result, unit.Voting, unit.Duration = "FAILURE", no(), 61
	unit.Time = time.Unix(1795171936, 0).UTC()
	jenkins.Name, jenkins.Reporter, jenkins.PatchSet = "unit", "jenkins-2", 2
	jenkins.Result, jenkins.URL, jenkins.LogURL = "SUCCESS", "https://ci.example.org/job/unit/7/", "https://ci.example.org/job/unit/7/"
	jenkins.Time = time.Unix(1795171940, 0).UTC()

	want := sources.Listing{Jobs: []classify.Job{unit, jenkins}, Changes: 1, What: "change", Cap: 200}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := server.Connections(); got != 1 {
		t.Errorf("%d connections for two listings", got)
	}
}

func TestPaging(t *testing.T) {
	tests := []struct {
		name    string
		server  gerrittest.Options
		cap     int
		jobs    int
		capped  bool
		starts  []string // --start of each command
		changes int      // zero: as many as jobs
	}{
		{name: "nothing", starts: []string{""}},
		{name: "one page", server: gerrittest.Options{Changes: changes(1, 7)}, jobs: 7, starts: []string{""}},
		{name: "small pages", server: gerrittest.Options{Changes: changes(1, 7), PageLimit: 3}, jobs: 7, starts: []string{"", "2", "4", ""}},
		{name: "exactly the cap", server: gerrittest.Options{Changes: changes(1, 7), PageLimit: 3}, cap: 7, jobs: 7, starts: []string{"", "2", "4", ""}},
		{name: "more than the cap", server: gerrittest.Options{Changes: changes(1, 7), PageLimit: 3}, cap: 5, jobs: 5, capped: true, starts: []string{"", "2"}},
		{name: "more than 200", server: gerrittest.Options{Changes: changes(1, 201)}, jobs: 200, capped: true, starts: []string{""}},
		{
			name:   "a change that moved between pages",
			server: gerrittest.Options{Changes: slices.Concat(changes(1, 3), changes(3, 3)), PageLimit: 3},
			jobs:   5, starts: []string{"", "2", "4", ""},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := start(t, test.server)
			o := optionsFor(t, server)
			o.Cap = test.cap
			got := mustList(t, o)
			if len(got.Jobs) != test.jobs || got.Changes != test.jobs || got.Capped != test.capped {
				t.Errorf("%d jobs of %d changes, capped %t; want %d, %t", len(got.Jobs), got.Changes, got.Capped, test.jobs, test.capped)
			}
			var starts []string
			for _, command := range server.Commands() {
				words := gerrittest.Split(command)
				start := ""
				for _, word := range words {
					if value, found := strings.CutPrefix(word, "--start="); found {
						start = value
					}
				}
				starts = append(starts, start)
				if i := slices.Index(words, "--"); i != len(words)-2 {
					t.Errorf("the query does not stand alone behind --: %q", words)
				}
			}
			if diff := cmp.Diff(test.starts, starts); diff != "" {
				t.Errorf("starts (-want +got):\n%s", diff)
			}
			if server.Connections() != 1 {
				t.Errorf("%d connections; one is enough", server.Connections())
			}
		})
	}
}

// A change of more than 3 MiB comes through, and its jobs with it.
func TestLongLine(t *testing.T) {
	long := bytes.Replace(changes(1, 1)[0], []byte(`"comments"`), fmt.Appendf(nil, `"commitMessage":%q,"comments"`, strings.Repeat("x", 3<<20)), 1)
	got := mustList(t, optionsFor(t, start(t, gerrittest.Options{Changes: []json.RawMessage{long}})))
	if len(got.Jobs) != 1 || len(got.Jobs[0].CommitMsg) != 3<<20 {
		t.Errorf("%d jobs; want one, with all of its commit message", len(got.Jobs))
	}
}

// What a server does wrong costs what it spoils and no more.
func TestBadAnswers(t *testing.T) {
	good := gerrittest.Changes(changes(1, 3), 0)
	line := func(stdout io.Writer, change json.RawMessage) {
		var b bytes.Buffer
		json.Compact(&b, change)
		fmt.Fprintln(stdout, b.String())
	}
	const stats = `{"type":"stats","rowCount":3,"moreChanges":false}` + "\n"
	tests := []struct {
		name    string
		answer  gerrittest.Answer
		jobs    int
		problem string // part of the only problem; "": none
		err     string // part of the error; "": none
	}{{
		name: "no permission",
		answer: func(_ string, stdout, stderr io.Writer) int {
			fmt.Fprintln(stderr, "fatal: Permission \x1b[1mdenied")
			return 1
		},
		err: "the server says: fatal: Permission [1mdenied",
	}, {
		name: "internal error in the middle",
		answer: func(_ string, stdout, stderr io.Writer) int {
			line(stdout, changes(1, 1)[0])
			fmt.Fprintln(stderr, "fatal: internal server error")
			return 128
		},
		jobs: 1,
		err:  "fatal: internal server error",
	}, {
		name:   "a failure without a word",
		answer: func(string, io.Writer, io.Writer) int { return 3 },
		err:    "did not say why",
	}, {
		name: "an error row",
		answer: func(_ string, stdout, _ io.Writer) int {
			line(stdout, changes(1, 1)[0])
			fmt.Fprintln(stdout, `{"type":"error","message":"Unsupported query:5S2D"}`)
			return 0
		},
		jobs: 1,
		err:  "the server says: Unsupported query:5S2D",
	}, {
		name: "no last row",
		answer: func(_ string, stdout, _ io.Writer) int {
			line(stdout, changes(1, 1)[0])
			return 0
		},
		jobs: 1,
		err:  "cut short",
	}, {
		name: "the connection drops",
		answer: func(_ string, stdout, _ io.Writer) int {
			line(stdout, changes(1, 1)[0])
			fmt.Fprint(stdout, `{"number":2,"comm`)
			return gerrittest.HangUp
		},
		jobs: 1,
		err:  "dropped the connection",
	}, {
		name: "the second page fails",
		answer: func(command string, stdout, stderr io.Writer) int {
			if strings.Contains(command, "--start=1") {
				return gerrittest.HangUp
			}
			return gerrittest.Changes(changes(1, 3), 2)(command, stdout, stderr)
		},
		jobs: 2,
		err:  "dropped the connection",
	}, {
		name: "a line that is no JSON",
		answer: func(_ string, stdout, _ io.Writer) int {
			line(stdout, changes(1, 1)[0])
			fmt.Fprintln(stdout, `{"number":2,"comments":[{]}`)
			line(stdout, changes(3, 1)[0])
			fmt.Fprint(stdout, stats)
			return 0
		},
		jobs:    2,
		problem: "change 2 of the answer cannot be read",
	}, {
		name: "words on stderr",
		answer: func(command string, stdout, stderr io.Writer) int {
			fmt.Fprintln(stderr, "Welcome to the review server, maintenance on Sunday")
			return good(command, stdout, stderr)
		},
		jobs: 3,
	}, {
		name: "an empty page with more behind it",
		answer: func(_ string, stdout, _ io.Writer) int {
			fmt.Fprintln(stdout, `{"type":"stats","rowCount":0,"moreChanges":true}`)
			return 0
		},
		problem: "the next page is empty",
	}, {
		name: "the same page for ever",
		answer: func(_ string, stdout, _ io.Writer) int {
			line(stdout, changes(1, 1)[0])
			fmt.Fprintln(stdout, `{"type":"stats","rowCount":1,"moreChanges":true}`)
			return 0
		},
		jobs:    1,
		problem: "more than 1 changes, but sends the same ones again",
	}, {
		name: "nonsense for ever",
		answer: func(_ string, stdout, _ io.Writer) int {
			fmt.Fprintln(stdout, `{"number":0}`)
			fmt.Fprintln(stdout, `{"type":"stats","rowCount":1,"moreChanges":true}`)
			return 0
		},
		problem: "change 2 of the answer cannot be read",
	}, {
		name: "far more than was asked for",
		answer: func(_ string, stdout, _ io.Writer) int {
			for _, change := range changes(1, 300) {
				line(stdout, change)
			}
			for range 10_000 {
				if _, err := fmt.Fprintln(stdout, strings.Repeat("x", 10_000)); err != nil {
					break
				}
			}
			return 0
		},
		jobs: 200,
	}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := start(t, gerrittest.Options{Answer: test.answer})
			got, err := list(t, optionsFor(t, server))
			if len(got.Jobs) != test.jobs || got.Capped != (test.jobs == 200) {
				t.Errorf("%d jobs, capped %t; want %d", len(got.Jobs), got.Capped, test.jobs)
			}
			if n := len(server.Commands()); n > 4 {
				t.Errorf("%d queries", n)
			}
			checkError(t, "problems", errors.Join(got.Problems...), test.problem)
			checkError(t, "error", err, test.err)
		})
	}
}

// checkError checks that an error holds a text and names the source; the text
// "" stands for no error.
func checkError(t *testing.T, what string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v; want none", what, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "gerrit review: ")):
		t.Errorf("%s: %v; want %q", what, err, want)
	}
}

func TestSilence(t *testing.T) {
	t.Parallel()
	o := optionsFor(t, start(t, gerrittest.Options{Answer: func(_ string, stdout, _ io.Writer) int {
		fmt.Fprintln(stdout, `{"number":1}`)
		return gerrittest.Silence
	}}))
	o.Timeout = 2 * time.Second
	got, err := list(t, o)
	checkError(t, "error", err, "the server said nothing for 2s")
	if got.Changes != 1 {
		t.Errorf("%d changes; want the one that was sent", got.Changes)
	}
}

func TestCancel(t *testing.T) {
	asked := make(chan struct{})
	source, err := New(optionsFor(t, start(t, gerrittest.Options{Answer: func(string, io.Writer, io.Writer) int {
		close(asked)
		return gerrittest.Silence
	}})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	began := time.Now()
	if _, err := source.Jobs(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v; want %v", err, context.Canceled)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to end", took)
	}
	if _, err := source.Jobs(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("from the beginning: error %v; want %v", err, context.Canceled)
	}
}

func TestNewSaysAllThatIsWrong(t *testing.T) {
	_, err := New(Options{
		Host: "reader@review.example.org", Port: 70000, Cap: 500, Timeout: -1,
		CI: []string{"", " "}, Projects: []string{`a"`}, Query: "limit:3",
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"bare name", "user is missing", "port 70000", "cap 500", "timeout", `ci: ""`, `ci: " "`, `project "a\""`, "limit:3"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
	for _, o := range []Options{
		{User: "u", CI: []string{"c"}},
		{Host: "h:29418", User: "u", CI: []string{"c"}},
		{Host: "-oProxyCommand=x", User: "u", CI: []string{"c"}},
		{Host: "h", User: "u\n", CI: []string{"c"}},
		{Host: "h", User: "u"},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("New(%+v) has nothing to complain of", o)
		}
	}
	if _, err := New(Options{Host: "2001:db8::1", User: "u", CI: []string{"Zuul CI", "*-ci@example.org", "a/*"}}); err != nil {
		t.Error(err)
	}
}

// A list of accounts that fits nobody is the likeliest mistake of all.
func TestNobodyListed(t *testing.T) {
	by := func(login string) string {
		return fmt.Sprintf(`{"timestamp":1,"reviewer":{"username":%q},"message":"Patch Set 1:\n\n- unit https://l.example.org/ : FAILURE in 3s"}`, login)
	}
	const talk = `{"timestamp":1,"reviewer":{"username":"ann"},"message":"Patch Set 1:\n\nlooks good : nearly"}`
	tests := []struct {
		name     string
		comments []string // of a change each, with commas between
		want     string   // the only problem; "": none
	}{
		{name: "nothing at all"},
		{name: "no comments", comments: []string{""}},
		{name: "people talk", comments: []string{talk}},
		{name: "two others", comments: []string{by("zuul") + "," + talk, by("jenkins") + "," + by("zuul")},
			want: `gerrit review: no comment is by ci = ["zul", "*-CI@x.org"]; accounts that wrote of jobs: jenkins, zuul`},
		{name: "the most talkative", comments: []string{by("b") + "," + by("a") + "," + by("c"), by("d") + "," + by("e") + "," + by("z\tz") + "," + by("z\tz")},
			want: `gerrit review: no comment is by ci = ["zul", "*-CI@x.org"]; accounts that wrote of jobs: a, b, c, d, z z`},
		{name: "one is listed", comments: []string{by("zuul"), by("zul"), by("jenkins")}},
		{name: "the listed one says nothing of jobs", comments: []string{by("zuul"), strings.Replace(talk, "ann", "zul", 1)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var all []json.RawMessage
			for i, comments := range test.comments {
				all = append(all, fmt.Appendf(nil, `{"number":%d,"comments":[%s]}`, i+1, comments))
			}
			o := optionsFor(t, start(t, gerrittest.Options{Changes: all}))
			o.CI = []string{"zul", "*-CI@x.org"}
			got, err := list(t, o)
			if err != nil {
				t.Fatal(err)
			}
			var problem string
			if err := errors.Join(got.Problems...); err != nil {
				problem = err.Error()
			}
			if diff := cmp.Diff(test.want, problem); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// Odd comments cost none of the others.
func TestOddComments(t *testing.T) {
	comment := func(timestamp, job string) string {
		return fmt.Sprintf(`{"timestamp":%s,"reviewer":{"username":"zuul"},"message":"- %s https://l.example.org/ : FAILURE in 3s"}`, timestamp, job)
	}
	change := fmt.Appendf(nil, `{"number":7,"comments":["x",5,null,%s,%s,{"message":3},%s,%s]}`,
		comment("1000", "a"), comment(`"1000"`, "b"), comment("null", "c"), comment("9000000000000000000", "d"))
	got, err := list(t, optionsFor(t, start(t, gerrittest.Options{Changes: []json.RawMessage{change}})))
	if err != nil {
		t.Fatal(err)
	}
	at := make(map[string]time.Time)
	for _, job := range got.Jobs {
		at[job.Name] = job.Time
	}
	said := time.Unix(1000, 0).UTC()
	if diff := cmp.Diff(map[string]time.Time{"a": said, "b": said, "c": {}, "d": {}}, at); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
	if len(got.Problems) != 4 {
		t.Errorf("problems %v; want four", got.Problems)
	}
}
