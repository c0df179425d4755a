package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kith/internal/social"
)

func TestChatPages(t *testing.T) {
	s := open(t, talkative(time.Now), nil)
	list := s.page("/chats")
	if rows := list.all(".chat-row"); len(rows) != 3 || !strings.Contains(rows[1].text()+rows[0].text(), "Grandma’s birthday") && len(rows) != 3 {
		t.Errorf("%d chats", len(rows))
	}
	if badge := list.one("#chat-count").text(); badge != "2 , 2 unread messages" && badge != "2, 2 unread messages" {
		t.Errorf("the menu counts %q", badge)
	}
	page := s.page("/chat/with-ben")
	if got := page.one(".chat-name").text(); got != "Ben" {
		t.Errorf("the chat is called %q", got)
	}
	if got := len(page.all("[data-message]")); got != 7 {
		t.Errorf("%d messages", got)
	}
	if got := len(page.all("#talk-new")); got != 1 {
		t.Errorf("%d lines above what is new", got)
	}
	if got := page.one("#message-b5 .message-quote").text(); !strings.Contains(got, "As dry as a boat gets") {
		t.Errorf("the quote is %q", got)
	}
	if got := page.one("#message-b3 .message-state").text(); got != "Read" {
		t.Errorf("the state of what was read is %q", got)
	}
	if got := page.one("#message-b4 .voice-length").text(); got != "0:14" {
		t.Errorf("the voice note lasts %q", got)
	}
	if got := len(s.page("/chat/with-ben").all("#message-b6 .message-menu a")); got != 1 {
		t.Errorf("%d things can be done with what Ben wrote", got)
	}
	// Without scripts: answering, sending, reading.
	answer := s.page("/chat/with-ben?reply=b7")
	if got := answer.one(".chat-composer [name=reply]").value("value"); got != "b7" {
		t.Errorf("answering %q", got)
	}
	r := s.post("/chat/with-ben", url.Values{"text": {"yes,\r\nat six"}, "reply": {"b7"}})
	if r.status != 303 || !strings.HasPrefix(r.header.Get("Location"), "/chat/with-ben#message-") {
		t.Fatalf("sending: %d %s", r.status, r.header.Get("Location"))
	}
	page = s.page("/chat/with-ben")
	if got := page.all("[data-message]"); len(got) != 8 || !strings.Contains(got[7].text(), "yes, at six") {
		t.Errorf("after sending: %d messages", len(got))
	}
	if got := len(page.all("#talk-new")); got != 0 || len(s.page("/").all("#chat-count .badge")) != 0 {
		t.Error("who answers has not read")
	}
	if r := s.post("/chat/with-ben", url.Values{"text": {"  "}}); r.status != 422 || !strings.Contains(r.body, "nothing in this message") {
		t.Errorf("sending nothing: %d", r.status)
	}
	if r := s.post("/message/b5/edit", url.Values{"text": {"Bring the thermos."}}); r.status != 303 {
		t.Errorf("editing: %d", r.status)
	}
	if r := s.get("/message/b6/edit"); r.status != 403 {
		t.Errorf("editing what Ben wrote: %d", r.status)
	}
	if r := s.post("/message/b6/unsend", nil); r.status != 403 {
		t.Errorf("unsending what Ben wrote: %d", r.status)
	}
	if r := s.post("/message/b5/unsend", nil); r.status != 303 || len(s.page("/chat/with-ben").all("#message-b5")) != 0 {
		t.Errorf("unsending: %d", r.status)
	}
	if r := s.post("/message/b6/react", url.Values{"emoji": {"👍"}}); r.status != 303 || len(s.page("/chat/with-ben").all("#message-b6 .reaction")) != 1 {
		t.Errorf("reacting: %d", r.status)
	}
	for _, path := range []string{"/chat/none", "/chat/none/about", "/message/none/edit", "/fragment/chat/none"} {
		if r := s.get(path); r.status != 404 {
			t.Errorf("%s: %d", path, r.status)
		}
	}
}

func TestBeginAndTendAChat(t *testing.T) {
	s := open(t, talkative(time.Now), nil)
	if r := s.post("/people/ben/chat", nil); r.status != 303 || r.header.Get("Location") != "/chat/with-ben" {
		t.Errorf("from a friend's page: %d %s", r.status, r.header.Get("Location"))
	}
	if r := s.post("/chats/new", url.Values{"name": {"Boats"}}); r.status != 422 || !strings.Contains(r.body, `value="Boats"`) {
		t.Errorf("a chat with nobody: %d", r.status)
	}
	r := s.post("/chats/new", url.Values{"friend": {"ben", "ilse"}, "name": {"Boats"}})
	if r.status != 303 {
		t.Fatalf("beginning: %d", r.status)
	}
	at := r.header.Get("Location")
	about := s.page(at + "/about")
	if got := about.one("#in-title"); got == nil || len(about.all(".chat-members li")) != 2 {
		t.Error("the page does not say who is in it")
	}
	for path, form := range map[string]url.Values{
		at + "/name": {"name": {"Sails"}}, at + "/add": {"friend": {"tom"}}, at + "/timer": {"seconds": {"3600"}}, "/chats/choices": {"chat": {"kin"}}, at + "/leave": {},
	} {
		if r := s.post(path, form); r.status != 303 {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	if !s.home.chats.quiet {
		t.Error("the choice of telling nobody is lost")
	}
	if r := s.post(at+"/timer", url.Values{"seconds": {"soon"}}); r.status != 422 {
		t.Errorf("a time that is none: %d", r.status)
	}
	if page := s.page(at); len(page.all(".chat-composer")) != 0 || len(page.all(".chat-over")) != 1 {
		t.Error("who has left can write")
	}
	for _, call := range []string{"StartChat", "RenameChat", "AddToChat", "SetChatTimer", "LeaveChat", "ChooseChats"} {
		if !slices.Contains(s.home.calls, call) {
			t.Errorf("%s was not called", call)
		}
	}
}

// What somebody writes stays words, also where it is not shown as a message.
func TestHostileMessages(t *testing.T) {
	h := talkative(time.Now)
	const bad = `<img src=x onerror=alert(1)>"'&`
	c := h.addChat("bad", bad, "ben", "tom")
	m := h.hear(c, "m1", "ben", bad, time.Minute)
	m.Reply = &social.Quote{ID: `x" onclick="a`, Author: bad, Text: bad}
	m.Files = []social.File{{Name: bad, Type: bad, Size: 10, Path: "/file/m1/0"}, {Name: bad, Size: 1, Path: "/file/m1/1", Wave: make([]byte, 64)}}
	m.Reactions = []social.Reaction{{Emoji: bad, Count: 1, People: []string{bad}}}
	s := open(t, h, nil)
	for _, path := range []string{"/chats", "/chat/bad", "/chat/bad/about", "/fragment/chats", "/chat/bad?reply=m1"} {
		page := s.page(path)
		for _, img := range page.all("img") {
			if _, there := img.attr("onerror"); there {
				t.Errorf("%s: what was written became part of the page", path)
			}
		}
	}
}
