package web

import (
	"net/http"
	"strings"
)

// pictureTypes are the kinds of picture that a browser is told it gets. Anything else is handed out as a file to be
// saved, which no browser draws or runs.
var pictureTypes = []string{"image/jpeg", "image/png", "image/webp", "image/gif"}

// getPicture sends one rendition of a photo or a face. Its ID stands for its bytes, so the browser may keep it; only for
// as long as it is signed in, because signing out clears what it kept.
func (s *Server) getPicture(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	picture, err := s.home.Picture(r.Context(), id)
	if err != nil {
		return err
	}
	defer picture.Content.Close()
	h := w.Header()
	h.Set("Content-Security-Policy", picturePolicy)
	h.Set("Content-Type", "application/octet-stream")
	for _, known := range pictureTypes {
		if strings.EqualFold(picture.Type, known) {
			h.Set("Content-Type", known)
		}
	}
	if h.Get("Content-Type") == "application/octet-stream" {
		h.Set("Content-Disposition", "attachment")
	}
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	if !strings.ContainsAny(id, "\"\\") {
		h.Set("ETag", `"`+id+`"`)
	}
	http.ServeContent(w, r, "", picture.Modified, picture.Content)
	return nil
}
