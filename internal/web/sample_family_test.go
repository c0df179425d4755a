package web_test

import (
	"fmt"
	"image"
	"strings"
	"sync"
	"time"

	"kith/internal/social"
)

// noon is when the sample family's pages are looked at: a fixed moment, so that they always say the same.
var noon = time.Date(2026, time.March, 14, 12, 30, 0, 0, time.UTC)

// paintings are painted once for all tests.
var paintings = sync.OnceValue(func() map[string]image.Image {
	all := make(map[string]image.Image)
	for name, size := range map[string][2]int{"sea": {1500, 1000}, "hills": {1500, 1000}, "garden": {1200, 1200}, "cake": {1000, 1300}, "snow": {1500, 1000}, "street": {1600, 900}} {
		c := newCanvas(size[0], size[1], uint64(len(name)))
		scenes[name](c)
		c.grain(5)
		all[name] = c
	}
	for name, look := range map[string][4]uint32{
		"me":    {0xe8b894, 0x6b3f2a, 0xb5523b, 0xd9c2a0},
		"ben":   {0xf0c8a4, 0x3b2a22, 0x3f6a7a, 0xa9c0b4},
		"ilse":  {0xf2cdb0, 0xd9d4d0, 0x7a5a86, 0xe0cfc2},
		"tom":   {0xd9a27c, 0x2a2020, 0x5a7a4a, 0xc6cf9f},
		"ayse":  {0xd8a47e, 0x2b1d1c, 0xc06a4a, 0xe6d3a8},
		"pedro": {0xb98058, 0x8c8480, 0x3d4f70, 0xb9a58c},
	} {
		c := newCanvas(240, 240, uint64(len(name)))
		paintFace(c, look[0], look[1], look[2], look[3], name == "me" || name == "ilse" || name == "ayse")
		all["face-"+name] = c
	}
	return all
})

// empty is a home whose first run is finished, and nothing else.
func emptyHome(now func() time.Time) *home {
	h := newHome(now)
	h.started = true
	h.people["me"] = social.Person{ID: "me", Name: "Nora", Me: true, Online: true}
	return h
}

// family is a home with a few friends and posts.
func family(now func() time.Time) *home {
	h := emptyHome(now)
	for _, p := range []social.Person{
		{ID: "me", Name: "Nora", Me: true, Online: true, About: "Mostly in the garden. Otherwise on the 17:05."},
		{ID: "ben", Name: "Ben", Friend: true, Online: true, About: "Sailing when there is wind, reading when there is none."},
		{ID: "ilse", Name: "Grandma Ilse", Friend: true, Online: true, About: "The cake is always fresh."},
		{ID: "tom", Name: "Tom", Friend: true, LastSeen: now().Add(-3 * time.Hour)},
		{ID: "ayse", Name: "Ayşe", Friend: true, Online: true},
		{ID: "jonas", Name: "Jonas Lindqvist", Friend: true, LastSeen: now().Add(-50 * time.Hour)},
		{ID: "pedro", Name: "Pedro", Friend: true},
	} {
		if painted, ok := paintings()["face-"+p.ID]; ok {
			p.Picture = h.keep(painted).Thumb
		}
		h.people[p.ID] = p
		if p.Friend {
			h.friends = append(h.friends, p.ID)
		}
	}
	h.own.list = []social.Device{
		{ID: "desk", Name: "Desk", This: true, Online: true, Added: now().Add(-90 * 24 * time.Hour)},
		{ID: "laptop", Name: "Laptop", CanRemove: true, Added: now().Add(-20 * time.Hour), LastSeen: now().Add(-2 * time.Hour)},
	}
	h.own.links = []social.Link{{ID: "shown", Code: "kith-device1-" + strings.Repeat("AQBtAQIDAAAAAAAA", 9), State: social.LinkOpen, Expires: now().Add(14 * time.Minute)}}
	h.tellStories()
	return h
}

// post adds somebody's post, older than those before it.
func (h *home) post(id, who string, ago time.Duration, text string, scenes ...string) *social.Post {
	audience := social.Audience{Space: "wall-" + who, Name: "Friends of " + h.people[who].Name, Kind: social.AudienceFriends, People: 7}
	p := &social.Post{ID: id, Author: h.people[who], At: h.now().Add(-ago), Text: text, Audience: audience}
	if who == "me" {
		p.Audience = h.audience()
	}
	for _, scene := range scenes {
		name, alt, _ := strings.Cut(scene, ": ")
		photo := h.keep(paintings()[name])
		photo.Alt = alt
		p.Photos = append(p.Photos, photo)
	}
	h.posts = append(h.posts, p)
	return p
}

func (h *home) say(post, who string, ago time.Duration, text string) string {
	c, err := h.comment(post, who, text, h.now().Add(-ago))
	if err != nil {
		panic(err)
	}
	return c.ID
}

func (h *home) like(target, emoji string, who ...string) {
	for _, id := range who {
		if err := h.react(target, id, emoji); err != nil {
			panic(err)
		}
	}
}

func (h *home) tellStories() {
	h.post("sail", "ben", 12*time.Minute, "First evening on the water this year. Cold hands, and worth it.", "sea: A small sailing boat before a low sun; its light lies on the water")
	h.say("sail", "ilse", 9*time.Minute, "Did you wear the warm socks?")
	h.say("sail", "ben", 7*time.Minute, "Both pairs, Grandma.")
	h.say("sail", "me", 4*time.Minute, "Next time I’m coming along.")
	h.like("sail", "❤️", "me", "ilse", "ayse")
	h.like("sail", "😮", "tom")

	mine := h.post("tulips", "me", 2*time.Hour, "The tulips don’t know that it is only March. Neither do I.\n\nWho wants bulbs? There are far too many: https://example.org/tulips/how-to-share-them-in-spring", "garden: Flowers in red, yellow and pink, seen from above", "hills: Hills behind the garden with a row of trees")
	mine.Delivery = social.Delivery{State: social.DeliverySome, Have: 4, Of: 6}
	h.say("tulips", "ayse", 100*time.Minute, "Me! I’ll bring the big bag on Saturday.")
	h.like("tulips", "🎉", "ayse", "ben")

	h.post("cake", "ilse", 26*time.Hour, "For whoever comes on Sunday. There is a second one in the cellar, but don’t tell Tom.", "cake: A cake with cherries and five candles", "street: The street in the evening, some windows lit", "snow: Firs in the snow")
	c := h.say("cake", "tom", 25*time.Hour, "I can read, you know.")
	h.like("cake", "😂", "me", "ben", "ayse", "tom")
	h.like(c, "😂", "ilse")

	h.post("plain", "ayse", 49*time.Hour, "The bakery on the corner has the good rye bread again. That is all. That is the news.")
	h.like("plain", "👍", "ben", "me", "ilse")

	winter := h.post("winter", "me", 20*24*time.Hour, "What is left of the winter, from the top to the bottom of the memory card.",
		"snow: Firs in the snow", "hills: Hills", "street: Our street after dark", "sea: The sea", "garden: The first flowers", "cake: Cake, at last")
	winter.Delivery = social.Delivery{State: social.DeliveryAll, Have: 6, Of: 6}
	h.say("winter", "jonas", 19*24*time.Hour, "The third one goes onto my wall. The real one, I mean.")
}

// overfull is a home at the limits: long names, long texts, many of everything.
func overfull(now func() time.Time) *home {
	h := family(now)
	long := "Maximiliane-Charlotte von und zu Hohenstaufen-Wittelsbach, geborene Grünwald"
	h.people["max"] = social.Person{ID: "max", Name: long, Friend: true, Online: true, About: strings.Repeat("Words about myself. ", 30)}
	h.friends = append(h.friends, "max")
	for i := range 24 {
		id := fmt.Sprintf("n%02d", i)
		h.people[id] = social.Person{ID: id, Name: []string{"Anouk", "Bo", "Chidi", "Dilnoza", "Eluned", "Fiadh"}[i%6] + " " + string(rune('A'+i)), Friend: true, Online: i%3 == 0, LastSeen: now().Add(-time.Duration(i*i) * time.Hour)}
		h.friends = append(h.friends, id)
	}
	stories := h.posts
	h.posts = nil
	h.post("long", "max", time.Minute, strings.Repeat("A very long story that does not want to end, told without a pause. ", 60)+"\n\n"+strings.Repeat("Donaudampfschifffahrtsgesellschaftskapitän", 9))
	h.posts[0].Audience.Name = "Friends of " + long
	for i := range 40 {
		h.say("long", []string{"ben", "max", "me", "n03"}[i%4], time.Duration(40-i)*time.Minute, strings.Repeat("And another thing. ", 1+i%9))
	}
	for i, e := range []string{"❤️", "👍", "😂", "😮", "😢", "🎉"} {
		for k := range 20 - 3*i {
			h.like("long", e, fmt.Sprintf("n%02d", (i*5+k)%24))
		}
	}
	var many []string
	for i := range 20 {
		many = append(many, []string{"sea", "hills", "garden", "cake", "snow", "street"}[i%6]+": Photo after photo")
	}
	h.post("twenty", "me", 2*time.Minute, "Twenty at once", many...)
	h.posts[1].Delivery = social.Delivery{State: social.DeliverySome, Have: 17, Of: 31}
	gone := h.post("gone", "ben", 3*time.Minute, "Three photos that are still on their way", "sea: Not here yet", "hills: Not here either", "snow")
	for i := range gone.Photos {
		gone.Photos[i].Thumb, gone.Photos[i].Screen, gone.Photos[i].Here = "/picture/later", "/picture/later", false
	}
	h.posts = append(h.posts, stories...)
	for i := range 40 {
		h.post(fmt.Sprintf("old%02d", i), "ben", time.Duration(30+i)*24*time.Hour, fmt.Sprintf("Day %d at sea. Nothing happened, beautifully.", 40-i))
	}
	h.invites = []social.Invite{
		h.newInvite("Uncle Rolf and everybody at the workshop, also the new one", true, now().Add(40*time.Minute)),
		h.newInvite("", false, now().Add(29*24*time.Hour)),
	}
	h.invites[0].ID = "out"
	h.own.list = append(h.own.list,
		social.Device{ID: "old", Name: "The heavy machine under the stairs in the wo", Online: true, Added: now().Add(-900 * 24 * time.Hour)},
		social.Device{ID: "lost", Name: "Lost on the train", Removed: true})
	h.own.links = append(h.own.links, social.Link{
		ID: "asks", State: social.LinkAsking, Device: "Kitchen tablet, the one with the crack in it", Number: "042917", Expires: now().Add(9 * time.Minute),
		Warning: "Another computer came with the same code and was turned away. If it was not yours, somebody has seen the code: make a new one, and keep it to yourself.",
	})
	h.own.notices = []social.Notice{{ID: "n1", At: now().Add(-time.Hour), Text: long + " came back with their recovery words, on another computer. If you did not expect that, ask them in person whether it was them."}}
	h.invites[1].Warning = "A second computer tried to use this invite. If you sent it to one person only, take it back and make a new one."
	h.people["rosa"] = social.Person{ID: "rosa", Name: "Rosa"}
	rosa := h.people["rosa"]
	asking := h.newInvite("Rosa from work", false, now().Add(24*time.Hour))
	asking.State, asking.Who = social.InviteAsking, &rosa
	h.invites = append(h.invites, asking)
	refused := h.newInvite("Somebody", false, now().Add(24*time.Hour))
	refused.State, refused.Who = social.InviteRefused, &rosa
	h.invites = append(h.invites, refused)
	for i, state := range []string{social.AcceptanceTrying, social.AcceptanceWaiting, social.AcceptanceFailed} {
		a := social.Acceptance{ID: fmt.Sprintf("acc%d", i), Inviter: social.Person{ID: "x" + state, Name: []string{"Someone", "Karla", "Mikkel"}[i]}, Since: now().Add(-time.Hour), Expires: now().Add(50 * time.Hour), State: state}
		if state == social.AcceptanceFailed {
			a.Detail = "The invite was used by somebody else already. Ask Mikkel for a new one."
		}
		h.acceptances = append(h.acceptances, a)
	}
	h.recovery = social.Recovery{Due: true, Returning: true}
	h.draft = social.Draft{Text: "A draft that waits for its last sentence", Photos: []social.Photo{h.keep(paintings()["sea"]), h.keep(paintings()["cake"])}}
	return h
}
