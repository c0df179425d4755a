package web_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"kith/internal/social"
)

// home is a home in memory, for looking at pages: it keeps the promises of social.Home towards the pages and knows
// no network. The end-to-end tests of the program use real homes.
type home struct {
	mu          sync.Mutex
	now         func() time.Time
	started     bool
	me          social.Person
	reach       string
	people      map[string]social.Person
	friends     []string
	posts       []*social.Post // newest first, with all comments
	draft       social.Draft
	pictures    map[string]picture
	invites     []social.Invite
	circles     circles
	chats       chats
	acceptances []social.Acceptance
	greetings   map[string]social.Greeting
	recovery    social.Recovery
	words       []string
	subscribers map[chan social.Event]bool
	fail        map[string]error // what a method returns instead of working, by its name
	calls       []string         // the methods that changed something, in order
	reactions   map[string]map[string][]string
	made        map[string]int // how many IDs of each kind were given
	trash       []social.Trashed
	versions    map[string][]social.Version // earlier ones, the newest first
	held        map[string]social.Photo     // for comments that are being written
	slow        chan struct{}               // if set, AddPhoto waits for it
	own         ownDevices
	news        sampleNews
	files       shelf
	plans       plans
	lateFailure error // with which Backup ends after its first bytes
}

type picture struct {
	kind    string
	content []byte
}

func newHome(now func() time.Time) *home {
	return &home{
		now:         now,
		people:      make(map[string]social.Person),
		pictures:    make(map[string]picture),
		greetings:   make(map[string]social.Greeting),
		subscribers: make(map[chan social.Event]bool),
		fail:        make(map[string]error),
		reactions:   make(map[string]map[string][]string),
		made:        make(map[string]int),
		held:        make(map[string]social.Photo),
		reach:       social.ReachInternet,
		words:       strings.Fields("window ember candle harbor violin meadow ladder orange thunder velvet pocket island kettle garden puzzle silver walnut bridge lantern copper feather summer anchor basket"),
	}
}

// changing notes a call that changes something, and says whether it is to fail.
func (h *home) changing(name string) error {
	h.calls = append(h.calls, name)
	return h.fail[name]
}

func (h *home) id(kind string) string {
	h.made[kind]++
	return fmt.Sprintf("%s%04d", kind, h.made[kind])
}

func problem(code, message string) error { return &social.Error{Code: code, Message: message} }

// tell sends an event to every open page.
func (h *home) tell(kind, id, post string) {
	for c := range h.subscribers {
		select {
		case c <- social.Event{Kind: kind, ID: id, Post: post}:
		default:
		}
	}
}

func (h *home) Subscribe(ctx context.Context) <-chan social.Event {
	c := make(chan social.Event, 256)
	h.mu.Lock()
	h.subscribers[c] = true
	h.mu.Unlock()
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subscribers, c)
		close(c)
	})
	return c
}

func (h *home) Started(context.Context) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.started, h.fail["Started"]
}

func (h *home) Begin(_ context.Context, s social.Setup) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Begin"); err != nil {
		return err
	}
	if strings.TrimSpace(s.Name) == "" {
		return problem(social.CodeBadInput, "Your friends need a name to know you by. Please type one.")
	}
	h.me = social.Person{ID: "me", Name: s.Name, Me: true, Online: true}
	if s.Picture != nil {
		photo, err := h.addPicture(s.Picture)
		if err != nil {
			return err
		}
		h.me.Picture = photo.Thumb
	}
	h.people["me"], h.reach, h.started = h.me, s.Reach, true
	return nil
}

func (h *home) Profile(context.Context) (social.Profile, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return social.Profile{Person: h.people["me"], Reach: h.reach}, h.fail["Profile"]
}

func (h *home) EditProfile(_ context.Context, e social.ProfileEdit) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("EditProfile"); err != nil {
		return err
	}
	if e.Name == "" {
		return problem(social.CodeBadInput, "Your friends need a name to know you by. Nothing was changed.")
	}
	me := h.people["me"]
	me.Name, me.About, me.Birthday = e.Name, e.About, e.Birthday
	if e.RemovePicture {
		me.Picture = ""
	}
	if e.Picture != nil {
		photo, err := h.addPicture(e.Picture)
		if err != nil {
			return err
		}
		me.Picture = photo.Thumb
	}
	h.people["me"] = me
	h.tell(social.EventPerson, "me", "")
	return nil
}

func (h *home) SetReach(_ context.Context, reach string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("SetReach"); err != nil {
		return err
	}
	if reach != social.ReachHome && reach != social.ReachInternet {
		return problem(social.CodeBadInput, "Please choose one of the two.")
	}
	h.reach = reach
	return nil
}

func (h *home) Status(context.Context) (social.Status, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return social.Status{Name: h.people["me"].Name, Folder: "/home/nora/kith", Version: "0.1.0", Since: h.now().Add(-30 * time.Hour),
		Friends: len(h.friends), Online: 3, DiskBytes: 1_284_000_000, Wanted: 2}, h.fail["Status"]
}

// full fills in what changes: who is online, who reacted.
func (h *home) full(p *social.Post) social.Post {
	post := *p
	post.Author = h.people[p.Author.ID]
	post.CanDelete, post.CanEdit = post.Author.Me, post.Author.Me
	post.Reactions = h.reactionsOf(p.ID)
	post.Comments = slices.Clone(p.Comments)
	post.CommentCount = len(p.Comments)
	for i := range post.Comments {
		post.Comments[i] = h.fullComment(&p.Comments[i], post.Author.Me)
	}
	return post
}

func (h *home) fullComment(c *social.Comment, mine bool) social.Comment {
	comment := *c
	comment.Author = h.people[c.Author.ID]
	comment.CanDelete, comment.CanEdit = mine || comment.Author.Me, comment.Author.Me
	comment.Reactions = h.reactionsOf(c.ID)
	return comment
}

func (h *home) reactionsOf(target string) []social.Reaction {
	var all []social.Reaction
	for emoji, people := range h.reactions[target] {
		r := social.Reaction{Emoji: emoji, Count: len(people)}
		for _, id := range people {
			r.People = append(r.People, h.people[id].Name)
			r.Mine = r.Mine || id == "me"
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b social.Reaction) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(a.Emoji, b.Emoji)
	})
	return all
}

// page cuts a feed out of the posts that keep wants. A cursor is the ID of the post before it.
func (h *home) page(cursor string, limit int, keep func(*social.Post) bool) social.Feed {
	var feed social.Feed
	found := cursor == ""
	for _, p := range h.posts {
		switch {
		case !found:
			found = p.ID == cursor
		case !keep(p):
		case len(feed.Posts) == limit:
			feed.Next = feed.Posts[limit-1].ID
			return feed
		default:
			post := h.full(p)
			post.Comments = post.Comments[max(0, len(post.Comments)-2):]
			feed.Posts = append(feed.Posts, post)
		}
	}
	return feed
}

func (h *home) Feed(_ context.Context, cursor string, limit int) (social.Feed, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.page(cursor, limit, func(p *social.Post) bool { return !p.Hidden }), h.fail["Feed"]
}

func (h *home) Wall(_ context.Context, person, cursor string, limit int) (social.Feed, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.page(cursor, limit, func(p *social.Post) bool { return p.Author.ID == person }), h.fail["Wall"]
}

func (h *home) find(id string) (*social.Post, error) {
	for _, p := range h.posts {
		if p.ID == id {
			return p, nil
		}
	}
	return nil, problem(social.CodeNotFound, "This post is not here. Perhaps it was deleted.")
}

func (h *home) Post(_ context.Context, id string) (social.Post, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, err := h.find(id)
	if err != nil {
		return social.Post{}, err
	}
	return h.full(p), h.fail["Post"]
}

func (h *home) CommentByID(_ context.Context, id string) (social.Comment, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.posts {
		for i := range p.Comments {
			if p.Comments[i].ID == id {
				return h.fullComment(&p.Comments[i], p.Author.Me), nil
			}
		}
	}
	return social.Comment{}, problem(social.CodeNotFound, "This comment is not here. Perhaps it was deleted.")
}

func (h *home) Person(_ context.Context, id string) (social.Person, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, ok := h.people[id]
	if !ok {
		return social.Person{}, problem(social.CodeNotFound, "There is nobody here by that address.")
	}
	return p, nil
}

func (h *home) Audience(context.Context) (social.Audience, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.audience(), h.fail["Audience"]
}

func (h *home) audience() social.Audience {
	if len(h.friends) == 0 {
		return social.Audience{Space: "wall-me", Name: "Only me", Kind: social.AudienceOnlyMe, People: 1}
	}
	return social.Audience{Space: "wall-me", Name: "Friends", Kind: social.AudienceFriends, People: len(h.friends) + 1}
}

func (h *home) delivered() social.Delivery {
	return social.Delivery{State: social.DeliveryHere, Of: len(h.friends)}
}

func (h *home) Publish(_ context.Context, n social.NewPost) (social.Post, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Publish"); err != nil {
		return social.Post{}, err
	}
	if strings.TrimSpace(n.Text) == "" && len(n.Photos) == 0 && len(n.Files) == 0 {
		return social.Post{}, problem(social.CodeBadInput, "There is nothing in this post yet. Write something, or add a photo.")
	}
	post := &social.Post{ID: h.id("p"), Author: h.people["me"], At: h.now(), Text: n.Text, Audience: h.audience(), Delivery: h.delivered(),
		Poll: pollOf(n.Poll), Feeling: n.Feeling, Place: n.Place, Note: n.Note, Files: h.filesOf(n.Files), Mentions: h.mentions(n.Text)}
	for _, a := range h.audiences() {
		if a.Space == n.To {
			post.Audience = a
		}
	}
	for _, photo := range n.Photos {
		i := slices.IndexFunc(h.draft.Photos, func(p social.Photo) bool { return p.ID == photo.ID })
		if i < 0 {
			return social.Post{}, problem(social.CodeNotFound, "A photo of this post is not here any more. Please add it once more.")
		}
		p := h.draft.Photos[i]
		p.Alt = photo.Alt
		post.Photos = append(post.Photos, p)
	}
	h.posts = append([]*social.Post{post}, h.posts...)
	h.draft = social.Draft{}
	h.tell(social.EventPost, post.ID, "")
	return h.full(post), nil
}

func (h *home) Comment(_ context.Context, post, text string) (social.Comment, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Comment"); err != nil {
		return social.Comment{}, err
	}
	if strings.TrimSpace(text) == "" {
		return social.Comment{}, problem(social.CodeBadInput, "There is nothing in this comment yet.")
	}
	return h.comment(post, "me", text, h.now())
}

// comment adds somebody's comment.
func (h *home) comment(post, who, text string, at time.Time) (social.Comment, error) {
	p, err := h.find(post)
	if err != nil {
		return social.Comment{}, err
	}
	c := social.Comment{ID: h.id("c"), Post: post, Author: h.people[who], At: at, Text: text}
	if who == "me" {
		c.Delivery = h.delivered()
	}
	p.Comments = append(p.Comments, c)
	h.tell(social.EventComment, c.ID, post)
	return h.fullComment(&c, p.Author.Me), nil
}

func (h *home) React(_ context.Context, target, emoji string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("React"); err != nil {
		return err
	}
	if c, i := h.findMessage(target); c != nil {
		m := c.messages[i]
		m.Reactions = slices.DeleteFunc(m.Reactions, func(r social.Reaction) bool { return r.Mine })
		if emoji != "" {
			m.Reactions = append(m.Reactions, social.Reaction{Emoji: emoji, Count: 1, People: []string{h.me.Name}, Mine: true})
		}
		h.tell(social.EventMessage, target, c.ID)
		return nil
	}
	return h.react(target, "me", emoji)
}

// react sets somebody's reaction.
func (h *home) react(target, who, emoji string) error {
	post := ""
	for _, p := range h.posts {
		if p.ID == target || slices.ContainsFunc(p.Comments, func(c social.Comment) bool { return c.ID == target }) {
			post = p.ID
		}
	}
	if post == "" {
		return problem(social.CodeNotFound, "This is not here any more.")
	}
	of := h.reactions[target]
	if of == nil {
		of = make(map[string][]string)
		h.reactions[target] = of
	}
	for e := range of {
		if of[e] = slices.DeleteFunc(of[e], func(id string) bool { return id == who }); len(of[e]) == 0 {
			delete(of, e)
		}
	}
	if emoji != "" {
		of[emoji] = append(of[emoji], who)
	}
	h.tell(social.EventReaction, target, post)
	return nil
}

func (h *home) Delete(_ context.Context, id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Delete"); err != nil {
		return err
	}
	h.keepInTrash(id)
	return h.remove(id)
}

func (h *home) remove(id string) error {
	for i, p := range h.posts {
		if p.ID == id {
			h.posts = slices.Delete(h.posts, i, i+1)
			h.tell(social.EventDeleted, id, "")
			return nil
		}
		for j, c := range p.Comments {
			if c.ID == id {
				p.Comments = slices.Delete(p.Comments, j, j+1)
				h.tell(social.EventDeleted, id, p.ID)
				return nil
			}
		}
	}
	return problem(social.CodeNotFound, "This is not here any more.")
}
