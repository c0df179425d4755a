package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"kith/internal/social"
)

// Rememberer is what the owner put aside, what was posted on this day, and everybody's photos.
type Rememberer interface {
	Save(ctx context.Context, post string, on bool) error
	Saved(ctx context.Context, cursor string, limit int) (social.Feed, error)
	OnThisDay(ctx context.Context) ([]social.Memory, error)
	MemoriesToday(ctx context.Context) ([]social.Memory, error)
	Photos(ctx context.Context, person, cursor string, limit int) (social.PhotoPage, error)
}

// savedPage is the posts that the owner put aside.
type savedPage struct {
	Shell
	Feed feedView
}

func (savedPage) template() string { return "saved" }

func (s *Server) saved() feedSource {
	return feedSource{s.home.Saved, "/saved", "/fragment/saved", "Nothing so far. “Save this post” in the menu of a post puts it here, on all your computers. Nobody is told.", false}
}

func (s *Server) getSaved(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Saved posts", "")
	if err != nil {
		return err
	}
	v := savedPage{Shell: shell}
	if v.Feed, err = s.feed(r, s.saved(), shell.Me); err != nil {
		return err
	}
	return s.page(w, http.StatusOK, v)
}

func (s *Server) getSavedFragment(w http.ResponseWriter, r *http.Request) error {
	me, err := s.home.Profile(r.Context())
	if err != nil {
		return err
	}
	v, err := s.feed(r, s.saved(), me.Person)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

// postSave puts a post aside, or takes it out again.
func (s *Server) postSave(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	id, on := r.PathValue("id"), values.Get("on") != "no"
	if err := s.home.Save(r.Context(), id, on); err != nil {
		return err
	}
	if on {
		return s.done(w, r, "/post/"+url.PathEscape(id), "saved")
	}
	return s.done(w, r, "/post/"+url.PathEscape(id), "unsaved")
}

// dayPage is this day in earlier years.
type dayPage struct {
	Shell
	Years []dayYear
}

func (dayPage) template() string { return "day" }

// dayYear is this day in one year.
type dayYear struct {
	social.Memory
	Views []postView
}

func (s *Server) getDay(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "On this day", "")
	if err != nil {
		return err
	}
	years, err := s.home.OnThisDay(r.Context())
	if err != nil {
		return err
	}
	v := dayPage{Shell: shell}
	for _, year := range years {
		d := dayYear{Memory: year}
		for _, post := range year.Posts {
			d.Views = append(d.Views, newPostView(post, place{me: shell.Me}))
		}
		v.Years = append(v.Years, d)
	}
	return s.page(w, http.StatusOK, v)
}

// photosPage is everybody's photos, or one person's, by month.
type photosPage struct {
	Shell
	Of     social.Person // whose; none: everybody's
	Months []photoMonth
	Whole  bool   // it starts with the newest
	First  string // the page with the newest
	Older  string // the page with older ones; empty: there are none
}

func (photosPage) template() string { return "photos" }

// photoMonth is the photos that were posted in one month.
type photoMonth struct {
	Title  string // "March 2026"
	Photos []photoTile
}

// photoTile is one photo.
type photoTile struct {
	social.PostedPhoto
	Page string // its own page
}

func (s *Server) getPhotos(w http.ResponseWriter, r *http.Request) error {
	of, cursor := r.URL.Query().Get("of"), r.URL.Query().Get("before")
	shell, err := s.shell(r, "Photos", "")
	if err != nil {
		return err
	}
	v := photosPage{Shell: shell, Whole: cursor == "", First: photosOf(of, "")}
	if of != "" {
		if v.Of, err = s.home.Person(r.Context(), of); err != nil {
			return err
		}
		v.Title = "Photos by " + v.Of.Name
	}
	page, err := s.home.Photos(r.Context(), of, cursor, 0)
	if err != nil {
		return err
	}
	for _, photo := range page.Photos {
		title := photo.At.In(s.now().Location()).Format("January 2006")
		if n := len(v.Months); n == 0 || v.Months[n-1].Title != title {
			v.Months = append(v.Months, photoMonth{Title: title})
		}
		month := &v.Months[len(v.Months)-1]
		month.Photos = append(month.Photos, photoTile{photo, photoPage(photo.Post, photo.Number)})
	}
	if page.Next != "" {
		v.Older = photosOf(of, page.Next)
	}
	return s.page(w, http.StatusOK, v)
}

// photosOf is the address of a page of photos.
func photosOf(person, cursor string) string {
	values := make(url.Values)
	if person != "" {
		values.Set("of", person)
	}
	if cursor != "" {
		values.Set("before", cursor)
	}
	if len(values) == 0 {
		return "/photos"
	}
	return "/photos?" + values.Encode()
}

// onThisDay is the quiet box beside the feed.
type onThisDay struct {
	Years []social.Memory
}

// Words says what there is: "3 posts, from 2024 and 2021".
func (v onThisDay) Words() string {
	posts, years := 0, ""
	for i, year := range v.Years {
		posts += year.Count
		switch {
		case i == 0:
			years = strconv.Itoa(year.Year)
		case i == len(v.Years)-1:
			years += " and " + strconv.Itoa(year.Year)
		default:
			years += ", " + strconv.Itoa(year.Year)
		}
	}
	return count(posts, "post", "posts") + " from " + years
}
