package social

import (
	"context"
	"slices"
	"strings"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// maxGroups bounds the groups that one home is in, closed and former ones included.
const maxGroups = 500

// CreateGroup makes a group, whose owner its maker is.
func (h *Home) CreateGroup(ctx context.Context, group NewGroup) (Group, error) {
	p, err := h.profile(ctx)
	if err != nil {
		return Group{}, explain("make a group", err)
	}
	about := content.About{}
	if about.Name, about.Text, err = cleanAbout(group.Name, group.About); err != nil {
		return Group{}, err
	}
	create, err := createOf(h.node.Person(), group)
	if err != nil {
		return Group{}, err
	}
	if group.Picture != nil {
		if about.Picture, err = portrait(ctx, group.Picture); err != nil {
			return Group{}, err
		}
	}
	groups, err := h.spacesOf(ctx, space.Group)
	if err != nil {
		return Group{}, explain("make a group", err)
	}
	if len(groups) >= maxGroups {
		return Group{}, fail(CodeTooLarge, "There are very many groups on this computer already, so no further one was made.", nil)
	}
	var id key.SpaceID
	err = h.publishing(ctx, "make a group", func(w *ingest.Writing) error {
		if id, err = w.Create(create); err != nil {
			return err
		}
		if _, err := w.Items(id, p.card(), about); err != nil {
			return err
		}
		return h.decide(w, id, &joinedRecord{Since: h.now(), Carded: true})
	})
	if err != nil {
		return Group{}, err
	}
	h.feed.tell(Event{Kind: EventGroups, ID: id.String()})
	return h.Group(ctx, id.String())
}

// createOf is the statement that begins a group.
func createOf(owner key.PersonID, group NewGroup) (*space.Create, error) {
	var history space.History
	switch group.History {
	case "", HistoryAll:
		history = space.HistoryAll
	case HistoryJoining:
		history = space.HistoryJoining
	default:
		return nil, fail(CodeBadInput, "Choose what newcomers can read: everything, or only what is written from then on.", nil)
	}
	create := space.NewCreate(space.Group, owner, history)
	create.Invite = space.Admin
	switch group.Invites {
	case "", ForAdmins:
	case ForEveryone:
		create.Invite = space.Writer
	default:
		return nil, fail(CodeBadInput, "Choose who may bring people in: everybody in the group, or its admins.", nil)
	}
	switch group.Posts {
	case "", ForEveryone:
	case ForAdmins:
		create.Publish = space.Admin
	default:
		return nil, fail(CodeBadInput, "Choose who may post: everybody in the group, or its admins.", nil)
	}
	return create, nil
}

// cleanAbout makes a group's name and rules fit to be shown.
func cleanAbout(name, text string) (string, string, error) {
	name, err := cleanName(name)
	if err != nil {
		if strings.TrimSpace(name) == "" {
			return "", "", fail(CodeBadInput, "Give it a name that its people will know it by.", nil)
		}
		return "", "", err
	}
	if text = cleanText(text); len(text) > content.MaxRules {
		return "", "", fail(CodeTooLarge, "These rules are longer than the page holds. Shorten them a little; nothing was changed.", nil)
	}
	return name, text, nil
}

// Groups lists the groups of the owner by name: those that they are in, those on the way, and former ones.
func (h *Home) Groups(ctx context.Context) ([]Group, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	states, err := h.spacesOf(ctx, space.Group)
	if err != nil {
		return nil, explain("list groups", err)
	}
	list := make([]Group, 0, len(states))
	for _, state := range states {
		group, err := h.showGroup(ctx, state)
		if err != nil {
			return nil, explain("list groups", err)
		}
		if group.State != "" {
			list = append(list, group)
		}
	}
	coming, err := h.groupsComing(ctx, states)
	if err != nil {
		return nil, explain("list groups", err)
	}
	list = append(list, coming...)
	slices.SortFunc(list, func(a, b Group) int {
		if x, y := a.over(), b.over(); x != y {
			return x - y
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list, nil
}

// over orders groups that nothing more happens in behind the others.
func (g *Group) over() int {
	switch g.State {
	case GroupIn, GroupComing:
		return 0
	}
	return 1
}

// groupsComing lists groups that were said yes to and are not here.
func (h *Home) groupsComing(ctx context.Context, here []*space.State) ([]Group, error) {
	records, err := h.joinedRecords(ctx)
	if err != nil {
		return nil, err
	}
	var list []Group
	for text, record := range records {
		create, about, people, err := record.place()
		if err != nil || create.Kind != space.Group || record.State != "" && record.State != spaceAsking {
			continue
		}
		if slices.ContainsFunc(here, func(s *space.State) bool { return s.ID.String() == text }) {
			continue
		}
		owners, err := h.people(ctx, []key.PersonID{create.Owner})
		if err != nil {
			return nil, err
		}
		group := Group{State: GroupComing, Owner: owners[create.Owner], Since: record.Since}
		group.GroupRef = GroupRef{ID: text, Name: about.Name, About: about.Text, People: people}
		if len(about.Picture) > 0 {
			group.Picture = picturePath + "group." + text
		}
		group.setChoices(create)
		list = append(list, group)
	}
	return list, nil
}

// Group is one group with its members, and with those who ask to join.
func (h *Home) Group(ctx context.Context, id string) (Group, error) {
	state, err := h.groupState(ctx, id)
	if err != nil {
		return Group{}, err
	}
	group, err := h.showGroup(ctx, state)
	if err != nil {
		return Group{}, explain("show a group", err)
	}
	if group.State == "" {
		return Group{}, errNoSpace
	}
	if group.Members, err = h.members(ctx, state); err != nil {
		return Group{}, explain("show a group", err)
	}
	if group.MayInvite {
		if group.Requests, err = h.requests(ctx, state); err != nil {
			return Group{}, explain("show a group", err)
		}
	}
	return group, nil
}

// groupState finds a group that is here.
func (h *Home) groupState(ctx context.Context, text string) (*space.State, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	id, err := h.spaceID(text)
	if err != nil {
		return nil, err
	}
	state, err := h.node.Gate().State(ctx, id)
	if err != nil || state.Create.Kind != space.Group {
		return nil, errNoSpace
	}
	return state, nil
}

// showGroup is a group without its members. Its State is empty where it is none of the owner's.
func (h *Home) showGroup(ctx context.Context, state *space.State) (Group, error) {
	me := h.node.Person()
	about, err := h.aboutOf(ctx, state)
	if err != nil {
		return Group{}, err
	}
	record, err := h.joinedRecord(ctx, state.ID)
	if err != nil {
		return Group{}, err
	}
	owner := ownerOf(state)
	people, err := h.people(ctx, []key.PersonID{owner})
	if err != nil {
		return Group{}, err
	}
	role := state.Role(me)
	group := Group{Owner: people[owner], Since: record.Since, Role: roleName(role)}
	group.GroupRef = GroupRef{ID: state.ID.String(), Name: about.Name, About: about.Text, People: len(state.Members())}
	if len(about.Picture) > 0 {
		group.Picture = groupPath(state.ID)
	}
	group.setChoices(&state.Create)
	switch {
	case role != 0 && state.Closed:
		group.State = GroupClosed
	case role != 0:
		group.State = GroupIn
		group.MayPost = role >= state.Create.Publish
		group.MayInvite = role >= state.Create.Invite
		group.MayManage = role >= space.Admin
	case record.State == spaceLeft:
		group.State = GroupLeft
	case state.Was(me):
		group.State = GroupRemoved
	case record.State == spaceAsking || record.State == "" && !record.Since.IsZero():
		group.State = GroupComing
	}
	if group.MayInvite {
		asking, err := h.asking(ctx, state)
		group.Waiting = len(asking)
		return group, err
	}
	return group, nil
}

func (g *Group) setChoices(create *space.Create) {
	g.Posts, g.Invites, g.History = ForEveryone, ForAdmins, HistoryAll
	if create.Publish >= space.Admin {
		g.Posts = ForAdmins
	}
	if create.Invite < space.Admin {
		g.Invites = ForEveryone
	}
	if create.History == space.HistoryJoining {
		g.History = HistoryJoining
	}
}

// ownerOf is whose a group is now: the owner of the create statement, until they handed it over.
func ownerOf(state *space.State) key.PersonID {
	for _, member := range state.Members() {
		if member.Role == space.OwnerRole {
			return member.Person
		}
	}
	return state.Create.Owner
}

func roleName(role space.Role) string {
	switch role {
	case 0:
		return ""
	case space.OwnerRole:
		return RoleOwner
	case space.Admin:
		return RoleAdmin
	}
	return RoleMember
}

func (h *Home) members(ctx context.Context, state *space.State) ([]Member, error) {
	me := h.node.Person()
	members := state.Members()
	var ids []key.PersonID
	for _, member := range members {
		ids = append(ids, member.Person)
	}
	people, err := h.people(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Member, 0, len(members))
	for _, member := range members {
		m := Member{Person: people[member.Person], Role: roleName(member.Role)}
		if may := state.Governs(me, member.Person) && !state.Closed; may {
			m.MayRemove = true
			m.MayPromote = member.Role < space.Admin
			m.MayDemote = member.Role == space.Admin
		}
		m.MayHandTo = state.Role(me) == space.OwnerRole && member.Person != me && !state.Closed
		list = append(list, m)
	}
	slices.SortStableFunc(list, func(a, b Member) int {
		if x, y := rank(a.Role), rank(b.Role); x != y {
			return x - y
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list, nil
}

func rank(role string) int { return slices.Index([]string{RoleOwner, RoleAdmin, RoleMember}, role) }

// EditGroup changes what a group says of itself, for everybody in it.
func (h *Home) EditGroup(ctx context.Context, id string, edit GroupEdit) error {
	state, err := h.groupState(ctx, id)
	if err != nil {
		return err
	}
	if state.Role(h.node.Person()) < space.Admin {
		return fail(CodeNotAllowed, "Only an admin of this group can change what it says of itself. Nothing was changed.", nil)
	}
	about, err := h.aboutOf(ctx, state)
	if err != nil {
		return explain("change a group", err)
	}
	if about.Name, about.Text, err = cleanAbout(edit.Name, edit.About); err != nil {
		return err
	}
	if edit.Picture != nil {
		if about.Picture, err = portrait(ctx, edit.Picture); err != nil {
			return err
		}
	} else if edit.RemovePicture {
		about.Picture = nil
	}
	return h.changeGroup(ctx, state.ID, "change a group", func(w *ingest.Writing) error {
		_, err := w.Items(state.ID, about)
		return err
	})
}

// changeGroup changes something about a group, and tells the pages.
func (h *Home) changeGroup(ctx context.Context, id key.SpaceID, doing string, write func(*ingest.Writing) error) error {
	h.meeting.Lock()
	defer h.meeting.Unlock()
	if err := h.publishing(ctx, doing, write); err != nil {
		return err
	}
	h.waiters.wakeAll() // whoever asks to join may have their answer
	h.feed.tell(Event{Kind: EventGroups, ID: id.String()})
	return nil
}

// GroupFeed is what was posted in a group, newest first.
func (h *Home) GroupFeed(ctx context.Context, id, cursor string, limit int) (Feed, error) {
	state, err := h.groupState(ctx, id)
	if err != nil {
		return Feed{}, err
	}
	return h.feedOf(ctx, sqlite.FeedQuery{Space: state.ID}, cursor, limit)
}

// groupPath is where pages find the picture of a group.
func groupPath(id key.SpaceID) string { return picturePath + "group." + id.String() }

// groupPicture opens the picture of a group, or of one that the owner is invited to.
func (h *Home) groupPicture(ctx context.Context, text string) (Picture, error) {
	id, err := h.spaceID(text)
	if err != nil {
		return Picture{}, errNoPicture
	}
	var about content.About
	if state, err := h.node.Gate().State(ctx, id); err == nil {
		if about, err = h.aboutOf(ctx, state); err != nil {
			return Picture{}, explain("open a picture", err)
		}
	} else if about, err = h.placeAbout(ctx, id); err != nil {
		return Picture{}, explain("open a picture", err)
	}
	return h.smallPicture(about.Picture)
}
