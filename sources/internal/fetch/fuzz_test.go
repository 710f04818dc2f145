package fetch

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// FuzzHostList holds the allow list to this: an entry that is believed allows
// what it says and, if it is no glob, nothing else.
func FuzzHostList(f *testing.F) {
	for _, seed := range []string{
		"logs.example.org", "*.example.org:8443", "10.0.0.0/8", "127.0.0.1:80", "[::1]:80", "::1", "fe80::1%eth0", "LOGS.example.",
		"*", "*.*", "a:0", "a:65536", "bücher.example", "xn--a", "a_b.example", "[a", "", ":", "1.2.3", "::ffff:10.0.0.1", "a[b-]c", "\\*", "..", "a..b",
	} {
		f.Add(seed, "other.example")
	}
	f.Fuzz(func(t *testing.T, entry, host string) {
		list, err := newHostList([]string{entry}, nil)
		if err != nil {
			if !strings.Contains(err.Error(), "of the list of hosts") {
				t.Errorf("%q: error %v", entry, err)
			}
			return
		}
		rule := list.rules[0]
		if rule.glob == "" {
			if got := list.trust(rule.prefix.Addr().String(), rule.port); got != trustPrivate {
				t.Errorf("%q does not allow itself", entry)
			}
			return
		}
		if strings.ContainsAny(rule.glob, `*?[\`) {
			return
		}
		if list.trust(rule.glob, rule.port) != trustPrivate {
			t.Errorf("%q does not allow itself", entry)
		}
		if other := normalHost(host); other != rule.glob && list.trust(other, rule.port) != trustNone {
			t.Errorf("%q allows %q", entry, other)
		}
	})
}

// FuzzCheck holds check to this: what it lets pass names a host of the list,
// whatever way the URL is written.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		"http://logs.example.org/", "https://LOGS.example.org.:443/x", "http://logs.example.org@evil.example/", "http://127.0.0.1/", "http://[::1]/",
		"http://logs.example.org:80@10.0.0.1/", "//logs.example.org", "file:///etc/passwd", "http://ｌogs.example.org/", "http://logs.example.org%2eevil.example/",
	} {
		f.Add(seed)
	}
	hosts, err := newHostList([]string{"logs.example.org"}, nil)
	if err != nil {
		f.Fatal(err)
	}
	transport := &transport{hosts: hosts}
	f.Fuzz(func(t *testing.T, rawURL string) {
		u, err := url.Parse(rawURL)
		if err != nil || transport.check(u) != nil {
			return
		}
		if host := normalHost(u.Hostname()); host != "logs.example.org" || u.Scheme != "http" && u.Scheme != "https" {
			t.Errorf("%q leads to %q", rawURL, host)
		}
	})
}

// FuzzRetryAfter holds what a server asks for to what can be waited for.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "0", " 17 ", "-1", "4294967296", "1e3", "Sat, 21 Nov 2026 11:00:30 GMT", "Saturday, 21-Nov-26 11:00:30 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		resp := &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {value}}}
		wait, ok := retryAfter(resp, now)
		if wait < 0 || !ok && wait != 0 {
			t.Errorf("%q: %s, %t", value, wait, ok)
		}
		resp.StatusCode = http.StatusNotFound
		if _, ok := retryAfter(resp, now); ok {
			t.Errorf("%q is believed beside a 404", value)
		}
	})
}

func TestRetryAfterValues(t *testing.T) {
	now := time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                                  -1,
		"0":                                 0,
		" 17 ":                              17 * time.Second,
		"-1":                                -1,
		"1.5":                               -1,
		"soon":                              -1,
		"4294967295":                        4294967295 * time.Second,
		"Sat, 21 Nov 2026 11:00:30 GMT":     30 * time.Second,
		"Saturday, 21-Nov-26 11:00:30 GMT":  30 * time.Second,
		"Sat Nov 21 11:00:30 2026":          30 * time.Second,
		"Sat, 21 Nov 2026 10:00:00 GMT":     0,
		"Sat, 21 Nov 2026 11:00:30 +0000":   -1,
		"Sat, 21 Nov 2026 11:00:30 GMT, 17": -1,
	} {
		resp := &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {value}}}
		got, ok := retryAfter(resp, now)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}
