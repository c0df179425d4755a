package web

import (
	"fmt"

	"kith/internal/social"
)

// gallery is the photos of a post: up to four tiles, and the rest behind the last of them.
type gallery struct {
	Layout string // "one", "two", "three" or "four"; names a class of css/photos.css
	Tiles  []tile
	Behind []tile // reached through the last tile, or through the lightbox
}

// shownTiles is how many photos of a post are seen in a feed.
const shownTiles = 4

// thumbSide is the longer side of a thumbnail in pixels (social.Photo.Thumb).
const thumbSide = 480

// tile is one photo.
type tile struct {
	Photo  social.Photo
	Number int    // from 1
	Of     int    // how many there are
	Page   string // its own page, which is where the link leads without JavaScript
	More   int    // on the last tile: how many are behind it
	Set    string // the renditions to choose from, for srcset; empty while only the thumbnail is here
	Sizes  string // how large it is drawn, for sizes
	Large  bool   // the only one: drawn as wide as the post and as high as it is
}

var layouts = [shownTiles + 1]string{"", "one", "two", "three", "four"}

// newGallery lays photos out. post is the one whose pages the photos have; those of a comment have none, and lead to the picture
// itself.
func newGallery(post string, photos []social.Photo) gallery {
	shown := min(len(photos), shownTiles)
	g := gallery{Layout: layouts[shown]}
	for i, photo := range photos {
		t := tile{Photo: photo, Number: i + 1, Of: len(photos), Page: photo.Screen, Large: len(photos) == 1}
		if post != "" {
			t.Page = photoPage(post, i+1)
		}
		t.Sizes = "(max-width: 700px) 50vw, 320px"
		if t.Large || shown == 3 && i == 0 {
			t.Sizes = "(max-width: 700px) 100vw, 640px"
		}
		if photo.Here {
			t.Set = renditions(photo)
		}
		if i < shown {
			g.Tiles = append(g.Tiles, t)
		} else {
			g.Behind = append(g.Behind, t)
		}
	}
	if len(g.Behind) > 0 {
		g.Tiles[shown-1].More = len(g.Behind)
	}
	return g
}

func photoPage(post string, number int) string { return fmt.Sprintf("/post/%s/photo/%d", post, number) }

// renditions lists the two sizes of a photo with their widths, for the browser to choose.
func renditions(photo social.Photo) string {
	longer := max(photo.Width, photo.Height)
	if longer <= thumbSide {
		return ""
	}
	return fmt.Sprintf("%s %dw, %s %dw", photo.Thumb, max(1, photo.Width*thumbSide/longer), photo.Screen, photo.Width)
}
