package social

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

// maxChats bounds the chats that one home is in, and so how many friends can begin with it unasked.
const maxChats = 1000

// shownInName is how many people a chat without a name is called after.
const shownInName = 3

// conversation is one chat as people see it. Two who both began a chat with one another, at the same time or because one had
// not heard of the other's, have two spaces and one conversation: all of its spaces are read, and written is the one with the
// least ID of those in which both are. So both homes settle on the same, whichever they heard of first.
type conversation struct {
	states []*space.State // by ID
	pair   bool
	other  key.PersonID // of a pair
	main   *space.State // where new messages go
}

func (c *conversation) id() string { return c.main.ID.String() }

func (c *conversation) spaces() []key.SpaceID {
	ids := make([]key.SpaceID, len(c.states))
	for i, state := range c.states {
		ids[i] = state.ID
	}
	return ids
}

// otherOf is who the chat is with; false where it is one with several people. A chat of two is made so that nobody brings in
// a third. Should its maker do so all the same, it is shown as what it is then.
func otherOf(state *space.State, me key.PersonID) (other key.PersonID, pair bool) {
	if state.Create.Invite < space.OwnerRole {
		return other, false
	}
	others := 0
	for _, person := range state.People() {
		if person != me && state.Was(person) {
			other, others = person, others+1
		}
	}
	return other, others == 1
}

// conversations lists the chats of the owner, in no particular order.
func (h *Home) conversations(ctx context.Context) ([]*conversation, error) {
	me, err := h.me()
	if err != nil {
		return nil, err
	}
	states, err := h.spacesOf(ctx, space.Chat)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(states, func(a, b *space.State) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	pairs := make(map[key.PersonID]*conversation)
	var list []*conversation
	for _, state := range states {
		if !state.Was(me) {
			continue
		}
		other, pair := otherOf(state, me)
		if known := pairs[other]; pair && known != nil {
			known.states = append(known.states, state)
			continue
		}
		c := &conversation{states: []*space.State{state}, pair: pair, other: other}
		if pair {
			pairs[other] = c
		}
		list = append(list, c)
	}
	for _, c := range list {
		c.main = c.states[0]
		for _, state := range c.states {
			if !state.Closed && state.Role(me) != 0 && (!c.pair || state.Role(c.other) != 0) {
				c.main = state
				break
			}
		}
	}
	return list, nil
}

var errNoChat = fail(CodeNotFound, "There is no such chat here. Perhaps it has not arrived so far.", nil)

// conversation finds a chat by the ID of any of its spaces.
func (h *Home) conversation(ctx context.Context, text string) (*conversation, error) {
	id, err := key.ParseSpaceID(text)
	if err != nil {
		return nil, errNoChat
	}
	all, err := h.conversations(ctx)
	if err != nil {
		return nil, explain("find a chat", err)
	}
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return nil, explain("find a chat", err)
	}
	for _, c := range all {
		if slices.Contains(c.spaces(), id) && !(c.pair && hidden.blocked(c.other)) {
			return c, nil
		}
	}
	return nil, errNoChat
}

// Chats lists the chats of the owner, those with the newest messages first. Those with somebody whom the owner blocked are left out.
func (h *Home) Chats(ctx context.Context) ([]Chat, error) {
	all, err := h.conversations(ctx)
	if err != nil {
		return nil, explain("list chats", err)
	}
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return nil, explain("list chats", err)
	}
	list := make([]Chat, 0, len(all))
	for _, c := range all {
		if c.pair && hidden.blocked(c.other) {
			continue
		}
		chat, err := h.showChat(ctx, c)
		if err != nil {
			return nil, explain("list chats", err)
		}
		list = append(list, chat)
	}
	slices.SortStableFunc(list, func(a, b Chat) int { return b.newest().Compare(a.newest()) })
	return list, nil
}

func (c *Chat) newest() time.Time {
	if c.Last != nil {
		return c.Last.At
	}
	return c.Since
}

// Chat is one chat.
func (h *Home) Chat(ctx context.Context, id string) (Chat, error) {
	c, err := h.conversation(ctx, id)
	if err != nil {
		return Chat{}, err
	}
	chat, err := h.showChat(ctx, c)
	if err == nil && !c.pair {
		chat.Members, err = h.joined(ctx, c.main)
	}
	return chat, explain("show a chat", err)
}

// showChat is a chat without its members.
func (h *Home) showChat(ctx context.Context, c *conversation) (Chat, error) {
	chat := Chat{ID: c.id(), Pair: c.pair, State: ChatOpen}
	me := h.node.Person()
	for _, id := range c.spaces() {
		if text := id.String(); text != chat.ID {
			chat.Spaces = append(chat.Spaces, text)
		}
	}
	chat.Spaces = slices.Insert(chat.Spaces, 0, chat.ID)
	var ids []key.PersonID
	for _, member := range c.main.Members() {
		if member.Person != me {
			ids = append(ids, member.Person)
		}
	}
	switch {
	case c.main.Role(me) == 0:
		chat.State = ChatLeft
	case c.main.Closed:
		chat.State = ChatClosed
	case len(ids) == 0:
		chat.State = ChatAlone
	}
	if c.pair {
		ids = []key.PersonID{c.other}
	}
	people, err := h.people(ctx, ids)
	if err != nil {
		return Chat{}, err
	}
	for _, person := range people {
		chat.With = append(chat.With, person)
	}
	slices.SortFunc(chat.With, func(a, b Person) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	if chat.Name, err = h.chatName(ctx, c.main); err != nil {
		return Chat{}, err
	}
	if chat.Since, err = h.entered(ctx, c.main, c.main.Create.Owner); err != nil {
		return Chat{}, err
	}
	unread, err := h.unread(ctx, c)
	if err != nil {
		return Chat{}, err
	}
	chat.Unread = min(len(unread), MaxUnread)
	if chat.Fades, err = h.fadesAfter(ctx, c); err != nil {
		return Chat{}, err
	}
	last, _, err := h.messages(ctx, c, "", 1)
	if err == nil && len(last) > 0 {
		chat.Last = &last[0]
	}
	return chat, err
}

// chatName is what a chat is called: by who it is with, by the name that it was given, or after who is in it.
func (h *Home) chatName(ctx context.Context, state *space.State) (string, error) {
	me := h.node.Person()
	other, pair := otherOf(state, me)
	if !pair {
		items, err := h.db.Abouts(ctx, state.ID)
		if err != nil {
			return "", err
		}
		for i := range items {
			if about, ok := items[i].Content.(content.About); ok && mayAt(state, &items[i], space.Writer) {
				return about.Name, nil
			}
		}
	}
	ids := []key.PersonID{other}
	if !pair {
		ids = nil
		for _, member := range state.Members() {
			if member.Person != me {
				ids = append(ids, member.Person)
			}
		}
	}
	people, err := h.people(ctx, ids)
	if err != nil {
		return "", err
	}
	var names []string
	for _, person := range people {
		names = append(names, person.Name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	switch n := len(names); {
	case n == 0:
		return "Nobody else", nil
	case n == 1:
		return names[0], nil
	case n > shownInName:
		return strings.Join(names[:shownInName], ", ") + " and others", nil
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1], nil
	}
}

// joined lists who is in a chat, and who brought them in, in the order in which they came.
func (h *Home) joined(ctx context.Context, state *space.State) ([]Joined, error) {
	grants := make(map[key.PersonID]grant)
	var ids []key.PersonID
	for _, member := range state.Members() {
		g, err := h.grantOf(ctx, state, member.Person)
		if err != nil {
			return nil, err
		}
		grants[member.Person] = g
		ids = append(ids, member.Person, g.by)
	}
	people, err := h.people(ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []Joined
	for person, g := range grants {
		j := Joined{Person: people[person], At: g.at}
		if g.by != person {
			by := people[g.by]
			j.By = &by
		}
		list = append(list, j)
	}
	slices.SortFunc(list, func(a, b Joined) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list, nil
}

// grant is how somebody came into a space.
type grant struct {
	by key.PersonID
	at time.Time
}

// grantOf tells who gave somebody the part in a space that they have now, and when.
func (h *Home) grantOf(ctx context.Context, state *space.State, person key.PersonID) (g grant, err error) {
	id, member := state.GrantOf(person)
	if !member || id.IsZero() {
		id = state.Entry
	}
	err = h.db.View(ctx, func(r ingest.Reader) error {
		log, seq, found, err := r.Locate(id)
		if err != nil || !found {
			return err
		}
		record, _, err := r.Log(log)
		if err != nil {
			return err
		}
		var entry oplog.Verified
		entry, _, err = r.Entry(log, seq)
		g = grant{record.Author, time.Unix(entry.Header().Time, 0)}
		return err
	})
	return g, err
}

// entered is since when somebody has been in a space.
func (h *Home) entered(ctx context.Context, state *space.State, person key.PersonID) (time.Time, error) {
	g, err := h.grantOf(ctx, state, person)
	return g.at, err
}
