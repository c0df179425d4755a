package replicate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// keyJob is an ask of the peer for keys.
type keyJob struct {
	space  *sharedSpace
	epochs []oplog.EpochID
}

// askKeys asks the peer for keys that it was not asked for a moment ago.
func (s *Session) askKeys(id key.SpaceID, epochs []oplog.EpochID) error {
	space := s.live(id)
	if space == nil {
		return nil
	}
	t := &s.talk
	now := time.Now()
	for epoch, asked := range space.keyAsks {
		if now.Sub(asked) > keyAgain {
			delete(space.keyAsks, epoch)
			t.keyAsks--
		}
	}
	var ask []oplog.EpochID
	for _, epoch := range epochs {
		if _, asked := space.keyAsks[epoch]; asked || t.keyAsks >= maxKeyAsks {
			continue
		}
		if space.keyAsks == nil {
			space.keyAsks = make(map[oplog.EpochID]time.Time)
		}
		space.keyAsks[epoch] = now
		t.keyAsks++
		ask = append(ask, epoch)
	}
	for part := range slices.Chunk(ask, maxEpochs) {
		if err := s.send(&keyAskMessage{Tag: space.ours, Epochs: part}); err != nil {
			return err
		}
	}
	return nil
}

// onKeyAsk has serve seal keys for the peer. What is asked while too much waits is left to other peers.
func (s *Session) onKeyAsk(m *keyAskMessage) error {
	space := s.spaces.tagged(m.Tag)
	if space == nil {
		return broken("KEYREQ for a space that was not agreed upon")
	}
	if space.member.Load() {
		s.jobs.addKeys(keyJob{space, m.Epochs})
	}
	return nil
}

// serveKeys seals keys and sends them.
func (s *Session) serveKeys(ctx context.Context, job keyJob) error {
	if !job.space.member.Load() {
		return nil
	}
	keys, err := s.local.Seal(ctx, job.space.id, job.epochs)
	if err != nil {
		return trouble("seal keys", err)
	}
	for part := range slices.Chunk(keys, maxEpochs) {
		m := &keysMessage{Tag: job.space.ours}
		for _, k := range part {
			m.Keys = append(m.Keys, wireKey{Epoch: k.Epoch, Generation: k.Generation, History: k.History, Sealed: k.Sealed})
		}
		if err := m.check(); err != nil {
			return trouble("seal keys", err)
		}
		if err := s.send(m); err != nil {
			return err
		}
	}
	return nil
}

// onKeys hands the keys that we asked for to ingest, which goes on with them in turn.
func (s *Session) onKeys(m *keysMessage) error {
	space := s.spaces.tagged(m.Tag)
	if space == nil {
		return broken("KEYS of a space that was not agreed upon")
	}
	var keys []SealedKey
	for _, k := range m.Keys {
		if _, asked := space.keyAsks[k.Epoch]; !asked {
			continue // twice, or too late
		}
		delete(space.keyAsks, k.Epoch)
		s.talk.keyAsks--
		keys = append(keys, SealedKey{Epoch: k.Epoch, Generation: k.Generation, History: k.History, Sealed: k.Sealed})
	}
	if len(keys) > 0 {
		s.arrived.put(&parcel{space: space, keys: keys})
	}
	return nil
}

// takeKeys hands keys to the Local.
func (s *Session) takeKeys(ctx context.Context, space *sharedSpace, keys []SealedKey) error {
	verdicts, err := s.local.Open(ctx, space.id, keys)
	if err == nil && len(verdicts) != len(keys) {
		err = fmt.Errorf("%d verdicts on %d keys", len(verdicts), len(keys))
	}
	if err != nil {
		return trouble("open keys", err)
	}
	s.mail.post(func(context.Context) error {
		for _, verdict := range verdicts {
			if verdict == Rejected {
				if err := s.fault("a key that is not what was committed to", space.id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return nil
}
