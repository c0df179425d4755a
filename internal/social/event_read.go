package social

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"time"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// maxChanges of an event are shown.
const maxChanges = 20

// plan is an event as it stands: its first item, the changes of it that count, and the answers.
type plan struct {
	root    sqlite.Item
	now     content.Event
	changes []sqlite.Item // the newest first; each is a whole event
	answers []sqlite.Item // the newest first, one of each person
}

// isHead tells whether comments and reactions can hang under an item: a post or an event.
func isHead(item *sqlite.Item) bool {
	_, post := item.Content.(content.Post)
	return post || isEvent(item)
}

// isEvent tells whether an item is an event, and not a change of one.
func isEvent(item *sqlite.Item) bool {
	e, ok := item.Content.(content.Event)
	return ok && e.Of.IsZero()
}

// plansOf reads, of those of the items that are events, how they stand. states has the space of each.
func (h *Home) plansOf(ctx context.Context, items []sqlite.Item, states map[key.SpaceID]*space.State) (map[oplog.EntryID]*plan, error) {
	plans := make(map[oplog.EntryID]*plan)
	var ids []oplog.EntryID
	for i := range items {
		if isEvent(&items[i]) && plans[items[i].ID] == nil {
			plans[items[i].ID] = &plan{root: items[i], now: items[i].Content.(content.Event)}
			ids = append(ids, items[i].ID)
		}
	}
	if len(ids) == 0 {
		return plans, nil
	}
	changes, err := h.db.Hanging(ctx, content.KindEvent, ids)
	if err != nil {
		return nil, err
	}
	answers, err := h.db.Hanging(ctx, content.KindAnswer, ids)
	if err != nil {
		return nil, err
	}
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return nil, err
	}
	for id, p := range plans {
		state := states[p.root.Space]
		for _, change := range changes[id] {
			if p.counts(state, &change) {
				p.changes = append(p.changes, change)
			}
		}
		if len(p.changes) > 0 {
			p.now = p.changes[0].Content.(content.Event)
		}
		for _, answer := range answers[id] {
			if !hidden.blocked(answer.Author) {
				p.answers = append(p.answers, answer)
			}
		}
	}
	return plans, nil
}

// counts tells whether a change was its author's to make: whoever made the event, and in a group an admin.
func (p *plan) counts(state *space.State, change *sqlite.Item) bool {
	return change.Author == p.root.Author || state.Create.Kind == space.Group && mayAt(state, change, space.Admin)
}

// mayChange tells whether somebody may change the event now.
func (p *plan) mayChange(state *space.State, who key.PersonID) bool {
	if state.Closed || state.Role(who) == 0 {
		return false
	}
	return who == p.root.Author || state.Create.Kind == space.Group && state.Role(who) >= space.Admin
}

// mine is the answer of somebody; nil if there is none.
func (p *plan) of(who key.PersonID) *sqlite.Item {
	for i := range p.answers {
		if p.answers[i].Author == who {
			return &p.answers[i]
		}
	}
	return nil
}

// cover is the item whose files the cover is among: the change that counts, or the first one.
func (p *plan) cover() oplog.EntryID {
	if len(p.changes) > 0 {
		return p.changes[0].ID
	}
	return p.root.ID
}

// people lists who is named in the event and under it.
func (p *plan) people() (ids []key.PersonID) {
	for _, answer := range p.answers {
		ids = append(ids, answer.Author)
	}
	for _, change := range p.changes {
		ids = append(ids, change.Author)
	}
	for _, asked := range p.now.Asked {
		ids = append(ids, key.PersonID(asked))
	}
	return ids
}

var answerNames = map[uint]string{content.AnswerGoing: AnswerGoing, content.AnswerMaybe: AnswerMaybe, content.AnswerNo: AnswerNo}

// gathering makes the view of an event.
func (v *view) gathering(ctx context.Context, p *plan) (*Gathering, error) {
	e, state := &p.now, v.states[p.root.Space]
	g := &Gathering{
		Title: e.Title, Place: e.Place, Start: eventStart(e), End: eventEnd(e), Zone: e.Zone, Days: e.Days, Canceled: e.Canceled,
		AskedMe: e.Asks(v.me), MayChange: p.mayChange(state, v.me), MayAnswer: !state.Closed && state.Role(v.me) != 0,
	}
	g.Over = !v.h.now().Before(eventOver(e, v.h.now().Location()))
	for _, asked := range e.Asked {
		g.Asked = append(g.Asked, v.people[key.PersonID(asked)])
	}
	for i := len(p.answers) - 1; i >= 0; i-- { // first come first
		item := &p.answers[i]
		said := item.Content.(content.Answer)
		a := EventAnswer{Person: v.people[item.Author], Answer: answerNames[said.Answer], Guests: int(said.Guests), Note: said.Note, At: item.At}
		switch said.Answer {
		case content.AnswerGoing:
			g.Going = append(g.Going, a)
			g.Coming += 1 + a.Guests
		case content.AnswerMaybe:
			g.Maybe = append(g.Maybe, a)
		case content.AnswerNo:
			g.No = append(g.No, a)
		}
		if item.Author == v.me {
			g.Mine = a
		}
	}
	for i := range p.changes[:min(len(p.changes), maxChanges)] {
		before := p.root.Content.(content.Event)
		if i+1 < len(p.changes) {
			before = p.changes[i+1].Content.(content.Event)
		}
		after := p.changes[i].Content.(content.Event)
		if words := eventChanges(&before, &after); len(words) > 0 {
			g.Changes = append(g.Changes, EventChange{
				By: v.people[p.changes[i].Author], At: p.changes[i].At, Words: words, Since: g.Mine.Answer != "" && p.changes[i].At.After(g.Mine.At) && p.changes[i].Author != v.me,
			})
		}
	}
	var err error
	g.Remind, err = v.h.reminderOf(ctx, p.root.ID)
	return g, err
}

// eventChanges says in words what is different in an event.
func eventChanges(before, after *content.Event) (words []string) {
	if before.Canceled != after.Canceled {
		if after.Canceled {
			words = append(words, "It is cancelled.")
		} else {
			words = append(words, "It takes place after all.")
		}
	}
	if before.Title != after.Title {
		words = append(words, "It is called “"+after.Title+"” now.")
	}
	if before.Start != after.Start || before.Days != after.Days || before.Zone != after.Zone {
		words = append(words, "It was to begin "+startWords(before)+"; now it begins "+startWords(after)+".")
	} else if before.End != after.End {
		words = append(words, "It ends at another time.")
	}
	if before.Place != after.Place {
		switch {
		case after.Place == "":
			words = append(words, "The place is open again.")
		case before.Place == "":
			words = append(words, "The place is "+after.Place+".")
		default:
			words = append(words, "The place was "+before.Place+"; now it is "+after.Place+".")
		}
	}
	if before.Text != after.Text {
		words = append(words, "The description is new.")
	}
	if len(before.Photos) != len(after.Photos) || len(after.Photos) > 0 && before.Photos[0].Screen.Ref != after.Photos[0].Screen.Ref {
		words = append(words, "The picture is new.")
	}
	if !slices.EqualFunc(before.Asked, after.Asked, bytes.Equal) {
		words = append(words, "Others are asked especially.")
	}
	return words
}

// startWords say when an event begins, by the clock there.
func startWords(e *content.Event) string {
	t := eventStart(e)
	day := "on " + t.Format("Monday, 2 January ") + strconv.Itoa(t.Year())
	if e.Days {
		return day
	}
	return day + " at " + t.Format("15:04")
}

// EventChangesSince is for whoever tells of news: the changes, by others, of events that the owner answered or is asked
// to, made after a time, the newest first.
func (h *Home) EventChangesSince(ctx context.Context, since time.Time) ([]Upcoming, error) {
	plans, states, err := h.allPlans(ctx)
	if err != nil {
		return nil, err
	}
	me := h.node.Person()
	var changed []*plan
	for _, p := range plans {
		if len(p.changes) > 0 && p.changes[0].Author != me && p.changes[0].At.After(since) && (p.of(me) != nil || p.now.Asks(me)) {
			changed = append(changed, p)
		}
	}
	slices.SortFunc(changed, func(a, b *plan) int { return b.changes[0].At.Compare(a.changes[0].At) })
	return h.upcomingOf(ctx, changed, states)
}
