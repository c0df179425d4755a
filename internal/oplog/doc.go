// Package oplog makes, signs, chains and verifies entries.
//
// An entry is a header and a payload. The header is a canonical CBOR array of about 120 bytes that names
// its log, its place in it, the entry before it and the hash of the payload; the entry's ID is the SHA-256
// of exactly these bytes. The payload stands apart, so that it can be erased while the chain stays whole.
//
// A log is written by one device, in one space, in one incarnation, in one lane. The control lane says who
// is in the space and is plain; the content lane is encrypted. A device opens a new incarnation of its logs
// when it finds itself in a restored or copied folder, so that an old copy never contradicts a newer one.
//
// A run is a piece of a log, at most MaxRunEntries entries and MaxRunBytes bytes, whose last entry (its head)
// is signed. An entry is authentic if it, or a later entry of its log, is the head of a run whose signature
// verifies: each entry names the one before by its hash, so a signature covers all that came before. Runs
// are made by one act of publishing, and travel whole.
//
// A frontier is the set of heads that somebody knows of a space; its digest tells whether two nodes know
// the same.
//
// Verified is an entry that passed Verify. Only this package makes one, so that no caller can forget to.
package oplog
