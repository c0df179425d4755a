package ingest

import (
	"slices"

	"kith/internal/content"
	"kith/internal/identity"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

// unlockBatch is how many waiting entries are decrypted at a time when a key arrives, which bounds memory.
const unlockBatch = 512

// project writes a decrypted item into the read models, if its author may write such a thing here.
func (w *work) project(s *spaceState, author key.PersonID, entry *oplog.Verified, item content.Item) error {
	if item == nil {
		return nil
	}
	if _, unknown := item.(content.Unknown); unknown {
		return nil
	}
	// Whether the author has the role that the item takes can change with what is still to arrive, so that readers ask for
	// that (State.Suffices) each time.
	if !mayShow(&s.state.Create, author == s.state.Create.Owner, item.Kind()) || !w.mayBeHere(s, author, item.Kind()) {
		return nil
	}
	if under, hangs := content.Under(item); hangs {
		gone, err := w.tx.IsErased(s.state.ID, under)
		if err != nil {
			return err
		}
		if gone {
			return w.drop(s.state.ID, Place{entry.LogID(), entry.Seq()}, key.PersonID{})
		}
	}
	projected := Item{Entry: entry, Author: author, Content: item}
	w.commit.Items = append(w.commit.Items, projected)
	return w.tx.Project(projected)
}

// finish does, at the end of a transaction, what follows from the operations that arrived in it: erases, and
// keys that open because a rotation is here now.
func (w *work) finish() error {
	out, err := w.shutOut()
	if err != nil || out {
		return err
	}
	for _, id := range slices.Clone(w.commit.Identity) {
		if err := w.endDevices(id); err != nil {
			return err
		}
	}
	for _, id := range slices.Clone(w.commit.Control) {
		if err := w.applyCuts(id); err != nil {
			return err
		}
		if err := w.eraseAsked(id); err != nil {
			return err
		}
		if err := w.openParents(id); err != nil {
			return err
		}
	}
	for _, id := range slices.Compact(slices.Clone(w.commit.Keys)) {
		if err := w.dropBranches(id); err != nil { // what waited for a key to be said again
			return err
		}
	}
	return nil
}

// endDevices drops what a person's devices wrote in the identity log beyond the end that others of them gave it, and has
// every space in which the person writes looked at again: what such a device did there holds no more, nor what others
// did by right of it.
func (w *work) endDevices(id key.PersonID) error {
	person, err := w.person(id)
	if err != nil || person == nil || !person.AnyRemoved() {
		return err
	}
	logs, err := w.reader.Logs(id.IdentitySpace())
	if err != nil {
		return err
	}
	for _, record := range logs {
		if last, ended := person.End(record.Log); ended && record.Head.Seq > last {
			if err := w.truncate(record, last); err != nil {
				return err
			}
		}
	}
	spaces, err := w.reader.SpacesOf(id)
	for _, space := range spaces {
		w.changedSpace(space)
	}
	return err
}

// end tells where a log ends in its space: by what was done to its author there, and to the device that writes it.
func (w *work) end(state *space.State, record *LogRecord) (last uint64, ended bool, err error) {
	person, err := w.person(record.Author)
	if err != nil {
		return 0, false, err
	}
	last, ended = endOf(state, person, record)
	return last, ended, nil
}

func endOf(state *space.State, person *identity.Person, record *LogRecord) (last uint64, ended bool) {
	last, ended = state.End(record.Author, record.Log)
	if person == nil {
		return last, ended
	}
	if at, gone := person.End(record.Log); gone && (!ended || at < last) {
		return at, true
	}
	return last, ended
}

// applyCuts drops what members wrote beyond the end of their logs and we took before we heard of it. Every home drops
// the same, so that all come to hold the same. Where it is our own log that ended, what we write next begins another.
func (w *work) applyCuts(id key.SpaceID) error {
	if err := w.dropBranches(id); err != nil {
		return err
	}
	s, err := w.space(id)
	if err != nil || s.state == nil {
		return err
	}
	logs, err := w.reader.Logs(id)
	if err != nil {
		return err
	}
	for _, record := range logs {
		last, ended, err := w.end(s.state, &record)
		if err != nil {
			return err
		}
		if !ended || record.Head.Seq <= last {
			continue
		}
		if err := w.truncate(record, last); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) truncate(record LogRecord, last uint64) error {
	log := record.Log.ID()
	erased, err := w.tx.Truncate(record.Log.Space, log, last)
	if err != nil {
		return err
	}
	if record.Log.Lane == oplog.Control && record.Log.Space != record.Author.IdentitySpace() {
		w.changedSpace(record.Log.Space) // which entries are here is part of the folded state
	}
	w.commit.Erased = append(w.commit.Erased, erased...)
	beyond := func(e *oplog.Verified) bool { return e.LogID() == log && e.Seq() > last }
	w.commit.Entries = slices.DeleteFunc(w.commit.Entries, func(e oplog.Verified) bool { return beyond(&e) })
	w.commit.Items = slices.DeleteFunc(w.commit.Items, func(i Item) bool { return beyond(i.Entry) })
	if own, ok, err := w.tx.OwnLog(record.Log.Space, record.Log.Lane); err != nil || !ok || own != record.Log {
		return err
	}
	return w.tx.DropOwnLog(record.Log.Space, record.Log.Lane)
}

// unlock decrypts what waited for a key of the space.
func (w *work) unlock(s *spaceState, epoch oplog.EpochID) error {
	for {
		waiting, err := w.tx.Unlock(s.state.ID, epoch, unlockBatch)
		if err != nil || len(waiting) == 0 {
			return err
		}
		for i := range waiting {
			entry := &waiting[i].Entry
			if entry.Payload() == nil {
				continue
			}
			if err := w.project(s, waiting[i].Author, entry, open(s.keys[epoch], entry).content); err != nil {
				return err
			}
		}
	}
}
