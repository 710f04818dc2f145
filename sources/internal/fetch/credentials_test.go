package fetch

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCredentialsGoToTheirHostAlone(t *testing.T) {
	var seen []string
	var there *httptest.Server
	here := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, "here "+r.Header.Get("Authorization"))
		if r.URL.Path == "/away" {
			http.Redirect(w, r, there.URL, http.StatusFound)
		}
	})
	there = serve(t, func(_ http.ResponseWriter, r *http.Request) {
		seen = append(seen, "there "+r.Header.Get("Authorization"))
	})
	c := newClient(t, Options{Credentials: map[string]Credential{
		here.Listener.Addr().String(): {User: "ci", Password: "hunter2"},
	}})
	resp, err := c.Get(t.Context(), here.URL+"/away", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if dump := fmt.Sprintf("%+v", resp.Request.Header); strings.Contains(dump, "Basic") {
		t.Errorf("the answer holds the credentials: %s", dump)
	}
	want := []string{"here Basic Y2k6aHVudGVyMg==", "there "}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

func TestUserOfAURLStaysWithItsHost(t *testing.T) {
	var seen []string
	there := serve(t, func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, r.Header.Get("Authorization")) })
	here := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		http.Redirect(w, r, there.URL, http.StatusFound)
	})
	if _, err := get(t, newClient(t, Options{}), strings.Replace(here.URL, "://", "://ci:hunter2@", 1)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Basic Y2k6aHVudGVyMg==", ""}, seen); diff != "" {
		t.Error(diff)
	}
}

func TestCredentialsAfterARedirectNeedTLS(t *testing.T) {
	var seen []string
	to := serve(t, func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, r.Header.Get("Authorization")) })
	from := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to.URL, http.StatusFound) })
	c := newClient(t, Options{Credentials: map[string]Credential{"127.0.0.1": {Token: "t0ken"}}})
	for _, url := range []string{to.URL, from.URL} {
		if _, err := get(t, c, url); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"Bearer t0ken", ""}, seen); diff != "" {
		t.Error(diff)
	}
}

func TestCredentialsAreNotPrinted(t *testing.T) {
	c := Credential{User: "ci", Password: "hunter2", Token: "hunter2"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		if got := fmt.Sprintf(verb, map[string]Credential{"h": c}) + fmt.Sprintf(verb, &c); strings.Contains(got, "hunter2") || strings.Contains(got, "68756e") {
			t.Errorf("%s prints %s", verb, got)
		}
	}
	if b, err := json.Marshal(map[string]any{"c": c, "o": &c}); err != nil || strings.Contains(string(b), "hunter2") {
		t.Errorf("JSON is %s, %v", b, err)
	}
}

func TestReadCredentials(t *testing.T) {
	tests := []struct {
		name, text string
		mode       fs.FileMode
		want       map[string]Credential
		err        string
	}{
		{"good", "[\"a.example\"]\nuser = \"u\"\npassword = \"p\"\n[\"b.example:8443\"]\ntoken = \"t\"\n", 0o600,
			map[string]Credential{"a.example": {User: "u", Password: "p"}, "b.example:8443": {Token: "t"}}, ""},
		{"group may read", "[\"a\"]\ntoken = \"t\"\n", 0o640, map[string]Credential{"a": {Token: "t"}}, ""},
		{"all may read", "[\"a\"]\ntoken = \"t\"\n", 0o644, nil, "can be read or changed by others (mode 0644); run: chmod 600 "},
		{"unknown key", "[\"a\"]\ntoken = \"t\"\nsecret = \"hunter2\"\n", 0o600, nil, "unknown key a.secret"},
		{"no TOML", "[\"a\"]\ntoken = hunter2\n", 0o600, nil, ":2: no proper TOML"},
		{"wrong type", "[\"a\"]\ntoken = 5\n", 0o600, nil, "no proper TOML"},
		{"both", "[\"a\"]\ntoken = \"hunter2\"\nuser = \"u\"\n", 0o600, nil, `credentials of host "a": give user and password, or a token`},
		{"neither", "[\"a\"]\n", 0o600, nil, "give user and password"},
		{"glob", "[\"*.a\"]\ntoken = \"hunter2\"\n", 0o600, nil, "is no host name"},
		{"URL", "[\"https://a/\"]\ntoken = \"hunter2\"\n", 0o600, nil, "is no host name"},
		{"line break", "[\"a\"]\ntoken = \"hunter2\\n\"\n", 0o600, nil, "line break"},
		{"empty", "", 0o600, map[string]Credential{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "credentials.toml")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, tt.mode); err != nil {
				t.Fatal(err)
			}
			got, err := ReadCredentials(path)
			if (err == nil) != (tt.err == "") || err != nil && (!strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "hunter2")) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
