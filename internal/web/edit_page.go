package web

import (
	"net/http"
	"time"

	"kith/internal/social"
)

// editPage is where one changes what one wrote.
type editPage struct {
	Shell
	What    string // "post" or "comment"
	Action  string // where the form goes
	Back    string // where leaving it leads
	History string // the earlier versions, if there are any
	Text    string
	Photos  []editPhoto
	Sees    social.Audience // of a post
	Trouble trouble
}

func (editPage) template() string { return "edit" }

// editPhoto is a photo whose description can be changed.
type editPhoto struct {
	Photo  social.Photo
	Number int
	Of     int
}

// errNotYourWords is the answer to whoever gets to the form for what somebody else wrote.
var errNotYourWords = &social.Error{Code: social.CodeNotAllowed, Message: "Only whoever wrote this can change it. Nothing was changed."}

func (s *Server) getEditPost(w http.ResponseWriter, r *http.Request) error {
	v, err := s.editPost(r)
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, v)
}

func (s *Server) editPost(r *http.Request) (editPage, error) {
	shell, err := s.shell(r, "Edit your post", "")
	if err != nil {
		return editPage{}, err
	}
	post, err := s.home.Post(r.Context(), r.PathValue("id"))
	if err != nil {
		return editPage{}, err
	}
	if !post.CanEdit {
		return editPage{}, errNotYourWords
	}
	v := editPage{
		Shell: shell, What: "post", Action: "/post/" + post.ID + "/edit", Back: "/post/" + post.ID,
		Text: post.Text, Sees: post.Audience,
	}
	if !post.Edited.IsZero() {
		v.History = "/post/" + post.ID + "/history"
	}
	for i, photo := range post.Photos {
		v.Photos = append(v.Photos, editPhoto{photo, i + 1, len(post.Photos)})
	}
	return v, nil
}

func (s *Server) postEditPost(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	edit := social.Edit{Text: unixLines(values.Get("text"))}
	alts := values["alt"]
	for i, id := range values["photo"] {
		photo := social.NewPhoto{ID: id}
		if i < len(alts) {
			photo.Alt = unixLines(alts[i])
		}
		edit.Photos = append(edit.Photos, photo)
	}
	id := r.PathValue("id")
	if err = s.home.Edit(r.Context(), id, edit); err == nil {
		return s.done(w, r, "/post/"+id, "edited")
	}
	v, pageErr := s.editPost(r)
	if pageErr != nil {
		return pageErr // it is gone, or not theirs: there is no form to show
	}
	v.Text = edit.Text
	for i := range v.Photos {
		if i < len(edit.Photos) && edit.Photos[i].ID == v.Photos[i].Photo.ID {
			v.Photos[i].Photo.Alt = edit.Photos[i].Alt
		}
	}
	return s.notEdited(w, r, v, err)
}

func (s *Server) getEditComment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.editComment(r)
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, v)
}

func (s *Server) editComment(r *http.Request) (editPage, error) {
	shell, err := s.shell(r, "Edit your comment", "")
	if err != nil {
		return editPage{}, err
	}
	comment, err := s.home.CommentByID(r.Context(), r.PathValue("id"))
	if err != nil {
		return editPage{}, err
	}
	if !comment.CanEdit {
		return editPage{}, errNotYourWords
	}
	v := editPage{
		Shell: shell, What: "comment", Action: "/comment/" + comment.ID + "/edit",
		Back: "/post/" + comment.Post + "#comment-" + comment.ID, Text: comment.Text,
	}
	if !comment.Edited.IsZero() {
		v.History = "/comment/" + comment.ID + "/history"
	}
	return v, nil
}

func (s *Server) postEditComment(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	id, text := r.PathValue("id"), unixLines(values.Get("text"))
	if err = s.home.Edit(r.Context(), id, social.Edit{Text: text}); err == nil {
		comment, err := s.home.CommentByID(r.Context(), id)
		if err != nil {
			return err
		}
		return s.done(w, r, "/post/"+comment.Post, "edited")
	}
	v, pageErr := s.editComment(r)
	if pageErr != nil {
		return pageErr
	}
	v.Text = text
	return s.notEdited(w, r, v, err)
}

// notEdited shows the form again, with what was typed and why it could not be kept.
func (s *Server) notEdited(w http.ResponseWriter, r *http.Request, v editPage, why error) error {
	if wantsPart(r) {
		return why
	}
	v.Trouble = explain(why)
	if v.Trouble.Status == http.StatusInternalServerError {
		s.log.Error("an edit could not be kept", "error", why)
	}
	return s.page(w, v.Trouble.Status, v)
}

// historyPage is every version of a post or comment.
type historyPage struct {
	Shell
	Whose    string // "your post", "Ada’s comment"
	Back     string
	Versions []version
}

func (historyPage) template() string { return "history" }

// version is a post or comment as it was for a while.
type version struct {
	Name   string
	At     time.Time
	Text   string
	Photos []tile
}

func (s *Server) getHistory(w http.ResponseWriter, r *http.Request) error {
	history, err := s.home.Versions(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := historyPage{Back: "/post/" + history.Post}
	what := "post"
	if history.Comment {
		what = "comment"
		v.Back += "#comment-" + history.ID
	}
	v.Whose = possessive(history.Author) + " " + what
	if v.Shell, err = s.shell(r, "Earlier versions", ""); err != nil {
		return err
	}
	last := len(history.Versions) - 1
	for i, shown := range history.Versions {
		next := version{At: shown.At, Text: shown.Text, Name: "Before"}
		switch {
		case i == 0 && last == 0:
			next.Name = "Never changed"
		case i == 0:
			next.Name = "Now"
		case i == last:
			next.Name = "At first"
		}
		for n, photo := range shown.Photos {
			next.Photos = append(next.Photos, tile{Photo: photo, Number: n + 1, Of: len(shown.Photos), Page: photo.Screen})
		}
		v.Versions = append(v.Versions, next)
	}
	return s.page(w, http.StatusOK, v)
}

func possessive(p social.Person) string {
	if p.Me {
		return "your"
	}
	return p.Name + "’s"
}
