package social

import (
	"context"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/space"
	"kith/internal/sqlite"
)

const (
	// fadeLook is how often it is looked for messages whose time is over, at the least.
	fadeLook = time.Minute
	// fadeAtOnce is how many of them go in one transaction.
	fadeAtOnce = 200
)

// SetChatTimer says for how long new messages of a chat stay; 0: until somebody unsends them. It is told in the chat, and holds
// for everybody in it. It is a promise among friends: every home drops such a message when its time is over, and the home of its
// author asks all others to. Nobody can make a home forget that does not want to, nor a person who took a picture of it.
func (h *Home) SetChatTimer(ctx context.Context, chat string, stay time.Duration) error {
	c, err := h.conversation(ctx, chat)
	if err != nil {
		return err
	}
	if err := h.maySpeak(c); err != nil {
		return err
	}
	seconds := int64(stay / time.Second)
	if seconds < 0 || seconds > content.MaxFading || stay > 0 && seconds == 0 {
		return fail(CodeBadInput, "Choose for how long messages stay: up to a year, or until somebody unsends them.", nil)
	}
	now, err := h.fadesAfter(ctx, c)
	if err != nil || now == seconds {
		return explain("set a time", err)
	}
	_, err = h.speak(ctx, c, content.Message{Sets: true, Fades: uint64(seconds)})
	return err
}

// fadesAfter is for how long new messages of a chat stay, in seconds; 0: they stay.
func (h *Home) fadesAfter(ctx context.Context, c *conversation) (int64, error) {
	newest, found, err := h.db.TimeSet(ctx, c.spaces())
	if err != nil || !found {
		return 0, err
	}
	m, _ := newest.Content.(content.Message)
	return int64(m.Fades), nil
}

// fade drops messages whose time is over, until ctx ends.
func (h *Home) fade(ctx context.Context) error {
	for {
		wait := fadeLook
		if !h.node.Person().IsZero() {
			next, err := h.fadeNow(ctx)
			if err != nil && ctx.Err() == nil {
				h.log.Warn("messages whose time is over were not dropped", "err", err)
			}
			if err == nil && !next.IsZero() {
				wait = min(wait, max(next.Sub(h.now()), time.Second))
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-h.fading:
		case <-time.After(wait):
		}
	}
}

// fadeNow drops what is due, and tells when the next message will be.
func (h *Home) fadeNow(ctx context.Context) (next time.Time, err error) {
	for {
		due, err := h.db.Faded(ctx, h.now(), fadeAtOnce)
		if err != nil {
			return time.Time{}, err
		}
		if len(due) == 0 {
			next, _, err := h.db.NextFading(ctx)
			return next, err
		}
		bySpace := make(map[key.SpaceID][]sqlite.Item)
		for _, item := range due {
			bySpace[item.Space] = append(bySpace[item.Space], item)
		}
		for id, items := range bySpace {
			if err := h.fadeIn(ctx, id, items); err != nil {
				return time.Time{}, err
			}
		}
	}
}

// fadeIn drops messages of one space: of the owner's own every home is asked to.
func (h *Home) fadeIn(ctx context.Context, id key.SpaceID, items []sqlite.Item) error {
	me := h.node.Person()
	err := h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		state, err := w.State(id)
		if err != nil {
			return err
		}
		erase := &space.Erase{}
		for _, item := range items {
			if item.Author == me && state.Role(me) != 0 {
				erase.Targets = append(erase.Targets, target(item))
			}
		}
		if len(erase.Targets) > 0 {
			if _, err := w.Operate(id, erase); err != nil {
				return err
			}
		}
		return h.forget(w, id, items)
	})
	if err == nil {
		return nil
	}
	// A device that was removed can ask nobody; what is here goes all the same.
	return h.node.Gate().Publish(ctx, func(w *ingest.Writing) error { return h.forget(w, id, items) })
}

func (h *Home) forget(w *ingest.Writing, id key.SpaceID, items []sqlite.Item) error {
	for _, item := range items {
		if err := w.Forget(id, ingest.Place{Log: item.Log, Seq: item.Seq}); err != nil {
			return err
		}
	}
	return nil
}
