package social

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"kith/internal/canon"
	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/p2p"
	"kith/internal/space"
)

// maxOffered bounds the groups that friends added the owner to and that wait for an answer.
const maxOffered = 100

// serveOffers hears from another home of spaces that the owner was let into, or not.
func (h *Home) serveOffers(ctx context.Context, from key.PersonID, stream *p2p.Stream) {
	defer stream.Close()
	for range tellMost {
		_ = stream.SetDeadline(time.Now().Add(tellStep))
		var offer invite.Offer
		if err := invite.Read(stream, &offer); err != nil {
			if !errors.Is(err, io.EOF) && ctx.Err() == nil {
				h.log.Debug("an offer was not understood", "err", err)
			}
			return
		}
		reply, err := h.hearOffer(ctx, from, &offer)
		if err != nil {
			h.log.Debug("an offer was not taken", "err", err)
			return
		}
		if err := invite.Write(stream, &invite.OfferReply{Reply: reply}); err != nil {
			return
		}
	}
}

// hearOffer takes one offer. It is a hint, and proves nothing: what follows is that this home expects the space, or that its
// owner is asked whether it should. Who is in it, the space itself tells.
func (h *Home) hearOffer(ctx context.Context, from key.PersonID, offer *invite.Offer) (invite.Reply, error) {
	if offer.No {
		if refused, err := h.refused(ctx, offer.Space); refused || err != nil {
			return invite.Taken, err
		}
	}
	if from.IsZero() {
		return invite.Passed, nil // of a stranger, only a no to what the owner asked for is heard
	}
	if offer.No {
		return invite.Taken, h.declined(ctx, from, offer.Space)
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	if h.node.Person().IsZero() {
		return invite.Passed, nil
	}
	if len(offer.Proof) > 0 {
		return h.hearFarewell(ctx, offer)
	}
	if offer.Place == nil {
		return invite.Passed, invite.ErrProtocol
	}
	ref, create, err := refOf(offer.Place)
	if err != nil {
		return 0, err
	}
	if ref.ID != offer.Space.String() {
		return 0, invite.ErrProtocol
	}
	if _, err := h.node.Gate().State(ctx, offer.Space); err == nil {
		return invite.Taken, nil // it is here; the sync protocol does the rest
	}
	record, err := h.joinedRecord(ctx, offer.Space)
	if err != nil {
		return 0, err
	}
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return 0, err
	}
	friend, err := h.isFriend(ctx, from)
	if err != nil {
		return 0, err
	}
	expected := !record.Since.IsZero() && (record.State == "" || record.State == spaceAsking || record.State == spaceRefused)
	switch {
	case record.State == spaceDeclined:
		return invite.Declined, nil
	case expected: // said yes to before, or asked for: whoever is in it may bring it
	case !friend || hidden.blocked(from):
		return invite.Passed, nil
	case record.State == spaceOffered:
		return invite.Asked, nil
	}
	if record.Place, err = canon.Marshal(offer.Place); err != nil {
		return 0, err
	}
	if !expected {
		record.By, record.Since = from, h.now()
	}
	switch create.Kind {
	case space.Audience:
		if create.Owner != from {
			return invite.Passed, nil
		}
		record.State = ""
	case space.Chat:
		if !expected {
			if chats, err := h.spacesOf(ctx, space.Chat); err != nil || len(chats) >= maxChats {
				return invite.Passed, err
			}
		}
		record.State = "" // a chat with a friend needs no yes
	case space.Group:
		if !expected {
			return h.offered(ctx, offer.Space, record)
		}
	default:
		return invite.Passed, nil
	}
	if expected { // whoever brings it: nothing is decided anew
		if err := h.keepHeard(ctx, offer.Space, record); err != nil {
			return 0, err
		}
		if err := h.db.AwaitSpace(ctx, offer.Space, from); err != nil {
			return 0, err
		}
		return invite.Taken, h.node.Await(ctx, offer.Space, from)
	}
	return invite.Taken, h.await(ctx, offer.Space, from, record, nil)
}

// offered keeps an offer for the owner to answer.
func (h *Home) offered(ctx context.Context, id key.SpaceID, record *joinedRecord) (invite.Reply, error) {
	records, err := h.joinedRecords(ctx)
	if err != nil {
		return 0, err
	}
	waiting := 0
	for _, other := range records {
		if other.State == spaceOffered {
			waiting++
		}
	}
	if waiting >= maxOffered {
		return invite.Passed, nil
	}
	record.State = spaceOffered
	if err := h.keepHeard(ctx, id, record); err != nil {
		return 0, err
	}
	h.feed.tell(Event{Kind: EventGroups, ID: id.String()})
	return invite.Asked, nil
}

// Offers lists the groups that friends added the owner to and that wait for an answer, first come first.
func (h *Home) Offers(ctx context.Context) ([]Offered, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	records, err := h.joinedRecords(ctx)
	if err != nil {
		return nil, explain("list offers", err)
	}
	var list []Offered
	for text, record := range records {
		if record.State != spaceOffered {
			continue
		}
		var place invite.Place
		if err := canon.Unmarshal(record.Place, &place); err != nil {
			continue
		}
		ref, _, err := refOf(&place)
		if err != nil {
			continue
		}
		ref.ID = text
		people, err := h.people(ctx, []key.PersonID{record.By})
		if err != nil {
			return nil, explain("list offers", err)
		}
		list = append(list, Offered{Group: *ref, By: people[record.By], Since: record.Since})
	}
	slices.SortFunc(list, func(a, b Offered) int {
		if c := a.Since.Compare(b.Since); c != 0 {
			return c
		}
		return strings.Compare(a.Group.ID, b.Group.ID)
	})
	return list, nil
}

// AnswerOffer says yes or no to a group that a friend added the owner to. With a no, whoever may takes the owner out of it
// again, as soon as they hear of it.
func (h *Home) AnswerOffer(ctx context.Context, group string, yes bool) error {
	id, err := h.spaceID(group)
	if err != nil {
		return err
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	record, err := h.joinedRecord(ctx, id)
	if err != nil {
		return explain("answer an offer", err)
	}
	if record.State != spaceOffered {
		return fail(CodeNotFound, "This has been answered already, or taken back.", nil)
	}
	if !yes {
		record.State = spaceDeclined
		err := h.node.Gate().Publish(ctx, func(w *ingest.Writing) error { return h.decide(w, id, record) })
		if err != nil {
			return explain("answer an offer", err)
		}
		h.feed.tell(Event{Kind: EventGroups, ID: group})
		// Should they not be reached now: whoever offers it again gets the same answer.
		h.later(func(ctx context.Context) error {
			return h.teller.tell(ctx, record.By, []invite.Offer{{Space: id, No: true}})
		})
		return nil
	}
	record.State = ""
	return explain("answer an offer", h.await(ctx, id, record.By, record, nil))
}
