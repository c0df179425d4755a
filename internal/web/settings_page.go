package web

import (
	"errors"
	"net/http"

	"kith/internal/access"
	"kith/internal/social"
)

// settingsPage is how this home is set.
type settingsPage struct {
	Shell
	Reach       string
	HasPassword bool
	Sessions    []signedIn
	Others      int // sessions other than this one
	Recovery    social.Recovery
	Status      social.Status
	HasDoor     bool // the page can be opened to phones
	Service     bool // something starts the home in the background
}

func (settingsPage) template() string { return "settings" }

// signedIn is a browser that is signed in.
type signedIn struct {
	access.Session
	This bool // the one that asks
}

func (s *Server) getSettings(w http.ResponseWriter, r *http.Request) error {
	if byPhone(r.Context()) {
		http.Redirect(w, r, "/this-phone", http.StatusSeeOther)
		return nil
	}
	return s.settings(w, r, http.StatusOK, trouble{})
}

// settings shows the page, with what went wrong if something did.
func (s *Server) settings(w http.ResponseWriter, r *http.Request, status int, notice trouble) error {
	shell, err := s.shell(r, "Settings", navSettings)
	if err != nil {
		return err
	}
	shell.Notice = notice
	v := settingsPage{Shell: shell, Service: s.service != "", HasDoor: s.phones != nil}
	profile, err := s.home.Profile(r.Context())
	if err != nil {
		return err
	}
	v.Reach = profile.Reach
	if v.Status, err = s.home.Status(r.Context()); err != nil {
		return err
	}
	if v.Recovery, err = s.home.Recovery(r.Context()); err != nil {
		return err
	}
	if v.HasPassword, err = s.gate.HasPassword(r.Context()); err != nil {
		return err
	}
	sessions, err := s.gate.Sessions(r.Context())
	if err != nil {
		return err
	}
	this := session(r.Context()).ID
	for _, session := range sessions {
		v.Sessions = append(v.Sessions, signedIn{session, session.ID == this})
	}
	v.Others = len(v.Sessions) - 1
	return s.page(w, status, v)
}

// settingsAgain shows the page with what went wrong.
func (s *Server) settingsAgain(w http.ResponseWriter, r *http.Request, err error) error {
	t := explain(err)
	if t.Status == http.StatusInternalServerError {
		return err
	}
	return s.settings(w, r, t.Status, t)
}

func (s *Server) postReach(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.home.SetReach(r.Context(), values.Get("reach")); err != nil {
		return s.settingsAgain(w, r, err)
	}
	return s.done(w, r, "/settings", "reach")
}

// postPassword sets the password, or changes it for whoever knows the old one.
func (s *Server) postPassword(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if values.Get("new") != values.Get("again") {
		return s.settingsAgain(w, r, &social.Error{Code: social.CodeBadInput, Message: "The two new passwords differ. Nothing was changed; please type them once more."})
	}
	if err := s.gate.SetPassword(r.Context(), values.Get("old"), values.Get("new")); err != nil {
		return s.settingsAgain(w, r, err)
	}
	return s.done(w, r, "/settings", "password")
}

// postEndSession signs out another browser, or all others.
func (s *Server) postEndSession(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	id, this := values.Get("id"), session(r.Context()).ID
	switch {
	case id == "others":
		if err := s.gate.EndAll(r.Context(), this); err != nil {
			return err
		}
		return s.done(w, r, "/settings", "ended-all")
	case id == this:
		return s.postSignOut(w, r)
	}
	if err := s.gate.End(r.Context(), id); err != nil && !errors.Is(err, access.ErrNoSession) {
		return err
	}
	return s.done(w, r, "/settings", "ended")
}
