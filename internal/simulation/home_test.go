package simulation

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing/synctest"
	"time"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/peering"
	"kith/internal/sqlite"
)

// home is one machine of a person: a folder, a gate and a store in it, and its peers.
type home struct {
	w      *world
	name   string
	who    *person
	device *key.Device
	dir    string
	skew   time.Duration // how far its clock is off

	db    *sqlite.DB
	gate  *ingest.Pipeline
	peers *peering.Home
	up    bool
	// out tells that somebody wrote its device's removal.
	out bool

	linkedBy    *home  // nil: it is the person's first
	backup      string // a copy of an earlier state of the folder; empty: none
	identityLog oplog.Log
	restored    bool
	twin        bool // its folder is a copy of another's

	// What the gate has committed and nobody has followed up so far.
	mu      sync.Mutex
	commits []ingest.Commit
	signal  chan struct{}
	stop    context.CancelFunc
	tasks   sync.WaitGroup
}

const databaseFile = "kith.db"

func (h *home) now() time.Time { return time.Now().Add(h.skew) }

func (h *home) path() string { return filepath.Join(h.dir, databaseFile) }

// open starts the home in its folder.
func (h *home) open() {
	ctx := context.Background()
	var err error
	h.db, err = sqlite.Open(ctx, h.path(), sqlite.Options{Now: h.now})
	h.w.must(err)
	h.gate = ingest.New(h.db, h.committed, h.now)
	h.peers = peering.New(peering.Config{Gate: h.gate, Store: h.db, Device: h.device, Log: h.w.logger(h)})
	h.commits, h.signal, h.up = nil, make(chan struct{}, 1), true
	if h.who != nil {
		h.peers.Directory.Speak(h.who.id)
		h.gate.Speak(ingest.Author{Person: h.who.id, Device: h.device})
	}
	spaces, err := h.db.Spaces(ctx)
	h.w.must(err)
	for _, s := range spaces {
		if !s.AwaitedFrom.IsZero() {
			h.expect(s.ID, s.AwaitedFrom)
		}
	}
	for _, s := range spaces {
		_, err := h.peers.Directory.Refresh(ctx, s.ID)
		h.w.must(err)
	}
	if h.w.live {
		life, stop := context.WithCancel(ctx)
		h.stop = stop
		h.tasks.Go(func() { h.follow(life) })
		h.tasks.Go(func() { _ = h.peers.AskForKeys(life) })
	}
}

// expect waits for a space that a person is to hand over.
func (h *home) expect(space key.SpaceID, from key.PersonID) {
	h.peers.Directory.Await(space, from)
	person, err := h.gate.Person(context.Background(), from)
	h.w.must(err)
	if person != nil {
		h.peers.Directory.Admit(person)
	}
}

// await notes, durably, that a space is to come.
func (h *home) await(space key.SpaceID, from key.PersonID) {
	h.w.must(h.db.Update(context.Background(), func(tx ingest.Tx) error { return tx.AwaitSpace(space, from) }))
	h.expect(space, from)
}

// committed hears from the gate.
func (h *home) committed(commit ingest.Commit) {
	h.peers.Committed(commit)
	h.mu.Lock()
	h.commits = append(h.commits, commit)
	h.mu.Unlock()
	select {
	case h.signal <- struct{}{}:
	default:
	}
}

// drain follows up every commit so far.
func (h *home) drain(ctx context.Context) {
	for {
		h.mu.Lock()
		commits := h.commits
		h.commits = nil
		h.mu.Unlock()
		if len(commits) == 0 {
			return
		}
		for _, commit := range commits {
			if _, err := h.peers.Follow(ctx, commit); err != nil && ctx.Err() == nil {
				h.w.must(err)
			}
		}
	}
}

// follow does so while sessions run, as the node does.
func (h *home) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.signal:
		}
		h.drain(ctx)
	}
}

// settleDown follows up what the home itself just did, where nothing runs beside it.
func (h *home) settleDown() {
	if !h.w.live {
		h.drain(context.Background())
	}
}

// close ends the home in good order. Its sessions are over by now.
func (h *home) close() {
	if !h.up {
		return
	}
	h.up = false
	if h.stop != nil {
		h.stop()
		h.tasks.Wait()
		h.stop = nil
	}
	h.w.must(h.db.Close())
}

// crash ends the home as the death of its process would: what is in its files at this moment is all that is left.
func (h *home) crash() {
	after := h.w.folder()
	h.copyTo(after)
	h.close()
	h.w.must(os.RemoveAll(h.dir))
	h.dir = after
}

// copyTo copies the files of the store as they are.
func (h *home) copyTo(dir string) {
	synctest.Wait() // nobody writes, and no checkpoint is under way
	for _, suffix := range []string{"", "-wal"} {
		copyFile(h.w, h.path()+suffix, filepath.Join(dir, databaseFile+suffix))
	}
}

func copyFile(w *world, from, to string) {
	in, err := os.Open(from)
	if os.IsNotExist(err) {
		return
	}
	w.must(err)
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	w.must(err)
	_, err = io.Copy(out, in)
	w.must(err)
	w.must(out.Close())
}

// keep makes a backup of the running home.
func (h *home) keep() {
	if h.backup != "" {
		h.w.must(os.RemoveAll(h.backup))
	}
	h.backup = h.w.folder()
	h.copyTo(h.backup)
}

// restore puts the backup in the place of the folder and starts from it. As the node does when its folder's mark has
// changed, it forgets which logs were its own; unless the whole machine was put back, its marks included.
func (h *home) restore(noticed bool) {
	h.close()
	h.w.must(os.RemoveAll(h.dir))
	h.dir, h.backup = h.backup, ""
	h.identityLog, h.restored = oplog.Log{}, true
	h.open()
	if noticed {
		h.w.must(h.db.ForgetOwnLogs(context.Background()))
	}
}

// double starts a second home on a copy of the folder, which does not know of the first: the disk was cloned.
func (h *home) double() *home {
	twin := &home{w: h.w, name: fmt.Sprintf("%s'%d", h.name, len(h.w.homes)), who: h.who, device: h.device, dir: h.w.folder(), skew: h.skew, linkedBy: h.linkedBy, twin: true}
	h.copyTo(twin.dir)
	twin.open()
	h.w.homes = append(h.w.homes, twin)
	return twin
}

// holds tells whether the home has an entry, with or without its payload.
func (h *home) holds(log oplog.LogID, seq uint64, id oplog.EntryID) (held, payload bool) {
	h.w.must(h.db.View(context.Background(), func(r ingest.Reader) error {
		entry, ok, err := r.Entry(log, seq)
		if ok && err == nil {
			held, payload = entry.ID() == id, entry.Payload() != nil
		}
		return err
	}))
	return held, payload
}

// key is the home's key of an epoch, if it has it.
func (h *home) hasKey(space key.SpaceID, epoch oplog.EpochID) (held, history bool) {
	e, err := h.gate.Key(context.Background(), space, epoch)
	h.w.must(err)
	return e != nil, e != nil && e.HasHistory()
}

// logs lists what the home holds of a space.
func (h *home) logs(space key.SpaceID) []ingest.LogRecord {
	list, err := h.db.Logs(context.Background(), space)
	h.w.must(err)
	slices.SortFunc(list, func(a, b ingest.LogRecord) int {
		x, y := a.Log.ID(), b.Log.ID()
		return slices.Compare(x[:], y[:])
	})
	return list
}
