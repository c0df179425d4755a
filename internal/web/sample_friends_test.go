package web_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kith/internal/social"
)

// Friends, invites and recovery words of the home in memory.

func (h *home) Friends(context.Context) ([]social.Person, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []social.Person
	for _, id := range h.friends {
		all = append(all, h.people[id])
	}
	return all, h.fail["Friends"]
}

func (h *home) Unfriend(_ context.Context, person string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Unfriend"); err != nil {
		return err
	}
	h.friends = slices.DeleteFunc(h.friends, func(id string) bool { return id == person })
	p := h.people[person]
	p.Friend, p.Online = false, false
	h.people[person] = p
	h.tell(social.EventFriends, person, "")
	return nil
}

func (h *home) Invite(_ context.Context, o social.InviteOptions) (social.Invite, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Invite"); err != nil {
		return social.Invite{}, err
	}
	if o.For == 0 {
		o.For = 7 * 24 * time.Hour
	}
	invite := h.newInvite(o.Label, o.LetIn, h.now().Add(o.For))
	h.invites = append([]social.Invite{invite}, h.invites...)
	h.tell(social.EventInvites, invite.ID, "")
	return invite, nil
}

func (h *home) newInvite(label string, letIn bool, expires time.Time) social.Invite {
	code := "KITH1-7QF2M-XK3PD-9WT5B-HRC8N-4YJGA-E6VZS-Q2MDK-LX7TP-3HBWN-R9CFY-5GJ8A-KE4VQ-SZ6M2"
	return social.Invite{
		ID: h.id("i"), Code: code, Link: "http://127.0.0.1:7117/join#" + code, Label: label, LetIn: letIn,
		Created: h.now(), Expires: expires, State: social.InviteOpen,
		Message: "Hello! I would like to have you as my neighbour on kith, where our photos and words stay on our own computers.\n\n" +
			"1. Get kith for your computer and start it. A page opens.\n2. Click “Use an invite” and paste this whole message.\n\n" + code + "\n\nIt works once, until " + expires.Format("2 January") + ".",
	}
}

func (h *home) Invites(context.Context) ([]social.Invite, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.invites), h.fail["Invites"]
}

// setInvite changes an invite and tells the pages.
func (h *home) setInvite(id string, change func(*social.Invite)) error {
	for i := range h.invites {
		if h.invites[i].ID == id {
			change(&h.invites[i])
			h.tell(social.EventInvites, id, "")
			return nil
		}
	}
	return problem(social.CodeNotFound, "There is no such invite any more.")
}

func (h *home) RevokeInvite(_ context.Context, id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("RevokeInvite"); err != nil {
		return err
	}
	return h.setInvite(id, func(i *social.Invite) { i.State = social.InviteRevoked })
}

func (h *home) AnswerInvite(_ context.Context, id string, yes bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("AnswerInvite"); err != nil {
		return err
	}
	return h.setInvite(id, func(i *social.Invite) {
		if !yes {
			i.State = social.InviteRefused
			return
		}
		i.State = social.InviteAccepted
		if i.Who != nil {
			h.befriend(i.Who.ID)
		}
	})
}

// befriend makes somebody a friend whose home is on.
func (h *home) befriend(id string) {
	p := h.people[id]
	p.Friend, p.Online = true, true
	h.people[id] = p
	if !slices.Contains(h.friends, id) {
		h.friends = append(h.friends, id)
	}
	h.tell(social.EventFriends, id, "")
}

func (h *home) Inspect(_ context.Context, code string) (social.Greeting, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Inspect"); err != nil {
		return social.Greeting{}, err
	}
	for known, greeting := range h.greetings {
		if strings.Contains(code, known) {
			return greeting, nil
		}
	}
	return social.Greeting{}, problem(social.CodeBadInput, "There is no whole invite in this. Please copy the message once more, from the first line to the last.")
}

func (h *home) Accept(ctx context.Context, code string) (social.Acceptance, error) {
	greeting, err := h.Inspect(ctx, code)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Accept"); err != nil {
		return social.Acceptance{}, err
	}
	if err != nil {
		return social.Acceptance{}, err
	}
	a := social.Acceptance{ID: h.id("a"), Inviter: greeting.Inviter, Since: h.now(), Expires: greeting.Expires, State: social.AcceptanceWaiting}
	h.acceptances = append(h.acceptances, a)
	h.tell(social.EventInvites, a.ID, "")
	return a, nil
}

func (h *home) Acceptances(context.Context) ([]social.Acceptance, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.acceptances), h.fail["Acceptances"]
}

func (h *home) DropAcceptance(_ context.Context, id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("DropAcceptance"); err != nil {
		return err
	}
	h.acceptances = slices.DeleteFunc(h.acceptances, func(a social.Acceptance) bool { return a.ID == id })
	h.tell(social.EventInvites, id, "")
	return nil
}

func (h *home) Recovery(context.Context) (social.Recovery, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.recovery, h.fail["Recovery"]
}

func (h *home) RecoveryWords(context.Context) ([]string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.recovery.Confirmed {
		return nil, problem(social.CodeGone, "The words are no longer on this computer. You have them on paper.")
	}
	return h.words, nil
}

func (h *home) RecoveryQuestions(context.Context) ([]int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.recovery.Confirmed {
		return nil, problem(social.CodeGone, "The words are no longer on this computer. You have them on paper.")
	}
	return []int{2, 11, 19}, nil
}

func (h *home) ConfirmRecovery(_ context.Context, answers map[int]string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("ConfirmRecovery"); err != nil {
		return err
	}
	for _, i := range []int{2, 11, 19} {
		if answers[i] != h.words[i] {
			return problem(social.CodeBadInput, fmt.Sprintf("Word number %d is another one. Please look at the paper once more; nothing was changed.", i+1))
		}
	}
	h.recovery = social.Recovery{Confirmed: true}
	h.tell(social.EventFriends, "", "")
	return nil
}

func (h *home) PutOffRecovery(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("PutOffRecovery"); err != nil {
		return err
	}
	h.recovery.Due = false
	h.tell(social.EventFriends, "", "")
	return nil
}
