package web

import (
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"kith/internal/social"
)

// Conversation is what stands under a post, and what leads to people and posts out of a text.
type Conversation interface {
	Answer(ctx context.Context, next social.NewComment) (social.Comment, error)
	HoldPhoto(ctx context.Context, r io.Reader) (social.Photo, error)
	Mentionable(ctx context.Context, to, post string) ([]social.Person, error)
	Tagged(ctx context.Context, tag, cursor string, limit int) (social.Feed, error)
}

const (
	// maxCommentPhotos is how many photos a comment can have.
	maxCommentPhotos = 4
	// maxComment bounds the form of a comment with its photos.
	maxComment = maxCommentPhotos*maxPhoto + maxForm
	// openAnswers under a comment are shown; earlier ones are folded.
	openAnswers = 3
)

// threads puts comments under those with which their conversations began, as far as these are shown too.
func threads(comments []social.Comment) (roots []commentView) {
	at := make(map[string]int)
	for _, comment := range comments {
		i, here := at[comment.Root]
		if comment.Root == "" || !here {
			at[comment.ID] = len(roots)
			roots = append(roots, newCommentView(comment))
			continue
		}
		roots[i].Answers = append(roots[i].Answers, newCommentView(comment))
	}
	for i := range roots {
		if n := len(roots[i].Answers); n > openAnswers+1 {
			roots[i].Folded, roots[i].Answers = roots[i].Answers[:n-openAnswers], roots[i].Answers[n-openAnswers:]
		}
	}
	return roots
}

// commentOf reads the form of a comment. Photos that come with it are prepared as they come.
func (s *Server) commentOf(r *http.Request, post string) (social.NewComment, error) {
	next := social.NewComment{Post: post}
	var photos []social.NewPhoto
	values, err := readFiles(r, func(_ url.Values, field string, file *multipart.Part) error {
		if field != "photo" || len(photos) == maxCommentPhotos {
			return errFormBroken
		}
		photo, err := s.holdPhoto(r, file)
		photos = append(photos, social.NewPhoto{ID: photo.ID})
		return err
	})
	next.Text, next.Answers, next.Mentions = unixLines(values.Get("text")), values.Get("answers"), values["mention"]
	alts := values["photo-alt"]
	for i, id := range values["photo-id"] {
		photo := social.NewPhoto{ID: id}
		if i < len(alts) {
			photo.Alt = strings.TrimSpace(unixLines(alts[i]))
		}
		next.Photos = append(next.Photos, photo)
	}
	next.Photos = append(next.Photos, photos...)
	return next, err
}

func (s *Server) holdPhoto(r *http.Request, file io.Reader) (social.Photo, error) {
	b := &bounded{file, maxPhoto, errPhotoTooBig}
	photo, err := s.home.HoldPhoto(r.Context(), b)
	if err != nil && b.left < 0 {
		return social.Photo{}, errPhotoTooBig
	}
	return photo, err
}

// postHeldPhoto prepares a photo for a comment that is being written. The body is the file itself.
func (s *Server) postHeldPhoto(w http.ResponseWriter, r *http.Request) error {
	photo, err := s.holdPhoto(r, r.Body)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusCreated, heldPhoto{photo})
}

// heldPhoto is a photo in the form of a comment.
type heldPhoto struct {
	Photo social.Photo
}

func (heldPhoto) template() string { return "held-photo" }

// mentionable is the list of those who can be mentioned.
type mentionable struct {
	People []social.Person
}

func (mentionable) template() string { return "mentionable" }

// getMentionable lists who can be mentioned: in a post to somebody ("to"), or under a post ("post"). It is for the scripts, which
// choose from it while a name is being typed.
func (s *Server) getMentionable(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	people, err := s.home.Mentionable(r.Context(), query.Get("to"), query.Get("post"))
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, mentionable{people})
}

// tagPage is the posts with a tag.
type tagPage struct {
	Shell
	Tag  string
	Feed feedView
}

func (tagPage) template() string { return "tag" }

func (s *Server) tagged(r *http.Request) (string, feedSource) {
	tag := strings.TrimPrefix(r.PathValue("tag"), "#")
	read := func(ctx context.Context, cursor string, limit int) (social.Feed, error) {
		return s.home.Tagged(ctx, tag, cursor, limit)
	}
	path := "/tag/" + url.PathEscape(tag)
	return tag, feedSource{read: read, page: path, fragment: "/fragment" + path, empty: "Nothing that you can see has this tag."}
}

func (s *Server) getTag(w http.ResponseWriter, r *http.Request) error {
	tag, source := s.tagged(r)
	shell, err := s.shell(r, "#"+tag, "")
	if err != nil {
		return err
	}
	v := tagPage{Shell: shell, Tag: tag}
	if v.Feed, err = s.feed(r, source, shell.Me); err != nil {
		return err
	}
	return s.page(w, http.StatusOK, v)
}

func (s *Server) getTagFragment(w http.ResponseWriter, r *http.Request) error {
	_, source := s.tagged(r)
	me, err := s.home.Profile(r.Context())
	if err != nil {
		return err
	}
	v, err := s.feed(r, source, me.Person)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}
