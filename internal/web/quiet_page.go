package web

import (
	"net/http"
	"net/url"
)

// postQuiet mutes the thread of a post, or lets its news in again.
func (s *Server) postQuiet(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	id, on := r.PathValue("id"), values.Get("on") != "no"
	if err := s.home.MuteThread(r.Context(), id, on); err != nil {
		return err
	}
	where := "/post/" + url.PathEscape(id)
	if values.Get("from") == "list" {
		where = "/hidden"
	}
	if on {
		return s.done(w, r, where, "thread-muted")
	}
	return s.done(w, r, where, "thread-unmuted")
}

// postHide hides a post from the owner alone, or shows it again.
func (s *Server) postHide(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	id, on := r.PathValue("id"), values.Get("on") != "no"
	if err := s.home.HidePost(r.Context(), id, on); err != nil {
		return err
	}
	switch {
	case on:
		return s.done(w, r, "/", "post-hidden")
	case values.Get("from") == "list":
		return s.done(w, r, "/hidden", "post-shown")
	}
	return s.done(w, r, "/post/"+url.PathEscape(id), "post-shown")
}
