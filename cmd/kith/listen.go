package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
)

// nearbyPorts is how many ports after the standard one are tried before any free one is taken. With homes on the same
// few ports, bookmarks keep working.
const nearbyPorts = 20

// listenPage opens the listener of the page. If a person chose the address, it is that one or an error.
func listenPage(ctx context.Context, s settings) (net.Listener, error) {
	var config net.ListenConfig
	if s.pageGiven {
		l, err := config.Listen(ctx, "tcp", s.page)
		if err != nil {
			return nil, fmt.Errorf("the page can't be at %s, because another program is there or the address is not this computer's: "+
				"choose another one with --page, or leave it out to get a free one (%w)", s.page, err)
		}
		return l, nil
	}
	at, err := netip.ParseAddrPort(s.page)
	if err != nil {
		return nil, err
	}
	for i := range uint16(nearbyPorts) {
		if l, err := config.Listen(ctx, "tcp", netip.AddrPortFrom(at.Addr(), at.Port()+i).String()); err == nil {
			return l, nil
		}
	}
	l, err := config.Listen(ctx, "tcp", netip.AddrPortFrom(at.Addr(), 0).String())
	if err != nil {
		return nil, fmt.Errorf("there is no free port for the page: %w", err)
	}
	return l, nil
}
