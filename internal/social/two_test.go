package social_test

import (
	"slices"
	"testing"

	"kith/internal/social"
)

func TestTwoHomesOneWall(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	before := ada.says("written before we met")
	befriend(t, ada, ben)
	eventually(t, "Ben reads what Ada wrote before", func() bool { return slices.Contains(ben.texts(), "Ada: written before we met") })

	post := ada.says("hello Ben")
	eventually(t, "Ben reads Ada's post", func() bool { return slices.Contains(ben.texts(), "Ada: hello Ben") })

	if _, err := ben.Comment(t.Context(), post.ID, "hello Ada"); err != nil {
		t.Fatal(err)
	}
	must(t, ben.React(t.Context(), before.ID, "❤️"))
	eventually(t, "Ada reads Ben's comment", func() bool {
		p, err := ada.Post(t.Context(), post.ID)
		must(t, err)
		return len(p.Comments) == 1 && p.Comments[0].Text == "hello Ada" && p.Comments[0].Author.Name == "Ben"
	})
	eventually(t, "Ada sees Ben's reaction", func() bool {
		p, err := ada.Post(t.Context(), before.ID)
		must(t, err)
		return len(p.Reactions) == 1 && p.Reactions[0].Emoji == "❤️" && slices.Equal(p.Reactions[0].People, []string{"Ben"})
	})
	eventually(t, "Ada sees that her post has arrived", func() bool {
		p, err := ada.Post(t.Context(), post.ID)
		must(t, err)
		return p.Delivery == social.Delivery{State: social.DeliveryAll, Have: 1, Of: 1}
	})
	must(t, ada.Delete(t.Context(), post.ID))
	eventually(t, "the post is gone at Ben's", func() bool { return !slices.Contains(ben.texts(), "Ada: hello Ben") })
}
