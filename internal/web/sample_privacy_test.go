package web_test

import (
	"cmp"
	"context"
	"slices"
	"time"

	"kith/internal/social"
)

func (h *home) Privacy(ctx context.Context) (social.Privacy, error) {
	devices, err := h.Devices(ctx)
	if err != nil {
		return social.Privacy{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var friends []social.Member
	for _, id := range h.friends {
		friends = append(friends, social.Member{Person: h.people[id], Role: social.RoleMember})
	}
	me := h.people["me"]
	me.Name = cmp.Or(me.Name, "Nora")
	p := social.Privacy{Profile: social.Profile{Person: me, Reach: h.reach}, Devices: devices}
	p.Circles = append(p.Circles, social.Circle{Audience: h.audience(), With: friends})
	for _, list := range h.circles.lists {
		circle := social.Circle{Audience: social.Audience{Space: list.ID, Name: list.Name, Kind: social.AudienceList, Hue: list.Hue, People: len(list.Members) + 1}}
		for _, person := range list.Members {
			circle.With = append(circle.With, social.Member{Person: person, Role: social.RoleMember})
		}
		p.Circles = append(p.Circles, circle)
	}
	for _, group := range h.circles.groups {
		p.Circles = append(p.Circles, social.Circle{Audience: social.Audience{Space: group.ID, Name: group.Name, Kind: social.AudienceGroup, People: group.People}, With: slices.DeleteFunc(slices.Clone(group.Members), func(m social.Member) bool { return m.Me })})
	}
	p.Circles = append(p.Circles, social.Circle{Audience: social.Audience{Space: social.ToOnlyMe, Name: "Only me", Kind: social.AudienceOnlyMe, People: 1}})
	return p, h.fail["Privacy"]
}

func (h *home) Safety(_ context.Context, person string) (social.Safety, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, known := h.people[person]
	if !known {
		return social.Safety{}, problem(social.CodeNotFound, "This person is not known on this computer.")
	}
	s := social.Safety{Person: p, Groups: []string{"00417", "93115", "27730", "58021", "66612", "40987", "10334", "72219", "05561", "88174", "31902", "54408"}}
	if p.Verified {
		s.Verified = h.now().Add(-48 * time.Hour)
	}
	if person == "jonas" {
		twin := h.people["ben"]
		s.Twin = &twin
	}
	return s, h.fail["Safety"]
}

func (h *home) Verify(_ context.Context, person string, on bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Verify"); err != nil {
		return err
	}
	p := h.people[person]
	p.Verified = on
	h.people[person] = p
	h.tell(social.EventPerson, person, "")
	return nil
}
