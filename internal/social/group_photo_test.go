package social_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"

	"kith/internal/social"
)

// picture paints something that a camera could have taken.
func picture(t *testing.T) *bytes.Reader {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for y := range 240 {
		for x := range 320 {
			img.Set(x, y, color.RGBA{R: uint8(x), G: uint8(y), B: uint8(x + y), A: 255})
		}
	}
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, img, nil))
	return bytes.NewReader(b.Bytes())
}

// Photos go to a group's members, of whom not all are friends, and its own picture does.
func TestPhotosInAGroup(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	club := ada.makes(social.NewGroup{Name: "Garden club", Picture: picture(t)})
	ada.adds(club.ID, ben)
	cleo.accepts(ada.groupInvite(club.ID, social.InviteOnce).Code)
	eventually(t, "Cleo is in", func() bool { return cleo.isIn(club.ID) })
	photo, err := ben.AddPhoto(t.Context(), picture(t))
	must(t, err)
	post, err := ben.Publish(t.Context(), social.NewPost{Text: "look", Photos: []social.NewPhoto{{ID: photo.ID, Alt: "colours"}}, To: club.ID})
	must(t, err)
	for _, h := range []*house{ada, cleo} {
		eventually(t, h.name+" has the photo, from whoever has it", func() bool {
			p, err := h.Post(h.t.Context(), post.ID)
			return err == nil && len(p.Photos) == 1 && p.Photos[0].Here && p.Photos[0].Alt == "colours"
		})
		eventually(t, h.name+" sees the group's picture", func() bool { return h.group("Garden club").Picture != "" })
		opened, err := h.Picture(t.Context(), strings.TrimPrefix(h.group("Garden club").Picture, "/picture/"))
		must(t, err)
		must(t, opened.Content.Close())
	}
}
