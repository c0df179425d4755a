package apitest

import (
	"context"

	"kith/internal/social"
)

// Privacy lists friends and nothing else.
func (h *Home) Privacy(ctx context.Context) (social.Privacy, error) {
	err := h.enter(ctx, "Privacy")
	defer h.mu.Unlock()
	p := social.Privacy{Profile: h.profile, Devices: []social.Device{{ID: "here", Name: "Desk", This: true, Online: true}}}
	friends := social.Circle{Audience: social.Audience{Name: "Friends", Kind: social.AudienceFriends, People: len(h.friends) + 1}}
	for _, friend := range h.friends {
		friends.With = append(friends.With, social.Member{Person: friend, Role: social.RoleMember})
	}
	p.Circles = []social.Circle{friends, {Audience: social.Audience{Name: "Only me", Kind: social.AudienceOnlyMe, People: 1}}}
	return p, err
}

// Safety gives the same number for everybody.
func (h *Home) Safety(ctx context.Context, person string) (social.Safety, error) {
	err := h.enter(ctx, "Safety")
	defer h.mu.Unlock()
	if err != nil {
		return social.Safety{}, err
	}
	for _, friend := range h.friends {
		if friend.ID == person {
			s := social.Safety{Person: friend, Groups: []string{"00417", "93115", "27730", "58021", "66612", "40987", "10334", "72219", "05561", "88174", "31902", "54408"}}
			if friend.Verified {
				s.Verified = Epoch
			}
			return s, nil
		}
	}
	return social.Safety{}, notFound("person")
}

// Verify verifies.
func (h *Home) Verify(ctx context.Context, person string, on bool) error {
	err := h.enter(ctx, "Verify")
	defer h.mu.Unlock()
	for i := range h.friends {
		if err == nil && h.friends[i].ID == person {
			h.friends[i].Verified = on
			return nil
		}
	}
	if err != nil {
		return err
	}
	return notFound("person")
}
