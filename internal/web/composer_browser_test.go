package web_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// files writes pictures, and something that is none, to a folder to choose them from.
func pictureFiles(t *testing.T, names ...string) []string {
	t.Helper()
	folder := t.TempDir()
	var all []string
	for _, name := range names {
		content := []byte("This is no picture at all.")
		if painted, ok := paintings()[name]; ok {
			content = jpegOf(scaled(painted, 800))
		}
		path := filepath.Join(folder, name+".jpg")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		all = append(all, path)
	}
	return all
}

func (p *tab) choose(selector string, files ...string) {
	p.t.Helper()
	p.do(chromedp.SetUploadFiles(chromedp.CSS(selector), files, chromedp.NodeReady))
}

func TestComposer(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)

	// A draft survives a reload: the text, the photos, their order and their descriptions.
	p.click("#composer-text")
	p.keys("Two photos and a story")
	p.choose("#composer [name=photo]", pictureFiles(t, "cake", "hills")...)
	p.until(`document.querySelectorAll("[data-draft-photo]").length === 2`)
	p.write("#composer li:first-child [name=photo-alt]", "A cake")
	p.click(`#composer li:first-child [data-move="1"]`)
	p.until(`document.querySelector("[data-composer-state]").textContent === "Draft saved"`)
	p.do(chromedp.Reload())
	p.until(`document.getElementById("composer-text")?.value === "Two photos and a story"`)
	p.until(`[...document.querySelectorAll("[name=photo-alt]")].map((e) => e.value).join() === ",A cake"`)

	// What fails takes nothing along with it.
	stayed := p.steady()
	p.choose("#composer [name=photo]", pictureFiles(t, "broken")...)
	p.until(`document.querySelector(".draft-failed .draft-state")?.textContent.includes("isn’t a picture")`)
	if got := ask[string](p, `document.getElementById("composer-text").value`); got != "Two photos and a story" {
		t.Errorf("after a failed upload the text is %q", got)
	}
	p.click("#composer .composer-send .primary")
	p.until(`document.querySelector("[data-composer-trouble]").textContent.includes("Try it again or take it out")`)
	p.click(".draft-failed .draft-buttons .button:last-child")
	p.until(`!document.querySelector(".draft-failed")`)

	p.click("#composer .composer-send .primary")
	p.until(`document.querySelector("[data-feed] > [data-post] .post-text")?.textContent === "Two photos and a story"`)
	p.until(`document.querySelectorAll("[data-feed] > [data-post]:first-child .photo img").length === 2`)
	if got := ask[string](p, `document.getElementById("composer-text").value + document.querySelectorAll("[data-draft-photo]").length`); got != "0" {
		t.Errorf("after publishing the composer holds %q", got)
	}
	if got := ask[string](p, `document.querySelector("[data-feed] > [data-post]:first-child .photo:last-child img").alt`); got != "A cake" {
		t.Errorf("the second photo is described as %q", got)
	}
	stayed()
	draft, err := s.home.Draft(t.Context())
	if err != nil || draft.Text != "" || len(draft.Photos) != 0 {
		t.Errorf("the draft is %+v, %v", draft, err)
	}
}

func TestPublishingWaitsForPhotos(t *testing.T) {
	h := family(time.Now)
	h.slow = make(chan struct{})
	s := open(t, h, nil)
	p := startBrowser(t).tab()
	p.enter(s)
	stayed := p.steady()
	p.choose("#composer [name=photo]", pictureFiles(t, "sea", "snow")...)
	p.until(`document.querySelector("[data-composer-state]").textContent === "Preparing photo 1 of 2"`)
	p.write("#composer li:first-child [data-pending-alt]", "The sea")
	p.click("#composer-text")
	p.keys("Slow photos")
	p.click("#composer .composer-send .primary")
	p.until(`document.querySelector("[data-composer-state]").textContent === "Posting when the photos are ready"`)
	close(h.slow)
	p.until(`document.querySelector("[data-feed] > [data-post] .post-text")?.textContent === "Slow photos"`)
	if got := ask[string](p, `[...document.querySelectorAll("[data-feed] > [data-post]:first-child .photo img")].map((i) => i.alt).join("|")`); got != "The sea|Photo 2 of 2, not described" {
		t.Errorf("the photos are described as %q", got)
	}
	stayed()
}

func TestDraftSurvivesTheServer(t *testing.T) {
	h := family(time.Now)
	s := open(t, h, nil)
	p := startBrowser(t).tab()
	p.enter(s)
	// The server takes nothing; the browser keeps the text, and gives it back after a reload.
	s.others(func(h *home) {
		h.fail["SaveDraft"] = problem("internal", "The disk is full. Your text is still in this browser.")
	})
	p.click("#composer-text")
	p.keys("Kept in the browser")
	p.until(`document.querySelector("[data-composer-state]").textContent.includes("kept in this browser")`)
	p.do(chromedp.Reload())
	p.until(`document.getElementById("composer-text")?.value === "Kept in the browser"`)
	s.others(func(h *home) {
		h.fail["SaveDraft"] = nil
		h.fail["Publish"] = problem("busy", "The home is still starting. Your text is safe; try again in a moment.")
	})
	p.click("#composer .composer-send .primary")
	p.until(`document.querySelector("[data-composer-trouble]").textContent.includes("still starting")`)
	if got := ask[string](p, `document.getElementById("composer-text").value`); got != "Kept in the browser" {
		t.Errorf("after a failed post the text is %q", got)
	}
	s.others(func(h *home) { h.fail["Publish"] = nil })
	p.click("#composer .composer-send .primary")
	p.until(`document.querySelector("[data-feed] > [data-post] .post-text")?.textContent === "Kept in the browser"`)
	p.clean()
}

func TestTwentyPhotosAreTheMost(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	names := strings.Fields(strings.Repeat("cake hills sea snow street garden ", 4))
	var files []string
	for _, name := range names {
		files = append(files, pictureFiles(t, name)...)
	}
	p.choose("#composer [name=photo]", files...)
	p.until(`document.querySelectorAll("[data-draft-photo]").length === 20`)
	p.until(`document.querySelector("[data-composer-trouble]").textContent.includes("room for 20 photos")`)
	p.clean()
}

func TestLightbox(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	p.visit(s.url + "/post/winter")
	stayed := p.steady()
	place := `document.querySelector(".lightbox[open] .lightbox-place")?.textContent`
	p.click("#post-winter .photo:nth-child(2)")
	p.until(place + ` === "2 of 6"`)
	p.keys(kb.ArrowRight)
	p.until(place + ` === "3 of 6"`)
	p.until(`document.querySelector(".lightbox-words").textContent === "Our street after dark"`)
	p.until(`document.querySelector(".lightbox-photo").src.endsWith("s") && document.querySelector(".lightbox-photo").complete`)
	p.keys(kb.ArrowLeft)
	p.keys(kb.ArrowLeft)
	p.keys(kb.ArrowLeft) // stays at the first
	p.until(place + ` === "1 of 6"`)
	p.keys(kb.End)
	p.until(place + ` === "6 of 6"`) // also those that are not seen in the feed
	for range 6 {
		p.keys(kb.Tab)
		if !ask[bool](p, `document.activeElement === document.body || document.querySelector(".lightbox").contains(document.activeElement)`) {
			t.Fatal("the focus left the lightbox")
		}
	}
	p.keys(kb.Escape)
	p.until(`!document.querySelector(".lightbox[open]")`)
	stayed()
}

func TestWithoutScripts(t *testing.T) {
	s := open(t, emptyHome(time.Now), nil)
	b := startBrowser(t)
	p := b.tab()
	p.scripts(false)
	// Signing in, posting, commenting, reacting and deleting, with links and forms alone.
	p.visit(s.url + "/signin?token=" + s.token())
	p.click(".signin button")
	p.do(chromedp.WaitVisible(chromedp.CSS("#composer-text")))
	p.write("#composer-text", "Written without scripts")
	p.choose("#composer [name=photo]", pictureFiles(t, "sea")...)
	p.click("#composer noscript button")
	p.do(chromedp.WaitVisible(chromedp.CSS("[data-draft-photo]")))
	p.write("[name=photo-alt]", "The sea")
	p.click("#composer .composer-send .primary")
	p.do(chromedp.WaitVisible(chromedp.CSS(".post .photo img")))
	p.click(".react-open")
	p.click(".react-choice[aria-label=Love]")
	p.do(chromedp.WaitVisible(chromedp.CSS(".reaction.mine")))
	p.write(".answer-text", "A comment")
	p.click(".answer .primary")
	p.do(chromedp.WaitVisible(chromedp.CSS(".comment-text")))
	p.click(".photo")
	p.do(chromedp.WaitVisible(chromedp.CSS(".photo-whole")))
	p.click(".back a")
	p.click(".post-delete")
	p.click(".confirmation .danger")
	p.do(chromedp.WaitVisible(chromedp.CSS(".said")))
	feed, err := s.home.Feed(t.Context(), "", 10)
	if err != nil || len(feed.Posts) != 0 {
		t.Errorf("after all that there are %d posts, %v", len(feed.Posts), err)
	}
}

func TestPhotosByDropAndPaste(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	stayed := p.steady()
	const files = `const canvas = document.createElement("canvas"); canvas.width = canvas.height = 40; canvas.getContext("2d").fillRect(0, 0, 20, 20);
		const blob = await new Promise((done) => canvas.toBlob(done, "image/png")); const transfer = new DataTransfer();
		transfer.items.add(new File([blob], "photo.png", { type: "image/png" })); transfer.items.add(new File(["words"], "notes.txt", { type: "text/plain" }));`
	ask[bool](p, `(async () => { `+files+` document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })); return true })()`)
	p.until(`document.querySelectorAll("[data-draft-photo]").length === 1`)
	ask[bool](p, `(async () => { `+files+` document.getElementById("composer-text").dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })); return true })()`)
	p.until(`document.querySelectorAll("[data-draft-photo]").length === 2`)
	// Dragging a photo by its picture changes the order, and the order is kept.
	order := func() string {
		return ask[string](p, `[...document.querySelectorAll("[data-draft-photo]")].map((e) => e.dataset.draftPhoto).join()`)
	}
	first := order()
	p.do(chromedp.DragAndDrop(chromedp.CSS("[data-draft-photo]:first-child .draft-thumb"), chromedp.CSS("[data-draft-photo]:last-child .draft-buttons")))
	p.until(`[...document.querySelectorAll("[data-draft-photo]")].map((e) => e.dataset.draftPhoto).join() !== "` + first + `"`)
	moved := order()
	wait(t, "the order is saved", func() bool {
		draft, err := s.home.Draft(t.Context())
		return err == nil && len(draft.Photos) == 2 && draft.Photos[0].ID+","+draft.Photos[1].ID == moved
	})
	stayed()
}
