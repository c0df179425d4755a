// Package peering is a home among its peers, once there are streams to them: what each peer may see and change here,
// what is passed on to whom, and who is asked for what is missing. It stands between the gate and the store on one
// side, and the sync protocol (package replicate) on the other, and knows no socket: the node gives it streams of a
// real network, the simulation gives it simulated ones.
//
// A peer is another home's device. The directory holds, in memory, which device belongs to whom and who is in which
// space; it follows every commit. A talk is the one session with a peer, from the moment at which it is being opened.
// Of a stretch of a log that several peers could send, one session at a time has the turn to fetch it.
package peering
