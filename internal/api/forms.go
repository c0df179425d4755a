package api

import (
	"bytes"
	"io"
	"net/http"
	"strconv"

	"kith/internal/social"
)

// The fields of forms.
const (
	fieldText    = "text"
	fieldTo      = "to"
	fieldAlt     = "alt"   // describes the photo after it
	fieldPhoto   = "photo" // a file
	fieldName    = "name"
	fieldReach   = "reach"
	fieldPicture = "picture" // a file
)

// publish reads a post as a form: the text, and for each photo its description and the photo itself. The photos
// are prepared as they arrive, and wait in the draft until then: if something fails, they are found there on the page.
// The rest of the draft is somebody's who is writing on the page, and stays.
func (s *Server) publish(w http.ResponseWriter, r *http.Request) (any, error) {
	post := social.NewPost{KeepDraft: true}
	alt := ""
	err := readParts(w, r,
		func(name, text string) error {
			switch name {
			case fieldText:
				post.Text = text
			case fieldTo:
				post.To = text
			case fieldAlt:
				alt = text
			default:
				return errBroken
			}
			return nil
		},
		func(name string, file io.Reader) error {
			if name != fieldPhoto {
				return errBroken
			}
			if len(post.Photos) == maxPhotos {
				return &social.Error{Code: social.CodeTooLarge,
					Message: "A post has at most " + strconv.Itoa(maxPhotos) + " photos. Nothing was published; those that were prepared wait in the draft on your page."}
			}
			photo, err := s.Home.AddPhoto(r.Context(), file)
			if err != nil {
				return err
			}
			post.Photos = append(post.Photos, social.NewPhoto{ID: photo.ID, Alt: alt})
			alt = ""
			return nil
		})
	if err != nil {
		return nil, err
	}
	return s.Home.Publish(r.Context(), post)
}

// begin finishes the first run and answers with the profile.
func (s *Server) begin(w http.ResponseWriter, r *http.Request) (any, error) {
	setup := social.Setup{Reach: social.ReachHome}
	err := readParts(w, r,
		func(name, text string) error {
			switch name {
			case fieldName:
				setup.Name = text
			case fieldReach:
				setup.Reach = text
			default:
				return errBroken
			}
			return nil
		},
		func(name string, file io.Reader) error {
			if name != fieldPicture || setup.Picture != nil {
				return errBroken
			}
			picture, err := io.ReadAll(file)
			if err != nil {
				return broken(err)
			}
			setup.Picture = bytes.NewReader(picture)
			return nil
		})
	if err != nil {
		return nil, err
	}
	if err := s.Home.Begin(r.Context(), setup); err != nil {
		return nil, err
	}
	return s.Home.Profile(r.Context())
}
