package web_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"kith/internal/social"
)

// Groups, lists of friends and hidden people of the home in memory.

// circles is what the home in memory has beside its wall.
type circles struct {
	groups []*social.Group // with members and requests
	offers []social.Offered
	lists  []social.FriendList
}

// addGroup makes a group of people, the owner of the home included.
func (h *home) addGroup(id, name, about, role, owner string, people ...string) *social.Group {
	g := &social.Group{State: social.GroupIn, Role: role, Owner: h.people[owner], Posts: social.ForEveryone, Invites: social.ForAdmins, History: social.HistoryAll, Since: h.now()}
	g.GroupRef = social.GroupRef{ID: id, Name: name, About: about, People: len(people) + 1}
	for _, p := range append([]string{"me"}, people...) {
		m := social.Member{Person: h.people[p], Role: social.RoleMember}
		switch p {
		case owner:
			m.Role = social.RoleOwner
		case "me":
			m.Role = role
		}
		g.Members = append(g.Members, m)
	}
	h.circles.groups = append(h.circles.groups, g)
	return g
}

// may fills in what the owner of the home may do in a group.
func (h *home) may(g *social.Group) social.Group {
	group := *g
	group.Members = slices.Clone(g.Members)
	rules := group.Role == social.RoleOwner || group.Role == social.RoleAdmin
	in := group.State == social.GroupIn
	group.MayPost = in && (rules || group.Posts == social.ForEveryone)
	group.MayInvite = in && (rules || group.Invites == social.ForEveryone)
	group.MayManage = in && rules
	group.People = len(group.Members)
	group.Waiting = 0
	if group.MayInvite {
		group.Waiting = len(group.Requests)
	} else {
		group.Requests = nil
	}
	for i := range group.Members {
		m := &group.Members[i]
		m.Person = h.people[m.ID]
		other := in && m.Role != social.RoleOwner && !m.Me
		m.MayRemove = other && (group.Role == social.RoleOwner || group.Role == social.RoleAdmin && m.Role == social.RoleMember)
		m.MayPromote = m.MayRemove && m.Role == social.RoleMember
		m.MayDemote = m.MayRemove && m.Role == social.RoleAdmin
		m.MayHandTo = other && group.Role == social.RoleOwner
	}
	return group
}

func (h *home) findGroup(id string) (*social.Group, error) {
	for _, g := range h.circles.groups {
		if g.ID == id {
			return g, nil
		}
	}
	return nil, problem(social.CodeNotFound, "There is no such group here.")
}

// changeGroup does something to a group and tells the pages.
func (h *home) changeGroup(name, id string, change func(*social.Group) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing(name); err != nil {
		return err
	}
	g, err := h.findGroup(id)
	if err == nil {
		err = change(g)
	}
	if err == nil {
		h.tell(social.EventGroups, id, "")
	}
	return err
}

func (h *home) Groups(context.Context) ([]social.Group, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []social.Group
	for _, g := range h.circles.groups {
		group := h.may(g)
		group.Members, group.Requests = nil, nil
		all = append(all, group)
	}
	return all, h.fail["Groups"]
}

func (h *home) Group(_ context.Context, id string) (social.Group, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	g, err := h.findGroup(id)
	if err != nil {
		return social.Group{}, err
	}
	return h.may(g), h.fail["Group"]
}

func (h *home) GroupFeed(_ context.Context, id, cursor string, limit int) (social.Feed, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.page(cursor, limit, func(p *social.Post) bool { return p.Audience.Space == id }), h.fail["GroupFeed"]
}

func (h *home) CreateGroup(_ context.Context, n social.NewGroup) (social.Group, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("CreateGroup"); err != nil {
		return social.Group{}, err
	}
	if n.Name == "" {
		return social.Group{}, problem(social.CodeBadInput, "Give it a name that its people will know it by.")
	}
	g := h.addGroup(h.id("g"), n.Name, n.About, social.RoleOwner, "me")
	g.Posts, g.Invites, g.History = n.Posts, n.Invites, n.History
	h.tell(social.EventGroups, g.ID, "")
	return h.may(g), nil
}

func (h *home) EditGroup(_ context.Context, id string, e social.GroupEdit) error {
	return h.changeGroup("EditGroup", id, func(g *social.Group) error {
		if e.Name == "" {
			return problem(social.CodeBadInput, "Give it a name that its people will know it by.")
		}
		g.Name, g.About = e.Name, e.About
		return nil
	})
}

func (h *home) InviteToGroup(_ context.Context, id string, o social.GroupInvite) (social.Invite, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("InviteToGroup"); err != nil {
		return social.Invite{}, err
	}
	g, err := h.findGroup(id)
	if err != nil {
		return social.Invite{}, err
	}
	if o.Mode == "" {
		return social.Invite{}, problem(social.CodeBadInput, "Choose how the invite is to work.")
	}
	invite := h.newInvite(o.Label, o.Mode != social.InviteApproval, h.now().Add(7*24*time.Hour))
	ref := g.GroupRef
	invite.Group, invite.Mode = &ref, o.Mode
	h.invites = append([]social.Invite{invite}, h.invites...)
	h.tell(social.EventInvites, invite.ID, "")
	return invite, nil
}

func (h *home) AddToGroup(_ context.Context, id, person string) error {
	return h.changeGroup("AddToGroup", id, func(g *social.Group) error {
		g.Members = append(g.Members, social.Member{Person: h.people[person], Role: social.RoleMember})
		return nil
	})
}

func (h *home) Requests(context.Context) (map[string][]social.Request, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make(map[string][]social.Request)
	for _, g := range h.circles.groups {
		if group := h.may(g); len(group.Requests) > 0 {
			all[g.ID] = group.Requests
		}
	}
	return all, h.fail["Requests"]
}

func (h *home) AnswerRequest(_ context.Context, id, person string, yes bool) error {
	return h.changeGroup("AnswerRequest", id, func(g *social.Group) error {
		i := slices.IndexFunc(g.Requests, func(r social.Request) bool { return r.Person.ID == person })
		if i < 0 {
			return problem(social.CodeNotFound, "This person does not ask to join any more.")
		}
		if yes {
			g.Members = append(g.Members, social.Member{Person: g.Requests[i].Person, Role: social.RoleMember})
		}
		g.Requests = slices.Delete(g.Requests, i, i+1)
		return nil
	})
}

func (h *home) Offers(context.Context) ([]social.Offered, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.circles.offers), h.fail["Offers"]
}

func (h *home) AnswerOffer(_ context.Context, id string, yes bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("AnswerOffer"); err != nil {
		return err
	}
	i := slices.IndexFunc(h.circles.offers, func(o social.Offered) bool { return o.Group.ID == id })
	if i < 0 {
		return problem(social.CodeNotFound, "This has been answered already, or taken back.")
	}
	o := h.circles.offers[i]
	h.circles.offers = slices.Delete(h.circles.offers, i, i+1)
	if yes {
		h.addGroup(id, o.Group.Name, o.Group.About, social.RoleMember, o.By.ID, o.By.ID)
	}
	h.tell(social.EventGroups, id, "")
	return nil
}

// setPart changes what somebody is in a group; an empty role takes them out.
func (h *home) setPart(name, id, person, role string) error {
	return h.changeGroup(name, id, func(g *social.Group) error {
		i := slices.IndexFunc(g.Members, func(m social.Member) bool { return m.ID == person })
		switch {
		case i < 0:
			return problem(social.CodeNotFound, "This person is not in the group now.")
		case role == "":
			g.Members = slices.Delete(g.Members, i, i+1)
		default:
			g.Members[i].Role = role
		}
		return nil
	})
}

func (h *home) PromoteInGroup(_ context.Context, id, person string) error {
	return h.setPart("PromoteInGroup", id, person, social.RoleAdmin)
}

func (h *home) DemoteInGroup(_ context.Context, id, person string) error {
	return h.setPart("DemoteInGroup", id, person, social.RoleMember)
}

func (h *home) RemoveFromGroup(_ context.Context, id, person string) error {
	return h.setPart("RemoveFromGroup", id, person, "")
}

func (h *home) LeaveGroup(_ context.Context, id string) error {
	return h.changeGroup("LeaveGroup", id, func(g *social.Group) error {
		g.State, g.Role = social.GroupLeft, ""
		return nil
	})
}

func (h *home) HandOverGroup(_ context.Context, id, person string) error {
	return h.changeGroup("HandOverGroup", id, func(g *social.Group) error {
		g.Role, g.Owner = social.RoleAdmin, h.people[person]
		for i := range g.Members {
			switch g.Members[i].ID {
			case person:
				g.Members[i].Role = social.RoleOwner
			case "me":
				g.Members[i].Role = social.RoleAdmin
			}
		}
		return nil
	})
}

func (h *home) CloseGroup(_ context.Context, id string) error {
	return h.changeGroup("CloseGroup", id, func(g *social.Group) error {
		g.State = social.GroupClosed
		return nil
	})
}

func (h *home) Audiences(context.Context) ([]social.Audience, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.audiences(), h.fail["Audience"]
}

func (h *home) audiences() []social.Audience {
	all := []social.Audience{h.audience()}
	for _, l := range h.circles.lists {
		all = append(all, social.Audience{Space: l.ID, Name: l.Name, Kind: social.AudienceList, Hue: l.Hue, People: len(l.Members) + 1})
	}
	for _, g := range h.circles.groups {
		if group := h.may(g); group.MayPost {
			all = append(all, social.Audience{Space: g.ID, Name: g.Name, Kind: social.AudienceGroup, People: group.People})
		}
	}
	if all[0].Kind != social.AudienceOnlyMe {
		all = append(all, social.Audience{Space: social.ToOnlyMe, Name: "Only me", Kind: social.AudienceOnlyMe, People: 1})
	}
	return all
}

func (h *home) Lists(context.Context) ([]social.FriendList, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.circles.lists), h.fail["Lists"]
}

func (h *home) List(_ context.Context, id string) (social.FriendList, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.circles.lists {
		if l.ID == id {
			return l, nil
		}
	}
	return social.FriendList{}, problem(social.CodeNotFound, "There is no such list of friends here.")
}

func (h *home) CreateList(_ context.Context, name string, hue int, members []string) (social.FriendList, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("CreateList"); err != nil {
		return social.FriendList{}, err
	}
	if strings.TrimSpace(name) == "" {
		return social.FriendList{}, problem(social.CodeBadInput, "Give the list a name. Only you see it.")
	}
	l := social.FriendList{ID: h.id("l"), Name: name, Hue: max(1, hue)}
	for _, m := range members {
		l.Members = append(l.Members, h.people[m])
	}
	h.circles.lists = append(h.circles.lists, l)
	h.tell(social.EventGroups, l.ID, "")
	return l, nil
}

func (h *home) EditList(_ context.Context, id, name string, hue int, members []string) (social.FriendList, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("EditList"); err != nil {
		return social.FriendList{}, err
	}
	for i := range h.circles.lists {
		if l := &h.circles.lists[i]; l.ID == id {
			l.Name, l.Hue, l.Members = name, max(1, hue), nil
			for _, m := range members {
				l.Members = append(l.Members, h.people[m])
			}
			return *l, nil
		}
	}
	return social.FriendList{}, problem(social.CodeNotFound, "There is no such list of friends here.")
}

func (h *home) DeleteList(_ context.Context, id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("DeleteList"); err != nil {
		return err
	}
	h.circles.lists = slices.DeleteFunc(h.circles.lists, func(l social.FriendList) bool { return l.ID == id })
	h.tell(social.EventGroups, id, "")
	return nil
}

func (h *home) hide(name, person string, change func(*social.Person)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing(name); err != nil {
		return err
	}
	p, ok := h.people[person]
	if !ok {
		return problem(social.CodeNotFound, "This person is not known on this computer.")
	}
	change(&p)
	h.people[person] = p
	h.tell(social.EventPerson, person, "")
	return nil
}

func (h *home) Mute(_ context.Context, person string, on bool) error {
	return h.hide("Mute", person, func(p *social.Person) { p.Muted = on })
}

func (h *home) Block(_ context.Context, person string, on bool) error {
	return h.hide("Block", person, func(p *social.Person) {
		p.Blocked = on
		if on {
			p.Friend = false
			h.friends = slices.DeleteFunc(h.friends, func(id string) bool { return id == person })
		}
	})
}

func (h *home) Hidden(context.Context) ([]social.Person, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []social.Person
	for _, p := range h.people {
		if p.Muted || p.Blocked {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b social.Person) int { return strings.Compare(a.Name, b.Name) })
	return all, h.fail["Hidden"]
}

// gardeners is the sample family with groups and lists.
func gardeners(now func() time.Time) *home {
	h := family(now)
	club := h.addGroup("club", "Garden club", "Seeds, bulbs and advice. Be kind to slugs.\nWe meet on the first Sunday of the month.", social.RoleOwner, "me", "ben", "ayse", "ilse")
	club.Members[1].Role = social.RoleAdmin
	class := h.addGroup("class", "Class 3b", "", social.RoleMember, "tom", "tom", "jonas")
	class.Posts = social.ForAdmins
	h.circles.lists = []social.FriendList{
		{ID: "kin", Name: "Family", Hue: 4, Members: []social.Person{h.people["ilse"], h.people["tom"]}},
		{ID: "boat", Name: "The boat", Hue: 2, Members: []social.Person{h.people["ben"]}},
	}
	post := h.post("seeds", "ayse", 3*time.Hour, "The seeds from the swap are in the shed. Label what you take!")
	post.Audience = social.Audience{Space: "club", Name: "Garden club", Kind: social.AudienceGroup, People: 4}
	mine := h.post("surprise", "me", 5*time.Hour, "Ilse’s present: who writes the card?")
	mine.Audience = social.Audience{Space: "kin", Name: "Family", Kind: social.AudienceList, Hue: 4, People: 3}
	slices.SortStableFunc(h.posts, func(a, b *social.Post) int { return b.At.Compare(a.At) })
	return h
}

// crowded is the overfull home with groups in every state, and somebody at every door.
func crowded(now func() time.Time) *home {
	h := overfull(now)
	long := "The society for the care of old apple trees and of those who care for them, in the whole of the county"
	big := h.addGroup("big", long, strings.Repeat("A rule that nobody reads. ", 40), social.RoleAdmin, "max", h.friends...)
	for i := range 3 {
		p := social.Person{ID: "asker" + string(rune('a'+i)), Name: []string{"Zoë", strings.Repeat("Wolfeschlegelstein", 4), "Ida"}[i]}
		h.people[p.ID] = p
		big.Requests = append(big.Requests, social.Request{Person: p, By: h.people[[]string{"me", "max", "ben"}[i]], Since: h.now().Add(-time.Hour)})
	}
	h.addGroup("gone", "Book circle", "One book a month.", "", "ben", "ben").State = social.GroupRemoved
	h.addGroup("over", "Summer party", "", social.RoleMember, "tom", "tom").State = social.GroupClosed
	h.addGroup("left", "Rowers", "", "", "ben", "ben").State = social.GroupLeft
	h.addGroup("soon", "Choir", "", "", "ilse").State = social.GroupComing
	h.circles.offers = []social.Offered{{Group: social.GroupRef{ID: "offered", Name: "Neighbours of the lower street", About: "Who has a ladder, who has a cat to feed.", People: 12}, By: h.people["ben"], Since: h.now()}}
	ref := big.GroupRef
	invite := h.newInvite("", false, h.now().Add(3*24*time.Hour))
	invite.ID, invite.Group, invite.Mode, invite.Joined = "into", &ref, social.InviteApproval, 7
	h.invites = append(h.invites, invite)
	waiting := social.Acceptance{ID: "acc-group", Inviter: social.Person{ID: "karla", Name: "Karla"}, Group: &social.GroupRef{ID: "soon", Name: "Choir"}, Since: h.now(), Expires: h.now().Add(50 * time.Hour), State: social.AcceptanceWaiting, Detail: "You asked to join “Choir”. Somebody in it has to say yes; the answer comes by itself."}
	h.acceptances = append(h.acceptances, waiting)
	p := h.people["pedro"]
	p.Muted = true
	h.people["pedro"] = p
	h.people["mallory"] = social.Person{ID: "mallory", Name: "Mallory", Blocked: true}
	return h
}
