package content

import "kith/internal/oplog"

// Moved makes an item refer to where what it refers to has gone: the new EntryIDs of entries that were written again.
func Moved(item Item, to map[oplog.EntryID]oplog.EntryID) Item {
	move := func(id *oplog.EntryID) {
		if now, moved := to[*id]; moved {
			*id = now
		}
	}
	switch item := item.(type) {
	case Comment:
		move(&item.Post)
		move(&item.Answers)
		return item
	case Vote:
		move(&item.Poll)
		return item
	case Reaction:
		move(&item.Target)
		return item
	case Edit:
		move(&item.Target)
		return item
	case Message:
		move(&item.Reply)
		return item
	case Event:
		move(&item.Of)
		return item
	case Answer:
		move(&item.Event)
		return item
	case Pin:
		move(&item.Post)
		return item
	case Confirmation:
		move(&item.Post)
		return item
	}
	return item
}
