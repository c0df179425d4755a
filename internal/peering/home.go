package peering

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/replicate"
)

const (
	// keyFirst and keyLast bound the pause between asking for keys that nobody has handed us so far.
	keyFirst = 5 * time.Millisecond
	keyLast  = 5 * time.Second
)

// Store is the durable store, as far as peers are served from it.
type Store interface {
	// Logs lists what is known of every log of a space, or of a person's identity space.
	Logs(ctx context.Context, space key.SpaceID) ([]ingest.LogRecord, error)
	// Heads is the frontier of the spaces taken together.
	Heads(ctx context.Context, spaces ...key.SpaceID) (oplog.Frontier, error)
	// Page is a page of runs, in the order in which they travel.
	Page(ctx context.Context, query replicate.Query) (replicate.Page, error)
}

// Config says whose peers these are.
type Config struct {
	Gate   *ingest.Pipeline
	Store  Store
	Device *key.Device
	Log    *slog.Logger
	// Reached hears what a peer holds. It must not block. Nil for nobody.
	Reached func(Reach)
}

// Reach is what a peer said that it holds: pieces of logs, or, where there are none, a whole space as it was under a digest.
type Reach struct {
	Peer   Peer
	Pieces []replicate.Held
	Space  key.SpaceID
	Digest [32]byte
}

// Home is this home among its peers. It is safe for concurrent use.
type Home struct {
	Directory *Directory

	gate    *ingest.Pipeline
	store   Store
	device  *key.Device
	log     *slog.Logger
	reached func(Reach)
	digests *digests
	turns   *turns
	// keysMissed wakes who asks for keys.
	keysMissed chan struct{}

	mu    sync.Mutex
	talks map[key.PeerKey]*Talk
}

// New makes a home that knows nobody so far.
func New(config Config) *Home {
	h := &Home{
		Directory: newDirectory(config.Gate), gate: config.Gate, store: config.Store, device: config.Device,
		log: config.Log, reached: config.Reached, digests: newDigests(),
		keysMissed: make(chan struct{}, 1), talks: make(map[key.PeerKey]*Talk),
	}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	if h.reached == nil {
		h.reached = func(Reach) {}
	}
	h.turns = newTurns(h.othersMayTry)
	return h
}

// Talk is the session with a peer, under way or being opened.
type Talk struct {
	h       *Home
	peer    key.PeerKey
	turn    *turn
	session *replicate.Session // nil while it is being opened
}

// Claim takes the place of the session with a peer; nil if it is taken. The caller releases it.
func (h *Home) Claim(peer key.PeerKey) *Talk {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.talks[peer] != nil {
		return nil
	}
	t := &Talk{h: h, peer: peer, turn: &turn{all: h.turns}}
	h.talks[peer] = t
	return t
}

// Release gives the place back.
func (t *Talk) Release() {
	t.h.mu.Lock()
	defer t.h.mu.Unlock()
	if t.h.talks[t.peer] == t {
		delete(t.h.talks, t.peer)
	}
}

// Local is this home as far as a peer may see and change it, for who carries entries without a session.
func (h *Home) Local(peer key.PeerKey) replicate.Local {
	return &local{h: h, key: peer, turn: &turn{all: h.turns}}
}

// Local is this home as far as the peer of the talk may see and change it.
func (t *Talk) Local() replicate.Local { return &local{h: t.h, key: t.peer, turn: t.turn} }

// Run holds the conversation over a stream until it or ctx ends, and closes the stream. Its error is that of
// replicate.Session.Run.
func (t *Talk) Run(ctx context.Context, stream io.ReadWriteCloser, us key.PeerKey, dialed bool) error {
	return t.RunAs(ctx, stream, us, dialed, t.Local())
}

// RunAs is Run with something in front of the talk's Local.
func (t *Talk) RunAs(ctx context.Context, stream io.ReadWriteCloser, us key.PeerKey, dialed bool, local replicate.Local) error {
	session := replicate.New(stream, local, replicate.Config{Us: us, Them: t.peer, Dialed: dialed, Log: t.h.log})
	t.h.mu.Lock()
	t.session = session
	t.h.mu.Unlock()
	t.h.wakeKeys()
	return session.Run(ctx)
}

// each calls do for every session with a known peer, outside of the lock.
func (h *Home) each(do func(Peer, *Talk)) {
	type open struct {
		peer Peer
		talk *Talk
	}
	var list []open
	h.mu.Lock()
	for peer, t := range h.talks {
		if known, ok := h.Directory.Peer(peer); ok && t.session != nil {
			list = append(list, open{known, t})
		}
	}
	h.mu.Unlock()
	for _, o := range list {
		do(o.peer, o.talk)
	}
}
