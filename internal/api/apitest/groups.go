package apitest

import (
	"context"
	"slices"

	"kith/internal/social"
)

// Offer adds a group that a friend added the owner to.
func (h *Home) Offer(o social.Offered) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.offers = append(h.offers, o)
}

// Request adds somebody who asks to join a group.
func (h *Home) Request(group string, r social.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if g := h.group(group); g != nil {
		g.Requests = append(g.Requests, r)
		g.Waiting = len(g.Requests)
	}
}

func (h *Home) group(id string) *social.Group {
	for _, g := range h.groups {
		if g.ID == id {
			return g
		}
	}
	return nil
}

// audienceNamed is the audience that a post is for.
func (h *Home) audienceNamed(to string) social.Audience {
	for _, a := range h.audiences() {
		if a.Space == to {
			return a
		}
	}
	return social.Audience{}
}

func (h *Home) audiences() []social.Audience {
	all := []social.Audience{{Space: "wall", Name: "Friends", Kind: social.AudienceFriends, People: len(h.friends) + 1}}
	for _, l := range h.lists {
		all = append(all, social.Audience{Space: l.ID, Name: l.Name, Kind: social.AudienceList, Hue: l.Hue, People: len(l.Members) + 1})
	}
	for _, g := range h.groups {
		if g.MayPost {
			all = append(all, social.Audience{Space: g.ID, Name: g.Name, Kind: social.AudienceGroup, People: len(g.Members)})
		}
	}
	return append(all, social.Audience{Space: social.ToOnlyMe, Name: "Only me", Kind: social.AudienceOnlyMe, People: 1})
}

// person finds a friend, or whoever else the ID may be of.
func (h *Home) person(id string) social.Person {
	for _, f := range h.friends {
		if f.ID == id {
			return f
		}
	}
	return social.Person{ID: id, Name: id}
}

// inGroup does something to a group.
func (h *Home) inGroup(ctx context.Context, method, id string, do func(*social.Group) error) error {
	err := h.enter(ctx, method)
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	g := h.group(id)
	if g == nil {
		return notFound("group")
	}
	if err := do(g); err != nil {
		return err
	}
	h.tell(social.Event{Kind: social.EventGroups, ID: id})
	return nil
}

// setRole changes somebody's part in a group; without a role they are out.
func (h *Home) setRole(ctx context.Context, method, group, person, role string) error {
	return h.inGroup(ctx, method, group, func(g *social.Group) error {
		i := slices.IndexFunc(g.Members, func(m social.Member) bool { return m.ID == person })
		switch {
		case i < 0:
			return notFound("member")
		case role == "":
			g.Members = slices.Delete(g.Members, i, i+1)
		default:
			g.Members[i].Role = role
		}
		return nil
	})
}

// Groups lists the groups.
func (h *Home) Groups(ctx context.Context) ([]social.Group, error) {
	err := h.enter(ctx, "Groups")
	defer h.mu.Unlock()
	var list []social.Group
	for _, g := range h.groups {
		group := *g
		group.Members, group.Requests = nil, nil
		list = append(list, group)
	}
	return list, err
}

// Group is one group.
func (h *Home) Group(ctx context.Context, id string) (social.Group, error) {
	err := h.enter(ctx, "Group")
	defer h.mu.Unlock()
	if err != nil {
		return social.Group{}, err
	}
	g := h.group(id)
	if g == nil {
		return social.Group{}, notFound("group")
	}
	return *g, nil
}

// GroupFeed is the posts of a group.
func (h *Home) GroupFeed(ctx context.Context, id, _ string, limit int) (social.Feed, error) {
	err := h.enter(ctx, "GroupFeed")
	defer h.mu.Unlock()
	var feed social.Feed
	for _, p := range h.posts {
		if p.Audience.Space == id && len(feed.Posts) < limit {
			feed.Posts = append(feed.Posts, p)
		}
	}
	return feed, err
}

// CreateGroup makes a group.
func (h *Home) CreateGroup(ctx context.Context, n social.NewGroup) (social.Group, error) {
	err := h.enter(ctx, "CreateGroup")
	defer h.mu.Unlock()
	if err != nil {
		return social.Group{}, err
	}
	if n.Name == "" {
		return social.Group{}, &social.Error{Code: social.CodeBadInput, Message: "Give it a name that its people will know it by."}
	}
	g := &social.Group{
		State: social.GroupIn, Role: social.RoleOwner, Owner: h.profile.Person, Posts: n.Posts, Invites: n.Invites, History: n.History,
		MayPost: true, MayInvite: true, MayManage: true,
		Members: []social.Member{{Person: h.profile.Person, Role: social.RoleOwner}},
	}
	g.GroupRef = social.GroupRef{ID: h.newID(), Name: n.Name, About: n.About, People: 1}
	h.groups = append(h.groups, g)
	h.tell(social.Event{Kind: social.EventGroups, ID: g.ID})
	return *g, nil
}

// EditGroup changes a group.
func (h *Home) EditGroup(ctx context.Context, id string, e social.GroupEdit) error {
	return h.inGroup(ctx, "EditGroup", id, func(g *social.Group) error {
		g.Name, g.About = e.Name, e.About
		return nil
	})
}

// InviteToGroup makes an invite into a group.
func (h *Home) InviteToGroup(ctx context.Context, id string, o social.GroupInvite) (social.Invite, error) {
	invite, err := h.Invite(ctx, social.InviteOptions{LetIn: o.Mode != social.InviteApproval, Label: o.Label, For: o.For})
	if err != nil {
		return invite, err
	}
	err = h.inGroup(ctx, "InviteToGroup", id, func(g *social.Group) error {
		ref := g.GroupRef
		invite.Group, invite.Mode = &ref, o.Mode
		return nil
	})
	return invite, err
}

// AddToGroup takes a friend into a group.
func (h *Home) AddToGroup(ctx context.Context, id, person string) error {
	return h.inGroup(ctx, "AddToGroup", id, func(g *social.Group) error {
		g.Members = append(g.Members, social.Member{Person: h.person(person), Role: social.RoleMember})
		g.People++
		return nil
	})
}

// AnswerRequest answers a request.
func (h *Home) AnswerRequest(ctx context.Context, id, person string, yes bool) error {
	return h.inGroup(ctx, "AnswerRequest", id, func(g *social.Group) error {
		i := slices.IndexFunc(g.Requests, func(r social.Request) bool { return r.Person.ID == person })
		if i < 0 {
			return notFound("request")
		}
		if yes {
			g.Members = append(g.Members, social.Member{Person: g.Requests[i].Person, Role: social.RoleMember})
		}
		g.Requests = slices.Delete(g.Requests, i, i+1)
		g.Waiting = len(g.Requests)
		return nil
	})
}

// Offers lists what was given to Offer and not answered.
func (h *Home) Offers(ctx context.Context) ([]social.Offered, error) {
	err := h.enter(ctx, "Offers")
	defer h.mu.Unlock()
	return slices.Clone(h.offers), err
}

// AnswerOffer answers an offer.
func (h *Home) AnswerOffer(ctx context.Context, id string, yes bool) error {
	err := h.enter(ctx, "AnswerOffer")
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(h.offers, func(o social.Offered) bool { return o.Group.ID == id })
	if i < 0 {
		return notFound("offer")
	}
	if yes {
		h.groups = append(h.groups, &social.Group{GroupRef: h.offers[i].Group, State: social.GroupIn, Role: social.RoleMember})
	}
	h.offers = slices.Delete(h.offers, i, i+1)
	return nil
}

// PromoteInGroup makes a member an admin.
func (h *Home) PromoteInGroup(ctx context.Context, id, person string) error {
	return h.setRole(ctx, "PromoteInGroup", id, person, social.RoleAdmin)
}

// DemoteInGroup makes an admin a member.
func (h *Home) DemoteInGroup(ctx context.Context, id, person string) error {
	return h.setRole(ctx, "DemoteInGroup", id, person, social.RoleMember)
}

// RemoveFromGroup takes somebody out.
func (h *Home) RemoveFromGroup(ctx context.Context, id, person string) error {
	return h.setRole(ctx, "RemoveFromGroup", id, person, "")
}

// LeaveGroup leaves.
func (h *Home) LeaveGroup(ctx context.Context, id string) error {
	return h.inGroup(ctx, "LeaveGroup", id, func(g *social.Group) error {
		g.State, g.Role, g.MayPost, g.MayInvite, g.MayManage = social.GroupLeft, "", false, false, false
		return nil
	})
}

// HandOverGroup hands a group over.
func (h *Home) HandOverGroup(ctx context.Context, id, person string) error {
	return h.setRole(ctx, "HandOverGroup", id, person, social.RoleOwner)
}

// CloseGroup closes a group.
func (h *Home) CloseGroup(ctx context.Context, id string) error {
	return h.inGroup(ctx, "CloseGroup", id, func(g *social.Group) error {
		g.State, g.MayPost = social.GroupClosed, false
		return nil
	})
}

// Audiences lists whom a post can be for.
func (h *Home) Audiences(ctx context.Context) ([]social.Audience, error) {
	err := h.enter(ctx, "Audiences")
	defer h.mu.Unlock()
	return h.audiences(), err
}

// Lists lists the lists of friends.
func (h *Home) Lists(ctx context.Context) ([]social.FriendList, error) {
	err := h.enter(ctx, "Lists")
	defer h.mu.Unlock()
	return slices.Clone(h.lists), err
}

// CreateList makes a list.
func (h *Home) CreateList(ctx context.Context, name string, hue int, members []string) (social.FriendList, error) {
	err := h.enter(ctx, "CreateList")
	defer h.mu.Unlock()
	if err != nil {
		return social.FriendList{}, err
	}
	list := social.FriendList{ID: h.newID(), Name: name, Hue: max(hue, 1)}
	for _, m := range members {
		list.Members = append(list.Members, h.person(m))
	}
	h.lists = append(h.lists, list)
	return list, nil
}

// EditList changes a list.
func (h *Home) EditList(ctx context.Context, id, name string, hue int, members []string) (social.FriendList, error) {
	err := h.enter(ctx, "EditList")
	defer h.mu.Unlock()
	if err != nil {
		return social.FriendList{}, err
	}
	for i := range h.lists {
		l := &h.lists[i]
		if l.ID != id {
			continue
		}
		if l.Name, l.Members = name, nil; hue != 0 {
			l.Hue = hue
		}
		for _, m := range members {
			l.Members = append(l.Members, h.person(m))
		}
		return *l, nil
	}
	return social.FriendList{}, notFound("list")
}

// DeleteList deletes a list.
func (h *Home) DeleteList(ctx context.Context, id string) error {
	err := h.enter(ctx, "DeleteList")
	defer h.mu.Unlock()
	h.lists = slices.DeleteFunc(h.lists, func(l social.FriendList) bool { return l.ID == id })
	return err
}

// Mute mutes.
func (h *Home) Mute(ctx context.Context, person string, on bool) error {
	return h.hide(ctx, "Mute", person, func(p *social.Person) { p.Muted = on })
}

// Block blocks.
func (h *Home) Block(ctx context.Context, person string, on bool) error {
	return h.hide(ctx, "Block", person, func(p *social.Person) { p.Blocked = on })
}

func (h *Home) hide(ctx context.Context, method, person string, change func(*social.Person)) error {
	err := h.enter(ctx, method)
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	p, known := h.hidden[person]
	if !known {
		p = h.person(person)
	}
	if change(&p); !p.Muted && !p.Blocked {
		delete(h.hidden, person)
		return nil
	}
	if h.hidden == nil {
		h.hidden = make(map[string]social.Person)
	}
	h.hidden[person] = p
	return nil
}

// Hidden lists whom the owner muted or blocked.
func (h *Home) Hidden(ctx context.Context) ([]social.Person, error) {
	err := h.enter(ctx, "Hidden")
	defer h.mu.Unlock()
	var list []social.Person
	for _, p := range h.hidden {
		list = append(list, p)
	}
	return list, err
}
