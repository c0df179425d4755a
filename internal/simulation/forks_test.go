package simulation

import (
	"context"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
)

// branchesOf is what all homes together hold of one log.
type branchesOf struct {
	record ingest.LogRecord
	at     map[uint64]map[oplog.EntryID]oplog.EntryID // by place: entries, and what each names before it
}

// findFrozen finds the forked logs that nobody can settle: nobody is left who may, or the entries at which the branches part
// are lost. Where they can be settled and are not, that is a failure, and found by comparing homes.
func (w *world) findFrozen() {
	w.frozen = make(map[oplog.LogID]bool)
	for _, r := range w.spaces {
		w.lost[r] = false
		for id, b := range w.branches(r) {
			if !w.doubled[b.record.Log.Device] || !b.forked() || b.parted() && w.someoneMaySettle(r, b.record) {
				continue
			}
			w.count("fork that nobody can settle")
			w.note("nobody can settle the log %v of %s in %s", id, w.name(b.record.Author), r.name)
			w.frozen[id] = true
			w.lost[r] = w.lost[r] || b.record.Log.Lane == oplog.Control
		}
	}
}

func (w *world) branches(r *room) map[oplog.LogID]*branchesOf {
	all := make(map[oplog.LogID]*branchesOf)
	for _, h := range w.up() {
		for _, record := range h.logs(r.id) {
			if !w.doubled[record.Log.Device] {
				continue
			}
			id := record.Log.ID()
			if all[id] == nil {
				all[id] = &branchesOf{record: record, at: make(map[uint64]map[oplog.EntryID]oplog.EntryID)}
			}
			for _, held := range record.Held {
				for seq := held.First; seq <= held.Last; seq++ {
					w.must(h.db.View(context.Background(), func(reader ingest.Reader) error {
						entry, _, err := reader.Entry(id, seq)
						if all[id].at[seq] == nil {
							all[id].at[seq] = make(map[oplog.EntryID]oplog.EntryID)
						}
						all[id].at[seq][entry.ID()] = entry.Header().Prev
						return err
					}))
				}
			}
		}
	}
	return all
}

// forked tells whether homes hold entries that contradict one another.
func (b *branchesOf) forked() bool {
	for seq, entries := range b.at {
		if len(entries) > 1 {
			return true
		}
		for _, before := range entries {
			earlier := b.at[seq-1]
			if _, here := earlier[before]; len(earlier) > 0 && !here {
				return true
			}
		}
	}
	return false
}

// parted tells whether the entries at which two branches part are both held.
func (b *branchesOf) parted() bool {
	for _, entries := range b.at {
		before := make(map[oplog.EntryID]bool)
		for _, prev := range entries {
			if before[prev] {
				return true
			}
			before[prev] = true
		}
	}
	return false
}

// someoneMaySettle tells whether there is an honest home for which it is to say which branch of a log stays.
func (w *world) someoneMaySettle(r *room, record ingest.LogRecord) bool {
	for _, h := range w.up() {
		state, err := h.gate.State(context.Background(), r.id)
		if err != nil || !h.honest() || h.out || !state.MaySettle(h.who.id, record.Author, record.Log) {
			continue
		}
		if h.device.ID() == record.Log.Device && w.isServed(r, record.Author) || h.who.id != record.Author && (state.Role(record.Author) == 0 || w.isOut(record.Log.Device)) {
			return true
		}
	}
	return false
}

// isServed tells whether every honest home takes somebody for a member, and so shows them what it holds.
func (w *world) isServed(r *room, person key.PersonID) bool {
	for _, h := range w.up() {
		if state, err := h.gate.State(context.Background(), r.id); err == nil && h.honest() && !h.out && state.Role(person) == 0 {
			return false
		}
	}
	return true
}

// isOut tells whether somebody removed a device.
func (w *world) isOut(device key.DeviceID) bool {
	for _, h := range w.homes {
		if h.device.ID() == device && h.out {
			return true
		}
	}
	return false
}
