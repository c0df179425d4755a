// Package p2p is kith's way onto the network, and the only package that knows libp2p.
// It opens authenticated, encrypted streams to peers, finds peers on the local network and,
// if asked to, over the internet, and keeps strangers small. It neither knows what travels
// in a stream nor who is a friend: the first is its callers' business, the second it asks a
// Gate.
//
// Terms:
//
//   - A peer is a running kith on some device. A PeerKey, its Ed25519 public network key
//     (32 bytes), names it. Whoever holds a Stream or a connection has proof that the other
//     side holds the private half.
//   - An address is a text such as /ip4/192.168.1.5/tcp/4848 or
//     /ip4/198.51.100.7/udp/4848/quic-v1. It is a hint where to look for a peer and never
//     proves who answers there. Textually it is a multiaddr, see
//     https://multiformats.io/multiaddr/.
//   - A known peer is one for which the Gate says yes: a device of a friend, a fellow
//     member, a keeper. Everybody else is a stranger.
//   - A protocol names what is spoken in a stream. Its Scope says whether strangers may
//     open such streams to us.
//   - The reach is how far this host goes: to the home network only, or over the internet.
//   - A relayed stream passes through a third peer, which sees only ciphertext. Relays that
//     belong to strangers cut connections after two minutes or 128 KiB.
//
// # Who gets how much
//
// A stranger gets a handshake, the identify protocol, and the protocols of scope Anyone, in
// a small budget of connections, streams, bytes and time of their own. A flood of strangers
// can exhaust that budget, but not the one of known peers: both are counted apart from the
// moment a handshake has shown who is there, and addresses at which a known peer was met
// have handshake places of their own. All bounds are constants in limits.go.
//
// # Concurrency
//
// All methods of Host and Stream are safe for concurrent use, except that only one
// goroutine at a time may read from a Stream, and only one may write to it.
package p2p
