package replicate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kith/internal/key"
)

// offered is an offer of ours that is not answered yet.
type offered struct {
	spaces  []*sharedSpace
	digests [][32]byte
	at      time.Time
}

// open begins the conversation after HELLO. The acceptor of the stream offers first, because it has both nonces
// first.
func (s *Session) open(ctx context.Context) error {
	known, err := s.local.Known(ctx)
	if err != nil {
		return trouble("known", err)
	}
	s.talk.greeted = true
	s.talk.stranger = time.Now()
	s.known.Store(known)
	if s.config.Dialed {
		return nil
	}
	return s.offerAll(ctx)
}

// offerAll makes our first offer, of all that there is to offer and the peer has not offered; it may be empty.
func (s *Session) offerAll(ctx context.Context) error {
	offers, err := s.offersOf(ctx, nil)
	if err != nil {
		return err
	}
	offers = slices.DeleteFunc(offers, func(o Offer) bool {
		space := s.spaces.of(o.Space)
		return space != nil && space.shared
	})
	return s.offer(offers)
}

// offersOf asks the Local for offers, and notes where the peer is a member. To strangers nothing is offered.
func (s *Session) offersOf(ctx context.Context, ids []key.SpaceID) ([]Offer, error) {
	if !s.known.Load() {
		return nil, nil
	}
	offers, err := s.local.Offers(ctx, ids)
	if err != nil {
		return nil, trouble("offers", err)
	}
	members := make(map[key.SpaceID]bool, len(offers))
	for _, o := range offers {
		members[o.Space] = o.Member
	}
	note := func(space *sharedSpace) {
		if space != nil {
			space.member.Store(members[space.id])
		}
	}
	if ids == nil {
		for _, space := range s.spaces.all() {
			note(space)
		}
	}
	for _, id := range ids {
		note(s.spaces.of(id))
	}
	return offers, nil
}

// offer sends offers; without any, an empty one.
func (s *Session) offer(offers []Offer) error {
	t := &s.talk
	for {
		n := min(len(offers), maxOffer)
		t.offered++
		m := &offerMessage{Number: t.offered, Items: make([]byte, 0, n*offerItem)}
		sent := offered{at: time.Now()}
		for _, o := range offers[:n] {
			space := s.meet(o.Space)
			space.member.Store(o.Member)
			space.offer = t.offered
			delete(t.waits, space)
			m.Items = append(append(m.Items, space.ours[:]...), o.Digest[:digestSize]...)
			sent.spaces = append(sent.spaces, space)
			sent.digests = append(sent.digests, o.Digest)
		}
		t.offers[t.offered] = sent
		if err := s.send(m); err != nil {
			return err
		}
		if offers = offers[n:]; len(offers) == 0 {
			return nil
		}
	}
}

// onOffer answers an offer.
func (s *Session) onOffer(ctx context.Context, m *offerMessage) error {
	t := &s.talk
	n := len(m.Items) / offerItem
	if m.Number != t.theirs+1 {
		return broken("OFFER %d after %d", m.Number, t.theirs)
	}
	first := t.theirs == 0
	t.theirs = m.Number
	spaces, err := s.recognise(ctx, m)
	if err != nil {
		return err
	}
	var ids []key.SpaceID
	for _, space := range spaces {
		if space != nil {
			ids = append(ids, space.id)
		}
	}
	current := make(map[key.SpaceID]Offer)
	if len(ids) > 0 {
		offers, err := s.offersOf(ctx, ids)
		if err != nil {
			return err
		}
		for _, o := range offers {
			current[o.Space] = o
		}
	}
	reply := &answerMessage{Number: m.Number, Answers: make([]byte, n)}
	var same []*sharedSpace
	for i, space := range spaces {
		if space == nil {
			continue
		}
		space.shared = true
		_, theirs := m.item(i)
		a := s.answerTo(space, current[space.id], theirs)
		reply.Answers[i] = byte(a)
		if a == answerSame {
			same = append(same, space)
			s.local.InSync(space.id, current[space.id].Digest)
		}
	}
	if err := s.send(reply); err != nil {
		return err
	}
	if first && s.config.Dialed {
		if err := s.offerAll(ctx); err != nil {
			return err
		}
	}
	for _, space := range same {
		if err := s.askGaps(ctx, space); err != nil {
			return err
		}
	}
	return s.checkOpened()
}

// recognise finds the spaces that an offer names, nil for those that are not here.
func (s *Session) recognise(ctx context.Context, m *offerMessage) ([]*sharedSpace, error) {
	spaces := make([]*sharedSpace, len(m.Items)/offerItem)
	missing := make(map[tag]int)
	for i := range spaces {
		name, _ := m.item(i)
		if spaces[i] = s.spaces.tagged(name); spaces[i] == nil {
			missing[name] = i
			if s.talk.tags++; s.talk.tags > maxTags {
				return nil, broken("OFFER of more than %d spaces that are not here", maxTags)
			}
		}
	}
	if len(missing) == 0 {
		return spaces, nil
	}
	held, err := s.local.Held(ctx)
	if err != nil {
		return nil, trouble("held spaces", err)
	}
	for _, id := range held {
		if i, ok := missing[s.session.tag(id, s.to())]; ok {
			spaces[i] = s.meet(id)
		}
	}
	return spaces, nil
}

// answerTo is our answer to one item of an offer. Where the digests differ, it queues the exchange.
func (s *Session) answerTo(space *sharedSpace, ours Offer, theirs digest) answer {
	switch {
	case !ours.Member || !s.known.Load():
		return answerReceive
	case space.offer != 0 && !s.config.Dialed:
		return answerBusy
	case digest(ours.Digest[:digestSize]) == theirs:
		return answerSame
	}
	s.queueExchange(space)
	return answerDiffer
}

// checkOpened takes note when the first offers of both sides are through, and sends away a stranger that has
// named nothing that we know.
func (s *Session) checkOpened() error {
	t := &s.talk
	if _, waiting := t.offers[1]; t.opened || waiting || t.theirs == 0 || t.offered == 0 {
		return nil
	}
	t.opened = true
	poke(s.mail.wake)
	if !s.known.Load() && len(s.spaces.all()) == 0 {
		return fmt.Errorf("%w: it named no space that we know", ErrStranger)
	}
	return nil
}

// onAnswer goes on with the spaces of an offer of ours.
func (s *Session) onAnswer(ctx context.Context, m *answerMessage) error {
	t := &s.talk
	sent, ok := t.offers[m.Number]
	if !ok || len(m.Answers) != len(sent.spaces) {
		return broken("ANSWER to offer %d with %d items", m.Number, len(m.Answers))
	}
	delete(t.offers, m.Number)
	for i, space := range sent.spaces {
		if space.offer == m.Number {
			space.offer = 0
		}
		a := answer(m.Answers[i])
		space.shared = space.shared || a != answerUnknown
		var err error
		switch a {
		case answerSame:
			s.local.InSync(space.id, sent.digests[i])
			err = s.askGaps(ctx, space)
		case answerReceive:
			err = s.introduce(ctx, space)
		case answerDiffer:
			delete(t.waits, space) // what was to be offered again is in the exchange
		}
		if err != nil {
			return err
		}
	}
	return s.checkOpened()
}

// lookAgain offers what is new, everywhere.
func (s *Session) lookAgain(ctx context.Context) error {
	if err := s.recheckPeer(ctx); err != nil {
		return err
	}
	before := make(map[*sharedSpace]bool)
	for _, space := range s.spaces.all() {
		before[space] = space.member.Load()
	}
	offers, err := s.offersOf(ctx, nil)
	if err != nil {
		return err
	}
	offers = slices.DeleteFunc(offers, func(o Offer) bool {
		space := s.spaces.of(o.Space)
		if space == nil || before[space] || !o.Member {
			return space != nil
		}
		if space.offer != 0 { // made before the peer was a member; what it is answered says nothing about now
			s.talk.waits[space] = struct{}{}
		}
		return space.offer != 0
	})
	if len(offers) == 0 {
		return nil
	}
	return s.offer(offers)
}

// renew offers spaces again.
func (s *Session) renew(ctx context.Context, ids []key.SpaceID) error {
	offers, err := s.offersOf(ctx, ids)
	if err != nil {
		return err
	}
	var now []Offer
	for _, o := range offers {
		if space := s.spaces.of(o.Space); space != nil && (space.offer != 0 || space.exchange || space.queued) {
			s.talk.waits[space] = struct{}{}
			continue
		}
		now = append(now, o)
	}
	if len(now) == 0 {
		return nil
	}
	return s.offer(now)
}

// offerWaiting offers again those spaces that wait for it and can be.
func (s *Session) offerWaiting(ctx context.Context) error {
	var ids []key.SpaceID
	for space := range s.talk.waits {
		if space.offer == 0 && !space.exchange && !space.queued {
			ids = append(ids, space.id)
			delete(s.talk.waits, space)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return s.renew(ctx, ids)
}

// recheckPeer asks the Local whether we know the peer's device by now, or no longer.
func (s *Session) recheckPeer(ctx context.Context) error {
	known, err := s.local.Known(ctx)
	if err != nil {
		return trouble("known", err)
	}
	if was := s.known.Swap(known); was && !known {
		return fmt.Errorf("%w: not any more", ErrStranger)
	}
	return nil
}
