package web

import (
	"net/http"

	"kith/internal/social"
)

// homePage is the feed of everyone, with the composer above it.
type homePage struct {
	Shell
	Composer composer
	Feed     feedView
	First    first
}

func (homePage) template() string { return "home" }

func (s *Server) getHome(w http.ResponseWriter, r *http.Request) error {
	v, err := s.homePage(r)
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, v)
}

func (s *Server) homePage(r *http.Request) (homePage, error) {
	shell, err := s.shell(r, "Home", navHome)
	if err != nil {
		return homePage{}, err
	}
	v := homePage{Shell: shell}
	if v.Composer, err = s.composer(r, shell.Me); err != nil {
		return homePage{}, err
	}
	if v.Feed, err = s.feed(r, s.everyone(), shell.Me); err != nil {
		return homePage{}, err
	}
	v.First = first{Alone: len(shell.Street.Friends) == 0, Silent: len(v.Feed.Posts) == 0}
	return v, nil
}

// first is what stands at the top while there is no friend: the first window is the owner's own.
type first struct {
	Alone  bool
	Silent bool // nothing was posted either
}

func (first) template() string { return "first" }

// first reads what stands at the top.
func (s *Server) first(r *http.Request) (first, error) {
	friends, err := s.home.Friends(r.Context())
	if err != nil || len(friends) > 0 {
		return first{}, err
	}
	feed, err := s.home.Feed(r.Context(), "", 1)
	return first{Alone: true, Silent: len(feed.Posts) == 0}, err
}

// composer is the form for a new post.
type composer struct {
	Me       social.Person
	Draft    social.Draft
	Photos   []draftPhoto
	Audience audience
	Max      int      // how many photos a post can have
	Failed   []string // what to say of photos that could not be added
	Trouble  trouble
}

func (composer) template() string { return "composer" }

// audience is who will see a new post.
type audience struct {
	social.Audience
}

func (audience) template() string { return "audience" }

// draftPhoto is a photo in the composer.
type draftPhoto struct {
	Photo social.Photo
}

func (draftPhoto) template() string { return "draft-photo" }

func (s *Server) composer(r *http.Request, me social.Person) (composer, error) {
	v := composer{Me: me, Max: maxPhotos}
	var err error
	if v.Audience.Audience, err = s.home.Audience(r.Context()); err != nil {
		return composer{}, err
	}
	if v.Draft, err = s.home.Draft(r.Context()); err != nil {
		return composer{}, err
	}
	for _, photo := range v.Draft.Photos {
		v.Photos = append(v.Photos, draftPhoto{photo})
	}
	return v, nil
}
