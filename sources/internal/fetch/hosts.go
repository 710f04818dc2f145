package fetch

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// trust says where connections to a host may lead.
type trust int

const (
	trustNone    trust = iota // not listed
	trustPublic               // listed by a glob that fits everything
	trustPrivate              // listed or typed: to any address
)

// hostRule is one entry of the allow list.
type hostRule struct {
	glob   string       // of names; "" if the rule is of addresses
	prefix netip.Prefix // of addresses
	port   string       // "" for any
	trust  trust
}

// hostList is the allow list.
type hostList struct {
	rules     []hostRule
	addresses *addresses
}

func newHostList(listed, typed []string) (*hostList, error) {
	l := &hostList{addresses: newAddresses()}
	for _, entry := range listed {
		rule, err := parseHost(entry)
		if err != nil {
			return nil, err
		}
		l.rules = append(l.rules, rule)
	}
	for _, entry := range typed {
		rule, err := parseHost(entry)
		if err != nil || strings.ContainsAny(rule.glob, `*?[\`) {
			return nil, fmt.Errorf("host %q is no host name or address", entry)
		}
		l.rules = append(l.rules, rule)
	}
	return l, nil
}

// parseHost reads an entry of the allow list.
func parseHost(entry string) (hostRule, error) {
	if prefix, err := netip.ParsePrefix(entry); err == nil {
		return hostRule{prefix: prefix.Masked(), trust: trustPrivate}, nil
	}
	host, port := entry, ""
	if h, p, err := net.SplitHostPort(entry); err == nil {
		host, port = h, p
	}
	if _, err := strconv.ParseUint(cmp.Or(port, "1"), 10, 16); err != nil {
		return hostRule{}, fmt.Errorf("host %q of the list of hosts: %q is no port", entry, port)
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		addr = addr.Unmap().WithZone("")
		return hostRule{prefix: netip.PrefixFrom(addr, addr.BitLen()), port: port, trust: trustPrivate}, nil
	}
	glob := normalHost(host)
	emptyLabel := slices.Contains(strings.Split(glob, "."), "")
	if _, err := path.Match(glob, ""); err != nil || emptyLabel || strings.ContainsAny(glob, "/:@ ") {
		return hostRule{}, fmt.Errorf("host %q of the list of hosts is no name, glob, address or CIDR block; write it as in %q or %q",
			entry, "*.example.org", "10.1.0.0/16")
	}
	rule := hostRule{glob: glob, port: port, trust: trustPrivate}
	if strings.Trim(glob, "*?.") == "" {
		rule.trust = trustPublic
	}
	return rule, nil
}

// normalHost returns a host name as it is compared: in lower case and ASCII,
// without the dot of the root.
func normalHost(host string) string {
	host = strings.ToLower(host)
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	} else if ascii, err := idna.Punycode.ToASCII(host); err == nil {
		host = ascii // a glob, or a name with an underscore
	}
	return strings.TrimSuffix(host, ".")
}

// splitHost returns the host of a URL, fit for comparing, and its port.
func splitHost(u *url.URL) (host, port string, err error) {
	host, port = normalHost(u.Hostname()), u.Port()
	if host == "" {
		return "", "", &RefusedError{Reason: "the URL names no host"}
	}
	if port == "" {
		port = defaultPort(u.Scheme)
	}
	return host, port, nil
}

func defaultPort(scheme string) string {
	return map[string]string{"http": "80", "https": "443"}[scheme]
}

// trust tells how far a host is trusted, by name or by literal address.
func (l *hostList) trust(host, port string) trust {
	best := trustNone
	addr, err := netip.ParseAddr(host)
	for _, rule := range l.rules {
		if rule.port != "" && rule.port != port {
			continue
		}
		if err == nil && rule.glob == "" && rule.prefix.Contains(addr.Unmap().WithZone("")) {
			best = max(best, rule.trust)
		}
		if ok, _ := path.Match(rule.glob, host); ok && rule.glob != "" {
			best = max(best, rule.trust)
		}
	}
	return best
}

// check refuses hosts that are not listed, and literal addresses that are
// private and not listed.
func (l *hostList) check(host, port string) error {
	trust := l.trust(host, port)
	if trust == trustNone {
		return notListed(host, port)
	}
	if trust == trustPrivate {
		return nil
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if !l.addresses.isPublic(addr) {
			return private(host, addr)
		}
		return nil
	}
	if isOddAddress(host) || isMetadataName(host) {
		return &RefusedError{Host: host, Reason: "host " + host + " is no public host; add it to [logs] hosts if that is meant"}
	}
	return nil
}

// checkAddr refuses to connect a host to a private address, unless that
// address itself is listed.
func (l *hostList) checkAddr(host string, to netip.AddrPort) error {
	addr := to.Addr().Unmap().WithZone("")
	if l.addresses.isPublic(addr) || l.trust(addr.String(), strconv.Itoa(int(to.Port()))) == trustPrivate {
		return nil
	}
	return private(host, addr)
}

func notListed(host, port string) error {
	if port != "80" && port != "443" {
		host = net.JoinHostPort(host, port)
	}
	return &RefusedError{Host: host, Reason: "host " + host + " is not on the list of log hosts; add it to [logs] hosts"}
}

func private(host string, addr netip.Addr) error {
	reason := "host " + host + " has the private address " + addr.String()
	if host == addr.String() {
		reason = "host " + host + " is a private address"
	}
	return &RefusedError{Host: host, Reason: reason + "; add it to [logs] hosts if that is meant"}
}

// isOddAddress reports whether a name is one of the ways to write an IPv4
// address that some resolvers understand: "127.1", "0x7f000001".
func isOddAddress(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	return last != "" && last[0] >= '0' && last[0] <= '9'
}

func isMetadataName(host string) bool {
	return host == "metadata.google.internal" || host == "metadata.goog" || host == "localhost" || strings.HasSuffix(host, ".localhost")
}
