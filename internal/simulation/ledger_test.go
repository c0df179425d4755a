package simulation

import (
	"context"
	"slices"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

// post is an acknowledged post: what the village remembers of it, apart from all homes.
type post struct {
	room  *room
	by    *home
	log   oplog.LogID
	seq   uint64
	id    oplog.EntryID
	epoch oplog.EpochID
	text  string
	// Who was no member, in its author's eyes, and whose devices were removed.
	outs       []*person
	outDevices []*home
	lost       bool // it went down with a disk before any other home had it
	orphan     bool // whoever took its author's right away had not got it
	at         int  // how many acts had happened
	silent     bool // not of a kind that is shown where it was written
	erased     bool // somebody who may asked for it to be erased
}

// grant is an operation that gave a role.
type grant struct {
	room *room
	who  *person
	at   int // how many acts had happened
	log  oplog.LogID
	seq  uint64
	id   oplog.EntryID
	knew []oplog.EntryID // removals of theirs that its author had heard of
}

// ender is something that took rights away, as its author wrote it.
type ender struct {
	room   *room   // nil: a device was removed
	target *person // whose
	device *home   // the device that was removed
	cut    map[oplog.LogID]uint64
	stays  bool // with another role
	// Of a removal: who wrote it, and its place.
	by  *home
	log oplog.LogID
	seq uint64
	id  oplog.EntryID
}

// isOf tells whether it removed the home's device.
func (e *ender) isOf(h *home) bool { return e.device != nil && e.device.device == h.device }

// publish lets a home write a post. It is in the ledger once it is acknowledged.
func (h *home) publish(r *room, text string) (*post, error) {
	var entry oplog.Verified
	p := &post{room: r, by: h, text: text, at: h.w.now}
	err := h.gate.Publish(context.Background(), func(w *ingest.Writing) error {
		state, err := w.State(r.id)
		if err != nil {
			return err
		}
		for _, person := range h.w.people {
			if state.Role(person.id) == 0 && !h.mayHaveMissed(r, person) {
				p.outs = append(p.outs, person)
			}
		}
		p.silent = (r.create.Kind == space.Wall || r.create.Kind == space.Audience) && r.create.Owner != h.who.id
		entries, err := w.Items(r.id, r.words(text))
		if err == nil {
			entry = entries[0]
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, other := range h.w.homes {
		person, err := h.gate.Person(context.Background(), other.who.id)
		h.w.must(err)
		if person == nil {
			continue
		}
		if device, ok := person.Device(other.device.ID()); ok && device.Removed {
			p.outDevices = append(p.outDevices, other)
		}
	}
	p.log, p.seq, p.id, p.epoch = entry.LogID(), entry.Seq(), entry.ID(), entry.Header().Epoch
	if h.honest() && !h.out {
		h.w.posts = append(h.w.posts, p)
	}
	h.settleDown()
	return p, nil
}

// words is what people write in a space: posts, and messages in a chat.
func (r *room) words(text string) content.Item {
	if r.create.Kind == space.Chat {
		return content.Message{Text: text}
	}
	return content.Post{Text: text}
}

// textOf gives the words of either.
func textOf(item content.Item) string {
	switch item := item.(type) {
	case content.Post:
		return item.Text
	case content.Message:
		return item.Text
	}
	return ""
}

// mayHaveMissed tells whether somebody was given a role by an operation that the home has not got.
func (h *home) mayHaveMissed(r *room, who *person) bool {
	return slices.ContainsFunc(h.w.grants, func(g grant) bool {
		if g.room != r || g.who != who {
			return false
		}
		held, _ := h.holds(g.log, g.seq, g.id)
		return !held
	})
}

// mourn marks, after a home was restored or somebody went, the posts that neither their author's home has now nor that of
// another who stays.
func (w *world) mourn() {
	for _, p := range w.posts {
		if p.lost {
			continue
		}
		saved := slices.ContainsFunc(w.up(), func(other *home) bool {
			held, _ := other.holds(p.log, p.seq, p.id)
			hasKey, _ := other.hasKey(p.room.id, p.epoch)
			return (held && hasKey || w.doubled[p.by.device.ID()] && other.shows(p.room, p)) && (other == p.by || other.honest() && !w.ended(p.room, other) && other.isMember(p.room.id, other.who.id) && other.isMember(p.room.id, p.by.who.id))
		})
		if !saved {
			p.lost = true
		}
	}
	w.abandon()
}

// shows tells whether the home shows the text of a post in an entry of its author, be it another than the first.
func (h *home) shows(r *room, p *post) bool {
	ctx := context.Background()
	for _, record := range h.logs(r.id) {
		if record.Author != p.by.who.id || record.Log.Lane != oplog.Content {
			continue
		}
		for _, held := range record.Held {
			for seq := held.First; seq <= held.Last; seq++ {
				var id oplog.EntryID
				h.w.must(h.db.View(ctx, func(r ingest.Reader) error {
					entry, _, err := r.Entry(record.Log.ID(), seq)
					id = entry.ID()
					return err
				}))
				item, found, err := h.db.Item(ctx, id)
				h.w.must(err)
				if found && textOf(item.Content) == p.text {
					return true
				}
			}
		}
	}
	return false
}

// rightsChanged tells whether somebody changed what the author of a post may do, at whatever place: what was said again may
// stand beyond the cut.
func (w *world) rightsChanged(p *post) bool {
	return slices.ContainsFunc(w.enders, func(e ender) bool {
		return e.isOf(p.by) || (e.room == p.room || e.room == nil) && (e.target == p.by.who || w.sponsored(p.room, e.target, p.by.who))
	})
}

// isMember tells whether somebody is in the space, as the home sees it.
func (h *home) isMember(space key.SpaceID, person key.PersonID) bool {
	state, err := h.gate.State(context.Background(), space)
	return err == nil && state.Role(person) != 0
}

// end notes that a right was taken away.
func (w *world) end(e ender) {
	w.enders = append(w.enders, e)
	w.mourn()
}

// abandon marks the posts of whoever is out, or whose device is, that nobody who stays has: the others take no content
// from the home of somebody who is out, so they may never get them.
func (w *world) abandon() {
	for _, p := range w.posts {
		if p.orphan || !w.ended(p.room, p.by) {
			continue
		}
		p.orphan = !slices.ContainsFunc(w.up(), func(h *home) bool {
			held, _ := h.holds(p.log, p.seq, p.id)
			return held && h.who != p.by.who && h.honest() && !w.ended(p.room, h)
		})
	}
}

// ended tells whether somebody took a right away from a home or its person.
func (w *world) ended(r *room, h *home) bool {
	return slices.ContainsFunc(w.enders, func(e ender) bool {
		return e.isOf(h) || e.room == r && e.target == h.who && !e.stays
	})
}

// excused tells whether the ledger knows a reason for which a post need not be held: that somebody took the right to
// write it from its author, at a place before it; or the right to bring the author in from whoever did.
func (w *world) excused(p *post) bool {
	if p.orphan {
		return true
	}
	for _, e := range w.enders {
		switch {
		case e.room == nil && e.isOf(p.by):
			if last, named := e.cut[p.log]; !named || p.seq > last {
				return true
			}
		case e.room == p.room && e.target == p.by.who:
			if last, named := e.cut[p.log]; !named || p.seq > last {
				return true
			}
		case (e.room == p.room || e.room == nil) && w.sponsored(p.room, e.target, p.by.who):
			return true
		}
	}
	return false
}

// sponsor notes that somebody brought a person in, or gave them a role.
func (w *world) sponsor(r *room, by *home, who *person, entry oplog.Verified) {
	if w.sponsors[r] == nil {
		w.sponsors[r] = make(map[*person][]*person)
	}
	w.sponsors[r][who] = append(w.sponsors[r][who], by.who)
	g := grant{room: r, who: who, at: w.now, log: entry.LogID(), seq: entry.Seq(), id: entry.ID()}
	for _, e := range w.enders {
		if e.room != r || e.target != who || e.by == nil {
			continue
		}
		if held, _ := by.holds(e.log, e.seq, e.id); held {
			g.knew = append(g.knew, e.id)
		}
	}
	w.grants = append(w.grants, g)
}

// judgeRemovals checks that whomever the first owner removed is out, unless somebody brought them back who knew.
func (w *world) judgeRemovals(r *room, referee *home, truth *space.State) {
	if r.by == w.villain || slices.ContainsFunc(w.enders, func(e ender) bool { return e.room == r && e.target == r.by }) {
		return
	}
	for _, e := range w.enders {
		if e.room != r || e.by == nil || e.by.who != r.by || e.by.out {
			continue
		}
		if held, _ := referee.holds(e.log, e.seq, e.id); !held {
			continue // it went down with a disk
		}
		back := slices.ContainsFunc(w.grants, func(g grant) bool {
			return g.room == r && g.who == e.target && slices.Contains(g.knew, e.id)
		})
		w.check(removalHolds, back || truth.Role(e.target.id) == 0, "%s was removed from %s by its first owner, and is in it", e.target.name, r.name)
	}
}

// sponsored tells whether a person's membership rests on another's rights, over however many others.
func (w *world) sponsored(r *room, by, who *person) bool {
	seen := map[*person]bool{who: true}
	queue := []*person{who}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		for _, s := range w.sponsors[r][next] {
			if s == by {
				return true
			}
			if !seen[s] {
				seen[s] = true
				queue = append(queue, s)
			}
		}
	}
	return false
}
