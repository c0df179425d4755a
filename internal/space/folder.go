package space

import (
	"kith/internal/key"
	"kith/internal/oplog"
)

// Folder folds one space again and again, and remembers the operations that it decoded: a space is folded anew with every
// operation that arrives, and decoding is what takes the time. The zero value is ready. It is not safe for concurrent use.
type Folder struct {
	decoded map[oplog.EntryID]Operation // nil for what is malformed
}

// decode gives the operation in an entry; nil if it is none.
func (f *Folder) decode(entry *oplog.Verified) Operation {
	if entry.Payload() == nil {
		return nil
	}
	id := entry.ID()
	op, known := f.decoded[id]
	if known {
		return op
	}
	op, err := Decode(entry.Payload())
	if err != nil {
		op = nil
	}
	if again, ok := op.(*Restate); ok {
		again.read(entry.Log().Space)
	}
	if f.decoded == nil {
		f.decoded = make(map[oplog.EntryID]Operation)
	}
	f.decoded[id] = op
	return op
}

// Keep forgets the operations in all but these entries.
func (f *Folder) Keep(entries []oplog.Verified) {
	if len(f.decoded) <= len(entries) {
		return
	}
	kept := make(map[oplog.EntryID]Operation, len(entries))
	for i := range entries {
		if op, known := f.decoded[entries[i].ID()]; known {
			kept[entries[i].ID()] = op
		}
	}
	f.decoded = kept
}

// Mentioned lists the people whom the operations name as owner, as member or as somebody who asks to join: those whose
// identity logs are needed to fold them, and perhaps more. Each is listed once.
func (f *Folder) Mentioned(entries []oplog.Verified) []key.PersonID {
	seen := make(map[key.PersonID]bool)
	var list []key.PersonID
	for i := range entries {
		var person key.PersonID
		switch op := inner(f.decode(&entries[i])).(type) {
		case *Create:
			person = op.Owner
		case *Add:
			person = op.Person
		case *SetRole:
			person = op.Person
		case *HandOver:
			person = op.Person
		case *Ask:
			person = op.Person
		default:
			continue
		}
		if !seen[person] {
			seen[person] = true
			list = append(list, person)
		}
	}
	return list
}
