// Package replicate is the sync protocol: what two devices say to each other over one stream so that both
// end up with the same entries, newest first.
//
// A Session is one side of one such conversation. It is given a stream of bytes and a Local, its view of our
// own store as far as this one peer may see it; it knows no socket and no SQL. It orders, packs, bounds and
// times what is sent, and leaves to the Local who may see what and whether an entry is genuine.
//
// The terms:
//
//   - A space's unit of sync is the logs of the space together with the identity logs of its people.
//   - A tag names a space on the wire: 16 bytes that only somebody who knows the SpaceID recognises, and
//     only in this session.
//   - An offer says "I know this space, and my copy has this digest". Where the digests differ, the two
//     exchange frontiers, in large spaces only those of the buckets (sets of logs, by their ID) that differ.
//   - A want asks for ranges of logs. It is answered by runs: identity logs first, then control, then
//     content, the newest of all logs first.
//   - A peer that is no member in our copy is receive-only: we may take from it the identity and control
//     runs that would make it one, and give it nothing. A peer whose device we do not know at all, a
//     stranger, has a short while and a small budget to become known in this way.
//   - Bulk is what answers wants. It flows within a window of bytes, so that pushes, keys and the talk about
//     other spaces never wait behind more than a message or two of it.
//   - A push is a run sent unasked by its author, a moment after it was written. Others tell that they have
//     it (HAVE), and send it when asked.
//
// The messages are written down in docs/protocol.md, with byte-level vectors in testdata.
//
// One session runs five goroutines, all ended when Run returns: read (frames, decoding), control (owns the
// state of the conversation), serve (reads runs for the peer), ingest (hands what arrived to the Local), and
// write. Control never waits for the peer, so two sessions cannot wait for each other.
package replicate
