package web

import (
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"kith/internal/social"
)

// The composer without JavaScript is one form: text, the photos of the draft with their descriptions, a field for more
// photos, and several buttons, all named "do":
//
//	publish           publish it (also if no button is named)
//	add               add the chosen photos to the draft
//	remove:ID         take a photo out of the draft
//	remove-file:ID    take a file out of the draft
//	earlier:ID        move a photo one place forward
//	later:ID          move a photo one place back
//
// Whatever the button, text and photos are saved to the draft first, so nothing is lost by any of them.

// draftOf reads the draft out of a form.
func draftOf(values url.Values) social.DraftEdit {
	edit := social.DraftEdit{Text: unixLines(values.Get("text")), To: values.Get("to"), Beside: besideOf(values), Files: filesOf(values)}
	alts := values["photo-alt"]
	for i, id := range values["photo-id"] {
		photo := social.NewPhoto{ID: id}
		if i < len(alts) {
			photo.Alt = strings.TrimSpace(unixLines(alts[i]))
		}
		edit.Photos = append(edit.Photos, photo)
	}
	return edit
}

// unixLines undoes what forms do to line breaks.
func unixLines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

func (s *Server) postPublish(w http.ResponseWriter, r *http.Request) error {
	var (
		failed []string       // what to say of photos that could not be added
		added  []social.Photo // photos that came with this form
		saved  bool           // the draft is on disk as the form has it

		addedFiles []string // files that came with this form
	)
	values, err := readFiles(r, func(values url.Values, field string, file *multipart.Part) error {
		if !saved {
			if err := s.home.SaveDraft(r.Context(), draftOf(values)); err != nil {
				return err
			}
			saved = true
		}
		var told *social.Error
		if field == "file" {
			next, err := s.addFile(r, file.FileName(), file.Header.Get("Content-Type"), file)
			if errors.As(err, &told) {
				failed = append(failed, file.FileName()+": "+told.Message)
				return nil
			}
			addedFiles = append(addedFiles, next.Path)
			return err
		}
		photo, err := s.addPhoto(r, file)
		if errors.As(err, &told) {
			failed = append(failed, file.FileName()+": "+told.Message)
			return nil
		}
		added = append(added, photo)
		return err
	})
	if err != nil {
		// Perhaps the form did not arrive whole, so the draft on disk is left as it is.
		return s.composeAgain(w, r, draftOf(values), failed, err)
	}
	draft := draftOf(values)
	for _, photo := range added {
		draft.Photos = append(draft.Photos, social.NewPhoto{ID: photo.ID})
	}
	draft.Files = append(draft.Files, addedFiles...)
	action, photo, _ := strings.Cut(values.Get("do"), ":")
	if len(failed) > 0 && action != "remove" {
		action = "add"
	}
	switch action {
	case "", "publish":
		return s.publish(w, r, draft, values["mention"], values.Get("from") == "group")
	case "add":
	case "remove":
		draft.Photos = slices.DeleteFunc(draft.Photos, func(p social.NewPhoto) bool { return p.ID == photo })
	case "remove-file":
		draft.Files = slices.DeleteFunc(draft.Files, func(id string) bool { return id == photo })
	case "earlier":
		move(draft.Photos, photo, -1)
	case "later":
		move(draft.Photos, photo, +1)
	default:
		return errFormBroken
	}
	if err := s.home.SaveDraft(r.Context(), draft); err != nil {
		return s.composeAgain(w, r, draft, failed, err)
	}
	if len(failed) > 0 {
		return s.composeAgain(w, r, draft, failed, nil)
	}
	where := "/#composer"
	if values.Get("from") == "group" {
		where = "/groups/" + url.PathEscape(draft.To) + "#composer"
	}
	http.Redirect(w, r, where, http.StatusSeeOther)
	return nil
}

// move changes places in a list of photos.
func move(photos []social.NewPhoto, id string, by int) {
	i := slices.IndexFunc(photos, func(p social.NewPhoto) bool { return p.ID == id })
	if j := i + by; i >= 0 && j >= 0 && j < len(photos) {
		photos[i], photos[j] = photos[j], photos[i]
	}
}

// publish publishes a draft, from the composer on the first page or from that of a group.
func (s *Server) publish(w http.ResponseWriter, r *http.Request, draft social.DraftEdit, mentions []string, inGroup bool) error {
	post, err := s.home.Publish(r.Context(), social.NewPost{
		Text: draft.Text, Photos: draft.Photos, Files: draft.Files, To: draft.To, Beside: draft.Beside, Mentions: mentions,
	})
	if err != nil {
		s.keepDraft(r.Context(), draft)
		return s.composeAgain(w, r, draft, nil, err)
	}
	if !wantsPart(r) {
		where := "/?said=published"
		if inGroup {
			where = "/groups/" + url.PathEscape(post.Audience.Space) + "?said=posted"
		}
		http.Redirect(w, r, where, http.StatusSeeOther)
		return nil
	}
	me, err := s.home.Profile(r.Context())
	if err != nil {
		return err
	}
	return s.part(w, http.StatusCreated, newPostView(post, place{me: me.Person}))
}

// composeAgain shows the composer once more with all that was typed, and says what went wrong: err, or the photos that
// failed.
func (s *Server) composeAgain(w http.ResponseWriter, r *http.Request, draft social.DraftEdit, failed []string, err error) error {
	t := trouble{Status: http.StatusUnprocessableEntity, Title: "Some photos could not be added"}
	if err != nil {
		if wantsPart(r) || r.Context().Err() != nil {
			return err
		}
		if t = explain(err); t.Status == http.StatusInternalServerError {
			s.log.Error("a post could not be published", "error", err)
		}
	}
	v, pageErr := s.homePage(r)
	if pageErr != nil {
		return errors.Join(err, pageErr)
	}
	if draft.Text != "" {
		v.Composer.Draft.Text = draft.Text
	}
	v.Composer.Draft.Beside, v.Composer.Poll = draft.Beside, newPollDraft(draft.Poll)
	v.Composer.Failed, v.Composer.Trouble = failed, t
	return s.page(w, t.Status, v)
}

// keepDraft saves what could not be published.
func (s *Server) keepDraft(ctx context.Context, draft social.DraftEdit) {
	if err := s.home.SaveDraft(ctx, draft); err != nil {
		// The text is in the page that is being sent; the person sees why publishing failed, which is the same trouble.
		s.log.Warn("a draft could not be saved", "error", err)
	}
}

// postDraft saves the draft as it is being typed.
func (s *Server) postDraft(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.home.SaveDraft(r.Context(), draftOf(values)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// postDraftPhoto adds one photo to the draft. The body is the file itself.
func (s *Server) postDraftPhoto(w http.ResponseWriter, r *http.Request) error {
	photo, err := s.addPhoto(r, r.Body)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusCreated, draftPhoto{photo})
}
