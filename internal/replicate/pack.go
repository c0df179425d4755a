package replicate

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"kith/internal/canon"
	"kith/internal/key"
	"kith/internal/oplog"
)

// errDamaged says that a run from our own store is not what was once verified, and cannot be sent.
var errDamaged = errors.New("a stored run is damaged")

const (
	// packedMessage is what a message costs beside its runs.
	packedMessage = 64
	// packedRun is what a run costs at most beside its entries: its log's name, numbers, one hash, one
	// signature. An entry never costs more than its header and payload.
	packedRun = identityName + 160
)

// packer puts runs into messages in order.
type packer struct {
	tag   tag
	space key.SpaceID
	want  uint64
	limit int // about how large a message becomes

	messages []*runsMessage
	size     int // of the last message, at most
	logs     map[oplog.Log]uint64
	epochs   map[oplog.EpochID]uint64
}

func newPacker(t tag, space key.SpaceID, want uint64, limit int) *packer {
	return &packer{tag: t, space: space, want: want, limit: limit}
}

// packRuns makes the messages for runs. Where want is not 0 there is at least one.
func packRuns(t tag, space key.SpaceID, want uint64, runs []oplog.Run, limit int) ([]*runsMessage, error) {
	p := newPacker(t, space, want, limit)
	for i := range runs {
		if err := p.add(&runs[i]); err != nil {
			return nil, err
		}
	}
	if want != 0 && len(p.messages) == 0 {
		p.start()
	}
	return p.messages, nil
}

// start begins a message.
func (p *packer) start() {
	p.messages = append(p.messages, &runsMessage{Tag: p.tag, Want: p.want})
	p.size = packedMessage
	p.logs = make(map[oplog.Log]uint64)
	p.epochs = make(map[oplog.EpochID]uint64)
}

// current is the message for a run of so many entries and bytes.
func (p *packer) current(entries, bytes int) *runsMessage {
	if n := len(p.messages); n > 0 {
		m := p.messages[n-1]
		if p.size+bytes <= p.limit && len(m.Runs) < maxRuns && m.entries()+entries <= maxEntries {
			return m
		}
	}
	p.start()
	return p.messages[len(p.messages)-1]
}

// add packs one run. It checks that the receiver will get back exactly these bytes.
func (p *packer) add(run *oplog.Run) error {
	bytes := packedRun + runBytes(run)
	if len(run.Entries) == 0 || len(run.Entries) > oplog.MaxRunEntries || bytes > packedRun+oplog.MaxRunBytes {
		return fmt.Errorf("%w: run of log %v at %d with %d entries", errDamaged, run.Log, run.First, len(run.Entries))
	}
	m := p.current(len(run.Entries), bytes)
	packed := wireRun{First: run.First, Signature: run.Signature, Entries: make([]wireEntry, len(run.Entries))}
	log := run.Log.ID()
	var before oplog.Header
	var id oplog.EntryID
	for i, raw := range run.Entries {
		var header oplog.Header
		if err := canon.Unmarshal(raw.Header, &header); err != nil {
			return fmt.Errorf("%w: entry %d of log %v: %w", errDamaged, run.First+uint64(i), run.Log, err)
		}
		follows := i == 0 || header.Prev == id && header.Lamport > before.Lamport
		if header.Version != oplog.Version || header.Log != log || header.Seq != run.First+uint64(i) || !follows {
			return fmt.Errorf("%w: entry %d of log %v", errDamaged, run.First+uint64(i), run.Log)
		}
		entry := wireEntry{
			Kind: header.Kind, Lamport: header.Lamport - before.Lamport, Time: header.Time - before.Time,
			Epoch: p.epoch(m, header.Epoch), Payload: raw.Payload,
		}
		for _, dep := range header.Deps {
			entry.Deps = append(entry.Deps, dep[:]...)
		}
		if raw.Payload == nil {
			entry.Erased = &wireErased{Len: header.PayloadLen, Hash: header.PayloadHash}
		} else if uint64(len(raw.Payload)) != header.PayloadLen || sha256.Sum256(raw.Payload) != header.PayloadHash {
			return fmt.Errorf("%w: payload of entry %d of log %v", errDamaged, header.Seq, run.Log)
		}
		if i == 0 && header.Seq > 1 {
			packed.Prev = append([]byte(nil), header.Prev[:]...)
		}
		packed.Entries[i] = entry
		before, id = header, sha256.Sum256(raw.Header)
	}
	packed.Log = p.logIndex(m, run.Log)
	m.Runs = append(m.Runs, packed)
	p.size += bytes
	return nil
}

func (p *packer) logIndex(m *runsMessage, log oplog.Log) uint64 {
	index, ok := p.logs[log]
	if !ok {
		index = uint64(len(m.Logs))
		p.logs[log] = index
		m.Logs = append(m.Logs, appendLog(nil, log, p.space))
	}
	return index
}

// epoch is 1 + the index of the epoch, and 0 for none.
func (p *packer) epoch(m *runsMessage, epoch oplog.EpochID) uint64 {
	if epoch.IsZero() {
		return 0
	}
	number, ok := p.epochs[epoch]
	if !ok {
		m.Epochs = append(m.Epochs, epoch)
		number = uint64(len(m.Epochs))
		p.epochs[epoch] = number
	}
	return number
}

// runBytes is the length of a run's headers and payloads.
func runBytes(run *oplog.Run) int {
	n := 0
	for i := range run.Entries {
		n += len(run.Entries[i].Header) + len(run.Entries[i].Payload)
	}
	return n
}
