package social

import (
	"context"
	"errors"
	"slices"
	"time"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/sqlite"
)

const (
	// feedPage is how many posts a page has where the caller does not say, and maxFeedPage how many it has at most.
	feedPage, maxFeedPage = 20, 50
	// openComments of a post are shown in a feed.
	openComments = 2
	// maxComments under a post that is shown with all of them.
	maxComments = 2000
	// maxReactors whose names are listed under an emoji.
	maxReactors = 50
	// maxFeedLooks bounds how often a page of a feed is filled up where much of it is hidden; the page is shorter then.
	maxFeedLooks = 10
)

// Feed is everybody's posts, newest first, but for those whom the owner muted.
func (h *Home) Feed(ctx context.Context, cursor string, limit int) (Feed, error) {
	return h.feedOf(ctx, sqlite.FeedQuery{}, cursor, limit)
}

// Wall is one person's posts outside of groups, newest first.
func (h *Home) Wall(ctx context.Context, person, cursor string, limit int) (Feed, error) {
	id, err := h.personID(person)
	if err != nil {
		return Feed{}, err
	}
	return h.feedOf(ctx, sqlite.FeedQuery{Author: id}, cursor, limit)
}

func (h *Home) feedOf(ctx context.Context, query sqlite.FeedQuery, cursor string, limit int) (Feed, error) {
	if _, err := h.me(); err != nil {
		return Feed{}, err
	}
	if limit <= 0 {
		limit = feedPage
	}
	limit = min(limit, maxFeedPage)
	var err error
	if query.After, err = sqlite.ParseCursor(cursor); err != nil {
		return Feed{}, fail(CodeBadInput, "This page of the feed does not exist. Go back to the newest posts.", err)
	}
	see, err := h.sight(ctx)
	if err != nil {
		return Feed{}, explain("read the feed", err)
	}
	quiet := query.Author.IsZero() && query.Space.IsZero()
	var items []sqlite.Item
	for range maxFeedLooks {
		query.Limit = limit - len(items)
		page, err := h.db.Feed(ctx, query)
		if err != nil {
			return Feed{}, explain("read the feed", err)
		}
		seen, err := see.filter(ctx, page.Posts, quiet)
		if err != nil {
			return Feed{}, explain("read the feed", err)
		}
		items = append(items, seen...)
		if query.After = page.Next; query.After.IsZero() || len(items) == limit {
			break
		}
	}
	posts, err := h.showPosts(ctx, items, openComments)
	if err != nil {
		return Feed{}, explain("read the feed", err)
	}
	return Feed{Posts: posts, Next: query.After.String()}, nil
}

// Post is a post with all its comments.
func (h *Home) Post(ctx context.Context, id string) (Post, error) {
	item, err := h.item(ctx, id)
	if err != nil {
		return Post{}, err
	}
	if !isHead(&item) {
		return Post{}, errNoPost
	}
	posts, err := h.showPosts(ctx, []sqlite.Item{item}, maxComments)
	if err != nil {
		return Post{}, explain("read a post", err)
	}
	return posts[0], nil
}

// CommentByID is one comment.
func (h *Home) CommentByID(ctx context.Context, id string) (Comment, error) {
	item, err := h.item(ctx, id)
	if err != nil {
		return Comment{}, err
	}
	comment, ok := item.Content.(content.Comment)
	if !ok {
		return Comment{}, errNoPost
	}
	v, err := h.gather(ctx, []sqlite.Item{item})
	if err != nil {
		return Comment{}, explain("read a comment", err)
	}
	return v.comment(item, comment), nil
}

// item finds an item by the ID that pages use: the entry's, in hexadecimal.
func (h *Home) item(ctx context.Context, id string) (sqlite.Item, error) {
	if _, err := h.me(); err != nil {
		return sqlite.Item{}, err
	}
	entry, ok := entryID(id)
	if !ok {
		return sqlite.Item{}, errNoPost
	}
	item, found, err := h.db.Item(ctx, entry)
	if err != nil {
		return sqlite.Item{}, explain("find a post", err)
	}
	if !found {
		return sqlite.Item{}, errNoPost
	}
	see, err := h.sight(ctx)
	if err != nil {
		return sqlite.Item{}, explain("find a post", err)
	}
	if sees, err := see.sees(ctx, &item); err != nil || !sees {
		return sqlite.Item{}, errNoPost
	}
	return item, nil
}

// showPosts makes views of posts, with their last comments, in few queries for all of them.
func (h *Home) showPosts(ctx context.Context, posts []sqlite.Item, comments int) ([]Post, error) {
	ids := make([]oplog.EntryID, len(posts))
	for i := range posts {
		ids[i] = posts[i].ID
	}
	threads, err := h.threads(ctx, ids, comments)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(posts)
	for _, thread := range threads {
		all = append(all, thread.Comments...)
	}
	v, err := h.gather(ctx, all)
	if err != nil {
		return nil, err
	}
	shown := make([]Post, 0, len(posts))
	for _, item := range posts {
		post, err := v.post(ctx, item, threads[item.ID])
		if err != nil {
			return nil, err
		}
		shown = append(shown, post)
	}
	return shown, nil
}

// threads reads what hangs under posts, without what is by people whom the owner blocked.
func (h *Home) threads(ctx context.Context, posts []oplog.EntryID, comments int) (map[oplog.EntryID]sqlite.Thread, error) {
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return nil, err
	}
	if !hidden.anyBlocked() {
		return h.db.Threads(ctx, posts, comments)
	}
	threads, err := h.db.Threads(ctx, posts, maxComments) // all of them: how many are hidden shows only then
	if err != nil {
		return nil, err
	}
	for post, thread := range threads {
		before := len(thread.Comments)
		thread.Comments = slices.DeleteFunc(thread.Comments, func(c sqlite.Item) bool { return hidden.blocked(c.Author) })
		thread.Count -= before - len(thread.Comments)
		thread.Comments = thread.Comments[max(0, len(thread.Comments)-comments):]
		threads[post] = thread
	}
	return threads, nil
}

// view is what is known about a set of items: enough to show them.
type view struct {
	h         *Home
	me        key.PersonID
	people    map[key.PersonID]Person
	reactions map[oplog.EntryID][]sqlite.Reaction
	delivery  map[oplog.EntryID]Delivery
	audiences map[key.SpaceID]Audience
	states    map[key.SpaceID]*space.State
	edits     map[oplog.EntryID]sqlite.Item
	taken     map[string][]Taken // by post
	here      map[blob.Ref]bool
	comments  map[oplog.EntryID]sqlite.Item // those among the items, and those that they answer
	votes     map[oplog.EntryID][]sqlite.Item
	plans     map[oplog.EntryID]*plan
	quiet     map[string]bool // posts of which no news are wanted
	unseen    map[string]bool // posts that the owner hid
	saved     map[string]bool // posts that the owner put aside
}

// gather reads, for a set of items, everything that is shown with them.
func (h *Home) gather(ctx context.Context, items []sqlite.Item) (*view, error) {
	v := &view{
		h: h, me: h.node.Person(), states: make(map[key.SpaceID]*space.State), delivery: make(map[oplog.EntryID]Delivery),
		audiences: make(map[key.SpaceID]Audience),
	}
	ids := make([]oplog.EntryID, len(items))
	var people []key.PersonID
	for i := range items {
		ids[i] = items[i].ID
		people = append(people, items[i].Author)
	}
	var err error
	if v.reactions, err = h.db.Reactions(ctx, ids); err != nil {
		return nil, err
	}
	if v.edits, err = h.db.Edits(ctx, ids); err != nil {
		return nil, err
	}
	if v.taken, err = h.taken(ctx, ids); err != nil {
		return nil, err
	}
	if v.quiet, err = h.quietThreads(ctx); err != nil {
		return nil, err
	}
	if v.unseen, err = h.idsOf(ctx, recordsUnseen); err != nil {
		return nil, err
	}
	if v.saved, err = h.idsOf(ctx, recordsSaved); err != nil {
		return nil, err
	}
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return nil, err
	}
	for target, list := range v.reactions {
		list = slices.DeleteFunc(list, func(r sqlite.Reaction) bool { return hidden.blocked(r.Person) })
		for _, reaction := range list {
			people = append(people, reaction.Person)
		}
		v.reactions[target] = list
	}
	for i := range items {
		if v.states[items[i].Space] == nil {
			state, err := h.node.Gate().State(ctx, items[i].Space)
			if err != nil {
				return nil, err
			}
			v.states[items[i].Space] = state
			people = append(people, state.Create.Owner)
		}
	}
	if err := v.answered(ctx, items, hidden); err != nil {
		return nil, err
	}
	for _, comment := range v.comments {
		people = append(people, comment.Author)
	}
	if v.votes, err = h.votes(ctx, items, hidden); err != nil {
		return nil, err
	}
	for _, votes := range v.votes {
		for i := range votes {
			people = append(people, votes[i].Author)
		}
	}
	if v.plans, err = h.plansOf(ctx, items, v.states); err != nil {
		return nil, err
	}
	for _, p := range v.plans {
		people = append(people, p.people()...)
	}
	if v.people, err = h.people(ctx, people); err != nil {
		return nil, err
	}
	for id, state := range v.states {
		if v.audiences[id], err = h.audienceOf(ctx, state, v.people[state.Create.Owner].Name); err != nil {
			return nil, err
		}
	}
	if err := v.deliveries(ctx, items); err != nil {
		return nil, err
	}
	var shown []blob.Ref
	for i := range items {
		photos, files := content.MediaOf(items[i].Content)
		if p := v.plans[items[i].ID]; p != nil {
			photos = p.now.Photos
		}
		for j := range photos {
			shown = append(shown, photos[j].Screen.Ref)
		}
		for j := range files {
			shown = append(shown, files[j].File.Ref)
		}
	}
	v.here, err = h.db.BlobHere(ctx, shown)
	return v, err
}

// deliveries looks up, for the owner's own items, at how many of the other homes they are.
func (v *view) deliveries(ctx context.Context, items []sqlite.Item) error {
	var own []oplog.EntryID
	for i := range items {
		if items[i].Author == v.me {
			own = append(own, items[i].ID)
		}
	}
	holders, err := v.h.db.Delivery(ctx, own)
	if err != nil {
		return err
	}
	for i := range items {
		if items[i].Author != v.me {
			continue
		}
		var d Delivery
		for _, member := range v.states[items[i].Space].Members() {
			if member.Person == v.me {
				continue
			}
			d.Of++
			if slices.Contains(holders[items[i].ID], member.Person) {
				d.Have++
			}
		}
		switch {
		case d.Have == 0:
			d.State = DeliveryHere
		case d.Have < d.Of:
			d.State = DeliverySome
		default:
			d.State = DeliveryAll
		}
		v.delivery[items[i].ID] = d
	}
	return nil
}

func (v *view) post(ctx context.Context, item sqlite.Item, thread sqlite.Thread) (Post, error) {
	var text string
	var photos []Photo
	var gathering *Gathering
	edit, edited := v.edit(item.ID)
	switch body := item.Content.(type) {
	case content.Post:
		now, shown := postAs(body, &edit)
		text, photos = now, v.photos(item.ID, shown)
	case content.Event:
		plan := v.plans[item.ID]
		var err error
		if gathering, err = v.gathering(ctx, plan); err != nil {
			return Post{}, err
		}
		text, edited = plan.now.Text, time.Time{}
		photos = v.photos(plan.cover(), content.Post{Photos: plan.now.Photos}.Shown())
	default:
		return Post{}, errors.New("an item in the feed is no post")
	}
	shown := Post{
		ID: item.ID.String(), Author: v.people[item.Author], At: item.At, Edited: edited, Text: text, Photos: photos, Event: gathering,
		Audience: v.audiences[item.Space], Reactions: v.reactionsTo(item.ID), CommentCount: thread.Count,
		Quiet: v.quiet[item.ID.String()], Hidden: v.unseen[item.ID.String()], Saved: v.saved[item.ID.String()],
		CanEdit: item.Author == v.me && gathering == nil, CanDelete: v.mayDelete(item), Taken: v.taken[item.ID.String()], Delivery: v.delivery[item.ID],
	}
	if body, ok := item.Content.(content.Post); ok {
		shown.Mentions = v.mentioned(item.Space, mentionsAs(body.Mentions, &edit, postEdited(body, &edit)))
		shown.Files, shown.Poll = showFiles(item.ID, body.Files, v.here), v.poll(item.ID, body.Poll)
		shown.Feeling, shown.Place, shown.Note, shown.Meant = body.Feeling, body.Place, body.Note, seconds(body.Meant)
	}
	for _, comment := range thread.Comments {
		if c, ok := comment.Content.(content.Comment); ok {
			shown.Comments = append(shown.Comments, v.comment(comment, c))
		}
	}
	return shown, nil
}

func (v *view) comment(item sqlite.Item, c content.Comment) Comment {
	edit, edited := v.edit(item.ID)
	shown := Comment{
		ID: item.ID.String(), Post: c.Post.String(), Author: v.people[item.Author], At: item.At, Edited: edited, Text: commentAs(c, &edit),
		Mentions: v.mentioned(item.Space, mentionsAs(c.Mentions, &edit, edit.Text != "")), Photos: v.photos(item.ID, content.Post{Photos: c.Photos}.Shown()),
		Reactions: v.reactionsTo(item.ID), CanEdit: item.Author == v.me, CanDelete: v.mayDelete(item), Delivery: v.delivery[item.ID],
	}
	answers, root, whom := v.thread(c)
	if shown.Whom = whom; whom != nil {
		shown.Answers, shown.Root = answers.String(), root.String()
	}
	return shown
}

// seconds is a moment as items have it; zero for none.
func seconds(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.Unix(at, 0)
}

func (v *view) mayDelete(item sqlite.Item) bool {
	return mayErase(v.states[item.Space], v.me, item.Author)
}

// Audience is who will see a new post on the owner's wall.
func (h *Home) Audience(ctx context.Context) (Audience, error) {
	state, err := h.wall(ctx)
	if errors.Is(err, ingest.ErrUnknownSpace) { // linked, or back with the words, a moment ago: it is on its way
		p, err := h.profile(ctx)
		if err != nil {
			return Audience{}, explain("look at the wall", err)
		}
		friends, err := h.Friends(ctx)
		return Audience{Space: p.Wall.String(), Kind: AudienceFriends, Name: "Friends", People: len(friends) + 1}, err
	}
	if err != nil {
		return Audience{}, explain("look at the wall", err)
	}
	return h.audienceOf(ctx, state, "")
}

// reactionsTo groups the reactions to an item by emoji, the most frequent first.
func (v *view) reactionsTo(id oplog.EntryID) []Reaction {
	var groups []Reaction
	for _, reaction := range v.reactions[id] {
		i := slices.IndexFunc(groups, func(g Reaction) bool { return g.Emoji == reaction.Emoji })
		if i < 0 {
			groups = append(groups, Reaction{Emoji: reaction.Emoji})
			i = len(groups) - 1
		}
		groups[i].Count++
		groups[i].Mine = groups[i].Mine || reaction.Person == v.me
		if len(groups[i].People) < maxReactors {
			groups[i].People = append(groups[i].People, v.people[reaction.Person].Name)
		}
	}
	slices.SortStableFunc(groups, func(a, b Reaction) int { return b.Count - a.Count })
	return groups
}
