package node

import (
	"context"
	"slices"
	"sync"
	"time"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/p2p"
	"kith/internal/replicate"
)

const (
	protocolSync = "/kith/sync/1"
	// sessionGrace is how long the side that does not open the session waits for the other to do it.
	sessionGrace = 3 * time.Second
	// sessionOpen bounds the opening of a stream on a connection that is there.
	sessionOpen = 10 * time.Second
	// keyFirst and keyLast bound the pause between asking for keys that nobody has handed us so far.
	keyFirst = 5 * time.Millisecond
	keyLast  = 5 * time.Second
)

// sessions keeps one sync session with every known peer that is connected.
type sessions struct {
	n     *Node
	life  context.Context // the node's; set before the network starts
	turns *turns
	// keysMissed wakes who asks for keys.
	keysMissed chan struct{}

	mu    sync.Mutex
	open  map[key.PeerKey]*talk
	tasks sync.WaitGroup
	ended bool
}

// talk is a session under way, or being opened.
type talk struct {
	session *replicate.Session // nil while it is being opened
	turn    *turn
}

func newSessions(n *Node) *sessions {
	s := &sessions{n: n, open: make(map[key.PeerKey]*talk), keysMissed: make(chan struct{}, 1)}
	s.turns = newTurns(s.othersMayTry)
	return s
}

// begin makes sure that there is a session with a connected peer. Of the two sides, the one with the lesser key opens
// it; the other waits a moment, and opens it if nothing came.
func (s *sessions) begin(peer Peer) {
	s.spawn(func() {
		us := s.n.host().Self()
		if slices.Compare(us[:], peer.Key[:]) > 0 {
			select {
			case <-time.After(sessionGrace):
			case <-s.life.Done():
				return
			}
		}
		t := &talk{}
		if !s.enter(peer.Key, t) {
			return
		}
		defer s.leave(peer.Key, t)
		ctx, cancel := context.WithTimeout(s.life, sessionOpen)
		stream, err := s.n.host().Open(ctx, p2p.PeerKey(peer.Key), protocolSync)
		cancel()
		if err != nil {
			s.n.log.Debug("no stream to sync on", "peer", peer.Key, "err", err)
			return
		}
		s.talk(s.life, stream, t, true)
	})
}

// serve takes a session that the peer opened. A peer that is not known may introduce itself; package replicate bounds
// what it may say.
func (s *sessions) serve(ctx context.Context, stream *p2p.Stream) {
	t := &talk{}
	if !s.enter(key.PeerKey(stream.Peer()), t) {
		stream.Reset()
		return
	}
	defer s.leave(key.PeerKey(stream.Peer()), t)
	s.talk(ctx, stream, t, false)
}

// enter claims the place of the session with a peer.
func (s *sessions) enter(peer key.PeerKey, t *talk) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.open[peer] != nil {
		return false
	}
	s.open[peer] = t
	return true
}

func (s *sessions) leave(peer key.PeerKey, t *talk) {
	s.mu.Lock()
	if s.open[peer] == t {
		delete(s.open, peer)
	}
	s.mu.Unlock()
	// A session that broke while the connection holds is begun anew.
	if known, ok := s.n.directory.peer(peer); ok && s.life.Err() == nil && s.n.host().Connected(p2p.PeerKey(peer)) {
		s.spawn(func() {
			select {
			case <-time.After(sessionGrace):
				s.begin(known)
			case <-s.life.Done():
			}
		})
	}
}

func (s *sessions) spawn(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.tasks.Go(f)
	}
}

// wait ends with the last session. The node's life is over when it is called.
func (s *sessions) wait() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.tasks.Wait()
}

func (s *sessions) talk(ctx context.Context, stream *p2p.Stream, t *talk, dialed bool) {
	peer := key.PeerKey(stream.Peer())
	t.turn = &turn{all: s.turns}
	session := replicate.New(stream, &local{n: s.n, key: peer, turn: t.turn}, replicate.Config{
		Us: key.PeerKey(s.n.host().Self()), Them: peer, Dialed: dialed, Log: s.n.log,
	})
	s.mu.Lock()
	t.session = session
	s.mu.Unlock()
	s.n.log.Debug("sync begins", "peer", peer, "dialed", dialed)
	s.wakeKeys()
	err := session.Run(ctx)
	s.n.log.Debug("sync ended", "peer", peer, "err", err)
}

// each calls do for every session, outside of the lock.
func (s *sessions) each(do func(Peer, *talk)) {
	type open struct {
		peer Peer
		talk *talk
	}
	var list []open
	s.mu.Lock()
	for peer, t := range s.open {
		if known, ok := s.n.directory.peer(peer); ok && t.session != nil {
			list = append(list, open{known, t})
		}
	}
	s.mu.Unlock()
	for _, o := range list {
		do(o.peer, o.talk)
	}
}

// pass hands what a commit stored on to the homes of the spaces' members that are connected: what was written here at
// once and whole, what came from others as a hint that it is here. Who has just left or was removed gets the operation
// that says so by the exchange of frontiers, if at all.
func (s *sessions) pass(commit ingest.Commit) {
	for space, news := range newsOf(commit.Entries) {
		if commit.Own {
			news.runs = append(s.n.introductions(space, commit.Entries), news.runs...)
		}
		s.each(func(peer Peer, t *talk) {
			switch {
			case !s.n.directory.isMember(space, peer.Person):
			case commit.Own:
				t.session.Push(space, news.runs)
			default:
				t.session.Advertise(space, news.pieces)
			}
		})
	}
}

// news is what a commit stored in one space: runs, and what to call them.
type news struct {
	runs   []oplog.Run
	pieces []replicate.Piece
}

// newsOf puts a commit's entries into runs, by space. Entries of a run whose head is not among them are left to the
// exchange of frontiers.
func newsOf(entries []oplog.Verified) map[key.SpaceID]*news {
	all := make(map[key.SpaceID]*news)
	start := 0
	for i := range entries {
		entry := &entries[i]
		if i > start && (entries[i-1].Log() != entry.Log() || entries[i-1].Seq()+1 != entry.Seq()) {
			start = i
		}
		if entry.Signature() == nil {
			continue
		}
		if run, err := oplog.RunOf(entries[start : i+1]); err == nil {
			n := all[run.Log.Space]
			if n == nil {
				n = new(news)
				all[run.Log.Space] = n
			}
			n.runs = append(n.runs, run)
			n.pieces = append(n.pieces, replicate.Piece{Log: run.Log, First: run.First, Last: entry.Seq(), ID: entry.ID()})
		}
		start = i + 1
	}
	return all
}

// refresh makes every session look anew at what there is to talk about, after members or devices changed.
func (s *sessions) refresh(spaces ...key.SpaceID) {
	s.each(func(_ Peer, t *talk) { t.session.Refresh(spaces...) })
	s.wakeKeys()
}

// wakeKeys makes missing keys be asked for soon.
func (s *sessions) wakeKeys() {
	select {
	case s.keysMissed <- struct{}{}:
	default:
	}
}

// askForKeys asks a peer for every key that is missing. Who is asked and does not have it, or may not give it, is
// silent.
func (s *sessions) askForKeys(ctx context.Context, session *replicate.Session) {
	for _, space := range s.n.directory.held() {
		missing, err := s.n.gate.Missing(ctx, space)
		if err != nil || len(missing) == 0 {
			continue
		}
		session.RequestKeys(space, missing)
	}
}

// missKeys asks for missing keys again and again, at first soon, because a session can only ask once both sides have
// agreed on the space.
func (s *sessions) missKeys(ctx context.Context) error {
	pause := keyLast
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.keysMissed:
			pause = keyFirst
		case <-timer.C:
			pause = min(2*pause, keyLast)
		}
		s.each(func(_ Peer, t *talk) { s.askForKeys(ctx, t.session) })
		timer.Reset(pause)
	}
}

// othersMayTry lets the other sessions ask for what one of them had reserved and may not have got.
func (s *sessions) othersMayTry(by *turn, space key.SpaceID) {
	s.each(func(_ Peer, t *talk) {
		if t.turn != by {
			t.session.Refresh(space)
		}
	})
}
