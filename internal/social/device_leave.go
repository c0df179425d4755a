package social

import (
	"context"
	"errors"
	"time"

	"kith/internal/identity"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/node"
)

const (
	// recordLeaving, in recordsHome: this device has left, and no other of the owner's is known to have heard of it.
	recordLeaving = "leaving"
	// leaveAgain is how often it is tried to tell one.
	leaveAgain = 5 * time.Second
)

// LeaveDevices takes this device out of the owner's, by itself: what it wrote stays, and it can be read; it writes as
// them no more, and gets nothing new. The owner's other devices change the key that it had.
func (h *Home) LeaveDevices(ctx context.Context) error {
	me, err := h.me()
	if err != nil {
		return err
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	person, err := h.node.Gate().Person(ctx, me)
	if err != nil {
		return explain("leave", err)
	}
	if here, known := person.Device(h.node.Device().ID()); known && here.Removed {
		return nil
	}
	if len(person.Devices()) < 2 {
		return fail(CodeNotAllowed, "This is your only computer, so nobody would be left to write as you. Link another one first. Nothing was changed.", nil)
	}
	recovery, err := h.recovery(ctx)
	if err != nil {
		return explain("leave", err)
	}
	if !recovery.Confirmed && h.wordsHere() {
		return fail(CodeNotAllowed, "Your recovery words are on this computer alone, and you have not confirmed that you wrote them down. Do that first, under Settings; then this computer can leave. Nothing was changed.", nil)
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		cut, err := deviceCut(w.Tx(), h.node.Device().ID())
		if err != nil {
			return err
		}
		if err := w.Identify(&identity.Resign{Cut: cut}); err != nil {
			return err
		}
		return w.Tx().PutRecord(recordsHome, recordLeaving, true)
	})
	if err != nil {
		return explain("leave", err)
	}
	h.feed.tell(Event{Kind: EventDevices})
	h.later(h.tellLeaving)
	return nil
}

// tellLeaving brings word that this device has left to another one of the owner's, and to friends' homes on the way; as long
// as none of the owner's has heard of it. Those who are connected at that moment hear of it by themselves.
func (h *Home) tellLeaving(ctx context.Context) error {
	var leaving bool
	if _, err := h.db.Get(ctx, recordsHome, recordLeaving, &leaving); err != nil || !leaving {
		return err
	}
	told := make(map[key.PeerKey]bool)
	for {
		me := h.node.Person()
		for _, person := range append(h.node.Connected(), me) {
			for _, peer := range h.node.Devices(person) {
				if told[peer.Key] {
					continue
				}
				if told[peer.Key] = h.tellOfLeave(ctx, peer.Key); told[peer.Key] && person == me {
					return h.db.Delete(ctx, recordsHome, recordLeaving)
				}
			}
		}
		select {
		case <-time.After(leaveAgain):
		case <-ctx.Done():
			return nil
		}
	}
}

// tellOfLeave shows the owner's identity log to another home, and tells whether it took it.
func (h *Home) tellOfLeave(ctx context.Context, peer key.PeerKey) bool {
	ctx, cancel := context.WithTimeout(ctx, returnTimeout)
	defer cancel()
	mine, err := h.node.IdentityRuns(ctx, h.node.Person())
	if err != nil {
		h.log.Warn("identity not read", "err", err)
		return false
	}
	addresses, err := h.db.Addresses(ctx, peer)
	if err != nil {
		h.log.Warn("addresses not read", "err", err)
		return false
	}
	stream, err := h.node.OpenMeeting(ctx, node.ProtocolReturn, peer, addresses)
	if err != nil {
		return false
	}
	defer stream.Close()
	defer context.AfterFunc(ctx, stream.Reset)()
	answer, err := askReturn(stream, h.node.Person(), mine)
	if err != nil && !errors.Is(err, errUnreachable) {
		h.log.Debug("not told that this device left", "err", err)
	}
	return err == nil && len(answer.Identity) > 0
}
