package apitest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"kith/internal/api"
	"kith/internal/social"
)

// Home is a home in memory. The zero value is one whose first run was not finished. It is safe for concurrent use.
type Home struct {
	Fail  func(method string) error // if it returns an error for a method, the method fails with it; may be nil
	Draft string                    // the text of the draft; Publish takes it away, unless it is told not to

	mu          sync.Mutex
	profile     social.Profile
	posts       []social.Post // newest first
	photos      map[string][]byte
	friends     []social.Person
	invites     []social.Invite
	acceptances []social.Acceptance
	trash       []social.Trashed            // what was deleted last first
	versions    map[string][]social.Version // of what was edited, the newest first
	devices     devices
	listeners   map[chan social.Event]bool
	groups      []*social.Group
	chats       []*chat
	offers      []social.Offered
	lists       []social.FriendList
	hidden      map[string]social.Person
	news        []social.News
	unwanted    map[string]bool   // kinds of news
	wants       map[string]string // by place
	late        bool              // Backup fails after its first bytes, where it fails
	made        int               // things that got an ID so far
	last        time.Time         // of the newest post or comment
}

var _ api.Home = (*Home)(nil)

// Epoch is the time of the first post. Each thing comes a minute after the one before it.
var Epoch = time.Date(2026, 6, 1, 18, 0, 0, 0, time.UTC)

// Befriend adds a friend.
func (h *Home) Befriend(p social.Person) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p.Friend = true
	h.friends = append(h.friends, p)
}

// Receive adds a friend's post and tells the listeners.
func (h *Home) Receive(author social.Person, text string) social.Post {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.add(social.Post{Author: author, Text: text})
}

// Settle changes what became of an accepted invite, and tells the listeners.
func (h *Home) Settle(id, state, detail string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.acceptances {
		if h.acceptances[i].ID == id {
			h.acceptances[i].State, h.acceptances[i].Detail = state, detail
		}
	}
	h.tell(social.Event{Kind: social.EventInvites})
}

// Photo returns the bytes of a photo that was added.
func (h *Home) Photo(id string) []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.photos[id]
}

// Listeners returns how many subscriptions there are.
func (h *Home) Listeners() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.listeners)
}

// enter begins a method: it locks, and says if the method is to fail.
func (h *Home) enter(ctx context.Context, method string) error {
	h.mu.Lock()
	if h.Fail != nil {
		if err := h.Fail(method); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if h.profile.Name == "" && !slices.Contains([]string{"Started", "Begin", "Status", "Subscribe", "JoinDevice", "Linking", "StopLinking", "Recover"}, method) {
		return &social.Error{Code: social.CodeNotStarted, Message: "This home is not set up yet. Open its page to begin."}
	}
	return nil
}

// newID returns an ID in the form of an entry's: 64 hexadecimal digits.
func (h *Home) newID() string {
	h.made++
	return fmt.Sprintf("%08x%056x", uint32(h.made)*2654435761, h.made) // the first digits differ
}

func (h *Home) now() time.Time {
	h.last = Epoch.Add(time.Duration(h.made) * time.Minute)
	return h.last
}

func (h *Home) tell(e social.Event) {
	for l := range h.listeners {
		select {
		case l <- e:
		default:
		}
	}
}

func (h *Home) add(p social.Post) social.Post {
	p.ID = h.newID()
	p.At = h.now()
	if p.Audience.Space == "" {
		p.Audience = social.Audience{Name: "Friends", Kind: social.AudienceFriends, People: len(h.friends) + 1}
	}
	h.posts = append([]social.Post{p}, h.posts...)
	h.tell(social.Event{Kind: social.EventPost, ID: p.ID})
	return p
}

func notFound(what string) error {
	return &social.Error{Code: social.CodeNotFound, Message: "There is no such " + what + ". Nothing was changed."}
}

// Started reports whether Begin was called.
func (h *Home) Started(ctx context.Context) (bool, error) {
	err := h.enter(ctx, "Started")
	defer h.mu.Unlock()
	return h.profile.Name != "", err
}

// Begin finishes the first run.
func (h *Home) Begin(ctx context.Context, s social.Setup) error {
	err := h.enter(ctx, "Begin")
	defer h.mu.Unlock()
	switch {
	case err != nil:
		return err
	case h.profile.Name != "":
		return &social.Error{Code: social.CodeNotAllowed, Message: "This home is set up already."}
	case strings.TrimSpace(s.Name) == "":
		return &social.Error{Code: social.CodeBadInput, Message: "A name is needed, so that friends know whose home this is."}
	}
	h.profile = social.Profile{Person: social.Person{ID: "meme", Name: s.Name, Me: true, Online: true}, Reach: s.Reach}
	if s.Picture != nil {
		b, err := io.ReadAll(s.Picture)
		if err != nil {
			return err
		}
		h.keep("me", b)
		h.profile.Picture = "/picture/me"
	}
	return nil
}

func (h *Home) keep(id string, b []byte) {
	if h.photos == nil {
		h.photos = make(map[string][]byte)
	}
	h.photos[id] = b
}

// Profile returns the profile.
func (h *Home) Profile(ctx context.Context) (social.Profile, error) {
	err := h.enter(ctx, "Profile")
	defer h.mu.Unlock()
	return h.profile, err
}

// Status returns figures.
func (h *Home) Status(ctx context.Context) (social.Status, error) {
	err := h.enter(ctx, "Status")
	defer h.mu.Unlock()
	online := 0
	for _, f := range h.friends {
		if f.Online {
			online++
		}
	}
	return social.Status{Name: h.profile.Name, Person: h.profile.ID, Since: Epoch, Reach: h.profile.Reach, Version: "test",
		Friends: len(h.friends), Online: online, Entries: h.made, Blobs: len(h.photos), DiskBytes: 12_345_678}, err
}

// Subscribe returns the events from now on.
func (h *Home) Subscribe(ctx context.Context) <-chan social.Event {
	l := make(chan social.Event, 64)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners == nil {
		h.listeners = make(map[chan social.Event]bool)
	}
	h.listeners[l] = true
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.listeners, l)
		close(l)
	})
	return l
}

// Feed returns posts; the cursor is the ID of the post to go on from.
func (h *Home) Feed(ctx context.Context, cursor string, limit int) (social.Feed, error) {
	err := h.enter(ctx, "Feed")
	defer h.mu.Unlock()
	if err != nil {
		return social.Feed{}, err
	}
	return cut(h.posts, cursor, limit)
}

// Wall returns a person's posts.
func (h *Home) Wall(ctx context.Context, person, cursor string, limit int) (social.Feed, error) {
	err := h.enter(ctx, "Wall")
	defer h.mu.Unlock()
	if err != nil {
		return social.Feed{}, err
	}
	var posts []social.Post
	for _, p := range h.posts {
		if p.Author.ID == person {
			posts = append(posts, p)
		}
	}
	return cut(posts, cursor, limit)
}

func cut(posts []social.Post, cursor string, limit int) (social.Feed, error) {
	from := 0
	if cursor != "" {
		if from = slices.IndexFunc(posts, func(p social.Post) bool { return p.ID == cursor }); from < 0 {
			return social.Feed{}, &social.Error{Code: social.CodeBadInput, Message: "This list can't be continued from there."}
		}
	}
	posts = posts[from:]
	feed := social.Feed{Posts: []social.Post{}}
	for i, p := range posts {
		if i == limit {
			feed.Next = p.ID
			break
		}
		p.Comments = slices.Clone(p.Comments[max(0, len(p.Comments)-2):])
		feed.Posts = append(feed.Posts, p)
	}
	return feed, nil
}

func (h *Home) post(id string) *social.Post {
	i := slices.IndexFunc(h.posts, func(p social.Post) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return &h.posts[i]
}

func (h *Home) comment(id string) (*social.Post, int) {
	for i := range h.posts {
		if j := slices.IndexFunc(h.posts[i].Comments, func(c social.Comment) bool { return c.ID == id }); j >= 0 {
			return &h.posts[i], j
		}
	}
	return nil, 0
}

// Post returns a post.
func (h *Home) Post(ctx context.Context, id string) (social.Post, error) {
	err := h.enter(ctx, "Post")
	defer h.mu.Unlock()
	if err != nil {
		return social.Post{}, err
	}
	p := h.post(id)
	if p == nil {
		return social.Post{}, notFound("post")
	}
	found := *p
	found.Comments = slices.Clone(p.Comments)
	found.Reactions = slices.Clone(p.Reactions)
	return found, nil
}

// CommentByID returns a comment.
func (h *Home) CommentByID(ctx context.Context, id string) (social.Comment, error) {
	err := h.enter(ctx, "CommentByID")
	defer h.mu.Unlock()
	if err != nil {
		return social.Comment{}, err
	}
	p, i := h.comment(id)
	if p == nil {
		return social.Comment{}, notFound("comment")
	}
	return p.Comments[i], nil
}

// AddPhoto keeps the bytes, whatever they are.
func (h *Home) AddPhoto(ctx context.Context, r io.Reader) (social.Photo, error) {
	err := h.enter(ctx, "AddPhoto")
	defer h.mu.Unlock()
	if err != nil {
		return social.Photo{}, err
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return social.Photo{}, err
	}
	id := h.newID()
	h.keep(id, b)
	return social.Photo{ID: id, Width: 640, Height: 480, Here: true}, nil
}

// Publish publishes.
func (h *Home) Publish(ctx context.Context, n social.NewPost) (social.Post, error) {
	err := h.enter(ctx, "Publish")
	defer h.mu.Unlock()
	if err != nil {
		return social.Post{}, err
	}
	if strings.TrimSpace(n.Text) == "" && len(n.Photos) == 0 {
		return social.Post{}, &social.Error{Code: social.CodeBadInput, Message: "A post needs a few words or a photo."}
	}
	if !n.KeepDraft {
		h.Draft = ""
	}
	p := social.Post{Author: h.profile.Person, Text: n.Text, CanDelete: true, Audience: h.audienceNamed(n.To)}
	for _, photo := range n.Photos {
		p.Photos = append(p.Photos, social.Photo{ID: photo.ID, Alt: photo.Alt, Width: 640, Height: 480, Here: true})
	}
	return h.add(p), nil
}

// Comment comments.
func (h *Home) Comment(ctx context.Context, post, text string) (social.Comment, error) {
	err := h.enter(ctx, "Comment")
	defer h.mu.Unlock()
	if err != nil {
		return social.Comment{}, err
	}
	p := h.post(post)
	if p == nil {
		return social.Comment{}, notFound("post")
	}
	c := social.Comment{ID: h.newID(), Post: post, Author: h.profile.Person, At: h.now(), Text: text, CanDelete: true}
	p.Comments = append(p.Comments, c)
	p.CommentCount++
	h.tell(social.Event{Kind: social.EventComment, ID: c.ID, Post: post})
	return c, nil
}

// React sets the owner's reaction.
func (h *Home) React(ctx context.Context, target, emoji string) error {
	err := h.enter(ctx, "React")
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	var reactions *[]social.Reaction
	event := social.Event{Kind: social.EventReaction, ID: target, Post: target}
	if p := h.post(target); p != nil {
		reactions = &p.Reactions
	} else if p, i := h.comment(target); p != nil {
		reactions, event.Post = &p.Comments[i].Reactions, p.ID
	} else {
		return notFound("post or comment")
	}
	*reactions = nil
	if emoji != "" {
		*reactions = []social.Reaction{{Emoji: emoji, Count: 1, People: []string{h.profile.Name}, Mine: true}}
	}
	h.tell(event)
	return nil
}

// Delete deletes a post or comment.
func (h *Home) Delete(ctx context.Context, id string) error {
	err := h.enter(ctx, "Delete")
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	return h.delete(id, true)
}

func (h *Home) delete(id string, keep bool) error {
	if p := h.post(id); p != nil {
		if !p.CanDelete {
			return &social.Error{Code: social.CodeNotAllowed, Message: "Only who wrote a post can delete it."}
		}
		if keep {
			h.toTrash(social.Trashed{ID: id, Text: p.Text, Photos: p.Photos, At: p.At})
		}
		h.posts = slices.DeleteFunc(h.posts, func(p social.Post) bool { return p.ID == id })
	} else if p, i := h.comment(id); p != nil {
		if c := p.Comments[i]; keep && c.Author.Me {
			h.toTrash(social.Trashed{ID: id, Comment: true, Post: p.ID, Text: c.Text, At: c.At})
		}
		p.Comments = slices.Delete(p.Comments, i, i+1)
		p.CommentCount--
	} else {
		return notFound("post or comment")
	}
	h.tell(social.Event{Kind: social.EventDeleted, ID: id})
	return nil
}
