package web

import (
	"net/http"
	"strconv"

	"kith/internal/social"
)

// postPage is a post on a page of its own, with all of its comments.
type postPage struct {
	Shell
	Post postView
}

func (postPage) template() string { return "post-page" }

func (s *Server) getPost(w http.ResponseWriter, r *http.Request) error {
	typed := answer{}
	if id := r.URL.Query().Get("answer"); id != "" {
		comment, err := s.home.CommentByID(r.Context(), id)
		if err != nil {
			return err
		}
		typed.Answers, typed.Whom = comment.ID, comment.Author.Name
	}
	return s.postPage(w, r, http.StatusOK, typed)
}

// postPage shows the post that the request names. What could not be sent as a comment stands in its form again.
func (s *Server) postPage(w http.ResponseWriter, r *http.Request, status int, typed answer) error {
	shell, err := s.shell(r, "", "")
	if err != nil {
		return err
	}
	post, err := s.home.Post(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	shell.Title = "A post by " + post.Author.Name
	if post.Event != nil {
		shell.Title = post.Event.Title
	}
	v := postPage{shell, newPostView(post, place{me: shell.Me, whole: true, all: true})}
	v.Post.Answer.Text, v.Post.Answer.Trouble = typed.Text, typed.Trouble
	v.Post.Answer.Answers, v.Post.Answer.Whom = typed.Answers, typed.Whom
	return s.page(w, status, v)
}

// photoView is a photo on a page of its own.
type photoView struct {
	Shell
	Post           social.Post
	Tile           tile
	Before, Behind string // the pages of the photos next to it; empty at the ends
}

func (photoView) template() string { return "photo" }

func (s *Server) getPhoto(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "", "")
	if err != nil {
		return err
	}
	post, err := s.home.Post(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || number < 1 || number > len(post.Photos) {
		return errNoPage
	}
	shell.Title = "A photo by " + post.Author.Name
	photo := post.Photos[number-1]
	v := photoView{Shell: shell, Post: post, Tile: tile{Photo: photo, Number: number, Of: len(post.Photos), Page: photoPage(post.ID, number)}}
	if photo.Here {
		v.Tile.Set = renditions(photo)
	}
	if number > 1 {
		v.Before = photoPage(post.ID, number-1)
	}
	if number < len(post.Photos) {
		v.Behind = photoPage(post.ID, number+1)
	}
	return s.page(w, http.StatusOK, v)
}

// postComment adds a comment.
func (s *Server) postComment(w http.ResponseWriter, r *http.Request) error {
	post := r.PathValue("id")
	next, err := s.commentOf(r, post)
	var comment social.Comment
	if err == nil {
		comment, err = s.home.Answer(r.Context(), next)
	}
	if err != nil {
		if wantsPart(r) {
			return err
		}
		t := explain(err)
		if t.Status == http.StatusInternalServerError {
			s.log.Error("a comment could not be added", "error", err)
		}
		typed := answer{Text: next.Text, Trouble: t}
		if other, err := s.home.CommentByID(r.Context(), next.Answers); err == nil && next.Answers != "" {
			typed.Answers, typed.Whom = other.ID, other.Author.Name
		}
		return s.postPage(w, r, t.Status, typed)
	}
	if wantsPart(r) {
		return s.postPart(w, r, http.StatusCreated, post)
	}
	http.Redirect(w, r, "/post/"+post+"#comment-"+comment.ID, http.StatusSeeOther)
	return nil
}

// postReact adds, changes or withdraws the owner's reaction to a post or comment.
func (s *Server) postReact(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	target, post := values.Get("target"), values.Get("post")
	if err := s.home.React(r.Context(), target, values.Get("emoji")); err != nil {
		return err
	}
	if wantsPart(r) {
		return s.postPart(w, r, http.StatusOK, post)
	}
	anchor := "#comment-" + target
	if target == post {
		anchor = ""
	}
	http.Redirect(w, r, ownPath("/post/"+post+anchor), http.StatusSeeOther)
	return nil
}

// postPart sends a post as a fragment: with all of its comments where "all" is asked for, as on its own page where
// "whole" is.
func (s *Server) postPart(w http.ResponseWriter, r *http.Request, status int, id string) error {
	me, err := s.home.Profile(r.Context())
	if err != nil {
		return err
	}
	post, err := s.home.Post(r.Context(), id)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	whole := query.Has("whole")
	return s.part(w, status, newPostView(post, place{me: me.Person, whole: whole, all: whole || query.Has("all")}))
}
