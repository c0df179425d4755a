// Package ingest is the gate: every entry that a home keeps, its own included, comes through it and through
// nothing else.
//
// A batch of runs of one space goes through in one transaction: verify (is it authentic?), authorise (may this
// log write here?), store, decrypt (if the key is here; otherwise the entry waits, locked), check the content,
// project it into the read models. The answer for each run is a Verdict, which is about the run; an error is
// about us (a full disk, a cancelled context), leaves nothing behind, and blames no peer.
//
// The gate keeps the folded state of spaces and people in memory and drops it when an operation arrives.
// It is safe for concurrent use; writers queue.
package ingest
