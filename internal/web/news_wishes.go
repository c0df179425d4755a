package web

import (
	"net/http"

	"kith/internal/social"
)

// newsWishesPage is where the owner says of what they want to hear.
type newsWishesPage struct {
	Shell
	Kinds  []kindChoice
	Groups []social.NewsPlace
	People []social.NewsPlace
}

// kindChoice is a kind of news in words.
type kindChoice struct {
	social.NewsKind
	Words string
	More  string
}

func (newsWishesPage) template() string { return "news-wishes" }

// kindWords say what belongs to a kind of news that can be switched off.
var kindWords = map[string][2]string{
	social.NewsComment:  {"Comments", "Under what you post, and where you commented before"},
	social.NewsReaction: {"Reactions", "To what you wrote"},
	social.NewsMention:  {"Mentions", "Where somebody names you"},
	social.NewsFriend:   {"People", "New friends, invites, groups, and who asks to join"},
}

func (s *Server) getNewsWishes(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "What you hear of", navNews)
	if err != nil {
		return err
	}
	wishes, err := s.home.NewsWishes(r.Context())
	if err != nil {
		return err
	}
	v := newsWishesPage{Shell: shell}
	for _, kind := range wishes.Kinds {
		words := kindWords[kind.Kind]
		v.Kinds = append(v.Kinds, kindChoice{kind, words[0], words[1]})
	}
	for _, place := range wishes.Places {
		if place.Person {
			v.People = append(v.People, place)
		} else {
			v.Groups = append(v.Groups, place)
		}
	}
	return s.page(w, http.StatusOK, v)
}

// postNewsKinds switches kinds of news on or off: those that are not ticked are off.
func (s *Server) postNewsKinds(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	wishes, err := s.home.NewsWishes(r.Context())
	if err != nil {
		return err
	}
	for _, kind := range wishes.Kinds {
		if on := values.Get(kind.Kind) == "on"; on != kind.On {
			if err := s.home.WantNewsKind(r.Context(), kind.Kind, on); err != nil {
				return err
			}
		}
	}
	return s.done(w, r, "/news/wishes", "wishes")
}

// postNewsPlaces says how much is to be heard of groups and people, each by its ID.
func (s *Server) postNewsPlaces(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	wishes, err := s.home.NewsWishes(r.Context())
	if err != nil {
		return err
	}
	for _, place := range wishes.Places {
		if want := values.Get(place.ID); want != "" && want != place.Want {
			if err := s.home.WantNewsOf(r.Context(), place.ID, want); err != nil {
				return err
			}
		}
	}
	return s.done(w, r, "/news/wishes", "wishes")
}
