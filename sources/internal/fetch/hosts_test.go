package fetch

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	tests := []struct {
		hosts string
		url   string
		want  bool
	}{
		{"logs.example.org", "https://logs.example.org/x", true},
		{"logs.example.org", "https://LOGS.example.org.:443/x", true},
		{"LOGS.example.org.", "https://logs.example.org/x", true},
		{"logs.example.org", "https://logs.example.org.evil.test/", false},
		{"logs.example.org", "https://evil.test/logs.example.org", false},
		{"logs.example.org", "https://logs.example.org@evil.test/", false},
		{"logs.example.org", "https://a.logs.example.org/", false},
		{"*.example.org", "https://a.b.example.org/", true},
		{"*.example.org", "https://example.org/", false},
		{"*.example.org", "https://evilexample.org/", false},
		{"logs-??.example.org", "https://logs-01.example.org/", true},
		{"logs.example.org:8080", "http://logs.example.org:8080/", true},
		{"logs.example.org:8080", "http://logs.example.org/", false},
		{"logs.example.org:443", "https://logs.example.org/", true},
		{"logs.example.org:443", "http://logs.example.org/", false},
		{"10.1.2.3", "http://10.1.2.3:99/", true},
		{"10.1.2.3:80", "http://10.1.2.3/", true},
		{"10.1.2.3", "http://10.1.2.4/", false},
		{"10.1.2.3", "http://[::ffff:10.1.2.3]/", true},
		{"10.0.0.0/8", "http://10.9.9.9/", true},
		{"10.0.0.0/8", "http://11.0.0.1/", false},
		{"fd00::/8", "http://[fd12::1]/", true},
		{"::1", "http://[::1]:8080/", true},
		{"[::1]", "http://[::1]/", true},
		{"[::1]:8080", "http://[::1]:8080/", true},
		{"[::1]:8080", "http://[::1]/", false},
		{"fe80::1", "http://[fe80::1%25eth0]/", true},
		{"bücher.example", "http://xn--bcher-kva.example/", true},
		{"*.BÜCHER.example", "http://www.bücher.example/", true},
		{"my_host.example", "http://MY_HOST.example/", true},
		{"127.0.0.1", "http://１２７.0.0.1/", true},
		{"*", "http://１２７.0.0.1/", false},
		{"*", "http://logs.example.org/", true},
		{"*", "http://8.8.8.8/", true},
		{"*", "http://10.1.2.3/", false},
		{"*", "http://[::1]/", false},
		{"*", "http://localhost/", false},
		{"*.*", "http://a.localhost/", false},
		{"localhost", "http://localhost/", true},
		{"*", "http://0177.1/", false},
		{"*", "gopher://logs.example.org/", false},
		{"*", "http:///path", false},
		{"*", "http:opaque", false},
	}
	for _, tt := range tests {
		l, err := newHostList([]string{tt.hosts}, nil)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		if err := (&transport{hosts: l}).check(u); (err == nil) != tt.want {
			t.Errorf("%s on list %s: %v, want allowed: %v", tt.url, tt.hosts, err, tt.want)
		}
	}
}

func TestBadHosts(t *testing.T) {
	for _, entry := range []string{"", "http://logs.example.org", "logs.example.org/x", "[", "a b", "user@host", "host:port", "host:99999", "10.0.0.0/33"} {
		if _, err := New(Options{Hosts: []string{entry}}); err == nil || !strings.Contains(err.Error(), "host ") {
			t.Errorf("%q: error %v", entry, err)
		}
	}
	if _, err := New(Options{Typed: []string{"*.example.org"}}); err == nil {
		t.Error("a glob was taken as typed")
	}
}

func TestIsPublic(t *testing.T) {
	public := []string{
		"8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.1", "223.255.255.255", "::ffff:8.8.8.8",
		"2001:4860:4860::8888", "2a00::1", "64:ff9b::8.8.8.8", "2002:808:808::1",
	}
	private := []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.1.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "224.0.0.1",
		"239.1.1.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
		"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "fe80::1", "fe80::1%eth0",
		"fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::8.8.8.8",
		"2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1",
	}
	for _, s := range public {
		if !newAddresses().isPublic(netip.MustParseAddr(s)) {
			t.Errorf("%s is public", s)
		}
	}
	for _, s := range private {
		if newAddresses().isPublic(netip.MustParseAddr(s)) {
			t.Errorf("%s is not public", s)
		}
	}
}

// FuzzHosts looks for a URL that a list of one name lets through to another
// host, and for a panic.
func FuzzHosts(f *testing.F) {
	for _, seed := range []string{"http://logs.example.org/", "http://[::1]/", "https://u@h:1/", "http://１.example/", "http://./", "http://a..b/", "http://xn--/"} {
		f.Add(seed)
	}
	l, err := newHostList([]string{"logs.example.org"}, nil)
	if err != nil {
		f.Fatal(err)
	}
	every, err := newHostList([]string{"*"}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := url.Parse(raw)
		if err != nil {
			return
		}
		if err := (&transport{hosts: every}).check(u); err == nil {
			if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !newAddresses().isPublic(addr) {
				t.Errorf("%q is let through", raw)
			}
		}
		if err := (&transport{hosts: l}).check(u); err == nil && normalHost(u.Hostname()) != "logs.example.org" {
			t.Errorf("%q is let through", raw)
		}
	})
}
