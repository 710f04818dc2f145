package logs_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

func TestOpen(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "at", r.URL.Path)
	}))
	defer server.Close()
	client, err := sources.NewClient(sources.ClientOptions{Hosts: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	l, err := logs.New(logs.Options{Client: client, CacheDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.Open(t.Context(), classify.Job{LogURL: server.URL + "/job/"}, "a b.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil || string(got) != "at /job/a b.txt\n" {
		t.Fatalf("got %q, %v", got, err)
	}
}
