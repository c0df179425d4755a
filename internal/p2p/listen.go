package p2p

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	ma "github.com/multiformats/go-multiaddr"
)

// listen listens on every address of the Config, and fails only if none works. IPv6 is
// missing on some machines, and a firewall may forbid one of TCP and UDP.
func (h *Host) listen() error {
	var errs []error
	first := 0 // the port that the first address got; the others try to get it too
	for _, addr := range h.cfg.listen {
		wanted := portOf(addr)
		port, err := h.listenOn(addr, wanted, first)
		if err != nil {
			h.log.Debug("cannot listen on an address", "addr", addr, "err", err)
			errs = append(errs, fmt.Errorf("%s: %w", addr, err))
			continue
		}
		if wanted != 0 && port != wanted {
			h.log.Warn("port is taken, listening on another one", "addr", addr.String(), "port", port)
		}
		if first == 0 {
			first = port
		}
	}
	if len(h.cfg.listen) > 0 && len(errs) == len(h.cfg.listen) {
		return fmt.Errorf("p2p: cannot listen: %w", errors.Join(errs...))
	}
	return nil
}

// listenOn listens on an address with the first port that is free: the wanted one, the one
// that other addresses have, any. It returns the port.
func (h *Host) listenOn(addr ma.Multiaddr, wanted, same int) (int, error) {
	var err error
	for i, port := range []int{wanted, same, 0} {
		if port == 0 && i < 2 {
			continue
		}
		at := withPort(addr, port)
		before := h.swarm.ListenAddresses()
		if err = h.swarm.Listen(at); err != nil {
			continue
		}
		for _, now := range h.swarm.ListenAddresses() {
			if !ma.Contains(before, now) && transport(now) == transport(addr) {
				return portOf(now), nil
			}
		}
		return port, nil
	}
	return 0, err
}

// portOf returns the port of an address.
func portOf(addr ma.Multiaddr) int {
	for _, c := range addr {
		if code := c.Protocol().Code; code == ma.P_TCP || code == ma.P_UDP {
			port, err := strconv.Atoi(c.Value())
			if err != nil {
				return 0 // a multiaddr's port is always a number
			}
			return port
		}
	}
	return 0
}

// withPort returns the address with another port.
func withPort(addr ma.Multiaddr, port int) ma.Multiaddr {
	out := make(ma.Multiaddr, 0, len(addr))
	for _, c := range addr {
		if code := c.Protocol().Code; code == ma.P_TCP || code == ma.P_UDP {
			if other, err := ma.NewComponent(c.Protocol().Name, strconv.Itoa(port)); err == nil {
				c = *other
			}
		}
		out = append(out, c)
	}
	return out
}

// ListenAddrs returns the addresses that this host listens on, with their actual ports, in a
// form that fits Config.Listen the next time: IPv4 before IPv6, TCP before QUIC.
func (h *Host) ListenAddrs() []string {
	addrs := slices.DeleteFunc(h.swarm.ListenAddresses(), func(addr ma.Multiaddr) bool { return transport(addr) == 0 })
	slices.SortFunc(addrs, ma.Multiaddr.Compare)
	return texts(addrs)
}
