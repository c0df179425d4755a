package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"kith/internal/social"
)

const (
	// feedPage is how many posts a page of a feed has: a few screens, read from disk in a moment.
	feedPage = 12

	// feedRepair bounds how many posts an open page can ask for at once to bring itself up to date.
	feedRepair = 120
)

// feedView is a list of posts with what comes after them.
type feedView struct {
	Posts    []postView
	Older    string // the page with older posts; empty: all caught up
	More     string // the same as a fragment
	Page     string // the page that the list belongs to
	Fragment string // where the list is fetched from
	Whole    bool   // the list starts with the newest
	Empty    string // what to say if there is nothing
}

func (feedView) template() string { return "feed" }

// feedSource is where the posts of a list come from.
type feedSource struct {
	read     func(ctx context.Context, cursor string, limit int) (social.Feed, error)
	page     string // the address of the page
	fragment string // the address of the fragment
	empty    string
	line     bool // a line is drawn between what is new since the owner was here and the rest
}

func (s *Server) everyone() feedSource {
	return feedSource{read: s.home.Feed, page: "/", fragment: "/fragment/feed", line: true}
}

func (s *Server) wallOf(person social.Person) feedSource {
	read := func(ctx context.Context, cursor string, limit int) (social.Feed, error) {
		return s.home.Wall(ctx, person.ID, cursor, limit)
	}
	empty := person.Name + " has not posted anything yet."
	if person.Me {
		empty = "You have not posted anything yet."
	}
	return feedSource{read: read, page: "/people/" + person.ID, fragment: "/fragment/wall/" + person.ID, empty: empty}
}

// feed reads a list of posts as the query of a request asks for it: from a cursor on ("before"), or a number of the
// newest ones ("count").
func (s *Server) feed(r *http.Request, from feedSource, me social.Person) (feedView, error) {
	cursor := r.URL.Query().Get("before")
	wanted := feedPage
	if n, err := strconv.Atoi(r.URL.Query().Get("count")); err == nil && cursor == "" {
		wanted = min(max(n, feedPage), feedRepair)
	}
	v := feedView{Page: from.page, Fragment: from.fragment, Whole: cursor == "", Empty: from.empty}
	for {
		found, err := from.read(r.Context(), cursor, wanted-len(v.Posts))
		if err != nil {
			return feedView{}, err
		}
		for _, post := range found.Posts {
			v.Posts = append(v.Posts, newPostView(post, place{me: me}))
		}
		cursor = found.Next
		if cursor == "" || len(v.Posts) >= wanted || len(found.Posts) == 0 {
			break
		}
	}
	query := url.Values{}
	if from.line {
		if err := s.drawLine(r, &v, query); err != nil {
			return feedView{}, err
		}
		if query.Has(lineSeen) {
			v.Fragment += "?" + url.Values{lineSeen: query[lineSeen]}.Encode()
		}
	}
	if cursor != "" {
		query.Set("before", cursor)
		v.Older, v.More = from.page+"?"+query.Encode(), from.fragment+"?"+query.Encode()
	}
	return v, nil
}

// What a page of the feed is told of the line: how far the feed had been read when it was opened, in seconds since 1970, so
// that the line stays where it is while one reads; and whether the posts of the pages before were all new.
const (
	lineSeen  = "seen"
	lineAhead = "new"
)

// drawLine puts the line before the first post that the owner had before them when they were here last. What the following
// page is to be told of it is put into next.
func (s *Server) drawLine(r *http.Request, v *feedView, next url.Values) error {
	query := r.URL.Query()
	seconds, err := strconv.ParseInt(query.Get(lineSeen), 10, 64)
	if err != nil {
		seen, err := s.home.FeedSeen(r.Context())
		if err != nil || seen.IsZero() {
			return err
		}
		seconds = seen.Unix()
	}
	next.Set(lineSeen, strconv.FormatInt(seconds, 10))
	news := query.Has(lineAhead)
	for i := range v.Posts {
		post := &v.Posts[i]
		if post.Post.At.Unix() <= seconds {
			post.Line = news
			return nil
		}
		news = news || !post.Post.Author.Me
	}
	if news {
		next.Set(lineAhead, "")
	}
	return nil
}
