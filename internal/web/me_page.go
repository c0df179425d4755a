package web

import (
	"net/http"
	"strings"

	"kith/internal/social"
)

// mePage is where the owner says who they are.
type mePage struct {
	Shell
	Name  string
	About string
	Birth birthFields
}

func (mePage) template() string { return "me" }

func (s *Server) getMe(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Your profile", navMe)
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, mePage{Shell: shell, Name: shell.Me.Name, About: shell.Me.About, Birth: birthOf(shell.Me.Birthday)})
}

func (s *Server) postMe(w http.ResponseWriter, r *http.Request) error {
	values, picture, err := readPortrait(r)
	edit := social.ProfileEdit{
		Name:          strings.TrimSpace(values.Get("name")),
		About:         strings.TrimSpace(unixLines(values.Get("about"))),
		Birthday:      readBirth(values),
		Picture:       picture,
		RemovePicture: values.Get("remove-picture") != "",
	}
	if err == nil {
		err = s.home.EditProfile(r.Context(), edit)
	}
	if err == nil {
		me, err := s.home.Profile(r.Context())
		if err != nil {
			return err
		}
		http.Redirect(w, r, "/people/"+me.ID+"?said=profile", http.StatusSeeOther)
		return nil
	}
	t := explain(err)
	if t.Status == http.StatusInternalServerError {
		return err
	}
	shell, err := s.shell(r, "Your profile", navMe)
	if err != nil {
		return err
	}
	shell.Notice = t
	return s.page(w, t.Status, mePage{Shell: shell, Name: edit.Name, About: edit.About, Birth: birthOf(edit.Birthday)})
}
