package replicate

import (
	"bytes"
	"cmp"
	"slices"
	"sync"
	"testing"

	"kith/internal/key"
	"kith/internal/oplog"
)

// home is a node in memory: a real store of real entries, with the simple membership of the tests.
type home struct {
	t    testing.TB
	name string
	who  *person

	mu       sync.Mutex
	logs     map[oplog.LogID]*storedLog
	order    map[key.SpaceID][]*storedRun // by cursor, all lanes
	held     map[key.SpaceID]bool         // spaces, with or without a copy
	devices  map[key.DeviceID]key.PersonID
	peers    map[key.PeerKey]key.PersonID
	members  map[key.SpaceID]map[key.PersonID]bool // in the space's own logs so far; false: removed
	reserved rangeSet
	keys     map[oplog.EpochID][]byte
	sessions map[*Session]*view
	failing  error // what the store answers instead of working
	arrived  []string
	inSync   map[key.SpaceID]int
	acked    map[oplog.LogID]rangeSet
	signals  []string
	opened   []SealedKey
	ghosts   []Want // that it lacks and nobody has
	mute     bool   // whether it neither pushes nor advertises
	ingests  int
	onOffers func(spaces []key.SpaceID) // called before each question for offers, if set
}

func newHome(t testing.TB, who *person) *home {
	return &home{
		t: t, name: who.name, who: who,
		logs: make(map[oplog.LogID]*storedLog), order: make(map[key.SpaceID][]*storedRun),
		held: make(map[key.SpaceID]bool), devices: make(map[key.DeviceID]key.PersonID), peers: make(map[key.PeerKey]key.PersonID),
		members: make(map[key.SpaceID]map[key.PersonID]bool), keys: make(map[oplog.EpochID][]byte),
		sessions: make(map[*Session]*view), inSync: make(map[key.SpaceID]int), acked: make(map[oplog.LogID]rangeSet),
	}
}

// put stores runs as the home's own, without telling anybody.
func (h *home) put(space key.SpaceID, runs ...oplog.Run) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held[space] = true
	for i := range runs {
		if verdict := h.store(space, &runs[i]); verdict != Accepted {
			h.t.Fatalf("%s: own run in log %v at %d: %v", h.name, runs[i].Log, runs[i].First, verdict)
		}
	}
}

// meet stores identity runs: the home knows these people.
func (h *home) meet(runs ...oplog.Run) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range runs {
		if verdict := h.store(runs[i].Log.Space, &runs[i]); verdict != Accepted && verdict != Duplicate {
			h.t.Fatalf("%s: identity in log %v: %v", h.name, runs[i].Log, verdict)
		}
	}
}

// publish stores runs and pushes them to everybody connected.
func (h *home) publish(space key.SpaceID, runs ...oplog.Run) {
	h.t.Helper()
	h.put(space, runs...)
	for _, s := range h.connected() {
		if slices.ContainsFunc(runs, func(r oplog.Run) bool { return r.Log.Lane == oplog.Control }) {
			s.Refresh()
		}
		s.Push(space, runs)
	}
}

func (h *home) connected() []*Session {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []*Session
	for s := range h.sessions {
		list = append(list, s)
	}
	return list
}

// await makes the home wait for a space that it has no copy of.
func (h *home) await(space key.SpaceID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held[space] = true
}

// store verifies, authorises and stores one run. The home is locked.
func (h *home) store(space key.SpaceID, run *oplog.Run) Verdict {
	id := run.Log.ID()
	log := h.logs[id]
	if log == nil {
		log = &storedLog{log: run.Log}
	}
	entries, duplicate, err := log.verify(run)
	switch {
	case duplicate:
		return Duplicate
	case err != nil:
		return Rejected
	}
	if verdict := h.authorise(space, run, entries); verdict != Accepted {
		return verdict
	}
	h.logs[id] = log
	stored := log.insert(*run, entries)
	list := h.order[run.Log.Space]
	at, _ := slices.BinarySearchFunc(list, stored.cursor(), func(r *storedRun, c Cursor) int { return compareCursors(r.cursor(), c) })
	h.order[run.Log.Space] = slices.Insert(list, at, stored)
	return Accepted
}

func compareCursors(a, b Cursor) int {
	return cmp.Or(cmp.Compare(a.Lamport, b.Lamport), bytes.Compare(a.Log[:], b.Log[:]))
}

// authorise tells whether the author may write this, and folds it.
func (h *home) authorise(space key.SpaceID, run *oplog.Run, entries []oplog.Verified) Verdict {
	author, known := h.devices[run.Log.Device]
	if entries[0].Header().Kind == oplog.KindIdentity {
		owner := key.PersonID(run.Log.Space)
		if key.PersonOf(run.Log.Device) != owner {
			return Declined
		}
		for i := range entries {
			payload := entries[i].Payload()
			h.devices[key.DeviceID(payload[:32])] = owner
			h.peers[key.PeerKey(payload[32:64])] = owner
		}
		return Accepted
	}
	if !known {
		return Pending
	}
	if run.Log.Lane == oplog.Content {
		if in, ever := h.members[space][author]; !ever {
			return Pending
		} else if !in {
			return Declined
		}
		return Accepted
	}
	for i := range entries {
		payload := entries[i].Payload()
		who := key.PersonID(payload[1:33])
		switch payload[0] {
		case 'C':
			if key.SpaceOf(payload) != space || who != author {
				return Declined
			}
			h.members[space] = map[key.PersonID]bool{who: true}
		case 'A', 'R':
			if h.members[space] == nil {
				return Pending
			}
			h.members[space][who] = payload[0] == 'A'
		}
	}
	return Accepted
}

// unit lists the logs of a space's unit of sync. The home is locked.
func (h *home) unit(space key.SpaceID) []*storedLog {
	var unit []*storedLog
	for _, log := range h.logs {
		_, person := h.members[space][key.PersonID(log.log.Space)]
		if log.log.Space == space || person {
			unit = append(unit, log)
		}
	}
	return unit
}

func (h *home) frontier(space key.SpaceID) oplog.Frontier {
	var frontier oplog.Frontier
	for _, log := range h.unit(space) {
		frontier = append(frontier, log.head())
	}
	frontier.Sort()
	return frontier
}

// texts lists the content of a space, oldest first.
func (h *home) texts(space key.SpaceID) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var texts []string
	for _, r := range h.order[space] {
		if r.head.Log.Lane == oplog.Content {
			for _, raw := range r.run.Entries {
				texts = append(texts, string(raw.Payload))
			}
		}
	}
	return texts
}

// entries counts the entries of a space's unit of sync.
func (h *home) entries(space key.SpaceID) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, log := range h.unit(space) {
		for _, r := range log.runs {
			n += len(r.run.Entries)
		}
	}
	return n
}

// lacking counts the entries below the heads that the home does not have.
func (h *home) lacking(space key.SpaceID) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := uint64(0)
	for _, log := range h.unit(space) {
		for _, gap := range oplog.Gaps(log.held(), log.head().Seq) {
			n += gap.Last - gap.First + 1
		}
	}
	return n
}

func (h *home) digest(space key.SpaceID) [32]byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.frontier(space).Digest()
}

// ghostLog is a log of somebody unknown of which nobody has anything.
func (h *home) ghostLog(space key.SpaceID) oplog.Log {
	return oplog.Log{Space: space, Device: key.DeviceID(h.who.id), Lane: oplog.Content}
}

func rangeOf(last uint64) oplog.Range { return oplog.Range{First: 1, Last: last} }

// mustAgree fails the test unless all homes hold the same of a space, without gaps.
func mustAgree(t testing.TB, space key.SpaceID, homes ...*home) {
	t.Helper()
	for _, h := range homes {
		if h.digest(space) != homes[0].digest(space) {
			t.Fatalf("%s and %s differ: %d and %d entries", homes[0].name, h.name, homes[0].entries(space), h.entries(space))
		}
		if n := h.lacking(space); n != 0 {
			t.Fatalf("%s lacks %d entries", h.name, n)
		}
	}
}
