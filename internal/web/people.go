package web

import (
	"net/http"
	"time"

	"kith/internal/social"
)

// personPage is somebody's wall: who they are and what they posted.
type personPage struct {
	Shell
	Header personHeader
	Feed   feedView
}

func (personPage) template() string { return "person" }

// personHeader is who somebody is.
type personHeader struct {
	Person social.Person
}

func (personHeader) template() string { return "person-header" }

func (s *Server) getPerson(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "", "")
	if err != nil {
		return err
	}
	person, err := s.home.Person(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	shell.Title = person.Name
	v := personPage{Shell: shell, Header: personHeader{person}}
	if person.Me {
		v.Nav = navMe
	}
	if v.Feed, err = s.feed(r, s.wallOf(person), shell.Me); err != nil {
		return err
	}
	return s.page(w, http.StatusOK, v)
}

func (s *Server) getUnfriend(w http.ResponseWriter, r *http.Request) error {
	person, err := s.home.Person(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !person.Friend {
		return &social.Error{Code: social.CodeNotFound, Message: "You and " + person.Name + " are not friends now. Nothing was changed."}
	}
	return s.confirm(w, r, confirmation{
		Question: "Stop being friends with " + person.Name + "?",
		Detail:   "From now on neither of you gets what the other posts. What each of you has received already stays with them. They are not told, but their window goes dark. A new invite makes you friends again.",
		Action:   "/people/" + person.ID + "/unfriend",
		Button:   "Stop being friends",
		Back:     "/people/" + person.ID,
	})
}

func (s *Server) postUnfriend(w http.ResponseWriter, r *http.Request) error {
	if err := s.home.Unfriend(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return s.done(w, r, "/friends", "unfriended")
}

// friendsPage is everybody on this street, and whoever may come to live there.
type friendsPage struct {
	Shell
	Board friendsBoard
}

func (friendsPage) template() string { return "friends" }

// friendsBoard is what the friends page shows.
type friendsBoard struct {
	Friends []social.Person
	Lit     int
	Asks    []social.Invite     // they wait for the owner's yes
	Joining []social.Acceptance // the owner waits for them
	Open    []social.Invite     // nobody used them yet
	Over    []social.Invite     // ended otherwise than by a friendship, lately
}

func (friendsBoard) template() string { return "friends-board" }

// overFor is how long an invite or acceptance that came to nothing stays listed.
const overFor = 7 * 24 * time.Hour

func (s *Server) getFriends(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Friends", navFriends)
	if err != nil {
		return err
	}
	board, err := s.board(r)
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, friendsPage{shell, board})
}

func (s *Server) board(r *http.Request) (friendsBoard, error) {
	street, err := s.street(r)
	if err != nil {
		return friendsBoard{}, err
	}
	v := friendsBoard{Friends: street.Friends, Lit: street.Lit}
	if v.Joining, err = s.joining(r); err != nil {
		return friendsBoard{}, err
	}
	invites, err := s.home.Invites(r.Context())
	if err != nil {
		return friendsBoard{}, err
	}
	for _, invite := range invites {
		switch invite.State {
		case social.InviteAsking:
			v.Asks = append(v.Asks, invite)
		case social.InviteOpen:
			v.Open = append(v.Open, invite)
		case social.InviteExpired, social.InviteRefused:
			if s.now().Sub(invite.Expires) < overFor {
				v.Over = append(v.Over, invite)
			}
		}
	}
	return v, nil
}

// joining lists the invites of others that the owner said yes to and that are not settled, or came to nothing.
func (s *Server) joining(r *http.Request) ([]social.Acceptance, error) {
	all, err := s.home.Acceptances(r.Context())
	if err != nil {
		return nil, err
	}
	var v []social.Acceptance
	for _, acceptance := range all {
		if acceptance.State != social.AcceptanceDone {
			v = append(v, acceptance)
		}
	}
	return v, nil
}
