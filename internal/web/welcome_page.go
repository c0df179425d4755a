package web

import (
	"net/http"
	"strings"

	"kith/internal/social"
)

// welcomePage is the first run: who I am, and from where friends can reach me.
type welcomePage struct {
	bare
	Name    string
	Reach   string
	Trouble trouble
}

func (welcomePage) template() string { return "welcome" }

func (s *Server) getWelcome(w http.ResponseWriter, r *http.Request) error {
	started, err := s.home.Started(r.Context())
	if err != nil {
		return err
	}
	if started {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	return s.welcomeForm(w, http.StatusOK, welcomePage{Reach: social.ReachInternet})
}

func (s *Server) welcomeForm(w http.ResponseWriter, status int, v welcomePage) error {
	v.Title = "Welcome"
	return s.page(w, status, v)
}

func (s *Server) postWelcome(w http.ResponseWriter, r *http.Request) error {
	started, err := s.home.Started(r.Context())
	if err != nil {
		return err
	}
	if started {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	values, picture, err := readPortrait(r)
	setup := social.Setup{Name: strings.TrimSpace(values.Get("name")), Picture: picture, Reach: values.Get("reach")}
	if err == nil && setup.Reach != social.ReachHome && setup.Reach != social.ReachInternet {
		setup.Reach = social.ReachInternet
		err = &social.Error{Code: social.CodeBadInput, Message: "Please choose from where your friends reach you. You can change it later."}
	}
	if err == nil {
		err = s.home.Begin(r.Context(), setup)
	}
	if err == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	t := explain(err)
	if t.Status == http.StatusInternalServerError {
		s.log.Error("the first run failed", "error", err)
	}
	return s.welcomeForm(w, t.Status, welcomePage{Name: setup.Name, Reach: setup.Reach, Trouble: t})
}
