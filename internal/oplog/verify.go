package oplog

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"kith/internal/key"
)

// ErrForged says that a run's signature or chain does not hold.
var ErrForged = errors.New("oplog: not written by its author")

// Verified is an entry whose place in its log is proven. The zero value is refused by everything that takes
// one.
type Verified struct {
	log       Log
	header    Header
	id        EntryID
	raw       Raw
	signature *key.Signature // set on the head of a run
}

// Verify checks a run from its bytes up: every header canonical and within bounds, in this log, numbered
// and chained without a gap, every payload that is here of the right length and hash, and the whole
// authentic. That it is, where anchor is zero, if the signature on the last entry verifies; otherwise anchor
// is the ID that an entry already known as authentic names as the one before it, and the last entry must
// be it; the signature is then not looked at, but kept, because others may need it. Errors are ErrMalformed or
// ErrForged. The returned entries share memory with the run.
//
// Verify sees one run. Where the entry before the run's first is held too, Follows has to hold between them.
func Verify(run *Run, anchor EntryID) ([]Verified, error) {
	entries, err := chain(run)
	if err != nil {
		return nil, err
	}
	last := &entries[len(entries)-1]
	signature := run.Signature
	if anchor.IsZero() {
		if !key.Verify(run.Log.Device, key.DomainRun, signedBytes(run.Log.Space, last.id), signature) {
			return nil, fmt.Errorf("%w: signature of entry %d of log %v", ErrForged, last.header.Seq, run.Log)
		}
	} else if last.id != anchor {
		return nil, fmt.Errorf("%w: entry %d of log %v is not the one its successor names", ErrForged, last.header.Seq, run.Log)
	}
	last.signature = &signature
	return entries, nil
}

// chain checks all of a run but its authenticity.
func chain(run *Run) ([]Verified, error) {
	if len(run.Entries) == 0 || len(run.Entries) > MaxRunEntries {
		return nil, fmt.Errorf("%w: a run of %d entries", ErrMalformed, len(run.Entries))
	}
	if !run.Log.Lane.Valid() {
		return nil, fmt.Errorf("%w: lane %d", ErrMalformed, run.Log.Lane)
	}
	log := run.Log.ID()
	entries := make([]Verified, len(run.Entries))
	size := 0
	for i, raw := range run.Entries {
		size += len(raw.Header) + len(raw.Payload)
		if size > MaxRunBytes {
			return nil, fmt.Errorf("%w: a run of more than %d bytes", ErrMalformed, MaxRunBytes)
		}
		header, err := decodeHeader(raw.Header)
		if err != nil {
			return nil, err
		}
		if header.Log != log || header.Seq != run.First+uint64(i) {
			return nil, fmt.Errorf("%w: entry %d of log %v in a run of log %v at %d", ErrMalformed, header.Seq, header.Log, log, run.First+uint64(i))
		}
		if !header.fits(run.Log.Lane) {
			return nil, fmt.Errorf("%w: kind %d in lane %d", ErrMalformed, header.Kind, run.Log.Lane)
		}
		if !header.covers(raw.Payload) {
			return nil, fmt.Errorf("%w: payload of entry %d of log %v", ErrMalformed, header.Seq, log)
		}
		entries[i] = Verified{log: run.Log, header: header, id: sha256.Sum256(raw.Header), raw: raw}
		if i > 0 && !entries[i].Follows(&entries[i-1]) {
			return nil, fmt.Errorf("%w: entry %d of log %v does not follow the one before", ErrForged, header.Seq, log)
		}
	}
	return entries, nil
}

// Follows tells whether v comes right after before in one log: it counts on, names it by its ID, and has a greater
// Lamport time. Within a run Verify has checked that; where two runs meet, whoever stores them does. An author who
// breaks it contradicts themselves, as with a fork.
func (v *Verified) Follows(before *Verified) bool {
	return v.log == before.log && v.header.Seq == before.header.Seq+1 &&
		v.header.Prev == before.id && v.header.Lamport > before.header.Lamport
}

// FromStore gives back an entry that Verify passed earlier and that has been in our own store since. Because
// disks fail too, it decodes and checks the log and the payload as Verify does; it does not check signatures, nor
// the place in the chain: whoever stored the entry's ID compares it. Only the store calls it.
func FromStore(log Log, raw Raw, signature *key.Signature) (Verified, error) {
	header, err := decodeHeader(raw.Header)
	if err != nil {
		return Verified{}, err
	}
	if !log.Lane.Valid() || header.Log != log.ID() || !header.fits(log.Lane) {
		return Verified{}, fmt.Errorf("%w: stored entry %d of log %v", ErrMalformed, header.Seq, log)
	}
	if !header.covers(raw.Payload) {
		return Verified{}, fmt.Errorf("%w: stored payload of entry %d of log %v", ErrMalformed, header.Seq, log)
	}
	return Verified{log: log, header: header, id: sha256.Sum256(raw.Header), raw: raw, signature: signature}, nil
}

// signedBytes is what the signature of a run's head covers: space ‖ entry ID, 64 bytes.
func signedBytes(space key.SpaceID, id EntryID) []byte {
	return append(space[:], id[:]...)
}

// IsZero tells whether this is the zero value, which nothing may act upon.
func (v *Verified) IsZero() bool { return v.header.Version == 0 }

// ID is the entry's ID.
func (v *Verified) ID() EntryID { return v.id }

// Log is the log that the entry is in.
func (v *Verified) Log() Log { return v.log }

// LogID is the ID of that log, without hashing its name again.
func (v *Verified) LogID() LogID { return v.header.Log }

// Header is the decoded header. Callers do not change its Deps.
func (v *Verified) Header() Header { return v.header }

// Seq is the entry's place in its log.
func (v *Verified) Seq() uint64 { return v.header.Seq }

// Raw is the entry as received. Callers do not change its bytes.
func (v *Verified) Raw() Raw { return v.raw }

// Payload is the payload, or nil where it was erased or is still to come.
func (v *Verified) Payload() []byte { return v.raw.Payload }

// Signature is what came as the signature of a run's head, and nil for every other entry. It was checked unless the
// run was proven by the entry after it.
func (v *Verified) Signature() *key.Signature { return v.signature }

// Head is the entry seen as the head of its log.
func (v *Verified) Head() Head {
	return Head{Log: v.log, Seq: v.header.Seq, ID: v.id, Lamport: v.header.Lamport}
}

// WithoutPayload is the entry after an erase.
func (v Verified) WithoutPayload() Verified {
	v.raw.Payload = nil
	return v
}

// KindOf reads the kind out of header bytes that may be hostile; 0 if they are no header.
func KindOf(header []byte) Kind {
	h, err := decodeHeader(header)
	if err != nil {
		return 0
	}
	return h.Kind
}
