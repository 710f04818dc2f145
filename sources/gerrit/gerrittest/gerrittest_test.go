package gerrittest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/watchcat-ci/watchcat/sources/gerrit/gerrittest"
)

func TestSplit(t *testing.T) {
	for command, want := range map[string][]string{
		`gerrit query -- status:open`: {"gerrit", "query", "--", "status:open"},
		"a\t b":                       {"a", "b"},
		`'a b' "c d"`:                 {"a b", "c d"},
		`'a "b'" 'c"`:                 {`a "b 'c`},
		`a\ b`:                        {"a b"},
		`'a\b' "a\"b"`:                {`a\b`, `a"b`},
		`a\`:                          {`a\`},
		`'' "" a`:                     {"a"},
		`'unclosed quote`:             {"unclosed quote"},
		``:                            nil,
	} {
		if diff := cmp.Diff(want, gerrittest.Split(command)); diff != "" {
			t.Errorf("Split(%q) (-want +got):\n%s", command, diff)
		}
	}
}

// changes returns n changes, each with all optional fields.
func changes(n int) []json.RawMessage {
	var all []json.RawMessage
	for i := range n {
		all = append(all, fmt.Appendf(nil, `{"number": %d, "comments": [], "patchSets": [], "currentPatchSet": {}}`, i+1))
	}
	return all
}

func TestChanges(t *testing.T) {
	tests := []struct {
		name, command string
		stdout        string // without the stats row
		more          bool
		stderr        string
		exit          int
	}{{
		name:    "all",
		command: "gerrit query --format=JSON -- status:open",
		stdout:  `{"number":1} {"number":2} {"number":3} {"number":4}`,
		more:    true,
	}, {
		name:    "limited, with fields that were asked for",
		command: "gerrit query --format JSON --comments --patch-sets -- status:open limit:1 limit:3",
		stdout:  `{"comments":[],"number":1,"patchSets":[]}`,
		more:    true,
	}, {
		name:    "the last page",
		command: "gerrit query --format=JSON --start=4 --comments --patch-sets --current-patch-set -- status:open",
		stdout:  `{"number":5,"comments":[],"patchSets":[],"currentPatchSet":{}}`,
	}, {
		name:    "beyond the end",
		command: "gerrit query --format=JSON --start 99 status:open",
	}, {
		name:    "an option nobody knows",
		command: "gerrit query --frobnicate -- status:open",
		stderr:  "fatal: \"--frobnicate\" is not a valid option\n",
		exit:    1,
	}, {
		name:    "no such command",
		command: "gerrit frobnicate",
		stderr:  "fatal: gerrit: frobnicate: not found\n",
		exit:    1,
	}, {
		name:    "a command of the machine",
		command: "ls -l",
		stderr:  "fatal: Gerrit Code Review: ls: not found\n",
		exit:    1,
	}}
	answer := gerrittest.Changes(changes(5), 4)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			exit := answer(test.command, &stdout, &stderr)
			if exit != test.exit || stderr.String() != test.stderr {
				t.Errorf("exit %d, stderr %q; want %d, %q", exit, stderr.String(), test.exit, test.stderr)
			}
			if exit != 0 {
				return
			}
			lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
			last := len(lines) - 1
			if got := strings.Join(lines[:last], " "); got != test.stdout {
				t.Errorf("stdout\n%s\nwant\n%s", got, test.stdout)
			}
			var stats struct {
				Type        string
				RowCount    int
				MoreChanges bool
			}
			if err := json.Unmarshal([]byte(lines[last]), &stats); err != nil {
				t.Fatal(err)
			}
			if stats.Type != "stats" || stats.RowCount != last || stats.MoreChanges != test.more {
				t.Errorf("stats row %+v; want %d rows, more %t", stats, last, test.more)
			}
		})
	}
}

func TestOldChanges(t *testing.T) {
	var all []json.RawMessage
	for _, key := range []string{"0c", "0b", "0a"} {
		all = append(all, fmt.Appendf(nil, `{"number":"1","sortKey":%q}`, key))
	}
	answer := gerrittest.OldChanges(all, 2)
	const c, b, a = `{"number":"1","sortKey":"0c"}`, `{"number":"1","sortKey":"0b"}`, `{"number":"1","sortKey":"0a"}`
	for query, want := range map[string][]string{
		"status:open":                         {c, b},
		"limit:1 status:open":                 {c},
		"limit:9 resume_sortkey:0b (is:open)": {a},
		"resume_sortkey:0aa":                  {a}, // its change is gone
		"resume_sortkey:0a":                   nil,
	} {
		var stdout, stderr bytes.Buffer
		if exit := answer("gerrit query --format=JSON -- "+query, &stdout, &stderr); exit != 0 {
			t.Fatalf("%s: exit %d: %s", query, exit, &stderr)
		}
		lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
		last := len(lines) - 1
		if diff := cmp.Diff(want, lines[:last], cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
		if !strings.HasPrefix(lines[last], fmt.Sprintf(`{"type":"stats","rowCount":%d,`, len(want))) || strings.Contains(lines[last], "more") {
			t.Errorf("%s: last row %s", query, lines[last])
		}
	}
	var stdout, stderr bytes.Buffer
	exit := answer("gerrit query --format=JSON --start=2 -- status:open", &stdout, &stderr)
	if want := "fatal: \"--start\" is not a valid option\n"; exit != 1 || stderr.String() != want {
		t.Errorf("--start: exit %d, %q; want 1, %q", exit, stderr.String(), want)
	}
}

// start runs a server for the length of a test.
func start(t *testing.T, o gerrittest.Options) *gerrittest.Server {
	t.Helper()
	server, err := gerrittest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// dial logs in with the files that the server writes for its clients.
func dial(t *testing.T, server *gerrittest.Server, user string) (*ssh.Client, error) {
	t.Helper()
	keyFile, knownHosts, err := server.WriteClientFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(keyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file: mode %v, %v; want 0600", info.Mode(), err)
	}
	text, err := os.ReadFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.ParsePrivateKey(text)
	if err != nil {
		t.Fatal(err)
	}
	callback, err := knownhosts.New(knownHosts)
	if err != nil {
		t.Fatal(err)
	}
	return ssh.Dial("tcp", server.Addr(), &ssh.ClientConfig{
		User:            user,
		Auth:            []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: callback,
		Timeout:         10 * time.Second,
	})
}

func TestServer(t *testing.T) {
	server := start(t, gerrittest.Options{User: "reader", Changes: changes(1)})
	if _, err := dial(t, server, "stranger"); err == nil {
		t.Fatal("an unknown user was let in")
	}
	client, err := dial(t, server, "reader")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	out, err := session.Output("gerrit query --format=JSON -- status:open")
	if err != nil || !strings.HasPrefix(string(out), "{\"number\":1}\n{\"type\":\"stats\",\"rowCount\":1") {
		t.Errorf("query: %q, %v", out, err)
	}
	if session, err = client.NewSession(); err != nil {
		t.Fatal(err)
	}
	if err := session.Shell(); err != nil {
		t.Fatal(err)
	}
	exit, ok := errors.AsType[*ssh.ExitError](session.Wait())
	if !ok || exit.ExitStatus() != 127 {
		t.Errorf("a shell ended in %v; want exit status 127", exit)
	}
	if got := server.Connections(); got != 2 {
		t.Errorf("%d connections; want 2", got)
	}
	if diff := cmp.Diff([]string{"gerrit query --format=JSON -- status:open"}, server.Commands()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

func TestFaults(t *testing.T) {
	answers := map[string]int{"hang up": gerrittest.HangUp, "be silent": gerrittest.Silence, "fail": 42}
	server := start(t, gerrittest.Options{Answer: func(command string, stdout, stderr io.Writer) int {
		fmt.Fprint(stdout, "half a li")
		return answers[command]
	}})
	client, err := dial(t, server, "anyone")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	run := func(command string) error {
		session, err := client.NewSession()
		if err != nil {
			return err
		}
		return session.Run(command)
	}
	if exit, ok := errors.AsType[*ssh.ExitError](run("fail")); !ok || exit.ExitStatus() != 42 {
		t.Errorf("fail: %v; want exit status 42", exit)
	}
	silent := make(chan error, 1)
	go func() { silent <- run("be silent") }()
	if _, ok := errors.AsType[*ssh.ExitMissingError](run("hang up")); !ok {
		t.Errorf("hang up: there was an exit status")
	}
	if err := <-silent; err == nil {
		t.Error("the silent answer ended well")
	}
}
