package web_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kith/internal/social"
)

// shots are the pages that are looked at, each in the homes in which it differs.
var shots = []struct {
	name, home, path string
}{
	{"welcome", "new", "/welcome"},
	{"signin", "locked", "/signin"},
	{"linking", "new", "/welcome/link"},
	{"return", "new", "/welcome/return"},
	{"devices", "family", "/devices"},
	{"devices-overfull", "overfull", "/devices"},
	{"link", "family", "/link/shown"},
	{"link-asks", "overfull", "/link/asks"},
	{"remove-device", "overfull", "/devices/old/remove"},
	{"leave-devices", "overfull", "/devices/leave"},
	{"home-empty", "empty", "/"},
	{"home", "family", "/"},
	{"home-overfull", "overfull", "/"},
	{"post", "family", "/post/sail"},
	{"post-overfull", "overfull", "/post/long"},
	{"photo", "family", "/post/tulips/photo/1"},
	{"delete", "family", "/post/tulips/delete"},
	{"person", "family", "/people/ben"},
	{"me-wall", "family", "/people/me"},
	{"person-overfull", "overfull", "/people/max"},
	{"friends-empty", "empty", "/friends"},
	{"friends", "family", "/friends"},
	{"friends-overfull", "overfull", "/friends"},
	{"invite", "family", "/invite"},
	{"made-invite", "overfull", "/invite/out"},
	{"join", "family", "/join"},
	{"me", "family", "/me"},
	{"settings", "family", "/settings"},
	{"backup", "family", "/backup"},
	{"phone-off", "family", "/phone"},
	{"phone", "overfull", "/phone"},
	{"pairing", "overfull", "/phone/pairing"},
	{"recovery", "overfull", "/recovery"},
	{"words", "overfull", "/recovery/words"},
	{"check", "overfull", "/recovery/check"},
	{"missing", "family", "/nothing/here"},
	{"groups-empty", "empty", "/groups"},
	{"groups", "gardeners", "/groups"},
	{"groups-overfull", "crowded", "/groups"},
	{"group", "gardeners", "/groups/club"},
	{"group-admins-post", "gardeners", "/groups/class"},
	{"group-overfull", "crowded", "/groups/big"},
	{"group-removed", "crowded", "/groups/gone"},
	{"group-people", "gardeners", "/groups/club/people"},
	{"group-people-overfull", "crowded", "/groups/big/people"},
	{"group-new", "gardeners", "/groups/new"},
	{"group-settings", "gardeners", "/groups/club/settings"},
	{"group-invite", "gardeners", "/groups/club/invite"},
	{"group-made-invite", "crowded", "/invite/into"},
	{"group-remove", "gardeners", "/groups/club/people/ben/remove"},
	{"chats-empty", "family", "/chats"},
	{"chats", "talkative", "/chats"},
	{"chat", "talkative", "/chat/with-ben"},
	{"chat-several", "talkative", "/chat/kin"},
	{"chat-fresh", "talkative", "/chat/with-tom"},
	{"chat-new", "talkative", "/chats/new"},
	{"chat-about", "talkative", "/chat/kin/about"},
	{"chat-unsend", "talkative", "/message/b5/unsend"},
	{"lists", "gardeners", "/lists"},
	{"list", "gardeners", "/lists/kin"},
	{"hidden", "crowded", "/hidden"},
	{"person-blocked", "crowded", "/people/mallory"},
	{"search", "family", "/search"},
	{"saved-empty", "family", "/saved"},
	{"day", "family", "/day"},
	{"photos", "family", "/photos"},
	{"photos-mine", "overfull", "/photos?of=me"},
	{"search-found", "family", "/search?q=the"},
	{"search-nothing", "family", "/search?q=xyzzy&photos=yes"},
	{"search-overfull", "overfull", "/search?q=a&since=2020-01-01"},
	{"home-gardeners", "gardeners", "/"},
	{"home-crowded", "crowded", "/"},
	{"friends-crowded", "crowded", "/friends"},
	{"home-busy", "busy", "/"},
	{"news", "busy", "/news"},
	{"news-empty", "empty", "/news"},
	{"news-wishes", "busy", "/news/wishes"},
	{"hidden-busy", "busy", "/hidden"},
	{"privacy", "gardeners", "/privacy"},
	{"privacy-overfull", "crowded", "/privacy"},
	{"safety", "family", "/people/ben/safety"},
	{"safety-twin", "family", "/people/jonas/safety"},
	{"home-talking", "talking", "/"},
	{"post-talking", "talking", "/post/poll"},
	{"answering", "talking", "/post/poll?answer=c0001"},
	{"tag", "talking", "/tag/boat"},
	{"post-hidden", "busy", "/post/tulips"},
}

// gallery opens the sample homes in one browser, each in a tab of its own.
func gallery(t *testing.T) (map[string]*site, map[string]*tab) {
	t.Helper()
	sites := map[string]*site{
		"new": open(t, newHome(time.Now), nil), "empty": open(t, emptyHome(time.Now), nil), "locked": open(t, family(time.Now), nil),
		"family": open(t, family(time.Now), nil), "overfull": open(t, overfull(time.Now), nil),
		"talkative": open(t, talkative(time.Now), nil),
		"gardeners": open(t, gardeners(time.Now), nil), "crowded": open(t, crowded(time.Now), nil),
		"busy": open(t, busyFamily(time.Now), nil), "talking": open(t, talking(time.Now), nil),
	}
	if r := sites["locked"].post("/settings/password", url.Values{"new": {password}, "again": {password}}); r.status != 303 {
		t.Fatalf("setting a password: status %d", r.status)
	}
	sites["overfull"].pairedPhones()
	b, tabs := startBrowser(t), make(map[string]*tab)
	for name, s := range sites {
		tabs[name] = b.tab()
		if name != "locked" {
			tabs[name].enter(s)
		}
	}
	return sites, tabs
}

// fits holds that a page is no wider than its window, keeps nobody out and has no troubles. With
// KITH_SCREENSHOTS=folder it also saves what is seen.
func (p *tab) fits(name string, width int64, whole bool) {
	p.t.Helper()
	if got := ask[int64](p, "document.documentElement.scrollWidth"); got > width {
		p.t.Errorf("the page is %d pixels wide", got)
	}
	p.accessible()
	p.clean()
	folder := os.Getenv("KITH_SCREENSHOTS")
	if folder == "" {
		return
	}
	shot := chromedp.CaptureScreenshot()
	if whole {
		shot = chromedp.FullScreenshot(100)
	}
	picture, err := chromedp.Run(p.ctx, shot)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// TestEveryPageFits looks at every page in a real browser, narrow and wide, light and dark: nothing may be cut off at the
// side, refused by the content security policy or fail in a script; controls have names, and text stands out from what is
// behind it.
func TestEveryPageFits(t *testing.T) {
	sites, tabs := gallery(t)
	for _, shot := range shots {
		s, p := sites[shot.home], tabs[shot.home]
		for _, look := range []struct {
			width  int64
			scheme string
		}{{360, "light"}, {360, "dark"}, {900, "light"}, {1280, "light"}, {1280, "dark"}} {
			if os.Getenv("KITH_SCREENSHOTS") == "" && (look.width == 900 || (look.width == 360) == (look.scheme == "dark")) {
				continue // narrow in the light and wide in the dark: every sheet is looked at in both; make screenshots has all
			}
			t.Run(fmt.Sprintf("%s/%d/%s", shot.name, look.width, look.scheme), func(t *testing.T) {
				p.t = t
				p.look(look.width, 800, look.scheme)
				p.visit(s.url + shot.path)
				p.fits(fmt.Sprintf("%s-%d-%s", shot.name, look.width, look.scheme), look.width, true)
			})
		}
	}
}

// states are pages in the middle of something.
var states = []struct {
	name, home, path string
	prepare          func(s *site, p *tab)
	after            func(s *site)
}{
	{"reacting", "family", "/", func(_ *site, p *tab) {
		p.click("#post-cake .comment .react-open")
		p.until(`document.querySelector("#post-cake .comment .react").open`)
		ask[bool](p, `(document.querySelector("#post-cake .comments").scrollIntoView({ block: "center", behavior: "instant" }), true)`)
	}, nil},
	{"commenting", "family", "/", func(_ *site, p *tab) {
		p.click("#answer-text-sail")
		p.keys("Next week?")
	}, nil},
	{"deleting", "family", "/", func(_ *site, p *tab) {
		p.click("#post-tulips .post-delete")
		p.until(`document.querySelector("dialog[open]")`)
	}, nil},
	{"lightbox", "family", "/", func(_ *site, p *tab) {
		p.click("#post-tulips .photo")
		p.until(`document.querySelector(".lightbox[open]") && document.querySelector(".lightbox-photo").complete`)
	}, nil},
	{"composing", "family", "/", func(s *site, p *tab) {
		p.click("#composer-text")
		p.keys("Sunday at our place")
		p.choose("#composer [name=photo]", pictureFiles(s.t.(*testing.T), "cake", "garden", "broken")...)
		p.until(`document.querySelector(".draft-failed") && document.querySelectorAll("[data-draft-photo]").length >= 2`)
		p.until(`document.querySelector("[data-composer-state]").textContent === "Draft saved"`)
	}, func(s *site) { s.others(func(h *home) { h.draft = social.Draft{} }) }},
	{"new-posts", "overfull", "/", func(s *site, p *tab) {
		ask[bool](p, `(document.getElementById("post-sail").scrollIntoView({ behavior: "instant" }), true)`)
		s.others(func(h *home) { h.arrive(h.id("fresh"), "ben", "Something new") })
		p.until(`!document.querySelector("[data-fresh]").hidden`)
	}, nil},
	{"away", "family", "/friends", func(s *site, p *tab) {
		wait(s.t, "the stream is open", func() bool { return s.streams.Load() > 0 })
		s.turn(false)
		p.until(`document.getElementById("bar")`)
	}, func(s *site) { s.turn(true) }},
	{"greeting", "family", "/join", func(s *site, p *tab) {
		s.others(func(h *home) {
			h.greetings["KITH1"] = social.Greeting{Code: "KITH1", Expires: time.Now().Add(70 * time.Hour), LetIn: true,
				Inviter: social.Person{ID: "zoe", Name: "Zoë", Picture: h.people["ayse"].Picture, About: "Three cats, one cello.", Online: true}}
		})
		p.write("#code", "KITH1")
		p.click("[data-join] .primary")
		p.until(`document.querySelector(".greeting")`)
	}, nil},
	{"group-greeting", "gardeners", "/join", func(s *site, p *tab) {
		s.others(func(h *home) {
			h.greetings["KITH1"] = social.Greeting{Code: "KITH1", Expires: time.Now().Add(70 * time.Hour),
				Inviter: social.Person{ID: "zoe", Name: "Zoë", Online: true},
				Group:   &social.GroupRef{ID: "choir", Name: "Choir of the lower town", About: "We sing on Tuesdays.", People: 23, Picture: h.people["ilse"].Picture}}
		})
		p.write("#code", "KITH1")
		p.click("[data-join] .primary")
		p.until(`document.querySelector(".greeting")`)
	}, nil},
	{"choosing", "gardeners", "/", func(s *site, p *tab) {
		p.pick("club")
		p.click("#composer-text")
		p.keys("Who comes on Sunday?")
		p.until(`document.querySelector("[data-composer-state]").textContent === "Draft saved"`)
	}, func(s *site) { s.others(func(h *home) { h.draft = social.Draft{} }) }},
	{"handing-over", "gardeners", "/groups/club/people", func(_ *site, p *tab) {
		p.click(`#member-ben a[href$="hand-over"]`)
		p.until(`document.querySelector("dialog[open]")`)
	}, nil},
	{"join-trouble", "family", "/join", func(_ *site, p *tab) {
		p.write("#code", "half an invite")
		p.click("[data-join] .primary")
		p.until(`document.querySelector(".trouble")`)
	}, nil},
	{"password-trouble", "locked", "/signin", func(_ *site, p *tab) {
		p.write("#password", "not the password")
		p.click("[data-next] .primary")
		p.until(`document.querySelector(".trouble")`)
	}, nil},
	{"photos-missing", "overfull", "/post/gone", func(_ *site, p *tab) {
		p.until(`document.querySelectorAll(".photo.missing").length === 3`)
	}, nil},
}

// TestStatesFit looks at pages in the middle of something, as TestEveryPageFits does.
func TestStatesFit(t *testing.T) {
	sites, tabs := gallery(t)
	for _, state := range states {
		s, p := sites[state.home], tabs[state.home]
		for _, look := range []struct {
			width  int64
			scheme string
		}{{360, "light"}, {1280, "dark"}} {
			t.Run(fmt.Sprintf("%s/%d/%s", state.name, look.width, look.scheme), func(t *testing.T) {
				p.t, s.t = t, t
				defer func() { s.t = p.t }()
				p.look(look.width, 800, look.scheme)
				p.visit("about:blank")
				p.visit(s.url + state.path)
				state.prepare(s, p)
				if state.after != nil {
					defer state.after(s)
				}
				p.fits(fmt.Sprintf("state-%s-%d-%s", state.name, look.width, look.scheme), look.width, false)
			})
		}
	}
}
