package ingest

import (
	"errors"

	"kith/internal/key"
	"kith/internal/oplog"
)

// Code is the gate's answer to a run.
type Code int

// The answers.
const (
	Accepted  Code = iota // stored; at least one entry was new
	Duplicate             // all of it was here already
	Pending               // its author is not known or not a member so far; not kept, to be asked for again
	Rejected              // malformed, forged, or beyond its author's rights: whoever sent it is at fault
	Forked                // contradicts what is here of the same log; kept as evidence, not accepted
)

func (c Code) String() string {
	return [...]string{"accepted", "duplicate", "pending", "rejected", "forked"}[c]
}

// Verdict is the gate's answer to a run, with the reason for whoever reads logs.
type Verdict struct {
	Code   Code
	Reason error // nil for Accepted and Duplicate
	New    int   // entries that were stored
}

var (
	// ErrNotMember says that the author may not write where they did.
	ErrNotMember = errors.New("ingest: the author is no member here")
	// ErrClosed says that the space was closed, so that nothing is written in it any more.
	ErrClosed = errors.New("ingest: the space is closed")
	// ErrRemoved says that this device is not its person's any more.
	ErrRemoved = errors.New("ingest: this device was removed from its person")
	// ErrUnknownAuthor says that nobody known speaks through the device.
	ErrUnknownAuthor = errors.New("ingest: unknown author")
	// ErrForked says that there are two entries for one place in a log.
	ErrForked = errors.New("ingest: the log forked")
	// ErrUnknownSpace says that the space's create statement is not here.
	ErrUnknownSpace = errors.New("ingest: unknown space")
	// ErrNoKey says that the key to write with has not arrived.
	ErrNoKey = errors.New("ingest: the space's key has not arrived")
	// ErrWrongKey says that a key does not fit the commitment of its epoch.
	ErrWrongKey = errors.New("ingest: key does not fit its epoch")
)

// Commit is what one transaction changed. It is delivered in the order of the transactions.
type Commit struct {
	Own      bool // written by this home, not received
	Entries  []oplog.Verified
	Items    []Item         // projected: new, or readable since a key arrived
	Erased   []Erased       // taken away
	Control  []key.SpaceID  // in which operations arrived, or may hold no more
	Keys     []key.SpaceID  // of which a key arrived
	Identity []key.PersonID // of whom operations arrived
	Settled  []key.SpaceID  // in which a branch of a forked log was dropped here, so that another is wanted
}

func (c *Commit) empty() bool {
	return len(c.Entries)+len(c.Items)+len(c.Erased)+len(c.Keys)+len(c.Settled) == 0
}
