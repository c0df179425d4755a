package ingest

import (
	"context"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
	"kith/internal/space"
)

// Store is the durable store as the gate needs it. Update runs one write transaction at a time and has made it
// durable when it returns; View reads one consistent snapshot and runs beside others.
type Store interface {
	Update(ctx context.Context, do func(Tx) error) error
	View(ctx context.Context, do func(Reader) error) error
}

// LogRecord is what the store knows of a log.
type LogRecord struct {
	Log    oplog.Log
	Author key.PersonID  // who the device speaks for
	Head   oplog.Head    // the last entry held; Seq 0 if none
	Held   []oplog.Range // what is held, sorted and disjoint, touching ranges joined
}

// Reader reads in one transaction.
type Reader interface {
	// Log finds a log by its ID.
	Log(id oplog.LogID) (LogRecord, bool, error)
	// Logs lists every log of the space.
	Logs(space key.SpaceID) ([]LogRecord, error)
	// SpacesOf lists the spaces in which a person has logs, identity spaces left out.
	SpacesOf(person key.PersonID) ([]key.SpaceID, error)
	// LogsOf lists the logs that a device writes or wrote, in all spaces.
	LogsOf(device key.DeviceID) ([]oplog.Log, error)
	// Entry finds an entry by its place.
	Entry(log oplog.LogID, seq uint64) (oplog.Verified, bool, error)
	// Locate finds the place of an entry by its ID.
	Locate(id oplog.EntryID) (log oplog.LogID, seq uint64, found bool, err error)
	// Lane gives all entries of the space's control lane, or of an identity log, in any order.
	Lane(space key.SpaceID) ([]oplog.Verified, error)
	// Lamport is the greatest Lamport time of any entry held of the space.
	Lamport(space key.SpaceID) (uint64, error)
	// Under lists where those items stand that hang under an entry in its space: comments, reactions and edits.
	Under(space key.SpaceID, id oplog.EntryID) ([]Place, error)
	// IsErased tells whether an entry of the space is held whose payload was erased.
	IsErased(space key.SpaceID, id oplog.EntryID) (bool, error)
	// OwnLamport is the greatest Lamport time of any entry held of a person's own spaces, taken together.
	OwnLamport(person key.PersonID) (uint64, error)
	// Forked tells whether there is evidence that a log forked.
	Forked(log oplog.LogID) (bool, error)
	// EpochKeys gives the keys held of the space.
	EpochKeys(space key.SpaceID) ([]*seal.Epoch, error)
}

// Tx writes, and reads what it wrote.
type Tx interface {
	Reader
	// Append stores entries, consecutive in one log and not held so far, and extends the log's record; the log
	// is made on its first entry. Locked entries are those that could not be decrypted for want of a key.
	Append(author key.PersonID, entries []oplog.Verified, locked bool) error
	// Fill puts the payload to an entry that is held without. It reports false where there is nothing to do: the
	// payload is here, or was erased.
	Fill(entry oplog.Verified, locked bool) (bool, error)
	// HoldSpace notes that a space is here from now on, and waited for no longer.
	HoldSpace(id key.SpaceID, kind space.Kind, owner key.PersonID) error
	// AwaitSpace notes that a person is to hand us a space, unless it is here already.
	AwaitSpace(id key.SpaceID, from key.PersonID) error
	// PutEpochKey keeps a key. One with history replaces one without.
	PutEpochKey(space key.SpaceID, epoch *seal.Epoch) error
	// Unlock gives up to limit entries that are locked under the epoch and marks them as unlocked.
	Unlock(space key.SpaceID, epoch oplog.EpochID, limit int) ([]Locked, error)
	// Project writes a decrypted item into the read models. The same item twice changes nothing.
	Project(item Item) error
	// Erase drops an entry's payload and everything that was projected from it. It tells what that was, and
	// reports false where the entry is not held; then, and from then on, the place is remembered, so that the payload
	// is dropped when the entry arrives.
	Erase(space key.SpaceID, log oplog.LogID, seq uint64) (Erased, bool, error)
	// Truncate drops every entry of the log beyond seq, with all that was projected from them: their author had
	// been removed by then, and we had not heard. It is of any lane, and of identity logs too.
	Truncate(space key.SpaceID, log oplog.LogID, seq uint64) ([]Erased, error)
	// OwnLog is the log that our device writes at present in a lane of the space; false before the first write,
	// and after the folder was found to be a restored or copied one, so that a new incarnation begins.
	OwnLog(space key.SpaceID, lane oplog.Lane) (oplog.Log, bool, error)
	// SetOwnLog remembers it, and DropOwnLog makes the next write begin a new one.
	SetOwnLog(log oplog.Log) error
	DropOwnLog(id key.SpaceID, lane oplog.Lane) error
	// PutRecord keeps a small document, as JSON, and DeleteRecord drops it: what the product writes in one step with
	// entries.
	PutRecord(collection, id string, value any) error
	DeleteRecord(collection, id string) error
	// Record reads one into value, which is left alone where there is none.
	Record(collection, id string, value any) (bool, error)
	// PutEvidence keeps two different entries for one place: proof that a log forked.
	PutEvidence(log oplog.Log, ours, theirs oplog.Verified) error
}

// Locked is an entry whose key has arrived.
type Locked struct {
	Entry  oplog.Verified
	Author key.PersonID
}

// Item is a decrypted item on its way into the read models.
type Item struct {
	Entry   *oplog.Verified
	Author  key.PersonID
	Content content.Item
}

// Erased tells what an erase took away.
type Erased struct {
	ID     oplog.EntryID
	Author key.PersonID
	Kind   content.Kind  // 0 if nothing was projected
	Parent oplog.EntryID // the post of a comment, the target of a reaction or edit
	Refs   []blob.Ref    // blobs that nothing names any more
	By     key.PersonID  // who asked for it; zero if it went with something else, or was cut off
}

// Place is where an entry stands.
type Place struct {
	Log oplog.LogID
	Seq uint64
}
