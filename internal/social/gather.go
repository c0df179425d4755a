package social

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kith/internal/content"
	"kith/internal/identity"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// returner gathers, after the owner came back, what the homes of friends hold, and then removes the earlier devices.
func (h *Home) returner(ctx context.Context) error {
	if _, found, err := h.returning(ctx); err == nil && !found {
		if err := key.RemoveWords(h.node.KeyFile(returnFile)); err != nil { // of a recovery that was cut short
			h.log.Warn("recovery words were not removed", "err", err)
		}
	}
	quiet := time.Now()
	var before int
	for {
		record, found, err := h.returning(ctx)
		if err == nil && found {
			var entries int
			if entries, err = h.gather1(ctx); err == nil {
				if entries != before {
					quiet, before = time.Now(), entries
				}
				if record.Remove && h.gathered(ctx, record, time.Since(quiet)) {
					err = h.removeEarlier(ctx)
				}
			}
		}
		if err != nil && ctx.Err() == nil {
			h.log.Warn("coming back goes on later", "err", err)
		}
		pause := gatherLook
		if found && !record.Remove && h.now().Sub(record.Since) > gatherSoon {
			pause = gatherRest
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
		if !found {
			if h.node.Person().IsZero() {
				continue
			}
			if _, found, _ = h.returning(ctx); !found {
				return nil // this home was begun, or linked
			}
		}
	}
}

func (h *Home) returning(ctx context.Context) (returningRecord, bool, error) {
	var record returningRecord
	found, err := h.db.Get(ctx, recordsHome, recordReturning, &record)
	return record, found, err
}

// gather1 finds friends again: who is on the owner's wall and has the owner on theirs is a friend. It tells how many
// entries there are by now.
func (h *Home) gather1(ctx context.Context) (int, error) {
	h.meeting.Lock()
	defer h.meeting.Unlock()
	counts, err := h.db.Counts(ctx)
	if err != nil {
		return 0, err
	}
	mine, err := h.wall(ctx)
	if errors.Is(err, ingest.ErrUnknownSpace) {
		return counts.Entries, nil
	}
	if err != nil {
		return 0, err
	}
	spaces, err := h.db.Spaces(ctx)
	if err != nil {
		return 0, err
	}
	for _, s := range spaces {
		if s.Kind == space.Own {
			if err := h.joinOwn(ctx, s); err != nil {
				return 0, err
			}
		}
		if s.Kind != space.Wall || s.Owner == h.node.Person() {
			continue
		}
		theirs, err := h.node.Gate().State(ctx, s.ID)
		if err != nil {
			return 0, err
		}
		friend, err := h.isFriend(ctx, s.Owner)
		if err != nil {
			return 0, err
		}
		if friend || mine.Role(s.Owner) == 0 || theirs.Role(h.node.Person()) == 0 {
			continue
		}
		err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
			if err := h.share(w, recordsSpaces, s.ID.String(), &spaceRecord{Owner: s.Owner}); err != nil {
				return err
			}
			return h.share(w, recordsFriends, s.Owner.String(), &friendRecord{Wall: s.ID, Since: h.now(), Carded: true})
		})
		if err != nil {
			return 0, err
		}
		h.feed.tell(Event{Kind: EventFriends, ID: s.Owner.String()})
	}
	return counts.Entries, nil
}

// joinOwn makes one of two own spaces: where an earlier device is still there, its own space is the one to write into, and
// the one that was made here is listed in it, so that all devices have both.
func (h *Home) joinOwn(ctx context.Context, s sqlite.Space) error {
	var own key.SpaceID
	if found, err := h.db.Get(ctx, recordsHome, recordOwn, &own); err != nil || !found || own == s.ID || s.Owner != h.node.Person() {
		return err
	}
	var joined bool
	if _, err := h.db.Get(ctx, recordsHome, recordJoined, &joined); err != nil || joined {
		return err
	}
	err := h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if err := w.Tx().PutRecord(recordsHome, recordOwn, s.ID); err != nil {
			return err
		}
		if err := w.Tx().PutRecord(recordsHome, recordJoined, true); err != nil {
			return err
		}
		value, err := json.Marshal(&spaceRecord{Owner: w.Me()})
		if err != nil {
			return err
		}
		_, err = w.Items(s.ID, content.Register{Collection: recordsSpaces, ID: own.String(), Value: value})
		return err
	})
	if errors.Is(err, ingest.ErrNoKey) {
		return nil // it comes soon
	}
	return err
}

// gathered tells whether everything that can be found has been: the owner's wall and whatever else is known of is here and
// can be read, and nothing has come for a while.
func (h *Home) gathered(ctx context.Context, record returningRecord, quiet time.Duration) bool {
	if h.now().Sub(record.Since) > gatherMost {
		return true
	}
	spaces, err := h.db.Spaces(ctx)
	if err != nil || quiet < h.cfg.Quiet {
		return false
	}
	for _, s := range spaces {
		if !s.AwaitedFrom.IsZero() {
			return false
		}
		if missing, err := h.node.Gate().Missing(ctx, s.ID); err != nil || len(missing) > 0 {
			return false
		}
	}
	return true
}

// removeEarlier shuts out every device but this one, as the root, and forgets the words.
func (h *Home) removeEarlier(ctx context.Context) error {
	words, err := key.LoadWords(h.node.KeyFile(returnFile))
	if err != nil {
		return err
	}
	root, me := words.Root(), h.node.Person()
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		for {
			person, err := w.Person(me)
			if err != nil {
				return err
			}
			others := slices.DeleteFunc(person.Devices(), func(d identity.Device) bool { return d.Device == h.node.Device().ID() })
			if len(others) == 0 {
				break
			}
			keys, err := person.OpenKeysAsRoot(root)
			if err != nil {
				return err
			}
			if err := h.shut(w, person, keys, root, others[0].Device); err != nil {
				return fmt.Errorf("remove device %v: %w", others[0].Device, err)
			}
		}
		record, _, err := h.returning(ctx)
		if err != nil {
			return err
		}
		record.Remove = false
		return w.Tx().PutRecord(recordsHome, recordReturning, &record)
	})
	if err != nil {
		return err
	}
	h.feed.tell(Event{Kind: EventDevices})
	return key.RemoveWords(h.node.KeyFile(returnFile))
}

// askAround asks the homes of somebody who came on, who is on the owner's wall and of whom nothing else is known: after a
// recovery, this is how their wall is found again.
func (h *Home) askAround(ctx context.Context, person key.PersonID) error {
	if _, found, err := h.returning(ctx); err != nil || !found {
		return err
	}
	if friend, err := h.isFriend(ctx, person); err != nil || friend || !h.node.Online(person) {
		return err
	}
	for _, peer := range h.node.Devices(person) {
		if h.node.DeviceOnline(peer.Key) {
			if err := h.askWhatBecame(ctx, peer.Key); err != nil {
				return err
			}
		}
	}
	return nil
}
