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
	Summary  summaryView
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
	if v.Composer, err = s.composer(r, shell.Me, ""); err != nil {
		return homePage{}, err
	}
	if v.Feed, err = s.feed(r, s.everyone(), shell.Me); err != nil {
		return homePage{}, err
	}
	if v.Summary, err = s.summary(r); err != nil {
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
	Files    []draftFile
	Poll     pollDraft
	Audience audience
	Max      int      // how many photos a post can have
	Failed   []string // what to say of photos that could not be added
	Trouble  trouble
}

func (composer) template() string { return "composer" }

// audience is who will see a new post: the one that is chosen, and what else there is to choose from.
type audience struct {
	social.Audience
	Choices []audienceChoice
	Group   string // the ID of the group whose composer it is; there is nothing to choose then
}

func (audience) template() string { return "audience" }

// audienceChoice is one of the audiences to choose from.
type audienceChoice struct {
	social.Audience
	Chosen bool
}

// audience reads whom a new post can be for. to is the Space of the one that was chosen before; one that is no more gives way
// to the most careful choice. With a group, it is the group.
func (s *Server) audience(r *http.Request, group, to string) (audience, error) {
	all, err := s.home.Audiences(r.Context())
	if err != nil || len(all) == 0 {
		return audience{}, err
	}
	v := audience{Group: group}
	if group != "" {
		to = group
	}
	chosen := 0
	if to != "" {
		chosen = len(all) - 1 // only me
	}
	for i, a := range all {
		if a.Space == to {
			chosen = i
		}
	}
	for i, a := range all {
		v.Choices = append(v.Choices, audienceChoice{a, i == chosen})
	}
	v.Audience = all[chosen]
	return v, nil
}

// draftPhoto is a photo in the composer.
type draftPhoto struct {
	Photo social.Photo
}

func (draftPhoto) template() string { return "draft-photo" }

// composer reads the unfinished post, for a group if one is given.
func (s *Server) composer(r *http.Request, me social.Person, group string) (composer, error) {
	v := composer{Me: me, Max: maxPhotos}
	var err error
	if v.Draft, err = s.home.Draft(r.Context()); err != nil {
		return composer{}, err
	}
	if v.Audience, err = s.audience(r, group, v.Draft.To); err != nil {
		return composer{}, err
	}
	for _, photo := range v.Draft.Photos {
		v.Photos = append(v.Photos, draftPhoto{photo})
	}
	for _, file := range v.Draft.Files {
		v.Files = append(v.Files, draftFile{file})
	}
	v.Poll = newPollDraft(v.Draft.Poll)
	return v, nil
}
