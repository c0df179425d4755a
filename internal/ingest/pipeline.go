package ingest

import (
	"context"
	"errors"
	"sync"
	"time"

	"kith/internal/identity"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
	"kith/internal/space"
)

// Pipeline is the gate. It is safe for concurrent use.
type Pipeline struct {
	store    Store
	onCommit func(Commit)
	now      func() time.Time

	// write is held through a transaction and the refresh of the cache after it, so that the cache is never
	// behind the store for whoever writes next.
	write sync.Mutex
	// folders remember decoded operations. They are used only while write is held.
	folders map[key.SpaceID]*space.Folder

	mu     sync.RWMutex
	author Author
	spaces map[key.SpaceID]*spaceState
	people map[key.PersonID]*identity.Person
	// waiting says since when this home has wanted to write in a space and had no key for it.
	waiting map[key.SpaceID]time.Time
}

// spaceState is what the gate remembers of a space.
type spaceState struct {
	state     *space.State // nil while the create statement is not here
	mentioned map[key.PersonID]bool
	keys      map[oplog.EpochID]*seal.Epoch
}

// New makes a gate in front of the store. onCommit, which may be nil, is called after each transaction that
// changed something, in order; it must neither block nor call the gate.
func New(store Store, onCommit func(Commit), now func() time.Time) *Pipeline {
	if onCommit == nil {
		onCommit = func(Commit) {}
	}
	return &Pipeline{
		store: store, onCommit: onCommit, now: now,
		spaces: make(map[key.SpaceID]*spaceState), folders: make(map[key.SpaceID]*space.Folder),
		people: make(map[key.PersonID]*identity.Person), waiting: make(map[key.SpaceID]time.Time),
	}
}

// State is the folded state of a space, or ErrUnknownSpace.
func (p *Pipeline) State(ctx context.Context, id key.SpaceID) (*space.State, error) {
	s, err := p.load(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.state == nil {
		return nil, ErrUnknownSpace
	}
	return s.state, nil
}

// Person is the folded identity of a person, or nil where their identity log is not here.
func (p *Pipeline) Person(ctx context.Context, id key.PersonID) (*identity.Person, error) {
	p.mu.RLock()
	person, ok := p.people[id]
	p.mu.RUnlock()
	if ok {
		return person, nil
	}
	return viewed(p, ctx, func(w *work) (*identity.Person, error) { return w.person(id) })
}

// End tells where a log that is here ends, if it does: entries beyond its end are not accepted. It is false where the
// space is not known.
func (p *Pipeline) End(ctx context.Context, record LogRecord) (last uint64, ended bool, err error) {
	person, err := p.Person(ctx, record.Author)
	if err != nil || person == nil {
		return 0, false, err
	}
	if record.Log.Space == record.Author.IdentitySpace() {
		last, ended = person.End(record.Log)
		return last, ended, nil
	}
	state, err := p.State(ctx, record.Log.Space)
	if errors.Is(err, ErrUnknownSpace) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	last, ended = endOf(state, person, &record)
	if at, stays, settled := state.Settled(record.Author, record.Log); settled && stays.IsZero() && (!ended || at-1 < last) {
		last, ended = at-1, true
	}
	return last, ended, nil
}

// Key is a held key of the space, or nil.
func (p *Pipeline) Key(ctx context.Context, id key.SpaceID, epoch oplog.EpochID) (*seal.Epoch, error) {
	s, err := p.load(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.keys[epoch], nil
}

// Missing lists the epochs of the space whose keys are not here or lack the history key.
func (p *Pipeline) Missing(ctx context.Context, id key.SpaceID) ([]oplog.EpochID, error) {
	s, err := p.load(ctx, id)
	if err != nil || s.state == nil {
		return nil, err
	}
	var missing []oplog.EpochID
	for _, epoch := range s.state.Epochs() {
		if s.keys[epoch.Epoch] == nil {
			missing = append(missing, epoch.Epoch)
		}
	}
	return missing, nil
}

func (p *Pipeline) load(ctx context.Context, id key.SpaceID) (*spaceState, error) {
	p.mu.RLock()
	s, ok := p.spaces[id]
	p.mu.RUnlock()
	if ok {
		return s, nil
	}
	return viewed(p, ctx, func(w *work) (*spaceState, error) { return w.space(id) })
}

// viewed reads through a snapshot and keeps what was loaded on the way. It takes the write lock, so that a
// commit cannot slip in between the snapshot and the cache.
func viewed[T any](p *Pipeline, ctx context.Context, read func(*work) (T, error)) (T, error) {
	p.write.Lock()
	defer p.write.Unlock()
	var out T
	w := p.newWork()
	err := p.store.View(ctx, func(r Reader) (err error) {
		w.reader = r
		out, err = read(w)
		return err
	})
	if err == nil {
		w.keep()
	}
	return out, err
}

// update runs one write transaction and tells of it.
func (p *Pipeline) update(ctx context.Context, own bool, do func(*work) error) error {
	p.write.Lock()
	defer p.write.Unlock()
	var w *work
	err := p.store.Update(ctx, func(tx Tx) error {
		w = p.newWork()
		w.reader, w.tx, w.commit.Own = tx, tx, own
		if err := do(w); err != nil {
			return err
		}
		return w.finish()
	})
	if err != nil {
		return err
	}
	w.keep()
	if !w.commit.empty() {
		p.onCommit(w.commit)
	}
	return nil
}
