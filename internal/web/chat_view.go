package web

import (
	"strconv"
	"strings"
	"time"

	"kith/internal/social"
)

// chatList is the chats beside, or before, the one that is open.
type chatList struct {
	Chats []chatRow
	Open  string // the ID of the one that is open; empty: none
}

func (chatList) template() string { return "chat-list" }

// chatRow is one of them.
type chatRow struct {
	Chat  social.Chat
	Faces []social.Person // one or two
	Last  string          // the newest message, in a few words
	At    time.Time       // when it was
	Open  bool
}

func newChatRow(chat social.Chat, open string) chatRow {
	row := chatRow{Chat: chat, Faces: chat.With[:min(len(chat.With), 2)], At: chat.Since, Open: chat.ID == open}
	if chat.Last != nil {
		row.Last, row.At = inAWord(chat, chat.Last), chat.Last.At
	}
	return row
}

// inAWord says of a message what fits into a line.
func inAWord(chat social.Chat, m *social.Message) string {
	what := strings.Join(strings.Fields(m.Text), " ")
	switch {
	case m.Sets:
		return fadingWords(m)
	case what != "":
	case len(m.Photos) > 0:
		what = count(len(m.Photos), "photo", "photos")
		if len(m.Photos) == 1 {
			what = "a photo"
		}
	case len(m.Files) > 0 && len(m.Files[0].Wave) > 0:
		what = "a voice note"
	case len(m.Files) > 0:
		what = m.Files[0].Name
	}
	switch {
	case m.Author.Me:
		return "You: " + what
	case !chat.Pair:
		return m.Author.Name + ": " + what
	}
	return what
}

// fadingWords says what a message sets.
func fadingWords(m *social.Message) string {
	who := m.Author.Name
	if m.Author.Me {
		who = "You"
	}
	if m.Fades == 0 {
		return who + " let new messages stay"
	}
	return who + " let new messages disappear after " + stayWords(m.Fades)
}

// chatCount is how many messages are unread, at the entry of the menu.
type chatCount struct{ Unread int }

func (chatCount) template() string { return "chat-count" }

// Shown is the number as it is written.
func (c chatCount) Shown() string { return shownCount(c.Unread) }

func shownCount(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

// chatHead says who a chat is with.
type chatHead struct {
	Chat  social.Chat
	Faces []social.Person
	Words string // whether they are at home, or who is in it
	Lit   bool
}

func (chatHead) template() string { return "chat-head" }

func newChatHead(chat social.Chat, now time.Time) chatHead {
	v := chatHead{Chat: chat, Faces: chat.With[:min(len(chat.With), 2)]}
	if chat.Pair && len(chat.With) == 1 {
		v.Words, v.Lit = seen(chat.With[0], now), chat.With[0].Online
		return v
	}
	var known []string
	for _, person := range chat.With {
		known = append(known, person.Name)
		v.Lit = v.Lit || person.Online
	}
	v.Words = "You and " + names(known, len(known))
	if len(known) == 0 {
		v.Words = "Nobody else is in it"
	}
	return v
}

// talkView is the messages of a chat, as many as are shown.
type talkView struct {
	Chat   social.Chat
	Items  []talkItem
	Before string // place of the oldest; empty: there are no older ones
}

func (talkView) template() string { return "talk" }

// Spaces are the IDs under which events of this chat come.
func (t talkView) Spaces() string { return strings.Join(t.Chat.Spaces, " ") }

// talkItem is a line of it: a day begins, new messages begin, somebody came, or a message.
type talkItem struct {
	Day     string // what a day is called, for a line that separates it from the one before
	DayID   string
	New     bool // a line above the first message that was not read
	Note    string
	NoteID  string
	At      time.Time
	Message *messageView
}

// messageView is a message as a page draws it.
type messageView struct {
	social.Message
	ChatID  string
	First   bool // of several by the same person, one after the other
	Named   bool // its author's name stands above it
	Clock   string
	State   messageState
	Gallery gallery
	Reacts  reactions
	Voices  []voice
	Plain   []social.File // files that are no voice notes
	Stays   string        // for how long it is there
}

// messageState says where a message of the owner's is.
type messageState struct {
	Name  string // "", "here", "some", "all", "read"
	Words string
}

// Lit tells whether a window is to be drawn as lit.
func (m messageState) Lit() bool { return m.Name == "all" || m.Name == "read" }

// voice is a voice note, with the bars of its loudness.
type voice struct {
	social.File
	Bars   []bar
	Length string
}

// bar is one of them, in the units of a drawing of 2 × bars by 32.
type bar struct{ X, Y, H int }

// runPause is after how long the next message of the same person gets their face again.
const runPause = 10 * time.Minute

// newTalk lays out messages, the oldest first. The one before them, if given, decides how the first is drawn.
func newTalk(chat social.Chat, talk social.Talk, now time.Time) talkView {
	v := talkView{Chat: chat, Before: talk.Before}
	joined := joinedLines(chat)
	var before *social.Message
	fresh := false
	for i := range talk.Messages {
		m := &talk.Messages[i]
		for len(joined) > 0 && !joined[0].At.After(m.At) {
			if before != nil || talk.Before == "" {
				v.Items = append(v.Items, joined[0])
			}
			joined = joined[1:]
		}
		if before == nil || daysBetween(before.At.In(now.Location()), m.At.In(now.Location())) != 0 {
			day := m.At.In(now.Location())
			v.Items = append(v.Items, talkItem{Day: dayWords(day, now), DayID: day.Format("2006-01-02")})
			before = nil
		}
		if m.New && !fresh {
			fresh = true
			v.Items = append(v.Items, talkItem{New: true})
		}
		if m.Sets {
			v.Items = append(v.Items, talkItem{Note: fadingWords(m), NoteID: "message-" + m.ID})
			before = nil
			continue
		}
		v.Items = append(v.Items, talkItem{Message: newMessageView(chat, m, before, now)})
		before = m
	}
	v.Items = append(v.Items, joined...)
	return v
}

// joinedLines are the lines on who came into a chat with several people, first come first.
func joinedLines(chat social.Chat) []talkItem {
	var lines []talkItem
	for _, j := range chat.Members {
		if j.By == nil {
			continue
		}
		words := j.By.Name + " added " + j.Name
		switch {
		case j.Me:
			words = j.By.Name + " added you"
		case j.By.Me:
			words = "You added " + j.Name
		}
		lines = append(lines, talkItem{Note: words, NoteID: "joined-" + j.ID, At: j.At})
	}
	return lines
}

func newMessageView(chat social.Chat, m, before *social.Message, now time.Time) *messageView {
	v := &messageView{Message: *m, ChatID: chat.ID, Clock: m.At.In(now.Location()).Format("15:04"), Reacts: newReactions(m.ID, chat.ID, m.Reactions)}
	v.First = before == nil || before.Author.ID != m.Author.ID || m.At.Sub(before.At) > runPause
	v.Named = v.First && !m.Author.Me && !chat.Pair
	v.Gallery = newGallery("", m.Photos)
	for _, file := range m.Files {
		if len(file.Wave) > 0 {
			v.Voices = append(v.Voices, newVoice(file))
		} else {
			v.Plain = append(v.Plain, file)
		}
	}
	if m.Author.Me {
		v.State = newMessageState(chat, m)
	}
	if m.Fades > 0 {
		v.Stays = "Disappears after " + stayWords(m.Fades)
	}
	return v
}

func newMessageState(chat social.Chat, m *social.Message) messageState {
	switch {
	case len(m.Read) > 0 && chat.Pair:
		return messageState{"read", "Read"}
	case len(m.Read) > 0:
		return messageState{"read", "Read by " + names(m.Read, len(m.Read))}
	case m.Delivery.State == social.DeliveryAll && chat.Pair:
		return messageState{"all", "At their home"}
	case m.Delivery.State == social.DeliveryAll:
		return messageState{"all", "At every home"}
	case m.Delivery.State == social.DeliverySome:
		return messageState{"some", "At " + strconv.Itoa(m.Delivery.Have) + " of " + count(m.Delivery.Of, "home", "homes")}
	case chat.Pair:
		return messageState{"here", "Sent. It arrives when their home is on"}
	}
	return messageState{"here", "Sent. It arrives when their homes are on"}
}

func newVoice(file social.File) voice {
	v := voice{File: file, Length: clock(file.Lasting)}
	const height = 32
	for i, loud := range file.Wave {
		h := 3 + int(loud)*(height-3)/255
		v.Bars = append(v.Bars, bar{X: 3 * i, Y: (height - h) / 2, H: h})
	}
	return v
}

// Width of the drawing.
func (v voice) Width() int { return 3*len(v.Bars) - 1 }

// clock is a length as players show it: 1:05.
func clock(ms int64) string {
	d := (time.Duration(ms)*time.Millisecond + time.Second/2).Truncate(time.Second)
	return time.Time{}.Add(d).Format("4:05")
}

// dayWords is what a day is called.
func dayWords(day, now time.Time) string {
	switch days := daysBetween(day, now); {
	case days == 0:
		return "Today"
	case days == 1:
		return "Yesterday"
	case days > 1 && days < 7:
		return day.Format("Monday")
	case day.Year() == now.Year():
		return day.Format("Monday, 2 January")
	}
	return day.Format("2 January 2006")
}

// lasting is a time in seconds as one says it.
func stayWords(seconds int64) string {
	const day = 24 * 60 * 60
	switch {
	case seconds == 7*day:
		return "a week"
	case seconds == 28*day:
		return "four weeks"
	case seconds == day:
		return "a day"
	case seconds == 60*60:
		return "an hour"
	case seconds < 60:
		return count(int(seconds), "second", "seconds")
	}
	return inWords(time.Duration(seconds) * time.Second)
}
