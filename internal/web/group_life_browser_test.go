package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	homes "kith/internal/node"
	"kith/internal/social"
)

// realHome is a home of the tests with a node, a folder and a network, all on this machine.
func realHome(t *testing.T, name string) (*social.Home, *site) {
	t.Helper()
	dir := t.TempDir()
	lock := filepath.Join(dir, "lock")
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	n, err := homes.Open(context.Background(), homes.Config{
		Dir: dir, LockFile: lock, Log: log, Listen: []string{"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := social.New(context.Background(), social.Config{Node: n, Log: log, Folder: dir, Since: time.Now()})
	if err != nil {
		t.Fatal(errors.Join(err, n.Close()))
	}
	t.Cleanup(func() {
		if err := errors.Join(h.Close(), n.Close()); err != nil {
			t.Errorf("%s stops: %v", name, err)
		}
	})
	if err := h.Begin(t.Context(), social.Setup{Name: name, Reach: social.ReachHome}); err != nil {
		t.Fatal(err)
	}
	return h, serve(t, h, nil)
}

// confirmed clicks a link that asks first, and says yes.
func (p *tab) confirmed(link string) {
	p.t.Helper()
	p.until(`document.querySelector(` + quoted(link) + `)`)
	p.click(link)
	p.until(`document.querySelector("dialog[open] .danger")`)
	p.click("dialog[open] .danger")
	p.until(`!document.querySelector("dialog[open]")`)
}

func quoted(selector string) string { return "'" + selector + "'" }

// says waits until an element of the page has words in it.
func (p *tab) says(selector, words string) {
	p.t.Helper()
	p.until(`[...document.querySelectorAll(` + quoted(selector) + `)].some((e) => e.textContent.includes(` + quoted(words) + `))`)
}

// TestTheLifeOfAGroup is lived in browsers, over three real homes: a group is made, a friend is added and becomes an admin,
// somebody else comes with a link and is let in by that admin, is taken out again, and the group is handed over and closed.
func TestTheLifeOfAGroup(t *testing.T) {
	adaHome, adaSite := realHome(t, "Ada")
	benHome, benSite := realHome(t, "Ben")
	cleoHome, cleoSite := realHome(t, "Cleo")
	invite, err := adaHome.Invite(t.Context(), social.InviteOptions{LetIn: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := benHome.Accept(t.Context(), invite.Code); err != nil {
		t.Fatal(err)
	}
	wait(t, "Ada and Ben are friends", func() bool {
		a, _ := adaHome.Friends(t.Context())
		b, _ := benHome.Friends(t.Context())
		return len(a) == 1 && len(b) == 1
	})
	browser := startBrowser(t)
	ada, ben, cleo := browser.tab(), browser.tab(), browser.tab()
	ada.enter(adaSite)
	ben.enter(benSite)
	cleo.enter(cleoSite)

	// Ada makes a group; her page leads on to whoever belongs to it.
	ada.visit(adaSite.url + "/groups/new")
	ada.write("#name", "Garden club")
	ada.write("#about", "Be kind to slugs.")
	ada.click("form.form .primary")
	ada.says(".said", "Your group is there")
	group := ask[string](ada, `location.pathname.split("/")[2]`)
	ada.click(".add-friend .primary")
	ada.says(".toast, #news", "They are added")

	// Ben sees it live, says yes, and reads and writes there.
	ben.says(".ask-title", "Ada invites you to Garden club")
	ben.click(`.ask button[value="yes"]`)
	ben.visit(benSite.url + "/groups")
	ben.until(`document.querySelector(".person-line-name a")`)
	ben.click(".person-line-name a")
	ben.says(".group-name", "Garden club")
	ben.says(".group-about", "Be kind to slugs.")
	ben.says("#composer .chip", "Garden club")
	ben.write("#composer-text", "I bring a spade")
	ben.click("#composer .composer-send .primary")
	ben.says(".post .post-text", "I bring a spade")
	ada.visit(adaSite.url + "/")
	ada.says(".post a.chip-group", "Garden club")
	ada.says(".post .post-text", "I bring a spade")

	// Ben becomes an admin; his page shows it without a reload.
	ada.visit(adaSite.url + "/groups/" + group + "/people")
	ada.until(`document.querySelectorAll(".member").length === 2`)
	ada.confirmed(`.member a[href$="promote"]`)
	ada.says(".member .chip", "Admin")
	ben.visit(benSite.url + "/groups/" + group)
	ben.says(".group-words", "you are an admin")

	// A link with approval: Cleo asks, and Ben, whose link it is not, lets her in from whatever page he is on.
	ada.visit(adaSite.url + "/groups/" + group + "/invite")
	ada.click(`input[name="mode"][value="approval"] + span`)
	ada.click("form.form .primary")
	ada.until(`document.querySelector("#message")`)
	message := ask[string](ada, `document.querySelector("#message").value`)
	cleo.visit(cleoSite.url + "/join")
	cleo.write("#code", message)
	cleo.click("[data-join] .primary")
	cleo.says(".greeting-title", "Ada invites you to Garden club")
	cleo.says(".greeting", "Be kind to slugs.")
	cleo.click(".greeting .primary")
	ben.says(".ask-title", "Cleo asks to join Garden club")
	ben.says(".ask", "an invite of Ada")
	ben.click(`.ask button[value="yes"]`)
	cleo.visit(cleoSite.url + "/groups/" + group)
	wait(t, "Cleo is in", func() bool {
		g, err := cleoHome.Group(t.Context(), group)
		return err == nil && g.State == social.GroupIn
	})
	cleo.visit(cleoSite.url + "/groups/" + group)
	cleo.says(".post .post-text", "I bring a spade")

	// Ben takes her out again; her page says so kindly, and she keeps what she has.
	ben.visit(benSite.url + "/groups/" + group + "/people")
	ben.until(`document.querySelectorAll(".member").length === 3`)
	ben.confirmed(`.member a[href$="remove"]`)
	cleo.says(".group-note", "You are no longer in Garden club. What you have stays on this computer.")
	cleo.says(".post .post-text", "I bring a spade")

	// The owner can't just go: the page says what can be done, and it works.
	ada.visit(adaSite.url + "/groups/" + group + "/settings")
	ada.says(".soft", "This group is yours")
	ada.visit(adaSite.url + "/groups/" + group + "/people")
	ada.until(`document.querySelectorAll(".member").length === 2`)
	ada.confirmed(`.member a[href$="hand-over"]`)
	ada.says(".said", "The group is theirs now")
	ben.visit(benSite.url + "/groups/" + group + "/settings")
	ben.until(`document.querySelector('a[href$="close"]')`)
	ben.confirmed(`a[href$="close"]`)
	ben.says(".group-note", "is closed")
	ada.visit(adaSite.url + "/groups/" + group)
	ada.says(".group-note", "is closed")
	ada.until(`!document.querySelector("#composer")`)
	for _, p := range []*tab{ada, ben, cleo} {
		p.clean()
	}
}
