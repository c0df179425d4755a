package social

import (
	"context"

	"kith/internal/space"
)

// Privacy is who sees what, as the owner's home knows it.
type Privacy struct {
	Profile Profile  `json:"profile"` // what everybody of all circles sees of the owner
	Circles []Circle `json:"circles"`
	Devices []Device `json:"devices"`
}

// Circle is some people who can read what is written to them.
type Circle struct {
	Audience
	Chat   bool     `json:"chat,omitempty"`
	With   []Member `json:"with"` // everybody in it but the owner
	Closed bool     `json:"closed,omitempty"`
}

// Privacy lists every circle of the owner's with who is in it, and the owner's devices.
func (h *Home) Privacy(ctx context.Context) (Privacy, error) {
	profile, err := h.Profile(ctx)
	if err != nil {
		return Privacy{}, err
	}
	p := Privacy{Profile: profile}
	if p.Devices, err = h.Devices(ctx); err != nil {
		return Privacy{}, err
	}
	wall, err := h.wall(ctx)
	if err != nil {
		return Privacy{}, explain("look who sees what", err)
	}
	friends, err := h.circle(ctx, wall, Audience{Space: wall.ID.String(), Kind: AudienceFriends, Name: "Friends"})
	if err != nil {
		return Privacy{}, explain("look who sees what", err)
	}
	p.Circles = append(p.Circles, friends)
	lists, err := h.Lists(ctx)
	if err != nil {
		return Privacy{}, err
	}
	for _, list := range lists {
		circle := Circle{Audience: Audience{Space: list.ID, Kind: AudienceList, Name: list.Name, Hue: list.Hue, People: len(list.Members) + 1}}
		for _, member := range list.Members {
			circle.With = append(circle.With, Member{Person: member, Role: RoleMember})
		}
		p.Circles = append(p.Circles, circle)
	}
	groups, err := h.spacesOf(ctx, space.Group)
	if err != nil {
		return Privacy{}, explain("look who sees what", err)
	}
	for _, state := range groups {
		if state.Role(h.node.Person()) == 0 {
			continue
		}
		about, err := h.aboutOf(ctx, state)
		if err != nil {
			return Privacy{}, explain("look who sees what", err)
		}
		circle, err := h.circle(ctx, state, Audience{Space: state.ID.String(), Kind: AudienceGroup, Name: about.Name})
		if err != nil {
			return Privacy{}, explain("look who sees what", err)
		}
		p.Circles = append(p.Circles, circle)
	}
	chats, err := h.Chats(ctx)
	if err != nil {
		return Privacy{}, err
	}
	for i := range chats {
		chat := &chats[i]
		circle := Circle{Audience: Audience{Space: chat.ID, Kind: AudienceGroup, Name: chat.Name, People: len(chat.With) + 1}, Chat: true, Closed: chat.State == ChatClosed}
		for _, person := range chat.With {
			circle.With = append(circle.With, Member{Person: person, Role: RoleMember})
		}
		if chat.State == ChatOpen || chat.State == ChatClosed {
			p.Circles = append(p.Circles, circle)
		}
	}
	p.Circles = append(p.Circles, Circle{Audience: Audience{Space: ToOnlyMe, Kind: AudienceOnlyMe, Name: "Only me", People: 1}})
	return p, nil
}

// circle is everybody who is in a space.
func (h *Home) circle(ctx context.Context, state *space.State, audience Audience) (Circle, error) {
	circle := Circle{Audience: audience, Closed: state.Closed}
	members, err := h.members(ctx, state)
	if err != nil {
		return Circle{}, err
	}
	circle.People = len(members)
	for i := range members {
		if !members[i].Me {
			circle.With = append(circle.With, members[i])
		}
	}
	return circle, nil
}
