package gerrit

import (
	"encoding/json"
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
