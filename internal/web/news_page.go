package web

import (
	"net/http"
	"net/url"
	"strings"

	"kith/internal/social"
)

// newsPage is what concerns the owner.
type newsPage struct {
	Shell
	List newsList
}

func (newsPage) template() string { return "news" }

// newsList is the list by itself.
type newsList struct {
	Unread  int
	New     []newsLine
	Earlier []newsLine
}

func (newsList) template() string { return "news-list" }

// newsLine is one of the news.
type newsLine struct {
	social.News
	Names []namePart
	Rest  string // " and 3 others"
	Where string // the address of the place; empty if there is none
}

// namePart is a name in a list of names, with what stands before it.
type namePart struct {
	Before string
	Name   string
}

// bell is the way to the news, with a number.
type bell struct {
	In     string // bellTop or bellRail
	Here   bool   // this page is the news
	Unread int
}

// The two places of a bell: in the bar at the top of a phone, and in the rail of a wide screen.
const (
	bellTop  = "top"
	bellRail = "rail"
)

func (bell) template() string { return "bell" }

// maxBell is the highest number on a bell.
const maxBell = 99

// Number is what stands on the bell.
func (b bell) Number() int { return min(b.Unread, maxBell) }

func newNewsLine(news social.News) newsLine {
	v := newsLine{News: news, Where: newsPlace(&news)}
	others := news.Count - len(news.People)
	for i, person := range news.People {
		part := namePart{Name: person.Name}
		switch {
		case i == 0:
		case i == len(news.People)-1 && others <= 0:
			part.Before = " and "
		default:
			part.Before = ", "
		}
		v.Names = append(v.Names, part)
	}
	if others > 0 && len(v.Names) > 0 {
		v.Rest = " and " + count(others, "other", "others")
	}
	return v
}

// newsPlace is the address of where news happened.
func newsPlace(news *social.News) string {
	switch news.Kind {
	case social.NewsAsk, social.NewsOffer:
		return "/friends"
	case social.NewsRequest:
		return "/groups/" + url.PathEscape(news.Group) + "/people"
	}
	switch {
	case news.Comment != "":
		return "/post/" + url.PathEscape(news.Post) + "#comment-" + url.PathEscape(news.Comment)
	case news.Post != "":
		return "/post/" + url.PathEscape(news.Post)
	case news.Group != "":
		return "/groups/" + url.PathEscape(news.Group)
	case news.Person != "":
		return "/people/" + url.PathEscape(news.Person)
	}
	return ""
}

func (s *Server) newsList(r *http.Request) (newsList, error) {
	all, err := s.home.News(r.Context())
	if err != nil {
		return newsList{}, err
	}
	var v newsList
	for _, news := range all {
		if news.Unread {
			v.New = append(v.New, newNewsLine(news))
		} else {
			v.Earlier = append(v.Earlier, newNewsLine(news))
		}
	}
	v.Unread = len(v.New)
	return v, nil
}

func (s *Server) getNews(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "News", navNews)
	if err != nil {
		return err
	}
	list, err := s.newsList(r)
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, newsPage{shell, list})
}

func (s *Server) getNewsFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.newsList(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) getBellFragment(w http.ResponseWriter, r *http.Request) error {
	unread, err := s.home.UnreadNews(r.Context())
	if err != nil {
		return err
	}
	v := bell{In: bellRail, Unread: unread, Here: r.URL.Query().Has("here")}
	if r.URL.Query().Get("in") == bellTop {
		v.In = bellTop
	}
	return s.part(w, http.StatusOK, v)
}

// postNewsSeen marks news as seen: one ("id"), those about a post ("post"), or all.
func (s *Server) postNewsSeen(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	switch id, post := values.Get("id"), values.Get("post"); {
	case id != "":
		err = s.home.MarkNews(r.Context(), id)
	case post != "":
		err = s.home.MarkPostNews(r.Context(), post)
	default:
		err = s.home.MarkAllNews(r.Context())
	}
	if err != nil {
		return err
	}
	if wantsPart(r) {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, "/news", http.StatusSeeOther)
	return nil
}

// postFeedSeen notes that the owner has the feed before them, from a post on.
func (s *Server) postFeedSeen(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.home.MarkFeed(r.Context(), values.Get("post")); err != nil {
		return err
	}
	if wantsPart(r) {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// summaryView is what happened in the last day, once a day.
type summaryView struct {
	Due   bool
	Words string
}

func (summaryView) template() string { return "summary" }

func (s *Server) summary(r *http.Request) (summaryView, error) {
	summary, err := s.home.Summary(r.Context())
	if err != nil || !summary.Due {
		return summaryView{}, err
	}
	return summaryView{Due: true, Words: summaryWords(summary)}, nil
}

// summaryWords says what happened in a sentence.
func summaryWords(s social.Summary) string {
	var parts []string
	if s.Posts > 0 {
		part := count(s.Posts, "new post", "new posts")
		if len(s.Authors) > 0 {
			part += " by " + names(s.Authors, len(s.Authors))
		}
		parts = append(parts, part)
	}
	if s.Comments > 0 {
		parts = append(parts, count(s.Comments, "comment", "comments")+" for you")
	}
	if s.Reactions > 0 {
		parts = append(parts, count(s.Reactions, "reaction", "reactions")+" to what you wrote")
	}
	if s.Others > 0 {
		parts = append(parts, count(s.Others, "other piece of news", "other pieces of news"))
	}
	if len(parts) > 1 {
		last := len(parts) - 1
		return strings.Join(parts[:last], ", ") + " and " + parts[last] + "."
	}
	return strings.Join(parts, "") + "."
}

func (s *Server) getSummaryFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.summary(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) postSummary(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	if err := s.home.PutAwaySummary(r.Context()); err != nil {
		return err
	}
	return s.done(w, r, "/", "summary-away")
}
