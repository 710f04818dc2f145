package fetch

import "net/netip"

// isPublic reports whether an address is one of the public internet: none of
// a private network, of this machine or link, of a cloud's own services, and
// none that leads to such a one by translation.
//
// Source: the special-purpose address registries of IANA (RFC 6890).
func isPublic(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return isPublic4(addr)
	}
	if inner, ok := embedded4(addr); ok {
		return isPublic4(inner)
	}
	return inside(addr, "2000::/3") && !inside(addr, "2001::/23", "2001:db8::/32", "3fff::/20")
}

func isPublic4(addr netip.Addr) bool {
	if addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.IsMulticast() {
		return false
	}
	return !inside(addr,
		"0.0.0.0/8",                                         // this network
		"100.64.0.0/10",                                     // carrier-grade NAT, and the metadata service of Alibaba
		"168.63.129.16/32",                                  // services of Azure's hosts
		"192.0.0.0/24",                                      // protocol assignments, and the metadata service of Oracle
		"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", // documentation
		"192.88.99.0/24", // relays of 6to4
		"198.18.0.0/15",  // benchmarks
		"240.0.0.0/4",    // reserved, and broadcast
	)
}

// embedded4 returns the IPv4 address that a translated IPv6 address leads to:
// NAT64 (RFC 6052) and 6to4 (RFC 3056).
func embedded4(addr netip.Addr) (netip.Addr, bool) {
	b := addr.As16()
	switch {
	case inside(addr, "64:ff9b::/96"):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case inside(addr, "2002::/16"):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}

func inside(addr netip.Addr, blocks ...string) bool {
	for _, block := range blocks {
		if netip.MustParsePrefix(block).Contains(addr) {
			return true
		}
	}
	return false
}
