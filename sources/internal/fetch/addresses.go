package fetch

import (
	"net/netip"
	"slices"
)

// addresses knows which addresses are of the public internet.
//
// Source: the special-purpose address registries of IANA (RFC 6890).
type addresses struct {
	special4  blocks // not public
	global6   blocks // public, unless special6
	special6  blocks
	nat64     blocks // lead to IPv4 addresses by translation
	sixToFour blocks
}

func newAddresses() *addresses {
	return &addresses{
		special4: newBlocks(
			"0.0.0.0/8",                                         // this network
			"100.64.0.0/10",                                     // carrier-grade NAT, and the metadata service of Alibaba
			"168.63.129.16/32",                                  // services of Azure's hosts
			"192.0.0.0/24",                                      // protocol assignments, and the metadata service of Oracle
			"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", // documentation
			"192.88.99.0/24", // relays of 6to4
			"198.18.0.0/15",  // benchmarks
			"240.0.0.0/4",    // reserved, and broadcast
		),
		global6:   newBlocks("2000::/3"),
		special6:  newBlocks("2001::/23", "2001:db8::/32", "3fff::/20"),
		nat64:     newBlocks("64:ff9b::/96"),
		sixToFour: newBlocks("2002::/16"),
	}
}

// isPublic reports whether an address is one of the public internet: none of
// a private network, of this machine or link, of a cloud's own services, and
// none that leads to such a one by translation.
func (a *addresses) isPublic(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return a.isPublic4(addr)
	}
	if inner, ok := a.embedded4(addr); ok {
		return a.isPublic4(inner)
	}
	return a.global6.hold(addr) && !a.special6.hold(addr)
}

func (a *addresses) isPublic4(addr netip.Addr) bool {
	if addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.IsMulticast() {
		return false
	}
	return !a.special4.hold(addr)
}

// embedded4 returns the IPv4 address that a translated IPv6 address leads to:
// NAT64 (RFC 6052) and 6to4 (RFC 3056).
func (a *addresses) embedded4(addr netip.Addr) (netip.Addr, bool) {
	b := addr.As16()
	switch {
	case a.nat64.hold(addr):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case a.sixToFour.hold(addr):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}

// blocks are ranges of addresses.
type blocks []netip.Prefix

func newBlocks(texts ...string) blocks {
	all := make(blocks, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

func (all blocks) hold(addr netip.Addr) bool {
	return slices.ContainsFunc(all, func(block netip.Prefix) bool { return block.Contains(addr) })
}
