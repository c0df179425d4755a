package replicate

import (
	"sync"
	"sync/atomic"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// sharedSpace is what a session knows about a space that it has offered or was offered.
type sharedSpace struct {
	id           key.SpaceID
	ours, theirs tag         // in our messages, and in the peer's
	member       atomic.Bool // whether the peer is a member in our copy; set by control

	// The rest is control's.

	shared   bool   // whether the peer knows the space
	offer    uint64 // the number of our offer that is not answered yet; 0: none
	exchange bool   // whether an exchange that we began is open
	queued   bool   // whether one is to begin

	refused  rangeSet                    // rejected or declined
	unserved rangeSet                    // asked for, and the peer does not have it
	pending  rangeSet                    // by authors whom we do not know so far
	heads    map[oplog.LogID]oplog.Head  // of the pending ranges
	tries    map[oplog.LogID]int         // how often pending ranges were asked for again
	standing rangeSet                    // the peer asked for it, and we do not have it
	keyAsks  map[oplog.EpochID]time.Time // when keys were asked of the peer
}

// spaceTable finds spaces by the peer's tags and by ID. Safe for concurrent use.
type spaceTable struct {
	mu    sync.RWMutex
	byTag map[tag]*sharedSpace
	byID  map[key.SpaceID]*sharedSpace
}

// tagged is the space that a tag of the peer names, or nil.
func (t *spaceTable) tagged(name tag) *sharedSpace {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.byTag[name]
}

// of is the space, or nil.
func (t *spaceTable) of(id key.SpaceID) *sharedSpace {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.byID[id]
}

// all lists the spaces.
func (t *spaceTable) all() []*sharedSpace {
	t.mu.RLock()
	defer t.mu.RUnlock()
	list := make([]*sharedSpace, 0, len(t.byID))
	for _, space := range t.byID {
		list = append(list, space)
	}
	return list
}

// meet finds a space, or puts it into the table.
func (s *Session) meet(id key.SpaceID) *sharedSpace {
	t := &s.spaces
	t.mu.Lock()
	defer t.mu.Unlock()
	if space := t.byID[id]; space != nil {
		return space
	}
	space := &sharedSpace{id: id, ours: s.session.tag(id, s.from()), theirs: s.session.tag(id, s.to())}
	if t.byID == nil {
		t.byID, t.byTag = make(map[key.SpaceID]*sharedSpace), make(map[tag]*sharedSpace)
	}
	t.byID[id], t.byTag[space.theirs] = space, space
	return space
}

// remember adds a piece of a log to a set of what is not to be asked for again, as far as there is room.
func remember(set *rangeSet, log oplog.Log, r oplog.Range) {
	if set.count < maxRemembered {
		set.add(log, r)
	}
}

// knownHeads remembers the newest entries that the peer is known to have, of the logs that were last active.
type knownHeads struct {
	recent, older map[oplog.LogID]uint64
}

// mark notes that the peer has the log up to seq.
func (k *knownHeads) mark(log oplog.LogID, seq uint64) {
	if k.has(log, seq) {
		return
	}
	if k.recent == nil || len(k.recent) >= maxKnown/2 {
		k.recent, k.older = make(map[oplog.LogID]uint64), k.recent
	}
	k.recent[log] = seq
}

// has tells whether the peer is known to have the log's entry seq. False may be wrong.
func (k *knownHeads) has(log oplog.LogID, seq uint64) bool {
	return k.recent[log] >= seq || k.older[log] >= seq
}
