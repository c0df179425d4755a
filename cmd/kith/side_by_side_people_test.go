package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kith/internal/oplog"
	"kith/internal/social"
	"kith/internal/sqlite"
)

// begins finishes the first run of a home, and shows its page.
func (p *page) begins() {
	p.t.Helper()
	if err := p.home.home.people.Begin(p.t.Context(), social.Setup{Name: p.name, Reach: social.ReachHome}); err != nil {
		p.t.Fatal(err)
	}
	p.opens("/")
}

func (p *page) opens(path string) {
	p.t.Helper()
	p.goTo(p.home.page + path)
}

// shows waits until the page shows some words.
func (p *page) shows(words string) {
	p.t.Helper()
	p.holds("showing “"+words+"”", fmt.Sprintf("document.body.innerText.includes(%q)", words))
}

func (p *page) lacks(words string) {
	p.t.Helper()
	p.holds("not showing “"+words+"”", fmt.Sprintf("!document.body.innerText.includes(%q)", words))
}

// fills sets a field as a person who pastes into it would.
func (p *page) fills(selector, value string) {
	p.t.Helper()
	p.holds("the field "+selector, fmt.Sprintf("document.querySelector(%q)", selector))
	p.run(fmt.Sprintf("((f) => { f.value = %q; f.dispatchEvent(new Event('input', {bubbles: true})); })(document.querySelector(%q))", value, selector))
}

// presses presses the first button or link that fits and is there.
func (p *page) presses(selector string) {
	p.t.Helper()
	p.holds("the button "+selector, fmt.Sprintf("document.querySelector(%q)", selector))
	p.run(fmt.Sprintf("document.querySelector(%q).click()", selector))
}

// befriendPages makes the people of two open pages friends.
func befriendPages(t *testing.T, a, b *page) {
	t.Helper()
	invite, err := a.home.home.people.Invite(t.Context(), social.InviteOptions{LetIn: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.home.home.people.Accept(t.Context(), invite.Message); err != nil {
		t.Fatal(err)
	}
	for _, side := range []struct{ at, other *page }{{a, b}, {b, a}} {
		side.at.opens("/friends")
		side.at.shows(side.other.name)
	}
}

// id is who somebody is, as pages name them.
func (p *page) id() string {
	p.t.Helper()
	profile, err := p.home.home.people.Profile(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return profile.ID
}

// TestLinkingAndRecoverySideBySide links a second computer with both pages open, takes it out again by itself, and, when all
// computers are gone, brings its person back with the words and a code from a friend's page.
func TestLinkingAndRecoverySideBySide(t *testing.T) {
	browser := startBrowser(t)
	ada, ben, laptop := openHouse(t, browser, "Ada"), openHouse(t, browser, "Ben"), openHouse(t, browser, "Laptop")
	ada.begins()
	ben.begins()
	befriendPages(t, ada, ben)
	if _, err := ada.home.home.people.Publish(t.Context(), social.NewPost{Text: "Written at the desk"}); err != nil {
		t.Fatal(err)
	}

	ada.opens("/devices")
	ada.presses("form[action='/link'] button")
	ada.holds("the code", "document.querySelector('#device-code')?.value.startsWith('kith-device1-')")
	links, err := ada.home.home.people.Links(t.Context())
	if err != nil || len(links) != 1 {
		t.Fatalf("links: %v, %v", links, err)
	}
	laptop.opens("/welcome/link")
	laptop.fills("#code", links[0].Code)
	laptop.fills("#name", "Laptop")
	laptop.run("document.querySelector('form[data-join] button.huge').click()")
	laptop.holds("the number", "document.querySelector('.number')")
	ada.shows("Laptop wants to be linked")
	numbers := make([]string, 2)
	for i, p := range []*page{ada, laptop} {
		link, err := ada.home.home.people.LinkByID(t.Context(), links[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		numbers[i] = link.Number
		p.holds("the same number as the other", fmt.Sprintf("document.querySelector('.number').getAttribute('aria-label') === %q", link.Number))
	}
	if len(numbers[0]) != 6 {
		t.Errorf("the number is %q", numbers[0])
	}
	ada.presses("button[name=same][value=yes]")
	laptop.shows("This computer is linked")
	laptop.opens("/")
	laptop.shows("Written at the desk")

	// It leaves by itself; the desk's page, which is open, says so.
	ada.opens("/devices")
	ada.shows("Laptop")
	laptop.opens("/devices")
	laptop.presses("a[href='/devices/leave']")
	laptop.shows("Nobody can write as you here any more")
	laptop.presses("form[action='/devices/leave'] button.danger")
	laptop.shows("This computer has left")
	ada.shows("No longer yours")
	laptop.opens("/")
	laptop.shows("Written at the desk")

	// Everything is lost but the words.
	words, err := ada.home.home.people.RecoveryWords(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	adaID := ada.id()
	ben.opens("/")
	ben.shows("Written at the desk")
	if err := ada.home.close(); err != nil {
		t.Fatal(err)
	}
	fresh := openHouse(t, browser, "Ada")
	ben.opens("/people/" + adaID)
	ben.run(fmt.Sprintf("document.querySelector(\"form[action='/people/%s/help']\").submit()", adaID))
	ben.holds("the code that helps", "document.querySelector('#help-code')?.value.startsWith('kith-help1-')")
	help, err := ben.home.home.people.Help(t.Context(), adaID)
	if err != nil {
		t.Fatal(err)
	}
	fresh.opens("/welcome/return")
	fresh.fills("#words", "one two three")
	fresh.fills("#help", help.Code)
	fresh.run("document.querySelector(\"form[action='/welcome/return'] button.huge\").click()")
	fresh.shows("Recovery words are twelve")
	fresh.fills("#words", strings.Join(words, " "))
	fresh.run("document.querySelector(\"form[action='/welcome/return'] button.huge\").click()")
	fresh.holds("the home page", "location.pathname === '/' && document.querySelector('#composer-text')")
	fresh.shows("Written at the desk")
	fresh.run("(document.querySelector('#composer-text').value = 'Back again', document.querySelector('#composer-text').dispatchEvent(new Event('input', {bubbles: true})))")
	fresh.presses("#composer button[value=publish]")
	ben.opens("/")
	ben.shows("Back again")
	ben.shows("came back with their recovery words")
}

// TestAGroupSideBySide goes through the life of a group with three pages open: two admins, a removal that the removed
// person's page tells of, a handing over, a closing.
func TestAGroupSideBySide(t *testing.T) {
	browser := startBrowser(t)
	ada, ben, cleo := openHouse(t, browser, "Ada"), openHouse(t, browser, "Ben"), openHouse(t, browser, "Cleo")
	for _, p := range []*page{ada, ben, cleo} {
		p.begins()
	}
	befriendPages(t, ada, ben)
	befriendPages(t, ada, cleo)

	ada.opens("/groups/new")
	ada.fills("#name", "Garden club")
	ada.presses("form[action='/groups/new'] button.primary")
	ada.holds("the group's page", "document.querySelector('#group-people')")
	groups, err := ada.home.home.people.Groups(t.Context())
	if err != nil || len(groups) != 1 {
		t.Fatalf("groups: %v, %v", groups, err)
	}
	club := "/groups/" + groups[0].ID
	for _, p := range []*page{ben, cleo} {
		p.opens("/groups")
		ada.opens(club + "/people")
		ada.fills("#add-person", p.id())
		ada.presses("form.add-friend button")
		p.shows("Garden club")
		if err := p.home.home.people.AnswerOffer(t.Context(), groups[0].ID, true); err != nil {
			t.Fatal(err)
		}
		ada.holds(p.name+" among the members", fmt.Sprintf("document.querySelector('#member-%s')?.innerText.includes(%q)", p.id(), p.name))
	}

	// Ben becomes an admin while he looks at the page, and takes Cleo out while she looks at it.
	ben.opens(club)
	ben.mark()
	ada.opens(club + "/people/" + ben.id() + "/promote")
	ada.presses("form[data-confirmation] button.danger")
	ben.shows("you are an admin")
	ben.notReloaded()
	cleo.opens(club)
	cleo.holds("a composer", "document.querySelector('#composer-text')")
	if _, err := cleo.home.home.people.Publish(t.Context(), social.NewPost{Text: "Hello from Cleo", To: groups[0].ID}); err != nil {
		t.Fatal(err)
	}
	ben.shows("Hello from Cleo")
	cleo.mark()
	ben.opens(club + "/people/" + cleo.id() + "/remove")
	ben.presses("form[data-confirmation] button.danger")
	cleo.shows("You are no longer in Garden club")
	cleo.notReloaded()
	if _, err := ben.home.home.people.Publish(t.Context(), social.NewPost{Text: "Without Cleo", To: groups[0].ID}); err != nil {
		t.Fatal(err)
	}
	ada.opens(club)
	ada.shows("Without Cleo")
	cleo.opens(club)
	cleo.shows("Hello from Cleo")
	cleo.lacks("Without Cleo")
	cleo.holds("no composer", "!document.querySelector('#composer-text')")

	// Ada hands it over and leaves; Ben closes it.
	ada.opens(club + "/people/" + ben.id() + "/hand-over")
	ada.presses("form[data-confirmation] button.danger")
	ben.opens(club)
	ben.shows("yours")
	ada.opens(club + "/end/leave")
	ada.presses("form[data-confirmation] button.danger")
	ada.shows("You left Garden club")
	ben.opens(club + "/end/close")
	ben.presses("form[data-confirmation] button.danger")
	ben.shows("Garden club is closed")
	ben.shows("Without Cleo")
}

// traces are bytes of a post that are nowhere else: its words, and the salt and ciphertext of its payload.
func traces(t *testing.T, dir, words string) map[string][]byte {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "kith.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	feed, err := db.Feed(t.Context(), sqlite.FeedQuery{Limit: 1})
	if err != nil || len(feed.Posts) != 1 {
		t.Fatalf("the feed on disk: %v, %v", feed, err)
	}
	item := feed.Posts[0]
	runs, err := db.Runs(t.Context(), item.Log, oplog.Range{First: item.Seq, Last: item.Seq}, 1)
	if err != nil || len(runs) != 1 {
		t.Fatalf("its run: %v, %v", runs, err)
	}
	entry, err := oplog.FromStore(runs[0].Log, runs[0].Entries[item.Seq-runs[0].First], nil)
	if err != nil {
		t.Fatal(err)
	}
	// The payload is an array: suite, refs, salt, commitment, ciphertext. There are no refs here.
	payload := entry.Payload()
	salt := bytes.Index(payload, []byte{0x58, 0x20})
	if salt < 0 || len(payload) < salt+72+64 {
		t.Fatalf("a payload of %d bytes", len(payload))
	}
	return map[string][]byte{
		"words": []byte(words), "salt": bytes.Clone(payload[salt+2 : salt+34]), "ciphertext": bytes.Clone(payload[salt+72 : salt+136]),
	}
}

// found lists which of the traces are in any file of a folder.
func found(t *testing.T, dir string, of map[string][]byte) string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if os.IsNotExist(err) {
				return nil // gone since it was listed
			}
			return err
		}
		raw, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		for name, trace := range of {
			if bytes.Contains(raw, trace) {
				list = append(list, name+" in "+filepath.Base(path))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, ", ")
}

// TestAnEraseSideBySide deletes a post for good on its author's page. It is gone from the friend's open page, and within a
// minute neither disk has a byte of its words, its salt or its ciphertext; all of which were found on both before.
func TestAnEraseSideBySide(t *testing.T) {
	browser := startBrowser(t)
	ada, ben := openHouse(t, browser, "Ada"), openHouse(t, browser, "Ben")
	ada.begins()
	ben.begins()
	befriendPages(t, ada, ben)
	const canary = "canary-7f3e91-sings-in-the-kitchen"
	ada.opens("/")
	ben.opens("/")
	ben.mark()
	ada.fills("#composer-text", canary)
	ada.presses("#composer button[value=publish]")
	ada.holds("her own post", "document.querySelector('[data-post]')")
	ben.shows(canary)

	dirs := []string{ada.home.dir, ben.home.dir}
	of := traces(t, dirs[0], canary)
	for i, dir := range dirs {
		for name := range of {
			if !strings.Contains(found(t, dir, of), name+" in ") {
				t.Fatalf("home %d has no %s before the erase, so that the search proves nothing", i, name)
			}
		}
	}
	post, err := ada.home.home.people.Feed(t.Context(), "", 1)
	if err != nil || len(post.Posts) != 1 {
		t.Fatalf("Ada's feed: %v", err)
	}
	ada.opens("/post/" + post.Posts[0].ID + "/delete")
	ada.presses("form[data-confirmation] button[value=for-good]")
	ben.lacks(canary)
	ben.notReloaded()
	deadline := time.Now().Add(time.Minute)
	for i, dir := range dirs {
		for left := found(t, dir, of); left != ""; left = found(t, dir, of) {
			if time.Now().After(deadline) {
				t.Fatalf("home %d still has %s", i, left)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}
