package oplog

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"kith/internal/canon"
	"kith/internal/key"
)

// ErrMalformed says that bytes are no entry, run or frontier of this format. Whoever sent them is at fault.
var ErrMalformed = errors.New("oplog: malformed")

// Header is the part of an entry that is hashed, chained and never erased. As CBOR it is an array of these
// fields in this order.
type Header struct {
	_           struct{} `cbor:",toarray"`
	Version     uint64
	Kind        Kind
	Log         LogID
	Seq         uint64  // counts from 1 within the log
	Prev        EntryID // the entry before it in the log; zero for the first
	Lamport     uint64  // greater than that of every entry its author had seen in the space
	Time        int64   // the author's clock, seconds since 1970; for display alone
	Epoch       EpochID // the key that the payload is encrypted with; zero for plain payloads
	PayloadLen  uint64
	PayloadHash [sha256.Size]byte // SHA-256 of the payload
	Deps        []EntryID         // other entries that it builds on
}

// decodeHeader reads a header strictly.
func decodeHeader(raw []byte) (Header, error) {
	var h Header
	if len(raw) > maxHeader {
		return Header{}, fmt.Errorf("%w: a header of %d bytes", ErrMalformed, len(raw))
	}
	if err := canon.Unmarshal(raw, &h); err != nil {
		return Header{}, fmt.Errorf("%w: header: %w", ErrMalformed, err)
	}
	return h, h.check()
}

func (h *Header) check() error {
	switch {
	case h.Version != Version:
		return fmt.Errorf("%w: header version %d", ErrMalformed, h.Version)
	case h.Kind < KindIdentity || h.Kind > KindContent:
		return fmt.Errorf("%w: kind %d", ErrMalformed, h.Kind)
	case h.Seq == 0 || h.Seq > MaxSeq:
		return fmt.Errorf("%w: sequence number %d", ErrMalformed, h.Seq)
	case h.Prev.IsZero() != (h.Seq == 1):
		return fmt.Errorf("%w: sequence number %d does not fit the entry before", ErrMalformed, h.Seq)
	case h.Lamport < h.Seq || h.Lamport > MaxSeq:
		return fmt.Errorf("%w: Lamport time %d at sequence number %d", ErrMalformed, h.Lamport, h.Seq)
	case h.Time < 0 || h.Time > maxTime:
		return fmt.Errorf("%w: time %d", ErrMalformed, h.Time)
	case h.PayloadLen > MaxPayload:
		return fmt.Errorf("%w: a payload of %d bytes", ErrMalformed, h.PayloadLen)
	case len(h.Deps) > MaxDeps:
		return fmt.Errorf("%w: %d deps", ErrMalformed, len(h.Deps))
	case (h.Kind == KindContent) == h.Epoch.IsZero():
		return fmt.Errorf("%w: kind %d with epoch %v", ErrMalformed, h.Kind, h.Epoch)
	}
	return nil
}

// fits tells whether an entry of this kind belongs in the lane.
func (h *Header) fits(lane Lane) bool { return (h.Kind == KindContent) == (lane == Content) }

// covers tells whether this is the payload, or none is here.
func (h *Header) covers(payload []byte) bool {
	return payload == nil || uint64(len(payload)) == h.PayloadLen && sha256.Sum256(payload) == h.PayloadHash
}

// AssociatedData is what payload encryption binds to: the space and the header as it was before the payload
// was known, that is with PayloadLen and PayloadHash zero.
func (h Header) AssociatedData(space key.SpaceID) ([]byte, error) {
	h.PayloadLen, h.PayloadHash = 0, [sha256.Size]byte{}
	raw, err := canon.Marshal(&h)
	if err != nil {
		return nil, err
	}
	return append(space[:], raw...), nil
}

// PlaceOf reads the sequence number out of header bytes that may be hostile; false if they are no header.
func PlaceOf(header []byte) (seq uint64, ok bool) {
	h, err := decodeHeader(header)
	return h.Seq, err == nil
}
