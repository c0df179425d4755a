package node

import (
	"context"
	"slices"
	"sync"
	"time"

	"kith/internal/key"
	"kith/internal/p2p"
	"kith/internal/peering"
)

const (
	protocolSync = "/kith/sync/1"
	// sessionGrace is how long the side that does not open the session waits for the other to do it.
	sessionGrace = 3 * time.Second
	// sessionOpen bounds the opening of a stream on a connection that is there.
	sessionOpen = 10 * time.Second
)

// sessions keeps one sync session with every known peer that is connected.
type sessions struct {
	n    *Node
	life context.Context // the node's; set before the network starts

	mu    sync.Mutex
	tasks sync.WaitGroup
	ended bool
}

// begin makes sure that there is a session with a connected peer. Of the two sides, the one with the lesser key opens
// it; the other waits a moment, and opens it if nothing came.
func (s *sessions) begin(peer peering.Peer) {
	s.spawn(func() {
		us := s.n.host().Self()
		if slices.Compare(us[:], peer.Key[:]) > 0 {
			select {
			case <-time.After(sessionGrace):
			case <-s.life.Done():
				return
			}
		}
		t := s.claim(peer.Key)
		if t == nil {
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
	t := s.claim(key.PeerKey(stream.Peer()))
	if t == nil {
		stream.Reset()
		return
	}
	defer s.leave(key.PeerKey(stream.Peer()), t)
	s.talk(ctx, stream, t, false)
}

// claim takes the place of the session with a peer; nil if it is taken, or the node is closing.
func (s *sessions) claim(peer key.PeerKey) *peering.Talk {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil
	}
	return s.n.peers.Claim(peer)
}

func (s *sessions) leave(peer key.PeerKey, t *peering.Talk) {
	t.Release()
	// A session that broke while the connection holds is begun anew.
	if known, ok := s.n.directory.Peer(peer); ok && s.life.Err() == nil && s.n.host().Connected(p2p.PeerKey(peer)) {
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

func (s *sessions) talk(ctx context.Context, stream *p2p.Stream, t *peering.Talk, dialed bool) {
	peer := key.PeerKey(stream.Peer())
	s.n.log.Debug("sync begins", "peer", peer, "dialed", dialed)
	err := t.Run(ctx, stream, key.PeerKey(s.n.host().Self()), dialed)
	s.n.log.Debug("sync ended", "peer", peer, "err", err)
}
