package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"kith/internal/oplog"
	"kith/internal/social"
)

// friendCmd is the home that latency publishes to. It accepts an invite, and then tells of every post that its
// store has.
type friendCmd struct {
	Home    string `required:"" help:"The folder of the home."`
	Profile string `help:"The beginning of the names of files for profiles."`
}

// friendAsk is what it is told.
type friendAsk struct {
	Invite string `json:"invite"`
}

// friendFound is what it tells: a post, when a query of the store gave it, and when all that a page shows of it was
// read. The first time, without a post, it tells that the two are friends.
type friendFound struct {
	ID    string    `json:"id"`
	Found time.Time `json:"found"`
	Shown time.Time `json:"shown"`
}

func (c *friendCmd) Run(l *lab) (err error) {
	ctx, up := l.parent()
	h, err := l.openHome(ctx, c.Home, "Ben")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	var ask friendAsk
	if err := up.hear(ctx, &ask); err != nil {
		return err
	}
	if err := h.accept(ctx, ask.Invite); err != nil {
		return err
	}
	stop, err := startProfile(c.Profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	events := h.Subscribe(ctx)
	if err := up.tell(friendFound{}); err != nil {
		return err
	}
	for event := range events {
		if event.Kind != social.EventPost {
			continue
		}
		found, err := h.find(ctx, event.ID)
		if err != nil {
			return err
		}
		if err := up.tell(found); err != nil {
			return err
		}
	}
	return nil
}

// accept uses an invite and waits until its maker is a friend whose wall is here.
func (h *home) accept(ctx context.Context, invite string) error {
	acceptance, err := h.Accept(ctx, invite)
	if err != nil {
		return err
	}
	return until(ctx, "a friendship", func() (bool, error) {
		friends, err := h.Friends(ctx)
		for _, friend := range friends {
			if friend.ID == acceptance.Inviter.ID {
				return true, nil
			}
		}
		return false, err
	})
}

// find reads a post that the home was told of, at first as the store has it.
func (h *home) find(ctx context.Context, id string) (friendFound, error) {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != len(oplog.EntryID{}) {
		return friendFound{}, fmt.Errorf("a post with the ID %q", id)
	}
	_, there, err := h.node.DB().Item(ctx, oplog.EntryID(raw))
	found := time.Now()
	if err != nil {
		return friendFound{}, err
	}
	if !there {
		return friendFound{}, fmt.Errorf("the home told of post %s, and its store does not have it", id)
	}
	_, err = h.Post(ctx, id)
	return friendFound{ID: id, Found: found, Shown: time.Now()}, err
}
