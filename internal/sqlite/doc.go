// Package sqlite is the durable store of a home: the one file kith.db, and the only SQL in the program.
//
// It has three parts. The log of entries keeps every entry as received and knows which are held. The read models
// keep what was decrypted, in the shape in which pages ask for it: items (cards, posts, comments, reactions,
// edits) and
// the files of posts. The rest is what this home knows for itself: spaces, peers, deliveries, settings, sessions.
// The tables are in the folder sql, with the reasons for their shape.
//
// The gate (package ingest) writes through Update and reads through View; package sqlite is its Store. Everything
// else is a method of DB, one transaction each. Of Update and the other writing methods one runs at a time, the
// others wait for it, and when they return nil the change is on the disk for good: kill -9 cannot undo it, nor can
// the loss of power as far as the disk keeps what it acknowledged. Reading never waits for writing, and sees
// the store as of one moment.
//
// What was erased is gone from the disk soon after, pages and write-ahead log included. An entry that the disk damaged is
// never given to anybody: its payload is dropped, or the whole of it where its header is damaged, and counts as missing.
//
// Errors are ErrFull, ErrCorrupt, ErrLocked, ErrNewer and ErrClosed, wrapped, or the context's own. After any error
// of a writing method nothing of it is in the store.
package sqlite
