package fetch

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/BurntSushi/toml"
)

// Credential is what a host wants to see: user and password (HTTP's basic
// authentication), or a token (bearer). It is never printed.
type Credential struct {
	User     string `toml:"user"`
	Password string `toml:"password"`
	Token    string `toml:"token"`
}

// Format prints something else, whatever the verb.
func (c Credential) Format(f fmt.State, _ rune) { io.WriteString(f, "(credential)") } //nolint:errcheck // as fmt does

// MarshalText keeps secrets out of JSON too.
func (c Credential) MarshalText() ([]byte, error) { return []byte("(credential)"), nil }

func (c Credential) apply(h http.Header) {
	switch {
	case c.Token != "":
		h.Set("Authorization", "Bearer "+c.Token)
	case c.User != "" || c.Password != "":
		h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.User+":"+c.Password)))
	}
}

func (c Credential) check(host string) error {
	basic := c.User != "" || c.Password != ""
	if basic == (c.Token != "") {
		return fmt.Errorf("credentials of host %q: give user and password, or a token", host)
	}
	if strings.ContainsAny(c.User+c.Password+c.Token, "\r\n") {
		return fmt.Errorf("credentials of host %q hold a line break; take it out", host)
	}
	return nil
}

// ReadCredentials reads a file of credentials, which is TOML:
//
//	["logs.example.org"]
//	user     = "watchcat"
//	password = "…"
//
//	["ci.example.org:8443"]
//	token = "…"
//
// A host without a port stands for all its ports. A file that others can read
// or change is refused; its group may read it. No error holds a secret.
func ReadCredentials(path string) (map[string]Credential, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	if err := checkMode(path, info); err != nil {
		return nil, fmt.Errorf("credentials %w", err)
	}
	creds := map[string]Credential{}
	meta, err := toml.NewDecoder(f).Decode(&creds)
	if err != nil {
		return nil, fmt.Errorf("credentials %s%w", path, withoutText(err))
	}
	if keys := meta.Undecoded(); len(keys) > 0 {
		return nil, fmt.Errorf("credentials %s: unknown key %s; known are user, password and token", path, keys[0])
	}
	if _, err := newCredentialList(creds); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return creds, nil
}

// withoutText returns the place of a TOML error only: its message may quote
// what stands there, which may be a secret.
func withoutText(err error) error {
	line := ""
	if parse, ok := errors.AsType[toml.ParseError](err); ok {
		line = fmt.Sprintf(":%d", parse.Position.Line)
	}
	return fmt.Errorf(`%s: no proper TOML; write ["host"], and below it user = "…" and password = "…", or token = "…"`, line)
}

// credentialList finds credentials by host.
type credentialList map[string]Credential

func newCredentialList(creds map[string]Credential) (credentialList, error) {
	list := credentialList{}
	for host, c := range creds {
		name, err := hostKey(host)
		if err != nil {
			return nil, fmt.Errorf("credentials of host %q: %w", host, err)
		}
		if err := c.check(host); err != nil {
			return nil, err
		}
		list[name] = c
	}
	return list, nil
}

// name returns the host of a rule that fits one host only, with its port.
func (r hostRule) name() string {
	if r.glob != "" {
		return r.glob + " " + r.port
	}
	return r.prefix.Addr().String() + " " + r.port
}

// of returns the credential of a URL's host, or an empty one.
func (l credentialList) of(u *url.URL) Credential {
	_, c := lookupHost(l, u)
	return c
}
