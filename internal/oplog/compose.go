package oplog

import (
	"crypto/sha256"
	"fmt"
	"time"

	"kith/internal/canon"
	"kith/internal/key"
)

// Draft is an entry to be written.
type Draft struct {
	Kind  Kind
	Epoch EpochID
	Deps  []EntryID
	// Payload makes the payload for its place: encryption binds to the header, which is final but for the
	// payload's length and hash.
	Payload func(Header) ([]byte, error)
}

// Plain is the Payload of a draft that is not encrypted.
func Plain(payload []byte) func(Header) ([]byte, error) {
	return func(Header) ([]byte, error) { return payload, nil }
}

// Compose writes the drafts as one run that continues the log after head, whose Seq is 0 for an empty log.
// The Lamport times count up from lamport, the greatest that the writer has seen in the space, and are
// greater than head's. Of what others wrote, times beyond MaxLamportSeen count as MaxLamportSeen. It returns the run
// verified, as everybody else will see it.
func Compose(signer key.Signer, head Head, lamport uint64, now time.Time, drafts []Draft) ([]Verified, error) {
	if signer.ID() != head.Log.Device {
		return nil, fmt.Errorf("oplog: log of device %v cannot be written by %v", head.Log.Device, signer.ID())
	}
	run := Run{Log: head.Log, First: head.Seq + 1, Entries: make([]Raw, 0, len(drafts))}
	log := head.Log.ID()
	prev, lamport := head.ID, max(min(lamport, MaxLamportSeen), head.Lamport)
	seconds := min(max(now.Unix(), 0), maxTime)
	for i, draft := range drafts {
		lamport++
		header := Header{
			Version: Version, Kind: draft.Kind, Log: log, Seq: run.First + uint64(i), Prev: prev,
			Lamport: lamport, Time: seconds, Epoch: draft.Epoch, Deps: draft.Deps,
		}
		payload, err := draft.Payload(header)
		if err != nil {
			return nil, err
		}
		if payload == nil {
			payload = []byte{}
		}
		header.PayloadLen, header.PayloadHash = uint64(len(payload)), sha256.Sum256(payload)
		raw, err := canon.Marshal(&header)
		if err != nil {
			return nil, fmt.Errorf("oplog: encode header: %w", err)
		}
		run.Entries = append(run.Entries, Raw{Header: raw, Payload: payload})
		prev = sha256.Sum256(raw)
	}
	entries, err := chain(&run)
	if err != nil {
		return nil, err
	}
	last := &entries[len(entries)-1]
	signature := signer.Sign(key.DomainRun, signedBytes(head.Log.Space, last.id))
	last.signature = &signature
	return entries, nil
}

// RunOf puts verified entries, consecutive in one log and ending in a signed head, back into the form in
// which they travel.
func RunOf(entries []Verified) (Run, error) {
	if len(entries) == 0 {
		return Run{}, fmt.Errorf("%w: an empty run", ErrMalformed)
	}
	last := entries[len(entries)-1]
	if last.signature == nil {
		return Run{}, fmt.Errorf("%w: entry %d of log %v is not the head of a run", ErrMalformed, last.header.Seq, last.log)
	}
	run := Run{Log: last.log, First: entries[0].header.Seq, Signature: *last.signature, Entries: make([]Raw, len(entries))}
	for i := range entries {
		run.Entries[i] = entries[i].raw
	}
	return run, nil
}
