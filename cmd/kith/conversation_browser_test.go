package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"kith/internal/social"
)

// Two friends talk: a poll with a mention that is chosen by keyboard, a vote, an answer to a comment, a file; each sees it on a page
// that stays open.
func TestTwoFriendsTalk(t *testing.T) {
	browser := startBrowser(t)
	minutes := filepath.Join(t.TempDir(), "minutes.txt")
	if err := os.WriteFile(minutes, []byte("It was decided."), 0o600); err != nil {
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

	// A question for Ben, whose name is chosen from the list with the keyboard.
	ada.do(chromedp.SendKeys("#composer-text", "Shall we row, @b"))
	ada.holds("the list of those who can see it", "document.querySelector('.mention-list [aria-selected=true]')?.textContent.includes('Ben')")
	ada.run("document.querySelector('#composer-text').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}))")
	ada.holds("the name", "document.querySelector('#composer-text').value === 'Shall we row, @Ben ' && !document.querySelector('.mention-list')")
	ada.do(chromedp.SendKeys("#composer-text", "? #rowing"))
	ada.run("document.querySelector('[data-composer-poll]').open = true")
	ada.do(chromedp.SendKeys("[name=poll-option]:nth-of-type(1)", "On **Friday**"))
	ada.do(chromedp.SendKeys("[name=poll-option]:nth-of-type(2)", "Never"))
	ada.picks("#composer input[name=file]", minutes)
	ada.holds("the file is in the draft", "document.querySelector('[data-draft-file]')?.innerText.includes('minutes.txt')")
	ada.run("document.querySelector('#composer button[value=publish]').click()")
	ada.holds("her own post", "document.querySelector('[data-post] .poll-option')")
	ada.holds("an empty composer", "document.querySelector('#composer-text').value === '' && document.querySelector('[name=poll-option]').value === '' && !document.querySelector('[data-draft-file]')")

	ben.holds("the mention", "document.querySelector('[data-post] .mention.me')?.textContent === '@Ben'")
	ben.holds("the file", "document.querySelector('[data-post] .file-line')?.innerText.includes('minutes.txt')")
	ben.run("document.querySelector('[data-post] .poll-option').click()")
	ben.holds("his own vote", "document.querySelector('[data-post] .poll-option.mine .poll-share')?.textContent === '100 %'")
	ada.holds("Ben's vote", "document.querySelector('[data-post] .poll-option .poll-share')?.textContent === '100 %' && document.querySelector('.poll-foot').textContent.includes('1 person voted')")

	// A comment and an answer to it.
	ben.do(chromedp.SendKeys("[data-post] [data-answer] textarea", "At *eight*?"))
	ben.run("document.querySelector('[data-post] [data-answer]').requestSubmit()")
	ada.holds("Ben's comment", "document.querySelector('[data-comment] em')?.textContent === 'eight'")
	ada.run("document.querySelector('[data-comment] a[data-answers]').click()")
	ada.holds("whom she answers", "!document.querySelector('[data-answer-whom]').hidden && document.activeElement.name === 'text'")
	ada.run("document.activeElement.value = 'Nine', document.activeElement.dispatchEvent(new Event('input', {bubbles: true}))")
	ada.goTo(ada.home.page + "/")
	ada.mark()
	ada.holds("what she was writing, after a reload", "document.querySelector('[data-post] [data-answer] textarea').value === 'Nine' && document.querySelector('[data-whom-name]').textContent === 'Ben'")
	ada.run("document.querySelector('[data-post] [data-answer]').requestSubmit()")
	for _, p := range []*page{ada, ben} {
		p.holds("the answer under the comment", "document.querySelector('.answers [data-comment]')?.innerText.includes('Nine') && document.querySelector('.answers .comment-whom').textContent.includes('answering Ben')")
		p.notReloaded()
	}

	// The tag leads to the post.
	ben.goTo(ben.home.page + "/tag/rowing")
	ben.holds("the post with the tag", "document.querySelector('h1').textContent === '#rowing' && document.querySelectorAll('[data-post]').length === 1")
}
