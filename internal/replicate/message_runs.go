package replicate

import (
	"crypto/sha256"

	"kith/internal/canon"
	"kith/internal/key"
	"kith/internal/oplog"
)

// runsMessage carries runs, in answer to a want or pushed.
//
// A header is about 124 bytes, and nearly all of it follows from its neighbours, its log and its payload. Only
// the rest travels, about 12 bytes; the receiver puts the header together again. It has one encoding only, so
// these are the very bytes that were signed, or the signature does not verify.
type runsMessage struct {
	_      struct{} `cbor:",toarray"`
	Tag    tag
	Want   uint64          // the number of the want; 0: pushed
	Final  bool            // whether this ends the answer to the want
	Logs   [][]byte        // the logs that the runs are of
	Epochs []oplog.EpochID // the epochs that the entries name
	Runs   []wireRun
}

type wireRun struct {
	_         struct{} `cbor:",toarray"`
	Log       uint64   // index into Logs
	First     uint64
	Prev      []byte // the entry before the first: 32 bytes; empty where First is 1
	Signature key.Signature
	Entries   []wireEntry
}

type wireEntry struct {
	_       struct{} `cbor:",toarray"`
	Kind    oplog.Kind
	Lamport uint64 // more than the entry before in the run; the first: the Lamport time itself
	Time    int64  // the same, and may be less
	Epoch   uint64 // 1 + index into Epochs; 0: none
	Deps    []byte // 32 bytes each
	Payload []byte
	Erased  *wireErased // where the payload is not here
}

type wireErased struct {
	_    struct{} `cbor:",toarray"`
	Len  uint64
	Hash [sha256.Size]byte
}

func (*runsMessage) kind() kind { return kindRuns }

func (m *runsMessage) entries() int {
	n := 0
	for i := range m.Runs {
		n += len(m.Runs[i].Entries)
	}
	return n
}

func (m *runsMessage) check() error {
	if len(m.Logs) > maxRuns || len(m.Runs) > maxRuns || m.entries() > maxEntries || len(m.Epochs) > maxEntries {
		return broken("RUNS of %d logs, %d epochs, %d runs, %d entries", len(m.Logs), len(m.Epochs), len(m.Runs), m.entries())
	}
	if m.Want == 0 && (m.Final || len(m.Runs) == 0) {
		return broken("RUNS pushed, and final or empty")
	}
	for _, name := range m.Logs {
		if err := checkLog(name); err != nil {
			return err
		}
	}
	for i := range m.Runs {
		run := &m.Runs[i]
		if run.Log >= uint64(len(m.Logs)) || len(run.Entries) == 0 || len(run.Entries) > oplog.MaxRunEntries {
			return broken("RUNS with a run of log %d with %d entries", run.Log, len(run.Entries))
		}
		if err := checkRange(run.First, run.First+uint64(len(run.Entries))-1); err != nil {
			return err
		}
		if first := run.First == 1; len(run.Prev) != 0 && (first || len(run.Prev) != len(oplog.EntryID{})) || len(run.Prev) == 0 && !first {
			return broken("RUNS with a run at %d after an entry of %d bytes", run.First, len(run.Prev))
		}
		for j := range run.Entries {
			entry := &run.Entries[j]
			if entry.Epoch > uint64(len(m.Epochs)) || len(entry.Deps) > oplog.MaxDeps*depSize || len(entry.Deps)%depSize != 0 || entry.Erased != nil && len(entry.Payload) != 0 {
				return broken("RUNS with an entry of epoch %d and %d deps", entry.Epoch, len(entry.Deps)/depSize)
			}
		}
	}
	return nil
}

// unpack puts the runs together again, for the space that the message's tag names. Whether they are genuine
// only their verification tells.
func (m *runsMessage) unpack(space key.SpaceID) ([]oplog.Run, error) {
	logs := make([]oplog.Log, len(m.Logs))
	ids := make([]oplog.LogID, len(m.Logs))
	for i, name := range m.Logs {
		logs[i] = parseLog(name, space)
		ids[i] = logs[i].ID()
	}
	runs := make([]oplog.Run, len(m.Runs))
	for i := range m.Runs {
		packed := &m.Runs[i]
		header := oplog.Header{Version: oplog.Version, Log: ids[packed.Log], Seq: packed.First}
		copy(header.Prev[:], packed.Prev)
		raws := make([]oplog.Raw, len(packed.Entries))
		for j := range packed.Entries {
			entry := &packed.Entries[j]
			header.Kind, header.Deps = entry.Kind, nil
			for deps := entry.Deps; len(deps) > 0; deps = deps[depSize:] {
				header.Deps = append(header.Deps, oplog.EntryID(deps[:depSize]))
			}
			header.Lamport += entry.Lamport
			header.Time += entry.Time
			header.Epoch = oplog.EpochID{}
			if entry.Epoch > 0 {
				header.Epoch = m.Epochs[entry.Epoch-1]
			}
			payload := entry.Payload
			if entry.Erased != nil {
				payload = nil
				header.PayloadLen, header.PayloadHash = entry.Erased.Len, entry.Erased.Hash
			} else {
				if payload == nil {
					payload = []byte{}
				}
				header.PayloadLen, header.PayloadHash = uint64(len(payload)), sha256.Sum256(payload)
			}
			raw, err := canon.Marshal(&header)
			if err != nil {
				return nil, broken("RUNS: %w", err)
			}
			raws[j] = oplog.Raw{Header: raw, Payload: payload}
			header.Prev = sha256.Sum256(raw)
			header.Seq++
		}
		runs[i] = oplog.Run{Log: logs[packed.Log], First: packed.First, Entries: raws, Signature: packed.Signature}
	}
	return runs, nil
}
