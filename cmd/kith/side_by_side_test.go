package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"

	"kith/internal/api"
	"kith/internal/social"
)

// page is the open page of a home, in a tab of a real browser.
type page struct {
	t    *testing.T
	name string
	ctx  context.Context
	home *running
}

// startBrowser starts a browser whose tabs share cookies, as a person's do. Without one the test is skipped, unless
// KITH_REQUIRE_BROWSER says that there must be one.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("KITH_REQUIRE_BROWSER") != "" {
			t.Fatal("no Chromium was found; make test installs it on Debian")
		}
		t.Skip("no Chromium was found")
	}
	folder, err := os.MkdirTemp("", "kith-browser-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(folder))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits for the browser to end
		stop()
		stopAllocator()
		for range 100 { // its last processes may still be writing
			if os.RemoveAll(folder) == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting the browser: %v", err)
	}
	return ctx
}

// nobody is a meeting point at which nobody answers. The first run offers the internet, and a test has no business there:
// looking up the public meeting points would go on for seconds after the home has closed.
const nobody = "/ip4/127.0.0.1/tcp/9/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo"

// openHouse starts a real home with its pages, and opens them in a tab of their own.
func openHouse(t *testing.T, browser context.Context, name string) *page {
	t.Helper()
	s := settings{
		dir: t.TempDir(), page: "127.0.0.1:0", pageGiven: true,
		listen:    []string{"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"},
		bootstrap: []string{nobody},
	}
	unlock, err := lockFolder(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := start(context.Background(), openHome, s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
		if err := unlock(); err != nil {
			t.Error(err)
		}
	})
	tab, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	p := &page{t: t, name: name, ctx: tab, home: r}
	if err := chromedp.Do(tab); err != nil {
		t.Fatal(err)
	}
	token, err := r.home.gate.OneTimeToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.goTo(api.SignInLink(r.page, token))
	return p
}

// do runs steps in the tab.
func (p *page) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("%s's page: %v", p.name, err)
	}
}

func (p *page) goTo(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
}

// holds waits until an expression is true in the page.
func (p *page) holds(what, expression string) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.innerText"))
			p.t.Fatalf("%s's page: %s did not happen (%v); it shows:\n%s", p.name, what, err, text)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// run runs a statement in the page.
func (p *page) run(statement string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("("+statement+", true)")); err != nil {
		p.t.Fatalf("%s's page: %s: %v", p.name, statement, err)
	}
}

// mark leaves something in the page that a reload would take away.
func (p *page) mark() { p.run("window.notReloaded = true") }

func (p *page) notReloaded() {
	p.t.Helper()
	p.holds("staying without a reload", "window.notReloaded")
}

// picks gives files to a file field.
func (p *page) picks(selector string, files ...string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	document, err := chromedp.Call(ctx, dom.GetDocument, dom.GetDocumentParams{})
	if err != nil {
		p.t.Fatal(err)
	}
	field, err := chromedp.Call(ctx, dom.QuerySelector, dom.QuerySelectorParams{NodeID: document.Root.NodeID, Selector: selector})
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{NodeID: field.NodeID, Files: files}); err != nil {
		p.t.Fatal(err)
	}
}

// Two friends have their pages open side by side in one browser, from the first run on. One posts with a photo, the
// other comments and reacts, and each sees it without a reload; after one, everything is the same.
func TestSideBySide(t *testing.T) {
	browser := startBrowser(t)
	photo := filepath.Join(t.TempDir(), "photo.jpg")
	if err := drawPhoto(photo); err != nil {
		t.Fatal(err)
	}
	ada, ben := openHouse(t, browser, "Ada"), openHouse(t, browser, "Ben")
	for _, p := range []*page{ada, ben} {
		p.holds("the first run", "location.pathname === '/welcome' && document.querySelector('input[name=name]')")
		p.do(chromedp.SendKeys("input[name=name]", p.name))
		p.run("document.querySelector('main form button.primary').click()")
		p.holds("the home page", "location.pathname === '/' && document.querySelector('#composer-text')")
		p.mark()
	}

	invite, err := ada.home.home.people.Invite(t.Context(), social.InviteOptions{LetIn: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ben.home.home.people.Accept(t.Context(), invite.Message); err != nil {
		t.Fatal(err)
	}
	ada.holds("Ben's window is lit", "document.body.innerText.includes('Ben')")
	ben.holds("Ada's window is lit", "document.body.innerText.includes('Ada')")

	ada.do(chromedp.SendKeys("#composer-text", "A photo for Ben"))
	ada.picks("#composer input[type=file]", photo)
	ada.holds("the photo is prepared", "document.querySelector('[data-draft-photo]')")
	ada.run("document.querySelector('#composer button[value=publish]').click()")
	ada.holds("her own post", "document.querySelector('[data-post] [data-photo]')")

	ben.holds("Ada's post with its photo", "document.querySelector('[data-post]')?.innerText.includes('A photo for Ben')")
	ben.holds("the photo itself", "document.querySelector('[data-post] [data-photo] img')?.naturalWidth > 0")
	ben.do(chromedp.SendKeys("[data-post] form[data-answer] textarea", "What a photo"))
	ben.run("document.querySelector('[data-post] form[data-answer]').requestSubmit()")
	ben.holds("his own comment", "document.querySelector('[data-comment]')?.innerText.includes('What a photo')")
	ada.holds("Ben's comment", "document.querySelector('[data-comment]')?.innerText.includes('What a photo')")

	ben.run("document.querySelector('[data-post] .react-choices button').click()")
	ada.holds("Ben's reaction", "document.querySelector('[data-post] [data-key=reactions]')?.innerText.match(/1/)")
	for _, p := range []*page{ada, ben} {
		p.notReloaded()
	}

	for _, p := range []*page{ada, ben} {
		p.goTo(p.home.page + "/")
		p.holds("the same after a reload", fmt.Sprintf(
			"document.querySelector('[data-post]')?.innerText.includes(%q) && document.querySelector('[data-comment]')?.innerText.includes(%q) && "+
				"document.querySelector('[data-post] [data-key=reactions]')?.innerText.match(/1/)", "A photo for Ben", "What a photo"))
	}

	post, err := ada.home.home.people.Feed(t.Context(), "", 1)
	if err != nil || len(post.Posts) != 1 {
		t.Fatalf("Ada's feed: %v", err)
	}
	ben.mark()
	if err := ada.home.home.people.Delete(t.Context(), post.Posts[0].ID); err != nil {
		t.Fatal(err)
	}
	ben.holds("the post is gone again", "!document.querySelector('[data-post]')")
	ben.notReloaded()
	if strings.Contains(ben.home.page, ada.home.page) {
		t.Error("both pages are at one address")
	}
}
