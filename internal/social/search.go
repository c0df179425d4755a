package social

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/sqlite"
	"kith/internal/terms"
)

const (
	// searchPage is how many things of a kind are found where the caller does not say, and maxSearchPage at most.
	searchPage, maxSearchPage = 10, 50
	// maxSearchPeople are listed.
	maxSearchPeople = 8
	// maxSearchCards bounds among how many cards, the newest ones, people are looked for: everybody has one in each space.
	maxSearchCards = 300
	// snippetLength, in bytes, is how much of a text is shown around what was looked for.
	snippetLength = 320
)

// SearchQuery is what somebody looks for. All that is given has to hold; Text or one of the others has to be given.
type SearchQuery struct {
	Text   string    // what was typed: words, "phrases", the last word may be unfinished
	Who    string    // the ID of a person: only what they wrote
	In     string    // the Space of an audience: only what was written there
	Since  time.Time // only what was written at that time or later
	Until  time.Time // only what was written before
	Photos bool      // only posts with photos
	Kind   string    // FoundPost or FoundComment: only these; empty: everything
	After  string    // Next of an answer; needs Kind
	Limit  int       // things of each kind; 0: ten
}

// SearchResult is what was found, the newest first.
type SearchResult struct {
	People   []Person  `json:"people,omitempty"`
	Posts    FoundPage `json:"posts"`
	Comments FoundPage `json:"comments"`
	Partial  bool      `json:"partial,omitempty"` // looking took too long: older things may be missing
	Behind   bool      `json:"behind,omitempty"`  // new things are still being put into the index
}

// FoundPage is a page of things of one kind.
type FoundPage struct {
	Items []Found `json:"items,omitempty"`
	Next  string  `json:"next,omitempty"` // SearchQuery.After of the following page; empty: there is none
}

// Found is a post or comment that was found.
type Found struct {
	Kind     string    `json:"kind"` // FoundPost or FoundComment
	ID       string    `json:"id"`
	Post     string    `json:"post"` // the post itself, or the one that the comment hangs under
	Author   Person    `json:"author"`
	At       time.Time `json:"at"`
	Audience Audience  `json:"audience"`
	Text     []Piece   `json:"text,omitempty"` // the part of it in which most was found
	Photo    *Photo    `json:"photo,omitempty"`
	Photos   int       `json:"photos,omitempty"` // how many it has
}

// The kinds of Found.
const (
	FoundPost    = "post"
	FoundComment = "comment"
)

// Piece is a part of a text.
type Piece struct {
	Text string `json:"text"`
	Mark bool   `json:"mark,omitempty"` // this is what was looked for
}

var errNothingAsked = fail(CodeBadInput, "Say what to look for: a word, or somebody, or a time.", nil)

// search is a search under way.
type search struct {
	h     *Home
	query SearchQuery
	words terms.Query
	store sqlite.Search
	quiet bool // leave out whom the owner muted
	see   *sight
}

// Search finds people, posts and comments by their words. What the owner does not get to see elsewhere is not found:
// it asks the same sight as the feed.
func (h *Home) Search(ctx context.Context, query SearchQuery) (SearchResult, error) {
	if _, err := h.me(); err != nil {
		return SearchResult{}, err
	}
	s, err := h.newSearch(ctx, query)
	if err != nil {
		return SearchResult{}, err
	}
	var result SearchResult
	if s.query.Kind == "" && s.query.After == "" && s.onlyWords() {
		if result.People, err = s.people(ctx); err != nil {
			return SearchResult{}, explain("search", err)
		}
	}
	for _, kind := range []struct {
		name    string
		content content.Kind
		page    *FoundPage
	}{{FoundPost, content.KindPost, &result.Posts}, {FoundComment, content.KindComment, &result.Comments}} {
		if s.query.Kind != "" && s.query.Kind != kind.name || s.query.Photos && kind.name != FoundPost {
			continue
		}
		if *kind.page, err = s.page(ctx, kind.content, &result); err != nil {
			return SearchResult{}, explain("search", err)
		}
	}
	return result, nil
}

// newSearch reads what somebody looks for.
func (h *Home) newSearch(ctx context.Context, query SearchQuery) (*search, error) {
	s := &search{h: h, query: query, words: terms.Parse(query.Text)}
	s.store = sqlite.Search{Words: s.words.Words(), Photos: query.Photos, From: query.Since, To: query.Until}
	s.store.Limit = searchPage
	if query.Limit > 0 {
		s.store.Limit = min(query.Limit, maxSearchPage)
	}
	var err error
	if query.Who != "" {
		if s.store.Author, err = h.personID(query.Who); err != nil {
			return nil, err
		}
	}
	if query.In != "" {
		if s.store.Space, err = key.ParseSpaceID(query.In); err != nil {
			return nil, fail(CodeNotFound, "The place to look in is not known on this computer.", err)
		}
	}
	if query.After != "" {
		if s.store.After, err = strconv.ParseInt(query.After, 10, 64); err != nil || s.store.After <= 0 || query.Kind == "" {
			return nil, fail(CodeBadInput, "This page of what was found does not exist. Search again.", err)
		}
	}
	if query.Kind != "" && query.Kind != FoundPost && query.Kind != FoundComment {
		return nil, fail(CodeBadInput, "What is looked for is posts or comments.", nil)
	}
	if s.words.Empty() && query.Who == "" && query.In == "" && !query.Photos {
		return nil, errNothingAsked
	}
	s.quiet = query.Who == "" && query.In == ""
	if s.see, err = h.sight(ctx); err != nil {
		return nil, explain("search", err)
	}
	return s, nil
}

// onlyWords tells whether people can be meant: there are words, and nothing that only posts have.
func (s *search) onlyWords() bool {
	q := &s.query
	return !s.words.Empty() && q.Who == "" && q.In == "" && q.Since.IsZero() && q.Until.IsZero() && !q.Photos
}

// page finds a page of one kind, and fills it up where much of it is hidden.
func (s *search) page(ctx context.Context, kind content.Kind, result *SearchResult) (page FoundPage, err error) {
	query := s.store
	query.Kind = kind
	var items []sqlite.Item
	var edits map[oplog.EntryID]sqlite.Item
	for range maxFeedLooks {
		query.Limit = s.store.Limit - len(items)
		found, err := s.h.db.Search(ctx, query)
		if err != nil {
			return page, err
		}
		result.Partial, result.Behind = result.Partial || found.Partial, result.Behind || found.Behind
		if items, edits, err = s.keep(ctx, items, edits, found.Items); err != nil {
			return page, err
		}
		if query.After = found.Next; query.After == 0 || len(items) == s.store.Limit {
			break
		}
	}
	if query.After != 0 {
		page.Next = strconv.FormatInt(query.After, 10)
	}
	page.Items, err = s.show(ctx, items, edits)
	return page, err
}

// keep adds to items those that the owner gets to see and that are what was looked for, and reads their edits.
func (s *search) keep(ctx context.Context, items []sqlite.Item, edits map[oplog.EntryID]sqlite.Item, found []sqlite.Item) ([]sqlite.Item, map[oplog.EntryID]sqlite.Item, error) {
	seen, err := s.see.filter(ctx, found, s.quiet)
	if err != nil {
		return nil, nil, err
	}
	var ids []oplog.EntryID
	for i := range seen {
		ids = append(ids, seen[i].ID)
	}
	more, err := s.h.db.Edits(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	if edits == nil {
		edits = make(map[oplog.EntryID]sqlite.Item)
	}
	for i := range seen {
		texts, _ := textsOf(&seen[i], more)
		if !s.words.Empty() && !s.words.Matches(texts...) {
			continue // its words are all there, and not beside one another
		}
		if comment, ok := seen[i].Content.(content.Comment); ok {
			sees, err := s.seesPost(ctx, comment.Post, seen[i].Space)
			if err != nil {
				return nil, nil, err
			}
			if !sees {
				continue
			}
		}
		items = append(items, seen[i])
		if edit, edited := more[seen[i].ID]; edited {
			edits[seen[i].ID] = edit
		}
	}
	return items, edits, nil
}

// seesPost tells whether the post that a comment hangs under is here and to be seen.
func (s *search) seesPost(ctx context.Context, id oplog.EntryID, in key.SpaceID) (bool, error) {
	post, found, err := s.h.db.Item(ctx, id)
	if err != nil || !found || post.Space != in {
		return false, err
	}
	kept, err := s.see.filter(ctx, []sqlite.Item{post}, s.quiet)
	return len(kept) > 0, err
}

// textsOf gives the texts of a post or comment as it is now, the main one first, and the photos of a post.
func textsOf(item *sqlite.Item, edits map[oplog.EntryID]sqlite.Item) (texts []string, photos []content.ShownPhoto) {
	var edit content.Edit
	if e, edited := edits[item.ID]; edited {
		edit, _ = e.Content.(content.Edit)
	}
	switch it := item.Content.(type) {
	case content.Post:
		text, shown := postAs(it, &edit)
		texts, photos = []string{text}, shown
		for _, photo := range shown {
			texts = append(texts, photo.Alt)
		}
	case content.Comment:
		texts = []string{commentAs(it, &edit)}
	}
	return texts, photos
}

// show makes views of what was found.
func (s *search) show(ctx context.Context, items []sqlite.Item, edits map[oplog.EntryID]sqlite.Item) ([]Found, error) {
	var people []key.PersonID
	states := make(map[key.SpaceID]*space.State)
	for i := range items {
		people = append(people, items[i].Author)
		if id := items[i].Space; states[id] == nil {
			state, err := s.h.node.Gate().State(ctx, id)
			if err != nil {
				return nil, err
			}
			states[id] = state
			people = append(people, state.Create.Owner)
		}
	}
	known, err := s.h.people(ctx, people)
	if err != nil {
		return nil, err
	}
	audiences := make(map[key.SpaceID]Audience)
	for id, state := range states {
		if audiences[id], err = s.h.audienceOf(ctx, state, known[state.Create.Owner].Name); err != nil {
			return nil, err
		}
	}
	var list []Found
	for i := range items {
		item := &items[i]
		f := Found{Kind: FoundPost, ID: item.ID.String(), Post: item.ID.String(), Author: known[item.Author], At: item.At, Audience: audiences[item.Space]}
		if comment, ok := item.Content.(content.Comment); ok {
			f.Kind, f.Post = FoundComment, comment.Post.String()
		}
		texts, photos := textsOf(item, edits)
		f.Text = s.pieces(texts)
		if f.Photos = len(photos); f.Photos > 0 {
			screen := photos[0].Screen.Ref
			here, err := s.h.db.BlobHere(ctx, []blob.Ref{screen})
			if err != nil {
				return nil, err
			}
			photo := showPhoto(photoID(item.ID, photos[0].Number), &photos[0].Photo, here[screen])
			f.Photo = &photo
		}
		list = append(list, f)
	}
	return list, nil
}

// pieces cuts the part of a text that is shown, of the one in which anything was found.
func (s *search) pieces(texts []string) (pieces []Piece) {
	text := texts[0]
	for _, other := range texts {
		if len(s.words.Marks(other)) > 0 {
			text = other
			break
		}
	}
	part := s.words.Snippet(text, snippetLength)
	if part.Start > 0 {
		pieces = append(pieces, Piece{Text: "… "})
	}
	at := part.Start
	shown := text[part.Start:part.End]
	for _, mark := range s.words.Marks(shown) {
		start, end := part.Start+mark.Start, part.Start+mark.End
		if start > at {
			pieces = append(pieces, Piece{Text: text[at:start]})
		}
		pieces = append(pieces, Piece{Text: text[start:end], Mark: true})
		at = end
	}
	if at < part.End {
		pieces = append(pieces, Piece{Text: text[at:part.End]})
	}
	if part.End < len(text) {
		pieces = append(pieces, Piece{Text: " …"})
	}
	return pieces
}

// people finds people by their name or what they say of themselves: friends first, then by name.
func (s *search) people(ctx context.Context) ([]Person, error) {
	query := s.store
	query.Kind, query.Limit = content.KindCard, maxSearchCards
	found, err := s.h.db.Search(ctx, query)
	if err != nil {
		return nil, err
	}
	var ids []key.PersonID
	for i := range found.Items {
		if id := found.Items[i].Author; !slices.Contains(ids, id) && !s.see.hidden.blocked(id) {
			ids = append(ids, id)
		}
	}
	known, err := s.h.people(ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []Person
	for _, p := range known {
		if s.words.Matches(p.Name, p.About) { // as they call themselves now
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b Person) int {
		for _, order := range []int{first(a.Friend || a.Me, b.Friend || b.Me), first(s.words.Matches(a.Name), s.words.Matches(b.Name))} {
			if order != 0 {
				return order
			}
		}
		if c := strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list[:min(len(list), maxSearchPeople)], nil
}

// first orders what has something before what has not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
