package web

import (
	"net/http"

	"kith/internal/social"
)

// trashPage is what the owner deleted and can still post again.
type trashPage struct {
	Shell
	Items []trashed
	Days  int
}

func (trashPage) template() string { return "trash" }

type trashed struct {
	social.Trashed
	What string // "A post" or "A comment"
}

func (s *Server) getTrash(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Trash", navSettings)
	if err != nil {
		return err
	}
	list, err := s.home.Trash(r.Context())
	if err != nil {
		return err
	}
	v := trashPage{Shell: shell, Days: social.TrashDays}
	for _, item := range list {
		what := "A post"
		if item.Comment {
			what = "A comment"
		}
		v.Items = append(v.Items, trashed{item, what})
	}
	return s.page(w, http.StatusOK, v)
}

func (s *Server) postRestore(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	_, post, err := s.home.Restore(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.done(w, r, "/post/"+post, "restored")
}

func (s *Server) getDeleteTrashed(w http.ResponseWriter, r *http.Request) error {
	return s.confirm(w, r, confirmation{
		Question: "Delete it for good?",
		Detail:   "It goes from this computer now. Nobody can bring it back, and neither can you.",
		Action:   "/trash/" + r.PathValue("id") + "/delete",
		Button:   "Delete it for good",
		Back:     "/trash",
	})
}

func (s *Server) postDeleteTrashed(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	if err := s.home.DeleteTrashed(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return s.done(w, r, "/trash", "deleted-for-good")
}

func (s *Server) getEmptyTrash(w http.ResponseWriter, r *http.Request) error {
	return s.confirm(w, r, confirmation{
		Question: "Empty the trash?",
		Detail:   "Everything in it goes from this computer now. Nobody can bring it back, and neither can you.",
		Action:   "/trash/empty",
		Button:   "Empty it",
		Back:     "/trash",
	})
}

func (s *Server) postEmptyTrash(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	if _, err := s.home.EmptyTrash(r.Context()); err != nil {
		return err
	}
	return s.done(w, r, "/trash", "emptied")
}

// postSeen takes the note away that a comment was taken down.
func (s *Server) postSeen(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.home.DismissTaken(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	post := values.Get("post")
	if wantsPart(r) {
		return s.postPart(w, r, http.StatusOK, post)
	}
	http.Redirect(w, r, ownPath("/post/"+post), http.StatusSeeOther)
	return nil
}
