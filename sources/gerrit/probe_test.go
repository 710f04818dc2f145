package gerrit

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/gerrit/gerrittest"
)

var _ sources.Prober = (*Source)(nil)

func probe(t *testing.T, o Options) (sources.Server, error) {
	t.Helper()
	source, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return source.Probe(t.Context())
}

func TestProbeSSH(t *testing.T) {
	server := start(t, gerrittest.Options{Changes: []json.RawMessage{}})
	got, err := probe(t, optionsFor(t, server))
	if want := (sources.Server{Version: "Gerrit 3.10.2", Account: "reader"}); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	o := optionsFor(t, server)
	o.KeyFile = writeKey(t, newKey(t), "")
	_, err = probe(t, o)
	checkError(t, "a wrong key", err, "Permission denied")
}

func TestProbeREST(t *testing.T) {
	got, err := probe(t, startREST(t, &restServer{}))
	if want := (sources.Server{Version: "Gerrit 3.10.2"}); err != nil || got != want {
		t.Errorf("nobody: %+v, %v; want %+v", got, err, want)
	}
	got, err = probe(t, startREST(t, &restServer{password: "s3cret"}))
	if want := (sources.Server{Version: "Gerrit 3.10.2", Account: "reader"}); err != nil || got != want {
		t.Errorf("somebody: %+v, %v; want %+v", got, err, want)
	}
	for want, before := range map[string]func(int, http.ResponseWriter, *http.Request) bool{
		"the account's HTTP password, not its login password": func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusUnauthorized)
			return true
		},
		"a web page came": func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			w.Write([]byte("<!DOCTYPE html><title>Sign in</title>"))
			return true
		},
		"no answer of Gerrit": func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			w.Write([]byte(`{"version":"1"}`))
			return true
		},
	} {
		_, err = probe(t, startREST(t, &restServer{password: "s3cret", before: before}))
		checkError(t, "error", err, want)
	}
}

func TestProbeSSHServers(t *testing.T) {
	says := func(text string, exit int) gerrittest.Answer {
		return func(_ string, stdout, stderr io.Writer) int {
			if exit != 0 {
				fmt.Fprintln(stderr, text)
			} else {
				fmt.Fprint(stdout, text)
			}
			return exit
		}
	}
	for name, test := range map[string]struct {
		server gerrittest.Options
		want   string
		err    string
	}{
		"3.10":                    {want: "Gerrit 3.10.2"},
		"2.8":                     {server: gerrittest.Options{Old: true}, want: "Gerrit 2.8.4"},
		"a build of its own":      {server: gerrittest.Options{Answer: says("gerrit version 3.5.0-rc1-12-gabc\x1b[1m\n", 0)}, want: "Gerrit 3.5.0-rc1-12-gabc[1m"},
		"no Gerrit":               {server: gerrittest.Options{Answer: says("git version 2.43\n", 0)}, err: "is no Gerrit"},
		"no right to the command": {server: gerrittest.Options{Answer: says("fatal: no", 1)}, err: "the server says: fatal: no"},
		"nobody's key":            {server: gerrittest.Options{User: "else"}, err: "Permission denied (publickey)"},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, test.server)
			got, err := probe(t, optionsFor(t, server))
			checkError(t, "error", err, test.err)
			if got.Version != test.want || test.err == "" && got.Account != "reader" {
				t.Errorf("%+v; want version %q, account reader", got, test.want)
			}
			if n := len(server.Commands()); n > 1 {
				t.Errorf("%d commands; one is enough", n)
			}
		})
	}
}
