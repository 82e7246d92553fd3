package outbound

import (
	"net/netip"
	"slices"
	"strings"
)

// special are the ranges that are not the public internet although nothing in
// their first bits says so, from IANA's special-purpose address registries.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("10.0.0.0/8"),      // private
	netip.MustParsePrefix("100.64.0.0/10"),   // behind a carrier's address translation
	netip.MustParsePrefix("127.0.0.0/8"),     // this machine
	netip.MustParsePrefix("169.254.0.0/16"),  // link-local, metadata of cloud machines
	netip.MustParsePrefix("172.16.0.0/12"),   // private
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // old 6to4 relays
	netip.MustParsePrefix("192.168.0.0/16"),  // private
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("224.0.0.0/3"),     // multicast, reserved, broadcast
	netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4: holds an IPv4 address
	netip.MustParsePrefix("3fff::/20"),       // documentation
}

var (
	global = netip.MustParsePrefix("2000::/3")     // what of IPv6 is given out
	nat64  = netip.MustParsePrefix("64:ff9b::/96") // IPv4 behind a translator
)

// keys are addresses, beside the link-local ones, at which clouds hand keys to
// their machines.
var keys = []netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("fd20:ce::254"), netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("192.0.0.192"), netip.MustParseAddr("168.63.129.16")}

// Public reports whether the address is one of the public internet: nothing
// private, shared, local, reserved or made for documentation, and no IPv6
// address that leads to such an IPv4 address.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		return Public(netip.AddrFrom4([4]byte(b[12:])))
	}
	if a.Is6() && !global.Contains(a) {
		return false // everything else of IPv6 is local, mapped, multicast or not given out
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsValid() && !slices.Contains(keys, a)
}

// hopeless reports whether nobody's own service can be at the address: what a
// cloud machine learns its keys from, multicast, nothing at all. Naming a host
// does not open these.
func hopeless(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast() || slices.Contains(keys, a)
}

// PublicName reports whether a host, a name or an address, may be on the public
// internet as far as can be seen without asking: no bare name, none of a local
// network, no private address. A client of a Guard looks at the address, too.
func PublicName(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if a, err := netip.ParseAddr(host); err == nil {
		return Public(a)
	}
	if !strings.Contains(host, ".") {
		return false
	}
	if end := host[strings.LastIndexByte(host, '.')+1:]; end == "" || end[0] >= '0' && end[0] <= '9' {
		return false // an address in an old spelling, such as 127.1 or 0x7f.0.0.1
	}
	for _, local := range [...]string{".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".private", ".home.arpa", ".localdomain", ".onion"} {
		if strings.HasSuffix(host, local) {
			return false
		}
	}
	return true
}
