package replicate

import (
	"context"
	"fmt"

	"kith/internal/key"
	"kith/internal/oplog"
)

// Local is our own node as far as one peer may see and change it. The node makes one for every session, and
// so it knows who the peer is.
//
// A session calls from three goroutines at once: Ingest and Open from one of them, never two of these at a
// time; Runs and Seal from the second; all else from the third. An error of any method means that we are in
// trouble ourselves (a full disk): it ends the session and never counts against the peer. Methods return soon
// after ctx has ended.
type Local interface {
	Spaces
	Store
	Turns
	Keys
	Observer
}

// Spaces tells what there is to talk about with the peer.
type Spaces interface {
	// Known tells whether the peer's device speaks for a person whom we know.
	Known(ctx context.Context) (bool, error)
	// Held lists every space that we hold a copy of or wait for, whoever is in it.
	Held(ctx context.Context) ([]key.SpaceID, error)
	// Offers lists those of the spaces, or with nil of all spaces, in which the peer folds as a member, and
	// those that we wait for.
	Offers(ctx context.Context, spaces []key.SpaceID) ([]Offer, error)
	// Frontier is every head in the space's unit of sync: of its own logs, and of the identity logs
	// (control lane, in key.PersonID.IdentitySpace) of its people. In any order.
	Frontier(ctx context.Context, space key.SpaceID) (oplog.Frontier, error)
}

// Offer is a space that may be talked about.
type Offer struct {
	Space key.SpaceID
	// Digest is Frontier.Digest over what Spaces.Frontier returns.
	Digest [32]byte
	// Member tells whether the peer is a member in our copy. Where it is not, we wait for the space, and
	// the peer may have it.
	Member bool
}

// Store reads and takes entries.
type Store interface {
	// Runs returns a page of the runs that overlap the ranges of a query, all of one phase and in its order.
	Runs(ctx context.Context, query Query) (Page, error)
	// Wants lists what we lack in the space's unit of sync and could use: everything up to the heads that
	// the peer shows (whose Lamport times are not known), and the gaps that we remember, whether or not
	// theirs names the log. It reserves nothing. Quotas, cuts and the like leave out what we do not want.
	Wants(ctx context.Context, space key.SpaceID, theirs []oplog.Head) ([]Want, error)
	// Ingest verifies and stores runs in the order given, all durable when it returns, and gives a verdict
	// on each. Runs of the space and identity runs come mixed. They may come newest first, and then the
	// prev of the later ones proves the earlier. It may keep the runs' memory.
	Ingest(ctx context.Context, space key.SpaceID, runs []oplog.Run) ([]Verdict, error)
}

// Want is a range of a log.
type Want struct {
	Log   oplog.Log
	Range oplog.Range
}

// Phase tells apart the three parts of an answer to a want.
type Phase uint8

// The phases, in the order in which they are served.
const (
	PhaseIdentity Phase = iota // identity logs, oldest first, so that authors are known
	PhaseControl               // control logs of the space, oldest first, so that causes come before effects
	PhaseContent               // content logs, newest first
	phases
)

// Query asks for a page of runs.
type Query struct {
	Space key.SpaceID
	Phase Phase
	// Wants are ranges of logs of this phase; they may reach beyond anything that exists.
	Wants []Want
	// After is where the page before ended, and the zero value for the first. The order is that of Cursor:
	// ascending, in PhaseContent descending.
	After Cursor
	// Bytes is about how many bytes of headers and payloads to return; one run at least.
	Bytes int
}

// Cursor is a place in the order in which runs are served: by the Lamport time of the run's head, where
// these are equal by the log's ID. Comparing the pairs orders all runs of a space, because Lamport times
// grow within a log.
type Cursor struct {
	Lamport uint64
	Log     oplog.LogID
}

// IsZero tells whether the cursor stands before everything.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// Page is a piece of the answer to a Query.
type Page struct {
	Runs []oplog.Run
	// Next is the cursor of the last of these runs. It means nothing unless More.
	Next Cursor
	// More tells that further runs may follow. A page that has More has at least one run.
	More bool
}

// Verdict is what became of one run.
type Verdict uint8

// The verdicts.
const (
	// Accepted: verified, authorised and durable.
	Accepted Verdict = iota + 1
	// Duplicate: all of it was here already.
	Duplicate
	// Pending: it cannot be judged until further identity or control entries are here: its author is not
	// known so far. It was not kept. The session asks for it again when such entries have been accepted.
	Pending
	// Declined: it may be genuine, but is not wanted here (beyond a cut, over a quota, a writer who may
	// not). An honest peer may know no better.
	Declined
	// Rejected: forged or malformed. The peer is at fault, because it should have noticed.
	Rejected
)

func (v Verdict) String() string {
	switch v {
	case Accepted:
		return "accepted"
	case Duplicate:
		return "duplicate"
	case Pending:
		return "pending"
	case Declined:
		return "declined"
	case Rejected:
		return "rejected"
	}
	return fmt.Sprintf("verdict %d", uint8(v))
}

// Turns keeps the sessions of one node from fetching the same twice. Its methods return at once.
type Turns interface {
	// Reserve returns those of the wants, or parts of them, that no session has reserved, this one
	// included, and reserves them for this one. It may grant again what another session has held for long.
	Reserve(space key.SpaceID, wants []Want) []Want
	// Release gives back what Reserve granted: each want once, whether it was answered, answered in part,
	// or the session ended. What is still lacking may be had elsewhere: the node then calls Refresh with
	// the space on other sessions. That ends, because a session asks for no range twice unless something
	// changed.
	Release(space key.SpaceID, wants []Want)
}

// Keys hands space keys from member to member.
type Keys interface {
	// Seal seals those of the epochs' keys that we hold, and that the peer's person may have, to that
	// person. Fewer than asked for is no error.
	Seal(ctx context.Context, space key.SpaceID, epochs []oplog.EpochID) ([]SealedKey, error)
	// Open takes keys that we asked for, with a verdict on each: Rejected if it is not what the rotation
	// committed to, Pending if the rotation is not here yet.
	Open(ctx context.Context, space key.SpaceID, keys []SealedKey) ([]Verdict, error)
}

// SealedKey is the key of an epoch, sealed to a person.
type SealedKey struct {
	Epoch      oplog.EpochID
	Generation uint64 // of the person key that it is sealed to
	History    bool   // whether the history key is in it
	Sealed     []byte // at most 4 KiB
}

// Observer learns about the peer. Its methods return at once.
type Observer interface {
	// PeerHas tells that the peer has durably stored these pieces.
	PeerHas(space key.SpaceID, pieces []Held)
	// InSync tells that the peer's frontier has the digest that our Offer had.
	InSync(space key.SpaceID, digest [32]byte)
	// Ephemeral hands over what the peer, a member of the space, sent by Session.SendEphemeral. It is
	// encrypted by whoever made it, and it may be a replay.
	Ephemeral(space key.SpaceID, data []byte)
}

// Held is a piece of a log that the peer has.
type Held struct {
	Log   oplog.LogID
	Range oplog.Range
}

// Piece is an unbroken piece of a log that ends in the entry ID.
type Piece struct {
	Log         oplog.Log
	First, Last uint64
	ID          oplog.EntryID
}
