package social

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/space"
)

// maxLists bounds the owner's lists of friends.
const maxLists = 50

// Lists are the owner's lists of friends, by name.
func (h *Home) Lists(ctx context.Context) ([]FriendList, error) {
	me, err := h.me()
	if err != nil {
		return nil, err
	}
	states, err := h.spacesOf(ctx, space.Audience)
	if err != nil {
		return nil, explain("list audiences", err)
	}
	lists := make([]FriendList, 0, len(states))
	for _, state := range states {
		record, err := h.joinedRecord(ctx, state.ID)
		if err != nil {
			return nil, explain("list audiences", err)
		}
		if state.Create.Owner != me || state.Closed || record.OnlyMe || record.Name == "" {
			continue
		}
		list := FriendList{ID: state.ID.String(), Name: record.Name, Hue: record.Hue}
		members, err := h.members(ctx, state)
		if err != nil {
			return nil, explain("list audiences", err)
		}
		for _, member := range members {
			if !member.Me {
				list.Members = append(list.Members, member.Person)
			}
		}
		lists = append(lists, list)
	}
	slices.SortFunc(lists, func(a, b FriendList) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return lists, nil
}

// List is one of the owner's lists of friends.
func (h *Home) List(ctx context.Context, id string) (FriendList, error) {
	lists, err := h.Lists(ctx)
	if err != nil {
		return FriendList{}, err
	}
	for _, list := range lists {
		if list.ID == id {
			return list, nil
		}
	}
	return FriendList{}, errNoList
}

var errNoList = fail(CodeNotFound, "There is no such list of friends here. Perhaps you deleted it.", nil)

// CreateList makes a list of friends. hue 0 takes the first colour that no other list has.
func (h *Home) CreateList(ctx context.Context, name string, hue int, members []string) (FriendList, error) {
	p, err := h.profile(ctx)
	if err != nil {
		return FriendList{}, explain("make a list", err)
	}
	lists, err := h.Lists(ctx)
	if err != nil {
		return FriendList{}, err
	}
	if len(lists) >= maxLists {
		return FriendList{}, fail(CodeTooLarge, "There are very many lists already. Delete one that you no longer use.", nil)
	}
	if name, err = cleanListName(name, lists, ""); err != nil {
		return FriendList{}, err
	}
	if hue, err = pickHue(hue, lists); err != nil {
		return FriendList{}, err
	}
	people, err := h.friendIDs(ctx, members)
	if err != nil {
		return FriendList{}, err
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	id, err := h.createList(ctx, p, &joinedRecord{Name: name, Hue: hue}, people)
	if err != nil {
		return FriendList{}, err
	}
	return h.List(ctx, id.String())
}

// createList makes an audience of the owner's. The meeting lock is held.
func (h *Home) createList(ctx context.Context, p *profileRecord, record *joinedRecord, people []key.PersonID) (key.SpaceID, error) {
	record.Since, record.Carded = h.now(), true
	var id key.SpaceID
	err := h.publishing(ctx, "make a list", func(w *ingest.Writing) error {
		var err error
		if id, err = w.Create(space.NewCreate(space.Audience, h.node.Person(), space.HistoryAll)); err != nil {
			return err
		}
		if _, err := w.Items(id, p.card()); err != nil {
			return err
		}
		for _, person := range people {
			if err := addMember(w, id, person, space.Writer); err != nil {
				return err
			}
		}
		return h.decide(w, id, record)
	})
	if err != nil {
		return id, err
	}
	for _, person := range people {
		h.teller.about(person)
	}
	h.feed.tell(Event{Kind: EventGroups, ID: id.String()})
	return id, nil
}

// cleanListName makes the name of a list fit, and unlike the others'.
func cleanListName(name string, lists []FriendList, but string) (string, error) {
	name, err := cleanName(name)
	if err != nil {
		var told *Error
		if errors.As(err, &told) && told.Code == CodeBadInput {
			return "", fail(CodeBadInput, "Give the list a name. Only you see it.", nil)
		}
		return "", err
	}
	for _, list := range lists {
		if list.ID != but && strings.EqualFold(list.Name, name) {
			return "", fail(CodeBadInput, "There is a list of this name already. Choose another name, so that you can tell them apart.", nil)
		}
	}
	return name, nil
}

func pickHue(hue int, lists []FriendList) (int, error) {
	if hue < 0 || hue > Hues {
		return 0, fail(CodeBadInput, "Choose one of the colours.", nil)
	}
	for candidate := 1; hue == 0 && candidate <= Hues; candidate++ {
		if !slices.ContainsFunc(lists, func(l FriendList) bool { return l.Hue == candidate }) {
			hue = candidate
		}
	}
	if hue == 0 {
		hue = len(lists)%Hues + 1
	}
	return hue, nil
}

// friendIDs reads the IDs of friends, each once.
func (h *Home) friendIDs(ctx context.Context, texts []string) ([]key.PersonID, error) {
	var people []key.PersonID
	for _, text := range texts {
		id, err := h.personID(text)
		if err != nil {
			return nil, err
		}
		friend, err := h.isFriend(ctx, id)
		if err != nil {
			return nil, explain("look at friends", err)
		}
		if !friend {
			return nil, fail(CodeBadInput, "Only friends can be put on a list. Nothing was changed.", nil)
		}
		if !slices.Contains(people, id) {
			people = append(people, id)
		}
	}
	return people, nil
}

// ownList finds one of the owner's lists by its ID. The meeting lock is held.
func (h *Home) ownList(ctx context.Context, text string) (*space.State, *joinedRecord, error) {
	me, err := h.me()
	if err != nil {
		return nil, nil, err
	}
	id, err := h.spaceID(text)
	if err != nil {
		return nil, nil, errNoList
	}
	state, err := h.node.Gate().State(ctx, id)
	if err != nil || state.Create.Kind != space.Audience || state.Create.Owner != me || state.Closed {
		return nil, nil, errNoList
	}
	record, err := h.joinedRecord(ctx, id)
	if err != nil {
		return nil, nil, explain("read a list", err)
	}
	if record.OnlyMe {
		return nil, nil, errNoList
	}
	return state, record, nil
}

// EditList changes what the owner calls a list of friends, its colour and who is on it. A hue of 0 keeps the colour.
func (h *Home) EditList(ctx context.Context, id, name string, hue int, members []string) (FriendList, error) {
	lists, err := h.Lists(ctx)
	if err != nil {
		return FriendList{}, err
	}
	if name, err = cleanListName(name, lists, id); err != nil {
		return FriendList{}, err
	}
	people, err := h.friendIDs(ctx, members)
	if err != nil {
		return FriendList{}, err
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	state, record, err := h.ownList(ctx, id)
	if err != nil {
		return FriendList{}, err
	}
	if hue != 0 {
		if record.Hue, err = pickHue(hue, lists); err != nil {
			return FriendList{}, err
		}
	}
	record.Name = name
	err = h.publishing(ctx, "change a list", func(w *ingest.Writing) error {
		for _, member := range state.Members() {
			if member.Person != h.node.Person() && !slices.Contains(people, member.Person) {
				if err := removeMember(w, state.ID, member.Person); err != nil {
					return err
				}
			}
		}
		for _, person := range people {
			if err := addMember(w, state.ID, person, space.Writer); err != nil {
				return err
			}
		}
		return h.decide(w, state.ID, record)
	})
	if err != nil {
		return FriendList{}, err
	}
	for _, person := range people {
		h.teller.about(person)
	}
	h.feed.tell(Event{Kind: EventGroups, ID: id})
	return h.List(ctx, id)
}

// DeleteList gives up a list of friends. What was posted to it stays with those who have it, and is written to no more.
func (h *Home) DeleteList(ctx context.Context, id string) error {
	h.meeting.Lock()
	defer h.meeting.Unlock()
	state, record, err := h.ownList(ctx, id)
	if err != nil {
		return err
	}
	record.State = spaceDeleted
	err = h.publishing(ctx, "delete a list", func(w *ingest.Writing) error {
		if err := closeSpace(w, state.ID); err != nil {
			return err
		}
		return h.decide(w, state.ID, record)
	})
	if err == nil {
		h.feed.tell(Event{Kind: EventGroups, ID: id})
	}
	return err
}

// onlyMe is the audience that has nobody in it but the owner; it is made when it is first posted to.
func (h *Home) onlyMe(ctx context.Context, p *profileRecord) (key.SpaceID, error) {
	h.meeting.Lock()
	defer h.meeting.Unlock()
	records, err := h.joinedRecords(ctx)
	if err != nil {
		return key.SpaceID{}, err
	}
	for _, text := range slices.Sorted(maps.Keys(records)) { // two devices may have made one each
		if records[text].OnlyMe {
			return key.ParseSpaceID(text)
		}
	}
	return h.createList(ctx, p, &joinedRecord{OnlyMe: true}, nil)
}

// sharedList is an audience that ends between two people with their friendship.
type sharedList struct {
	h      *Home
	id     key.SpaceID
	person key.PersonID // whom to take out; zero: the owner leaves
}

func (l *sharedList) end(w *ingest.Writing) error {
	if l.person.IsZero() {
		return l.h.leave(w, l.id)
	}
	return removeMember(w, l.id, l.person)
}

// sharedLists finds the owner's lists that somebody is on, and theirs that the owner is on.
func (h *Home) sharedLists(ctx context.Context, person key.PersonID) ([]sharedList, error) {
	states, err := h.spacesOf(ctx, space.Audience)
	if err != nil {
		return nil, err
	}
	me := h.node.Person()
	var lists []sharedList
	for _, state := range states {
		switch {
		case state.Create.Owner == me && state.Role(person) != 0:
			lists = append(lists, sharedList{h, state.ID, person})
		case state.Create.Owner == person && state.Role(me) != 0:
			lists = append(lists, sharedList{h: h, id: state.ID})
		}
	}
	return lists, nil
}

// ToOnlyMe is the name, in NewPost.To, of the audience that has nobody in it but the owner.
const ToOnlyMe = AudienceOnlyMe

// Audiences are what the owner can post to: their friends first, then their lists and groups by name, then nobody.
func (h *Home) Audiences(ctx context.Context) ([]Audience, error) {
	friends, err := h.Audience(ctx)
	if err != nil {
		return nil, err
	}
	all := []Audience{friends}
	lists, err := h.Lists(ctx)
	if err != nil {
		return nil, err
	}
	for _, list := range lists {
		all = append(all, Audience{Space: list.ID, Name: list.Name, Kind: AudienceList, Hue: list.Hue, People: len(list.Members) + 1})
	}
	groups, err := h.Groups(ctx)
	if err != nil {
		return nil, err
	}
	for _, group := range groups {
		if group.MayPost {
			all = append(all, Audience{Space: group.ID, Name: group.Name, Kind: AudienceGroup, People: group.People})
		}
	}
	if friends.Kind != AudienceOnlyMe {
		all = append(all, Audience{Space: ToOnlyMe, Name: "Only me", Kind: AudienceOnlyMe, People: 1})
	}
	return all, nil
}

// target finds the space that a post goes to, and whether the owner may post there.
func (h *Home) target(ctx context.Context, p *profileRecord, to string) (key.SpaceID, error) {
	switch to {
	case "":
		return p.Wall, nil
	case ToOnlyMe:
		return h.onlyMe(ctx, p)
	}
	id, err := h.spaceID(to)
	if err != nil {
		return id, errNoAudience
	}
	if id == p.Wall {
		return id, nil
	}
	state, err := h.node.Gate().State(ctx, id)
	if err != nil {
		return id, errNoAudience
	}
	me := h.node.Person()
	switch kind := state.Create.Kind; {
	case kind != space.Group && (kind != space.Audience || state.Create.Owner != me):
		return id, errNoAudience
	case state.Closed:
		return id, fail(CodeNotAllowed, "Nothing is posted there any more. Your text is safe; choose somebody else to show it to.", nil)
	case state.Role(me) == 0:
		return id, fail(CodeNotAllowed, "You are no longer in this group. Your text is safe; choose somebody else to show it to.", nil)
	case state.Role(me) < state.Create.Publish:
		return id, fail(CodeNotAllowed, "In this group only admins post. Your text is safe, and you can comment on what they post.", nil)
	}
	return id, nil
}

var errNoAudience = fail(CodeNotFound, "The people whom this was for are not to be found any more. Your text is safe; choose somebody else to show it to.", nil)
