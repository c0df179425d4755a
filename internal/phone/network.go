package phone

import (
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Addresses lists the private IPv4 addresses of this computer with their networks, the one that leads to the router first. Interfaces
// of virtual machines and containers come last.
func Addresses() ([]netip.Prefix, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	routed := routedAddress()
	var first, likely, virtual []netip.Prefix
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&(net.FlagLoopback|net.FlagPointToPoint) != 0 {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue // the interface has just gone
		}
		for _, a := range addresses {
			prefix, err := netip.ParsePrefix(a.String())
			if err != nil || !prefix.Addr().Is4() || !prefix.Addr().IsPrivate() {
				continue
			}
			switch {
			case prefix.Addr() == routed:
				first = append(first, prefix)
			case isVirtual(i.Name):
				virtual = append(virtual, prefix)
			default:
				likely = append(likely, prefix)
			}
		}
	}
	return slices.Concat(first, likely, virtual), nil
}

func isVirtual(name string) bool {
	for _, begin := range []string{"docker", "br-", "veth", "virbr", "vbox", "vmnet", "lxc", "lxd", "podman", "cni", "vEthernet"} {
		if strings.HasPrefix(name, begin) {
			return true
		}
	}
	return false
}

// routedAddress is the address with which this computer would speak to the internet. Nothing is sent: a UDP socket only looks up
// the route. The address is one of documentation (RFC 5737), which nobody has.
func routedAddress() netip.Addr {
	conn, err := net.Dial("udp4", "192.0.2.1:9") //nolint:noctx // nothing waits: no packet is sent
	if err != nil {
		return netip.Addr{}
	}
	defer conn.Close()
	if local, ok := conn.LocalAddr().(*net.UDPAddr); ok {
		return local.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
