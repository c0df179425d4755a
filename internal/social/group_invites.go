package social

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kith/internal/canon"
	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/space"
)

// maxUses bounds how many people come by one invite into a group.
const maxUses = 500

// InviteToGroup makes an invite into a group.
func (h *Home) InviteToGroup(ctx context.Context, group string, options GroupInvite) (Invite, error) {
	state, err := h.groupState(ctx, group)
	if err != nil {
		return Invite{}, err
	}
	if options.Mode == "" {
		options.Mode = InviteOnce
	}
	switch {
	case options.Mode != InviteOnce && options.Mode != InviteApproval && options.Mode != InviteFriends:
		return Invite{}, fail(CodeBadInput, "Choose how the invite is to work: for one person, for many with approval, or for your friends.", nil)
	case state.Closed:
		return Invite{}, errClosed
	case state.Role(h.node.Person()) == 0 || state.Role(h.node.Person()) < state.Create.Invite:
		return Invite{}, fail(CodeNotAllowed, "In this group only admins bring people in. Ask one of them.", nil)
	}
	return h.makeInvite(ctx, &inviteRecord{
		Label: options.Label, LetIn: options.Mode != InviteApproval, Space: state.ID, Mode: options.Mode,
	}, options.For)
}

// groupRef names the group that an invite of the owner's leads to.
func (h *Home) groupRef(ctx context.Context, id key.SpaceID) (*GroupRef, error) {
	ref := &GroupRef{ID: id.String(), Name: unnamedGroup}
	state, err := h.node.Gate().State(ctx, id)
	if errors.Is(err, ingest.ErrUnknownSpace) {
		return ref, nil
	}
	if err != nil {
		return nil, err
	}
	about, err := h.aboutOf(ctx, state)
	if err != nil {
		return nil, err
	}
	ref.Name, ref.About, ref.People = about.Name, about.Text, len(state.Members())
	if len(about.Picture) > 0 {
		ref.Picture = groupPath(id)
	}
	return ref, nil
}

// answerSpace decides on a proven Ask for an invite into a space. The meeting lock is held.
func (h *Home) answerSpace(ctx context.Context, record *inviteRecord, peer key.PeerKey, ask *invite.Ask) (*invite.Answer, error) {
	state, err := h.node.Gate().State(ctx, record.Space)
	if err != nil {
		return nil, err
	}
	me := h.node.Person()
	if state.Closed || state.Role(me) == 0 {
		return &invite.Answer{State: invite.Revoked}, nil
	}
	if ask.Step == invite.Look {
		if now := record.stateAt(h.now()); now != InviteOpen && now != InviteAsking {
			return h.answerLook(ctx, record)
		}
		return h.answerPlace(ctx, invite.Open, record, state)
	}
	if ask.Step != invite.Accept || ask.Who == nil {
		return nil, invite.ErrProtocol
	}
	who := ask.Who.Person
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return nil, err
	}
	_, before := record.Uses[who.String()]
	switch now := record.stateAt(h.now()); {
	case hidden.blocked(who):
		return &invite.Answer{State: invite.Refused}, nil
	case state.Role(who) != 0 && before:
		return h.answerPlace(ctx, invite.Done, record, state)
	case record.Mode == InviteOnce && len(record.Uses) > 0 && !before:
		return h.answerSecond(ctx, record)
	case before:
		return h.answerAsker(ctx, record, state, who)
	case now != InviteOpen && now != InviteAsking:
		return &invite.Answer{State: ended(now)}, nil
	case len(record.Uses) >= maxUses:
		return &invite.Answer{State: invite.Used}, nil
	}
	if err := h.meet(ctx, peer, ask.Who); err != nil {
		return nil, err
	}
	if record.Mode == InviteFriends {
		if friend, err := h.isFriend(ctx, who); err != nil || !friend {
			return &invite.Answer{State: invite.Friends}, err
		}
	}
	used := inviteUse{Since: h.now(), Card: ask.Who.Card}
	if err := h.comeIn(ctx, record, state, who, used); err != nil {
		return nil, err
	}
	if state, err = h.node.Gate().State(ctx, record.Space); err != nil {
		return nil, err
	}
	return h.answerAsker(ctx, record, state, who)
}

// comeIn lets somebody in who used an invite into a space, or asks those who may.
func (h *Home) comeIn(ctx context.Context, record *inviteRecord, state *space.State, who key.PersonID, use inviteUse) error {
	if err := h.node.Meet(ctx, who); err != nil {
		return err
	}
	if record.Uses == nil {
		record.Uses = make(map[string]inviteUse)
	}
	record.Uses[who.String()] = use
	record.Card = use.Card
	admit := record.Mode != InviteApproval && state.Role(h.node.Person()) >= state.Create.Invite
	if record.Mode == InviteOnce {
		record.Who = who
		if admit {
			record.State = InviteAccepted
		}
	}
	words, err := h.newestAskings(ctx, state)
	if err != nil {
		return err
	}
	word, asked := words[who]
	err = h.publishSoon(ctx, func(w *ingest.Writing) error {
		if admit {
			if err := addMember(w, record.Space, who, space.Writer); err != nil {
				return err
			}
			if asked && !word.Answered {
				if err := settle(w, record.Space, word); err != nil {
					return err
				}
			}
		} else if err := h.askFor(ctx, w, record.Space, who, use.Card); err != nil {
			return err
		}
		if err := h.share(w, recordsFaces, who.String(), use.Card); err != nil {
			return err
		}
		return h.share(w, recordsInvites, record.id(), record)
	})
	if err != nil {
		return err
	}
	h.inviteChanged(record)
	h.feed.tell(Event{Kind: EventGroups, ID: record.Space.String()})
	return nil
}

// answerAsker tells somebody who used an invite into a space how it stands.
func (h *Home) answerAsker(ctx context.Context, record *inviteRecord, state *space.State, who key.PersonID) (*invite.Answer, error) {
	if state.Role(who) != 0 {
		return h.answerPlace(ctx, invite.Done, record, state)
	}
	newest, err := h.newestAskings(ctx, state)
	if err != nil {
		return nil, err
	}
	word, asked := newest[who]
	switch {
	case asked && !word.Answered:
		return h.answerPlace(ctx, invite.Waiting, record, state)
	case asked:
		return &invite.Answer{State: invite.Refused}, nil
	}
	return &invite.Answer{State: invite.Used}, nil // they were in, and are no more
}

// answerPlace is an answer that says who invites, and whereto.
func (h *Home) answerPlace(ctx context.Context, state invite.State, record *inviteRecord, s *space.State) (*invite.Answer, error) {
	answer, err := h.answerWho(ctx, state, record)
	if err != nil {
		return nil, err
	}
	answer.Place, err = h.placeOf(ctx, s)
	return answer, err
}

// placeOf tells of a space to somebody who may come into it. An audience keeps its name to its owner.
func (h *Home) placeOf(ctx context.Context, s *space.State) (*invite.Place, error) {
	if s.Create.Kind == space.Audience {
		return invite.NewPlace(&s.Create, nil, len(s.Members()))
	}
	about, err := h.aboutOf(ctx, s)
	if err != nil {
		return nil, err
	}
	return invite.NewPlace(&s.Create, &about, len(s.Members()))
}

// place reads what was told of a space before it was here.
func (r *joinedRecord) place() (*space.Create, content.About, int, error) {
	if len(r.Place) == 0 {
		return nil, content.About{}, 0, errors.New("nothing was told of this space")
	}
	var place invite.Place
	if err := canon.Unmarshal(r.Place, &place); err != nil {
		return nil, content.About{}, 0, fmt.Errorf("a place: %w", err)
	}
	_, create, about, err := place.Read()
	return create, about, int(min(place.Members, space.MaxMembers)), err
}

// placeAbout is what was told of a space that is not here.
func (h *Home) placeAbout(ctx context.Context, id key.SpaceID) (content.About, error) {
	record, err := h.joinedRecord(ctx, id)
	if err != nil {
		return content.About{}, err
	}
	_, about, _, err := record.place()
	if err != nil {
		return content.About{}, nil // nothing was told
	}
	return about, nil
}

// refOf shows a place that somebody told of.
func refOf(place *invite.Place) (*GroupRef, *space.Create, error) {
	id, create, about, err := place.Read()
	if err != nil {
		return nil, nil, err
	}
	ref := &GroupRef{ID: id.String(), Name: about.Name, About: about.Text, People: int(min(place.Members, space.MaxMembers))}
	if ref.Name == "" {
		ref.Name = unnamedGroup
	}
	if len(about.Picture) > 0 {
		ref.Picture = groupPath(id)
	}
	return ref, create, nil
}

// inviteUse is one person's use of an invite into a space.
type inviteUse struct {
	Since time.Time `json:"since"`
	Card  []byte    `json:"card,omitempty"`
}

// groupMessage is the message to send with an invite into a group.
func groupMessage(name, group string, r *inviteRecord) string {
	works := "It works once, until %s."
	switch r.Mode {
	case InviteApproval:
		works = "It works until %s. Somebody in the group then lets you in."
	case InviteFriends:
		works = "It works until %s, for friends of " + name + "."
	}
	return fmt.Sprintf(`%s invites you to “%s” on kith, a small social network that lives on our own computers: no company in between, nobody else can read along.

1. If you don't have kith yet, get it (one file, nothing to set up) and start it on your computer at home.
2. On its page choose “Use an invite” and paste this whole message, or just this line:

%s

`+works, name, group, r.Code, r.Expires.Format("Monday, 2 January 2006, 15:04"))
}
