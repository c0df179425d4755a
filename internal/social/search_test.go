package social_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kith/internal/social"
)

// finds lists what a home finds: "post Ada: [lake] was calm".
func (h *house) finds(query social.SearchQuery) (list []string) {
	h.t.Helper()
	result, err := h.Search(h.t.Context(), query)
	must(h.t, err)
	for _, p := range result.People {
		list = append(list, "person "+p.Name)
	}
	for _, page := range []social.FoundPage{result.Posts, result.Comments} {
		for _, f := range page.Items {
			var text strings.Builder
			for _, piece := range f.Text {
				if piece.Mark {
					text.WriteString("[" + piece.Text + "]")
				} else {
					text.WriteString(piece.Text)
				}
			}
			list = append(list, f.Kind+" "+f.Author.Name+": "+text.String())
		}
	}
	return list
}

func (h *house) findsExactly(query social.SearchQuery, want ...string) {
	h.t.Helper()
	if got := h.finds(query); !slices.Equal(got, want) {
		h.t.Errorf("%s looks for %+v and finds %q, want %q", h.name, query, got, want)
	}
}

func TestSearch(t *testing.T) {
	ada, ben := newHouse(t, "Ada Lake"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	lake := ada.says("The lake was calm today")
	creme := ada.says("Crème brûlée, and wet shoes")
	eventually(t, "Ben has both posts", func() bool { return len(ben.texts()) == 2 })
	_, err := ben.Comment(t.Context(), lake.ID, "which lake, this one?")
	must(t, err)

	words := func(text string) social.SearchQuery { return social.SearchQuery{Text: text} }
	ben.findsExactly(words("lak"), "person Ada Lake", "post Ada Lake: The [lake] was calm today", "comment Ben: which [lake], this one?")
	ben.findsExactly(words("creme"), "post Ada Lake: [Crème] brûlée, and wet shoes")
	ben.findsExactly(words(`"wet shoes"`), "post Ada Lake: Crème brûlée, and [wet shoes]")
	ben.findsExactly(words(`"shoes wet"`))
	ben.findsExactly(words("nothing like it"))
	ben.findsExactly(social.SearchQuery{Text: "lake", Who: ada.me}, "post Ada Lake: The [lake] was calm today")
	ben.findsExactly(social.SearchQuery{Text: "lake", Kind: social.FoundComment}, "comment Ben: which [lake], this one?")
	ben.findsExactly(social.SearchQuery{Text: "lake", In: lake.Audience.Space, Kind: social.FoundPost}, "post Ada Lake: The [lake] was calm today")
	ben.findsExactly(social.SearchQuery{Text: "lake", Photos: true})
	ben.findsExactly(social.SearchQuery{Text: "lake", Until: time.Now().Add(-time.Hour)})
	ben.findsExactly(social.SearchQuery{Text: "lake", Since: time.Now().Add(time.Hour)})

	must(t, ada.Edit(t.Context(), creme.ID, social.Edit{Text: "Tarte Tatin instead"}))
	eventually(t, "Ben finds the edited words", func() bool {
		return slices.Equal(ben.finds(words("tatin")), []string{"post Ada Lake: Tarte [Tatin] instead"})
	})
	ben.findsExactly(words("creme"))

	must(t, ben.Mute(t.Context(), ada.me, true))
	ben.findsExactly(words("lake"), "person Ada Lake") // the comment hangs under a post that the feed does not show either
	ben.findsExactly(social.SearchQuery{Text: "tatin", Who: ada.me}, "post Ada Lake: Tarte [Tatin] instead")
	must(t, ben.Mute(t.Context(), ada.me, false))
	must(t, ada.Delete(t.Context(), lake.ID))
	eventually(t, "the deleted post is not found at Ben's", func() bool { return slices.Equal(ben.finds(words("lake")), []string{"person Ada Lake"}) })
	must(t, ben.Block(t.Context(), ada.me, true))
	ben.findsExactly(words("lake"))
	ben.findsExactly(words("tatin"))

	for _, query := range []social.SearchQuery{{}, {Text: " …! "}, {Text: "a", Who: "nobody"}, {Text: "a", In: "nowhere"}, {Text: "a", After: "x", Kind: social.FoundPost}, {Text: "a", Kind: "stones"}} {
		if _, err := ben.Search(t.Context(), query); code(err) != social.CodeBadInput && code(err) != social.CodeNotFound {
			t.Errorf("%+v: %v", query, err)
		}
	}
}

func TestSearchByPages(t *testing.T) {
	ada := newHouse(t, "Ada")
	for range 13 {
		ada.says("the same words")
	}
	query := social.SearchQuery{Text: "words", Kind: social.FoundPost, Limit: 5}
	seen := make(map[string]bool)
	for range 5 {
		result, err := ada.Search(t.Context(), query)
		must(t, err)
		for _, f := range result.Posts.Items {
			if seen[f.ID] {
				t.Errorf("%s twice", f.ID)
			}
			seen[f.ID] = true
		}
		if query.After = result.Posts.Next; query.After == "" {
			break
		}
	}
	if len(seen) != 13 {
		t.Errorf("%d found", len(seen))
	}
}
