package oplog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"kith/internal/key"
)

type (
	// LogID is SHA-256("kith log v1" ‖ device ‖ incarnation ‖ space ‖ lane) cut to 16 bytes.
	LogID [16]byte
	// EntryID is the SHA-256 of an entry's header bytes.
	EntryID [32]byte
	// EpochID names a space key; 16 random bytes. It is zero in entries that are not encrypted.
	EpochID [16]byte
	// Incarnation tells apart the logs of one device in one lane: 16 random bytes in an identity log; in a space the
	// 8 bytes that name the tenure under which the log is written, and 8 random ones.
	Incarnation [16]byte
	// Lane tells what a log holds.
	Lane uint8
	// Kind tells what an entry's payload is, as far as somebody without keys may know.
	Kind uint64
)

// The lanes.
const (
	Control Lane = 1 // membership, keys and grants; plain, small, always synced whole and first
	Content Lane = 2 // what people write; encrypted
)

// The kinds.
const (
	KindIdentity Kind = 1 // an operation of a person's identity log
	KindControl  Kind = 2 // an operation on a space
	KindContent  Kind = 3 // encrypted content
)

func (id LogID) String() string   { return hex.EncodeToString(id[:]) }
func (id EntryID) String() string { return hex.EncodeToString(id[:]) }
func (id EpochID) String() string { return hex.EncodeToString(id[:]) }

// IsZero tells whether the ID is unset: the "entry before" of the first entry of a log.
func (id EntryID) IsZero() bool { return id == EntryID{} }

// IsZero tells whether the ID is unset: the epoch of a plain entry.
func (id EpochID) IsZero() bool { return id == EpochID{} }

// Valid tells whether the lane is one that there is.
func (l Lane) Valid() bool { return l == Control || l == Content }

// Log names a log in full. Its ID alone is in the headers; a frontier carries the whole of it.
type Log struct {
	Space       key.SpaceID
	Device      key.DeviceID
	Incarnation Incarnation
	Lane        Lane
}

// ID hashes the name of the log.
func (l Log) ID() LogID {
	h := sha256.New()
	h.Write([]byte("kith log v1"))
	h.Write(l.Device[:])
	h.Write(l.Incarnation[:])
	h.Write(l.Space[:])
	h.Write([]byte{byte(l.Lane)})
	return LogID(h.Sum(nil)[:16])
}

func (l Log) String() string { return fmt.Sprintf("%v/%d", l.ID(), l.Lane) }

// Head is the last entry that somebody knows of a log.
type Head struct {
	Log     Log
	Seq     uint64 // counts from 1; 0: the log is empty
	ID      EntryID
	Lamport uint64
}

// Raw is an entry as received: its exact header bytes and, unless it was erased or is still to come, its
// payload.
type Raw struct {
	Header  []byte
	Payload []byte // nil: not here; an empty payload is not nil
}

// Run is a piece of a log whose last entry is signed.
type Run struct {
	Log       Log
	First     uint64 // sequence number of Entries[0]
	Entries   []Raw
	Signature key.Signature // over the last entry
}

// Last is the sequence number of the run's last entry. It means nothing for a run without entries.
func (r *Run) Last() uint64 { return r.First + uint64(len(r.Entries)) - 1 }
