package apitest

import (
	"context"
	"slices"
	"strings"
	"time"

	"kith/internal/social"
)

// Friends returns the friends.
func (h *Home) Friends(ctx context.Context) ([]social.Person, error) {
	err := h.enter(ctx, "Friends")
	defer h.mu.Unlock()
	return slices.Clone(h.friends), err
}

// Person returns the owner or a friend.
func (h *Home) Person(ctx context.Context, id string) (social.Person, error) {
	err := h.enter(ctx, "Person")
	defer h.mu.Unlock()
	if err != nil {
		return social.Person{}, err
	}
	for _, p := range append([]social.Person{h.profile.Person}, h.friends...) {
		if p.ID == id {
			return p, nil
		}
	}
	return social.Person{}, notFound("person")
}

// Unfriend removes a friend.
func (h *Home) Unfriend(ctx context.Context, person string) error {
	err := h.enter(ctx, "Unfriend")
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	before := len(h.friends)
	h.friends = slices.DeleteFunc(h.friends, func(p social.Person) bool { return p.ID == person })
	if len(h.friends) == before {
		return notFound("friend")
	}
	h.tell(social.Event{Kind: social.EventFriends, ID: person})
	return nil
}

// Invite makes an invite.
func (h *Home) Invite(ctx context.Context, o social.InviteOptions) (social.Invite, error) {
	err := h.enter(ctx, "Invite")
	defer h.mu.Unlock()
	if err != nil {
		return social.Invite{}, err
	}
	if o.For == 0 {
		o.For = 7 * 24 * time.Hour
	}
	id := h.newID()
	i := social.Invite{ID: id, Code: "kith1" + id, Link: "http://127.0.0.1:7480/join#kith1" + id, Label: o.Label, LetIn: o.LetIn,
		Message: "Come over: kith1" + id, Created: Epoch, Expires: Epoch.Add(o.For), State: social.InviteOpen}
	h.invites = append(h.invites, i)
	h.tell(social.Event{Kind: social.EventInvites, ID: id})
	return i, nil
}

// Invites returns the invites.
func (h *Home) Invites(ctx context.Context) ([]social.Invite, error) {
	err := h.enter(ctx, "Invites")
	defer h.mu.Unlock()
	return slices.Clone(h.invites), err
}

// Knock makes somebody use an invite: they wait for the owner's yes.
func (h *Home) Knock(invite string, who social.Person) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.invites {
		if h.invites[i].ID == invite {
			h.invites[i].State, h.invites[i].Who = social.InviteAsking, &who
		}
	}
	h.tell(social.Event{Kind: social.EventInvites, ID: invite})
}

// RevokeInvite takes an invite back.
func (h *Home) RevokeInvite(ctx context.Context, id string) error {
	err := h.enter(ctx, "RevokeInvite")
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	return h.setInvite(id, social.InviteRevoked)
}

// AnswerInvite says yes or no.
func (h *Home) AnswerInvite(ctx context.Context, id string, yes bool) error {
	err := h.enter(ctx, "AnswerInvite")
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	if yes {
		return h.setInvite(id, social.InviteAccepted)
	}
	return h.setInvite(id, social.InviteRefused)
}

func (h *Home) setInvite(id, state string) error {
	for i := range h.invites {
		if h.invites[i].ID == id {
			h.invites[i].State = state
			h.tell(social.Event{Kind: social.EventInvites, ID: id})
			return nil
		}
	}
	return notFound("invite")
}

// Ada is who every foreign invite is from.
var Ada = social.Person{ID: "adaada", Name: "Ada"}

// Inspect takes any code that starts with "kith1" for an invite of Ada's.
func (h *Home) Inspect(ctx context.Context, code string) (social.Greeting, error) {
	err := h.enter(ctx, "Inspect")
	defer h.mu.Unlock()
	if err != nil {
		return social.Greeting{}, err
	}
	i := strings.Index(code, "kith1")
	if i < 0 {
		return social.Greeting{}, &social.Error{Code: social.CodeBadInput, Message: "There is no invite in this text."}
	}
	return social.Greeting{Code: code[i:], Inviter: Ada, Expires: Epoch.Add(7 * 24 * time.Hour), LetIn: true}, nil
}

// Accept accepts it; Settle says what becomes of it.
func (h *Home) Accept(ctx context.Context, code string) (social.Acceptance, error) {
	err := h.enter(ctx, "Accept")
	defer h.mu.Unlock()
	if err != nil {
		return social.Acceptance{}, err
	}
	if !strings.Contains(code, "kith1") {
		return social.Acceptance{}, &social.Error{Code: social.CodeBadInput, Message: "There is no invite in this text."}
	}
	a := social.Acceptance{ID: h.newID(), Inviter: Ada, Since: Epoch, Expires: Epoch.Add(7 * 24 * time.Hour), State: social.AcceptanceTrying}
	h.acceptances = append(h.acceptances, a)
	h.tell(social.Event{Kind: social.EventInvites, ID: a.ID})
	return a, nil
}

// Acceptances returns the accepted invites.
func (h *Home) Acceptances(ctx context.Context) ([]social.Acceptance, error) {
	err := h.enter(ctx, "Acceptances")
	defer h.mu.Unlock()
	return slices.Clone(h.acceptances), err
}

// DropAcceptance forgets one.
func (h *Home) DropAcceptance(ctx context.Context, id string) error {
	err := h.enter(ctx, "DropAcceptance")
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	before := len(h.acceptances)
	h.acceptances = slices.DeleteFunc(h.acceptances, func(a social.Acceptance) bool { return a.ID == id })
	if len(h.acceptances) == before {
		return notFound("invite")
	}
	h.tell(social.Event{Kind: social.EventInvites, ID: id})
	return nil
}
