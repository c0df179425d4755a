package web

import "net/http"

// Fragments are what the scripts of an open page fetch to bring it up to date. Each is drawn by the template that draws
// it on a page.

func (s *Server) getFeedFragment(w http.ResponseWriter, r *http.Request) error {
	me, err := s.home.Profile(r.Context())
	if err != nil {
		return err
	}
	v, err := s.feed(r, s.everyone(), me.Person)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) getWallFragment(w http.ResponseWriter, r *http.Request) error {
	me, err := s.home.Profile(r.Context())
	if err != nil {
		return err
	}
	person, err := s.home.Person(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := s.feed(r, s.wallOf(person), me.Person)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) getPostFragment(w http.ResponseWriter, r *http.Request) error {
	return s.postPart(w, r, http.StatusOK, r.PathValue("id"))
}

func (s *Server) getCommentFragment(w http.ResponseWriter, r *http.Request) error {
	comment, err := s.home.CommentByID(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, newCommentView(comment))
}

func (s *Server) getPersonFragment(w http.ResponseWriter, r *http.Request) error {
	person, err := s.home.Person(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, personHeader{person})
}

func (s *Server) getStreetFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.street(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) getFriendsFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.board(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) getDoorFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.door(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) getInviteFragment(w http.ResponseWriter, r *http.Request) error {
	invite, err := s.invite(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, madeInvite{invite})
}

func (s *Server) getReminderFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.reminder(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) getComposerFragment(w http.ResponseWriter, r *http.Request) error {
	me, err := s.home.Profile(r.Context())
	if err != nil {
		return err
	}
	v, err := s.composer(r, me.Person, r.URL.Query().Get("in"))
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) getAudienceFragment(w http.ResponseWriter, r *http.Request) error {
	draft, err := s.home.Draft(r.Context())
	if err != nil {
		return err
	}
	v, err := s.audience(r, r.URL.Query().Get("in"), draft.To)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) getFirstFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.first(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}
