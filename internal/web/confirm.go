package web

import (
	"net/http"

	"kith/internal/social"
)

// confirmation asks before something is done that cannot be undone. It is a page of its own; scripts show its form in a
// dialog.
type confirmation struct {
	Question string
	Detail   string
	Action   string // where the form goes
	Button   string
	ForGood  string // a second button, that keeps nothing in the trash; empty for none
	No       string // the other button; empty: "No, keep it"
	Back     string // where "no" leads
	Gone     string // the element of the page that is gone afterwards, if it is only that
}

func (confirmation) template() string { return "confirmation" }

type confirmPage struct {
	Shell
	Confirmation confirmation
}

func (confirmPage) template() string { return "confirm" }

func (s *Server) confirm(w http.ResponseWriter, r *http.Request, c confirmation) error {
	if wantsPart(r) {
		return s.part(w, http.StatusOK, c)
	}
	shell, err := s.shell(r, c.Question, "")
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, confirmPage{shell, c})
}

// errNotYours is the answer to whoever gets to a confirmation of something that isn't theirs to do.
var errNotYours = &social.Error{Code: social.CodeNotAllowed, Message: "Only whoever wrote this can delete it, or for a comment, whose wall it is on. Nothing was changed."}

func (s *Server) getDeletePost(w http.ResponseWriter, r *http.Request) error {
	post, err := s.home.Post(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !post.CanDelete {
		return errNotYours
	}
	c := confirmation{
		Question: "Delete this post?",
		Detail:   "Its text, photos and comments go, on your friends’ computers as soon as those hear of it. It stays in your own trash, on this computer alone, for 30 days, unless you delete it for good. Somebody who saved a copy elsewhere keeps that.",
		Action:   "/post/" + post.ID + "/delete",
		Button:   "Delete",
		ForGood:  "Delete for good",
		Back:     "/post/" + post.ID,
		Gone:     "post-" + post.ID,
	}
	return s.confirm(w, r, c)
}

func (s *Server) postDeletePost(w http.ResponseWriter, r *http.Request) error {
	said, err := s.delete(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.done(w, r, "/", said)
}

// delete does what the button says that was pressed, and tells what is to be said of it.
func (s *Server) delete(r *http.Request, id string) (said string, err error) {
	values, err := readForm(r)
	if err != nil {
		return "", err
	}
	if values.Get("how") == "for-good" {
		return "deleted-for-good", s.home.DeleteForGood(r.Context(), id)
	}
	return "deleted", s.home.Delete(r.Context(), id)
}

func (s *Server) getDeleteComment(w http.ResponseWriter, r *http.Request) error {
	comment, err := s.home.CommentByID(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !comment.CanDelete {
		return errNotYours
	}
	c := confirmation{
		Question: "Delete your comment?",
		Detail:   "It goes on the computers of everybody who sees it, as soon as those hear of it. It stays in your own trash, on this computer alone, for 30 days, unless you delete it for good.",
		Action:   "/comment/" + comment.ID + "/delete",
		Button:   "Delete",
		ForGood:  "Delete for good",
		Back:     "/post/" + comment.Post + "#comment-" + comment.ID,
		Gone:     "comment-" + comment.ID,
	}
	if !comment.Author.Me {
		c.Question = "Take down this comment by " + comment.Author.Name + "?"
		c.Detail = "It goes here and on the computers of everybody who sees it, as soon as those hear of it. Nobody can bring it back. " +
			comment.Author.Name + " sees a note that you took it down; nobody else does."
		c.Button, c.ForGood = "Take it down", ""
	}
	return s.confirm(w, r, c)
}

func (s *Server) postDeleteComment(w http.ResponseWriter, r *http.Request) error {
	comment, err := s.home.CommentByID(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	said, err := s.delete(r, comment.ID)
	if err != nil {
		return err
	}
	if !comment.Author.Me {
		said = "taken-down"
	}
	return s.done(w, r, "/post/"+comment.Post, said)
}
