package social_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kith/internal/key"
	"kith/internal/social"
)

// talksTo begins a chat, or finds it again.
func (h *house) talksTo(friends ...*house) social.Chat {
	h.t.Helper()
	var ids []string
	for _, friend := range friends {
		ids = append(ids, friend.me)
	}
	chat, err := h.StartChat(h.t.Context(), ids, "")
	must(h.t, err)
	return chat
}

func (h *house) sends(chat, text string) social.Message {
	h.t.Helper()
	m, err := h.Send(h.t.Context(), chat, social.NewMessage{Text: text})
	must(h.t, err)
	return m
}

// chat finds a chat by its name; it is empty where there is none.
func (h *house) chat(name string) social.Chat {
	h.t.Helper()
	chats, err := h.Chats(h.t.Context())
	must(h.t, err)
	var found social.Chat
	for _, chat := range chats {
		if chat.Name == name {
			if found.ID != "" {
				h.t.Fatalf("%s has two chats named %q", h.name, name)
			}
			found = chat
		}
	}
	return found
}

// talk lists what is said in a chat: "Ada: hello".
func (h *house) talk(chat string) []string {
	h.t.Helper()
	if chat == "" {
		return nil
	}
	talk, err := h.Talk(h.t.Context(), chat, "", 100)
	if err != nil {
		return nil
	}
	var lines []string
	for _, m := range talk.Messages {
		lines = append(lines, m.Author.Name+": "+m.Text)
	}
	return lines
}

func (h *house) message(id string) social.Message {
	h.t.Helper()
	m, err := h.Message(h.t.Context(), id)
	must(h.t, err)
	return m
}

func TestTwoTalk(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	if _, err := ada.StartChat(t.Context(), nil, ""); code(err) != social.CodeBadInput {
		t.Errorf("a chat with nobody: %v", err)
	}
	if _, err := ada.StartChat(t.Context(), []string{ada.me}, ""); code(err) != social.CodeNotAllowed {
		t.Errorf("a chat with oneself: %v", err)
	}
	chat := ada.talksTo(ben)
	if !chat.Pair || chat.Name != "Ben" || chat.State != social.ChatOpen {
		t.Fatalf("the chat is %+v", chat)
	}
	if again := ada.talksTo(ben); again.ID != chat.ID {
		t.Error("a second chat with the same friend")
	}
	hello := ada.sends(chat.ID, "hello Ben")
	// Ben says no yes to anything.
	eventually(t, "Ben reads it", func() bool { return slices.Equal(ben.talk(ben.chat("Ada").ID), []string{"Ada: hello Ben"}) })
	if got := ben.chat("Ada"); got.ID != chat.ID || got.Unread != 1 || !got.Pair {
		t.Errorf("at Ben's: %+v", got)
	}
	if n, err := ben.UnreadChats(t.Context()); err != nil || n != 1 {
		t.Errorf("Ben has %d unread, %v", n, err)
	}
	if offers, err := ben.Offers(t.Context()); err != nil || len(offers) != 0 {
		t.Errorf("Ben is asked: %v, %v", offers, err)
	}
	eventually(t, "Ada sees that it is at Ben's home", func() bool {
		m := ada.message(hello.ID)
		return m.Delivery.State == social.DeliveryAll && len(m.Read) == 0
	})
	must(t, ben.ReadChat(t.Context(), chat.ID, ""))
	if got := ben.chat("Ada"); got.Unread != 0 {
		t.Errorf("after reading, %d are unread", got.Unread)
	}
	eventually(t, "Ada sees that Ben has read it", func() bool { return slices.Equal(ada.message(hello.ID).Read, []string{"Ben"}) })

	answer, err := ben.Send(t.Context(), chat.ID, social.NewMessage{Text: " hello\nAda ", Reply: hello.ID})
	must(t, err)
	if answer.Reply == nil || answer.Reply.Author != "Ada" || answer.Reply.Text != "hello Ben" || answer.Text != "hello\nAda" {
		t.Errorf("the answer is %+v", answer)
	}
	must(t, ben.React(t.Context(), hello.ID, "❤️"))
	must(t, ben.Edit(t.Context(), answer.ID, social.Edit{Text: "hello dear Ada"}))
	eventually(t, "Ada sees the answer, its edit and the heart", func() bool {
		heart := ada.message(hello.ID).Reactions
		return slices.Equal(ada.talk(chat.ID), []string{"Ada: hello Ben", "Ben: hello dear Ada"}) && len(heart) == 1 && heart[0].People[0] == "Ben"
	})
	if err := ada.Edit(t.Context(), answer.ID, social.Edit{Text: "not mine"}); code(err) != social.CodeNotAllowed {
		t.Errorf("Ada edits what Ben said: %v", err)
	}
	if err := ada.Delete(t.Context(), answer.ID); code(err) != social.CodeNotAllowed {
		t.Errorf("Ada unsends what Ben said: %v", err)
	}
	if ada.chat("Ben").Unread != 1 {
		t.Error("the answer is not counted as unread")
	}
	// What was unsent is not counted, nor quoted.
	must(t, ben.Delete(t.Context(), answer.ID))
	eventually(t, "it is gone at Ada's", func() bool {
		return ada.chat("Ben").Unread == 0 && slices.Equal(ada.talk(chat.ID), []string{"Ada: hello Ben"})
	})
	must(t, ada.Delete(t.Context(), hello.ID))
	if trash, err := ada.Trash(t.Context()); err != nil || len(trash) != 0 {
		t.Errorf("what was unsent is in the trash: %v, %v", trash, err)
	}
	late, err := ben.Send(t.Context(), chat.ID, social.NewMessage{Text: "you were quick", Reply: hello.ID})
	must(t, err)
	eventually(t, "the quote is empty", func() bool {
		r := ben.message(late.ID).Reply
		return r != nil && r.Author == "" && r.Text == ""
	})
	// Messages are no posts.
	if feed := append(ada.texts(), ben.texts()...); len(feed) != 0 {
		t.Errorf("the feeds have %v", feed)
	}
	if _, err := ada.Comment(t.Context(), late.ID, "no"); code(err) != social.CodeNotFound {
		t.Errorf("a comment on a message: %v", err)
	}
}

// Two who begin a chat with one another without having heard of the other's have one conversation, and write into the same
// space from then on.
func TestBothBegin(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	ben.off()
	first := ada.talksTo(ben)
	one := ada.sends(first.ID, "one")
	ada.off()
	ben.on()
	second := ben.talksTo(ada)
	if second.ID == first.ID {
		t.Fatal("they had heard of one another")
	}
	time.Sleep(1100 * time.Millisecond) // the order is by the second, and then by what each had heard of
	ben.sends(second.ID, "two")
	ada.on()
	want := []string{"Ada: one", "Ben: two"}
	eventually(t, "both have one chat with everything", func() bool {
		return slices.Equal(ada.talk(ada.chat("Ben").ID), want) && slices.Equal(ben.talk(ben.chat("Ada").ID), want)
	})
	least, other := first.ID, second.ID
	if a, b := mustSpace(t, first.ID), mustSpace(t, second.ID); bytes.Compare(a[:], b[:]) > 0 {
		least, other = other, least
	}
	eventually(t, "both write to the same space", func() bool { return ada.chat("Ben").ID == least && ben.chat("Ada").ID == least })
	if got := ada.talksTo(ben); got.ID != least || len(got.Spaces) != 2 {
		t.Errorf("Ada's chat is %+v", got)
	}
	// An address that was good before still is, an answer crosses spaces, and what is read is read in both.
	m, err := ben.Send(t.Context(), other, social.NewMessage{Text: "three", Reply: one.ID})
	must(t, err)
	if m.Chat != least || m.Reply == nil || m.Reply.Text != "one" {
		t.Errorf("the answer is %+v", m)
	}
	eventually(t, "Ada has it", func() bool { return slices.Contains(ada.talk(other), "Ben: three") && ada.chat("Ben").Unread == 2 })
	must(t, ada.ReadChat(t.Context(), other, ""))
	if n := ada.chat("Ben").Unread; n != 0 {
		t.Errorf("%d are unread after reading", n)
	}
	// Pages of a merged chat neither repeat nor leave out anything.
	for i := range 5 {
		ada.sends(least, fmt.Sprint("more ", i))
	}
	var all []string
	before := ""
	for {
		talk, err := ada.Talk(t.Context(), least, before, 3)
		must(t, err)
		var page []string
		for _, m := range talk.Messages {
			page = append(page, m.Text)
		}
		all = slices.Insert(all, 0, page...)
		if before = talk.Before; before == "" {
			break
		}
	}
	if got := strings.Join(all, ","); got != "one,two,three,more 0,more 1,more 2,more 3,more 4" {
		t.Errorf("page by page: %s", got)
	}
}

func mustSpace(t *testing.T, text string) key.SpaceID {
	t.Helper()
	id, err := key.ParseSpaceID(text)
	must(t, err)
	return id
}

func TestSeveralTalk(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	befriend(t, ben, cleo)
	befriend(t, ada, cleo)
	chat, err := ada.StartChat(t.Context(), []string{ben.me, cleo.me}, "")
	must(t, err)
	if chat.Pair || chat.Name != "Ben and Cleo" {
		t.Errorf("the chat is %+v", chat)
	}
	ada.sends(chat.ID, "who comes on Sunday?")
	eventually(t, "both read it", func() bool {
		return len(ben.talk(chat.ID)) == 1 && len(cleo.talk(chat.ID)) == 1 && cleo.chat("Ada and Ben").Unread == 1
	})
	must(t, ben.RenameChat(t.Context(), chat.ID, "Sunday"))
	eventually(t, "everybody sees the name", func() bool { return ada.chat("Sunday").ID == chat.ID && cleo.chat("Sunday").ID == chat.ID })

	// Ben brings in Dan, whom Ada does not know; Dan reads what was said before.
	dan := newHouse(t, "Dan")
	befriend(t, ben, dan)
	if err := ada.AddToChat(t.Context(), chat.ID, []string{dan.me}); code(err) != social.CodeNotAllowed {
		t.Errorf("Ada adds a stranger: %v", err)
	}
	must(t, ben.AddToChat(t.Context(), chat.ID, []string{dan.me}))
	eventually(t, "Dan is in it", func() bool { return slices.Equal(dan.talk(chat.ID), []string{"Ada: who comes on Sunday?"}) })
	eventually(t, "Ada sees who brought him", func() bool {
		c, err := ada.Chat(t.Context(), chat.ID)
		must(t, err)
		i := slices.IndexFunc(c.Members, func(j social.Joined) bool { return j.Name == "Dan" })
		return i >= 0 && c.Members[i].By != nil && c.Members[i].By.Name == "Ben"
	})
	eventually(t, "what Dan says arrives", func() bool {
		if m, err := dan.Send(t.Context(), chat.ID, social.NewMessage{Text: "me!"}); err != nil || m.ID == "" {
			return false
		}
		return true
	})
	eventually(t, "at Ada's", func() bool { return slices.Contains(ada.talk(chat.ID), "Dan: me!") })
	// Whose chat it is can go, too; the others go on.
	must(t, ada.LeaveChat(t.Context(), chat.ID))
	if _, err := ada.Send(t.Context(), chat.ID, social.NewMessage{Text: "still here?"}); code(err) != social.CodeNotAllowed {
		t.Errorf("Ada writes after leaving: %v", err)
	}
	eventually(t, "Ben sees that Ada left", func() bool {
		c, err := ben.Chat(t.Context(), chat.ID)
		must(t, err)
		return !slices.ContainsFunc(c.With, func(p social.Person) bool { return p.Name == "Ada" })
	})
	ben.sends(chat.ID, "without Ada then")
	eventually(t, "Cleo hears it", func() bool { return slices.Contains(cleo.talk(chat.ID), "Ben: without Ada then") })
	if slices.Contains(ada.talk(chat.ID), "Ben: without Ada then") {
		t.Error("Ada reads on after leaving")
	}
	// A chat of two stays one.
	pair := ben.talksTo(cleo)
	if err := ben.AddToChat(t.Context(), pair.ID, []string{dan.me}); code(err) != social.CodeNotAllowed {
		t.Errorf("a third in a chat of two: %v", err)
	}
}

func TestUnreadAgreesOnBothDevices(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	chat := ben.talksTo(ada)
	ben.sends(chat.ID, "one")
	eventually(t, "it is there", func() bool { return ada.chat("Ben").Unread == 1 })
	laptop := linkTo(t, ada, "Laptop")
	eventually(t, "the laptop counts the same", func() bool { return laptop.chat("Ben").Unread == 1 })
	must(t, laptop.ReadChat(t.Context(), chat.ID, ""))
	eventually(t, "what was read on the laptop is read at the desk", func() bool { return ada.chat("Ben").Unread == 0 })
	two := ben.sends(chat.ID, "two")
	ben.sends(chat.ID, "three")
	eventually(t, "both count two", func() bool { return ada.chat("Ben").Unread == 2 && laptop.chat("Ben").Unread == 2 })
	must(t, ada.ReadChat(t.Context(), chat.ID, two.ID))
	eventually(t, "both count one", func() bool { return ada.chat("Ben").Unread == 1 && laptop.chat("Ben").Unread == 1 })
	if n, err := laptop.UnreadChats(t.Context()); err != nil || n != 1 {
		t.Errorf("the laptop counts %d, %v", n, err)
	}
	// What was unsent, or comes from somebody whom Ada blocked, is not counted.
	must(t, ada.Block(t.Context(), ben.me, true))
	if n, err := ada.UnreadChats(t.Context()); err != nil || n != 0 || ada.chat("Ben").ID != "" {
		t.Errorf("%d of whom Ada blocked, %v", n, err)
	}
}

// Who does not tell what they have read is not told either.
func TestQuietReaders(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	chat := ada.talksTo(ben)
	must(t, ben.ChooseChats(t.Context(), social.ChatChoices{Quiet: true}))
	first := ada.sends(chat.ID, "did you see?")
	eventually(t, "it is at Ben's", func() bool { return ben.chat("Ada").Unread == 1 })
	must(t, ben.ReadChat(t.Context(), chat.ID, ""))
	answer := ben.sends(chat.ID, "I did")
	eventually(t, "Ada has the answer", func() bool { return ada.chat("Ben").Unread == 1 })
	if read := ada.message(first.ID).Read; len(read) != 0 {
		t.Errorf("Ada is told that %v read it", read)
	}
	must(t, ada.ReadChat(t.Context(), chat.ID, ""))
	done := ada.sends(chat.ID, "good")
	eventually(t, "Ada's words, after her receipt, are at Ben's", func() bool { return len(ben.talk(chat.ID)) == 3 })
	if read := ben.message(answer.ID).Read; len(read) != 0 {
		t.Errorf("Ben is told that %v read it", read)
	}
	must(t, ben.ChooseChats(t.Context(), social.ChatChoices{}))
	if read := ben.message(answer.ID).Read; len(read) != 1 {
		t.Errorf("Ben is told that %v read it, once he wants to", read)
	}
	must(t, ben.ReadChat(t.Context(), chat.ID, ""))
	eventually(t, "Ada is told from then on", func() bool { return len(ada.message(done.ID).Read) == 1 })
}

func TestMessagesFade(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	chat := ada.talksTo(ben)
	ada.sends(chat.ID, "stays")
	eventually(t, "the chat is at Ben's", func() bool { return len(ben.talk(chat.ID)) == 1 })
	must(t, ben.SetChatTimer(t.Context(), chat.ID, 2*time.Second))
	if err := ben.SetChatTimer(t.Context(), chat.ID, 1000*24*time.Hour); code(err) != social.CodeBadInput {
		t.Errorf("three years: %v", err)
	}
	eventually(t, "Ada's chat has the time", func() bool { return ada.chat("Ben").Fades == 2 })
	gone := ada.sends(chat.ID, "fades")
	if gone.Fades != 2 {
		t.Errorf("the message is %+v", gone)
	}
	eventually(t, "it is at Ben's", func() bool { return slices.Contains(ben.talk(chat.ID), "Ada: fades") })
	ada.off() // Ben's home drops it by itself
	eventually(t, "it is gone at Ben's", func() bool { return !slices.Contains(ben.talk(chat.ID), "Ada: fades") })
	eventually(t, "from the disk, too", func() bool {
		due, err := ben.node.DB().Faded(t.Context(), time.Now().Add(time.Hour), 10)
		must(t, err)
		return len(due) == 0
	})
	ada.on()
	eventually(t, "it is gone at Ada's", func() bool { _, err := ada.Message(t.Context(), gone.ID); return code(err) == social.CodeNotFound })
	for _, h := range []*house{ada, ben} {
		c := h.chat(map[string]string{"Ada": "Ben", "Ben": "Ada"}[h.name])
		if c.Unread > 1 || !slices.Contains(h.talk(chat.ID), "Ada: stays") {
			t.Errorf("%s: %d unread, %v", h.name, c.Unread, h.talk(chat.ID))
		}
	}
	must(t, ada.SetChatTimer(t.Context(), chat.ID, 0))
	if m := ada.sends(chat.ID, "stays again"); m.Fades != 0 {
		t.Errorf("after that: %+v", m)
	}
}
