package social

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/space"
)

const (
	// tellPause gathers what happens in a moment, so that a person is told of all of it at once.
	tellPause = 100 * time.Millisecond
	// tellAgain is how soon somebody is told again who has not come in: their home was busy, or they have not answered.
	tellAgain = time.Minute
	// tellStep bounds the wait for one answer.
	tellStep = 20 * time.Second
	// tellAtOnce bounds how many homes are told at a time.
	tellAtOnce = 16
	// tellMost bounds how many spaces a home is told of in one go.
	tellMost = 200
)

// teller tells connected homes of spaces that their owners were let into and have not heard of, and of those that they were
// taken out of. It has heard of a space who
// has written in it, and everybody shows a card first. So whoever is in a space can tell, and nobody waits for who let them in.
type teller struct {
	h    *Home
	wake chan struct{}

	mu   sync.Mutex
	due  map[key.PersonID]bool
	all  bool // everybody who is connected is due
	told map[telling]time.Time
}

// telling is what a person was told of.
type telling struct {
	person key.PersonID
	space  key.SpaceID
}

func newTeller(h *Home) *teller {
	return &teller{h: h, wake: make(chan struct{}, 1), due: make(map[key.PersonID]bool), told: make(map[telling]time.Time)}
}

// about makes the teller look soon at what there is to tell a person.
func (t *teller) about(person key.PersonID) {
	t.mu.Lock()
	t.due[person] = true
	for told := range t.told {
		if told.person == person {
			delete(t.told, told)
		}
	}
	t.mu.Unlock()
	t.soon()
}

// everybody makes the teller look soon at what there is to tell anybody.
func (t *teller) everybody() {
	t.mu.Lock()
	t.all = true
	t.mu.Unlock()
	t.soon()
}

func (t *teller) soon() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *teller) run(ctx context.Context) error {
	ticker := time.NewTicker(tellAgain)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			t.everybody()
		case <-t.wake:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(tellPause):
		}
		if err := t.round(ctx); err != nil && ctx.Err() == nil {
			t.h.log.Warn("people were not told of spaces", "err", err)
		}
	}
}

// take gives those who are due and connected.
func (t *teller) take() []key.PersonID {
	connected := t.h.node.Connected()
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []key.PersonID
	for _, person := range connected {
		if t.all || t.due[person] {
			list = append(list, person)
		}
	}
	t.all = false
	clear(t.due)
	return list
}

// round tells everybody who is due.
func (t *teller) round(ctx context.Context) error {
	people := t.take()
	if t.h.node.Person().IsZero() {
		return nil
	}
	states, err := t.h.spacesOf(ctx, space.Group, space.Audience, space.Chat)
	if err != nil {
		return err
	}
	for _, state := range states {
		if err := t.seek(ctx, state); err != nil {
			return err
		}
	}
	var telling errgroup.Group // a home that hangs keeps nobody else waiting
	telling.SetLimit(tellAtOnce)
	for _, person := range people {
		offers, err := t.offers(ctx, person, states)
		if err != nil {
			return errors.Join(err, telling.Wait())
		}
		if len(offers) == 0 {
			continue
		}
		telling.Go(func() error {
			if err := t.tell(ctx, person, offers); err != nil && ctx.Err() == nil {
				t.h.log.Debug("a home was not told of spaces", "err", err)
			}
			return nil
		})
	}
	return telling.Wait()
}

// seek looks for those who asked to join and have not heard the answer, at the places where their home was seen then.
func (t *teller) seek(ctx context.Context, state *space.State) error {
	if state.Role(t.h.node.Person()) == 0 {
		return nil
	}
	newest, err := t.h.newestAskings(ctx, state)
	if err != nil || len(newest) == 0 {
		return err
	}
	writers, err := t.h.db.Writers(ctx, state.ID)
	if err != nil {
		return err
	}
	for person, word := range newest {
		refusal, err := t.h.refusal(ctx, person, state)
		if err != nil {
			return err
		}
		letIn := state.Role(person) != 0 && !writers[person]
		if !letIn && refusal == nil || len(word.Places) == 0 || !t.first(telling{person, state.ID}) {
			continue
		}
		if !letIn { // they are in no space with us, so that nothing else connects their home and ours
			t.h.later(func(ctx context.Context) error { return t.h.node.Visit(ctx, person, word.Places) })
			continue
		}
		if err := t.h.node.LookFor(ctx, person, word.Places); err != nil {
			return err
		}
	}
	return nil
}

// first tells whether something has not been done in a while, and notes it.
func (t *teller) first(what telling) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if last, done := t.told[what]; done && time.Since(last) < tellAgain {
		return false
	}
	t.told[what] = time.Now()
	return true
}

// offers lists what a person is to be told of now.
func (t *teller) offers(ctx context.Context, person key.PersonID, states []*space.State) ([]invite.Offer, error) {
	var offers []invite.Offer
	for _, state := range states {
		if farewell, err := t.h.farewell(ctx, person, state); err != nil {
			return nil, err
		} else if farewell != nil && len(offers) < tellMost {
			offers = append(offers, *farewell)
			continue
		}
		if refusal, err := t.h.refusal(ctx, person, state); err != nil {
			return nil, err
		} else if refusal != nil && len(offers) < tellMost {
			offers = append(offers, *refusal)
			continue
		}
		if len(offers) == tellMost || state.Closed || state.Role(t.h.node.Person()) == 0 || state.Role(person) == 0 || state.Create.Owner == person {
			continue
		}
		writers, err := t.h.db.Writers(ctx, state.ID)
		if err != nil {
			return nil, err
		}
		if writers[person] {
			continue
		}
		place, err := t.h.placeOf(ctx, state)
		if err != nil {
			return nil, err
		}
		offers = append(offers, invite.Offer{Space: state.ID, Place: place})
	}
	return offers, nil
}

// tell goes through offers with a connected home.
func (t *teller) tell(ctx context.Context, person key.PersonID, offers []invite.Offer) error {
	stream, err := t.h.node.OpenOffer(ctx, person)
	if err != nil {
		return err
	}
	defer stream.Close()
	defer context.AfterFunc(ctx, stream.Reset)()
	for i := range offers {
		_ = stream.SetDeadline(time.Now().Add(tellStep))
		if err := invite.Write(stream, &offers[i]); err != nil {
			return err
		}
		var reply invite.OfferReply
		if err := invite.Read(stream, &reply); err != nil {
			return err
		}
		if reply.Reply == invite.Taken {
			if err := t.h.wasTold(ctx, person, &offers[i]); err != nil {
				return err
			}
		}
		if reply.Reply == invite.Declined {
			if err := t.h.declined(ctx, person, offers[i].Space); err != nil {
				return err
			}
		}
	}
	return stream.CloseWrite()
}

// declined takes somebody out of a group who does not want to be in it, as far as the owner of this home may.
func (h *Home) declined(ctx context.Context, person key.PersonID, id key.SpaceID) error {
	h.meeting.Lock()
	defer h.meeting.Unlock()
	state, err := h.node.Gate().State(ctx, id)
	if errors.Is(err, ingest.ErrUnknownSpace) {
		return nil
	}
	if err != nil || state.Closed || !state.Governs(h.node.Person(), person) {
		return err
	}
	writers, err := h.db.Writers(ctx, id)
	if err != nil || writers[person] {
		return err // they have been there; leaving is theirs to write
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error { return removeMember(w, id, person) })
	if errors.Is(err, errNoEffect) {
		return nil // somebody else's home may
	}
	if err == nil {
		h.feed.tell(Event{Kind: EventGroups, ID: id.String()})
	}
	return err
}
