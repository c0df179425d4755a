package social_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"kith/internal/social"
)

func TestSavedPosts(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	var ids []string
	for n := range 5 {
		ids = append(ids, ada.says(fmt.Sprint("post ", n)).ID)
	}
	eventually(t, "Ben has them", func() bool { return len(ben.texts()) == 5 })
	for _, n := range []int{3, 0, 4} {
		must(t, ben.Save(t.Context(), ids[n], true))
		time.Sleep(2 * time.Millisecond) // so that one is later than the other
	}
	must(t, ben.Save(t.Context(), ids[0], true)) // once more changes nothing
	saved := func(limit int) (texts []string) {
		for cursor := ""; ; {
			feed, err := ben.Saved(t.Context(), cursor, limit)
			must(t, err)
			for _, post := range feed.Posts {
				if !post.Saved {
					t.Errorf("%q does not say that it is saved", post.Text)
				}
				texts = append(texts, post.Text)
			}
			if cursor = feed.Next; cursor == "" {
				return texts
			}
		}
	}
	want := []string{"post 4", "post 0", "post 3"}
	for _, limit := range []int{0, 1, 2, 3} {
		if got := saved(limit); !slices.Equal(got, want) {
			t.Errorf("by %d: %q", limit, got)
		}
	}
	must(t, ben.Save(t.Context(), ids[4], false))
	must(t, ada.Delete(t.Context(), ids[0]))
	eventually(t, "what is deleted is not saved any more", func() bool { return slices.Equal(saved(0), []string{"post 3"}) })
	ben.off()
	ben.on()
	if got := saved(0); !slices.Equal(got, []string{"post 3"}) {
		t.Errorf("after a start: %q", got)
	}
	if err := ben.Save(t.Context(), "nothing", true); code(err) != social.CodeNotFound {
		t.Errorf("what is not there is saved: %v", err)
	}
	if feed, err := ada.Saved(t.Context(), "", 0); err != nil || len(feed.Posts) != 0 {
		t.Errorf("Ada has %v, %v", feed.Posts, err)
	}
}

func TestOnThisDay(t *testing.T) {
	var clock atomic.Pointer[time.Time] // the home reads it while the test goes on
	set := func(now time.Time) { clock.Store(&now) }
	set(time.Date(2024, 2, 29, 12, 0, 0, 0, time.Local))
	ada := newHouse(t, "Ada")
	ada.off()
	ada.now = func() time.Time { return *clock.Load() }
	ada.on()
	at := func(year int, month time.Month, day, hour int) {
		set(time.Date(year, month, day, hour, 30, 0, 0, time.Local))
		ada.says(ada.now().Format("2006-01-02 15"))
	}
	at(2024, 2, 29, 12)
	at(2025, 2, 28, 23)
	at(2025, 3, 1, 0)
	at(2025, 3, 1, 23)
	at(2025, 3, 2, 0)
	at(2027, 3, 1, 8)
	set(time.Date(2028, 3, 1, 9, 0, 0, 0, time.Local))
	years := func() (list []string) {
		memories, err := ada.OnThisDay(t.Context())
		must(t, err)
		for _, m := range memories {
			for _, post := range m.Posts {
				list = append(list, fmt.Sprint(m.Ago, " ", post.Text))
			}
		}
		counts, err := ada.MemoriesToday(t.Context())
		must(t, err)
		n := 0
		for _, m := range counts {
			n += m.Count
		}
		if n != len(list) {
			t.Errorf("%d are counted, %d are there", n, len(list))
		}
		return list
	}
	if got := years(); !slices.Equal(got, []string{"1 2027-03-01 08", "3 2025-03-01 23", "3 2025-03-01 00"}) {
		t.Errorf("on 1 March: %q", got)
	}
	set(time.Date(2028, 2, 29, 9, 0, 0, 0, time.Local))
	if got := years(); !slices.Equal(got, []string{"4 2024-02-29 12"}) {
		t.Errorf("on 29 February: %q", got)
	}
}

func TestPhotosByDate(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	var picture bytes.Buffer
	must(t, jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 20, 20)), nil))
	for n := range 4 {
		var photos []social.NewPhoto
		for range n % 3 {
			photo, err := ada.AddPhoto(t.Context(), bytes.NewReader(picture.Bytes()))
			must(t, err)
			photos = append(photos, social.NewPhoto{ID: photo.ID, Alt: fmt.Sprint("of ", n)})
		}
		_, err := ada.Publish(t.Context(), social.NewPost{Text: fmt.Sprint("post ", n), Photos: photos})
		must(t, err)
	}
	eventually(t, "Ben has them", func() bool { return len(ben.texts()) == 4 })
	alts := func(person string) (list []string) {
		page, err := ben.Photos(t.Context(), person, "", 0)
		must(t, err)
		for _, photo := range page.Photos {
			list = append(list, fmt.Sprintf("%s %d/%d", photo.Alt, photo.Number, photo.Of))
		}
		return list
	}
	want := []string{"of 2 1/2", "of 2 2/2", "of 1 1/1"}
	if got := alts(""); !slices.Equal(got, want) {
		t.Errorf("everybody's: %q", got)
	}
	if got := alts(ada.me); !slices.Equal(got, want) {
		t.Errorf("Ada's: %q", got)
	}
	if got := alts(ben.me); len(got) != 0 {
		t.Errorf("Ben's: %q", got)
	}
	must(t, ben.Mute(t.Context(), ada.me, true))
	if got := alts(""); len(got) != 0 {
		t.Errorf("of whom Ben muted: %q", got)
	}
	if got := alts(ada.me); !slices.Equal(got, want) {
		t.Errorf("of whom Ben muted, on their page: %q", got)
	}
	if _, err := ben.Photos(t.Context(), "", "nonsense", 0); code(err) != social.CodeBadInput {
		t.Errorf("a cursor that is none: %v", err)
	}
}
