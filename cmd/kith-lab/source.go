package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"
)

// sourceCmd is the home that sync fetches from. It tells where it is, answers until it is told something, tells
// what it has used of the processors, and goes on answering.
type sourceCmd struct {
	Home    string `required:"" help:"The folder of the home."`
	Profile string `help:"The beginning of the names of files for profiles."`
}

// sourceOpen tells where the home is.
type sourceOpen struct {
	Address string  `json:"address"` // host and port of its TCP listener
	Peer    string  `json:"peer"`    // its network key, in hexadecimal
	CPU     float64 `json:"cpu"`     // seconds used so far
}

// sourceUsed tells what it has used of the processors so far.
type sourceUsed struct {
	CPU float64 `json:"cpu"` // seconds
}

func (c *sourceCmd) Run(l *lab) (err error) {
	ctx, up := l.parent()
	stop, err := startProfile(c.Profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	n, err := l.openNode(ctx, c.Home)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	peer := n.Device().Peer()
	open := sourceOpen{Peer: hex.EncodeToString(peer[:]), CPU: cpuTime().Seconds()}
	if open.Address, err = tcpAddress(n.ListenAddresses()); err != nil {
		return err
	}
	if err := up.tell(open); err != nil {
		return err
	}
	if err := up.hear(ctx, &struct{}{}); err != nil {
		return err
	}
	if err := up.tell(sourceUsed{CPU: cpuTime().Seconds()}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// tcpAddress finds, among multiaddrs to listen on, the one of TCP, and writes it as host and port.
func tcpAddress(addresses []string) (string, error) {
	for _, address := range addresses {
		// "/ip4/127.0.0.1/tcp/4001"
		parts := strings.Split(address, "/")
		if len(parts) == 5 && parts[3] == "tcp" {
			return net.JoinHostPort(parts[2], parts[4]), nil
		}
	}
	return "", fmt.Errorf("no address for TCP among %q", addresses)
}

// multiaddr writes host and port of a TCP listener in the other way.
func multiaddr(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	return "/ip4/" + host + "/tcp/" + port, nil
}
