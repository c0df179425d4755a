package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kith/internal/social"
)

const (
	// shownMessages is how many messages a page of a chat opens with, and mostMessages how many it shows at most.
	shownMessages, mostMessages = 40, 400
	// maxMessageForm bounds a message with its files.
	maxMessageForm = maxPublish
)

// chatsPage is the chats of the owner, with none of them open.
type chatsPage struct {
	Shell
	List chatList
}

func (chatsPage) template() string { return "chats" }

// chatPage is an open chat.
type chatPage struct {
	Shell
	List  chatList
	Head  chatHead
	Talk  talkView
	Reply *social.Message // what the message being written answers
	Text  string          // what was typed, when it could not be sent
	Wrong trouble         // why
	Older bool            // it shows older messages, and not the newest
}

func (chatPage) template() string { return "chat" }

// Open tells whether something can be written.
func (c chatPage) Open() bool { return c.Head.Chat.State == social.ChatOpen }

func chatPath(id string) string { return "/chat/" + url.PathEscape(id) }

func (s *Server) chatList(r *http.Request, open string) (chatList, error) {
	chats, err := s.home.Chats(r.Context())
	if err != nil {
		return chatList{}, err
	}
	v := chatList{Open: open}
	for _, chat := range chats {
		v.Chats = append(v.Chats, newChatRow(chat, open))
	}
	return v, nil
}

func (s *Server) getChats(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Chats", navChats)
	if err != nil {
		return err
	}
	list, err := s.chatList(r, "")
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, chatsPage{shell, list})
}

func (s *Server) getChat(w http.ResponseWriter, r *http.Request) error {
	v, err := s.chatPage(r)
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, v)
}

func (s *Server) chatPage(r *http.Request) (chatPage, error) {
	shell, err := s.shell(r, "", navChats)
	if err != nil {
		return chatPage{}, err
	}
	chat, talk, err := s.talk(r)
	if err != nil {
		return chatPage{}, err
	}
	shell.Title = chat.Name
	v := chatPage{Shell: shell, Head: newChatHead(chat, s.now()), Talk: talk, Older: r.URL.Query().Get("before") != ""}
	if v.List, err = s.chatList(r, chat.ID); err != nil {
		return chatPage{}, err
	}
	if answered := r.URL.Query().Get("reply"); answered != "" {
		message, err := s.home.Message(r.Context(), answered)
		var told *social.Error
		if err != nil && !errors.As(err, &told) {
			return chatPage{}, err
		}
		if err == nil {
			v.Reply = &message
		}
	}
	return v, nil
}

// talk reads the messages of a chat that are asked for: "count" of the newest, or those "before" a place.
func (s *Server) talk(r *http.Request) (social.Chat, talkView, error) {
	chat, err := s.home.Chat(r.Context(), r.PathValue("id"))
	if err != nil {
		return social.Chat{}, talkView{}, err
	}
	query := r.URL.Query()
	n, err := strconv.Atoi(query.Get("count"))
	if err != nil || n < shownMessages {
		n = shownMessages
	}
	talk, err := s.home.Talk(r.Context(), chat.ID, query.Get("before"), min(n, mostMessages))
	if err != nil {
		return social.Chat{}, talkView{}, err
	}
	return chat, newTalk(chat, talk, s.now()), nil
}

func (s *Server) getTalkFragment(w http.ResponseWriter, r *http.Request) error {
	_, v, err := s.talk(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) getChatHeadFragment(w http.ResponseWriter, r *http.Request) error {
	chat, err := s.home.Chat(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, newChatHead(chat, s.now()))
}

func (s *Server) getChatsFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.chatList(r, r.URL.Query().Get("open"))
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) getChatCountFragment(w http.ResponseWriter, r *http.Request) error {
	unread, err := s.home.UnreadChats(r.Context())
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, chatCount{unread})
}

// postMessage sends a message: "text", what it answers ("reply"), files ("file"), and before a voice note how long it lasts
// ("lasting", milliseconds) and its loudness ("wave", numbers from 0 to 255 with commas between).
func (s *Server) postMessage(w http.ResponseWriter, r *http.Request) error {
	var message social.NewMessage
	values, err := readFiles(r, func(values url.Values, field string, file *multipart.Part) error {
		if field != "file" {
			return errFormBroken
		}
		lasting, _ := strconv.ParseInt(values.Get("lasting"), 10, 64) // no number: it is not known
		prepared, err := s.home.PrepareFile(r.Context(), social.NewFile{
			Name: file.FileName(), Type: file.Header.Get("Content-Type"), Lasting: lasting, Wave: waveOf(values.Get("wave")),
			Content: io.Reader(&bounded{file, maxPhoto, errPhotoTooBig}),
		})
		if err == nil {
			message.Files = append(message.Files, prepared)
		}
		return err
	})
	id := r.PathValue("id")
	if err == nil {
		message.Text, message.Reply = unixLines(values.Get("text")), values.Get("reply")
		var sent social.Message
		if sent, err = s.home.Send(r.Context(), id, message); err == nil {
			return s.sent(w, r, id, sent)
		}
	}
	if wantsPart(r) {
		return err
	}
	v, pageErr := s.chatPage(r)
	if pageErr != nil {
		return errors.Join(err, pageErr)
	}
	if v.Wrong = explain(err); v.Wrong.Status == http.StatusInternalServerError {
		s.log.Error("a message could not be sent", "error", err)
	}
	v.Text = values.Get("text")
	return s.page(w, v.Wrong.Status, v)
}

// sent answers for a message that was sent. Whoever answers has read what came before.
func (s *Server) sent(w http.ResponseWriter, r *http.Request, chat string, sent social.Message) error {
	if err := s.home.ReadChat(r.Context(), chat, sent.ID); err != nil {
		s.log.Warn("what was read was not noted", "error", err)
	}
	if wantsPart(r) {
		return s.part(w, http.StatusCreated, saying{"sent-" + sent.ID})
	}
	http.Redirect(w, r, chatPath(chat)+"#message-"+url.PathEscape(sent.ID), http.StatusSeeOther)
	return nil
}

// waveOf reads the loudness of a voice note.
func waveOf(text string) []byte {
	if text == "" || len(text) > 1000 {
		return nil
	}
	var wave []byte
	for number := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseUint(number, 10, 8)
		if err != nil {
			return nil
		}
		wave = append(wave, byte(n))
	}
	return wave
}

// postRead notes that the owner has read up to a message ("up-to"; empty: all).
func (s *Server) postRead(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.home.ReadChat(r.Context(), r.PathValue("id"), values.Get("up-to")); err != nil {
		return err
	}
	if wantsPart(r) {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, chatPath(r.PathValue("id")), http.StatusSeeOther)
	return nil
}

func (s *Server) postMessageReact(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	message, err := s.home.Message(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := s.home.React(r.Context(), message.ID, values.Get("emoji")); err != nil {
		return err
	}
	if wantsPart(r) {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, chatPath(message.Chat)+"#message-"+url.PathEscape(message.ID), http.StatusSeeOther)
	return nil
}

// ownMessage finds a message that the owner wrote.
func (s *Server) ownMessage(r *http.Request) (social.Message, error) {
	message, err := s.home.Message(r.Context(), r.PathValue("id"))
	if err == nil && !message.CanUnsend {
		err = errNotYourWords
	}
	return message, err
}

func (s *Server) getEditMessage(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Edit your message", navChats)
	if err != nil {
		return err
	}
	message, err := s.ownMessage(r)
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, editPage{
		Shell: shell, What: "message", Action: "/message/" + message.ID + "/edit", Back: chatPath(message.Chat) + "#message-" + message.ID, Text: message.Text,
	})
}

func (s *Server) postEditMessage(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	message, err := s.ownMessage(r)
	if err != nil {
		return err
	}
	text := unixLines(values.Get("text"))
	err = s.home.Edit(r.Context(), message.ID, social.Edit{Text: text})
	var told *social.Error
	if errors.As(err, &told) && !wantsPart(r) {
		shell, pageErr := s.shell(r, "Edit your message", navChats)
		if pageErr != nil {
			return pageErr
		}
		t := explain(err)
		return s.page(w, t.Status, editPage{
			Shell: shell, What: "message", Action: "/message/" + message.ID + "/edit", Back: chatPath(message.Chat), Text: text, Trouble: t,
		})
	}
	if err != nil {
		return err
	}
	return s.done(w, r, chatPath(message.Chat), "message-edited")
}

func (s *Server) getUnsend(w http.ResponseWriter, r *http.Request) error {
	message, err := s.ownMessage(r)
	if err != nil {
		return err
	}
	return s.confirm(w, r, confirmation{
		Question: "Unsend this message?",
		Detail:   "It goes from this computer at once, and from everybody else’s as soon as their homes hear of it. Somebody may have read it by then, and a copy that was saved elsewhere stays.",
		Action:   "/message/" + message.ID + "/unsend", Button: "Unsend", Back: chatPath(message.Chat),
	})
}

func (s *Server) postUnsend(w http.ResponseWriter, r *http.Request) error {
	message, err := s.ownMessage(r)
	if err != nil {
		return err
	}
	if err := s.home.DeleteForGood(r.Context(), message.ID); err != nil {
		return err
	}
	return s.done(w, r, chatPath(message.Chat), "unsent")
}

// chatTimers are the times to choose from, in seconds.
var chatTimers = []int64{0, 60 * 60, 24 * 60 * 60, 7 * 24 * 60 * 60, 28 * 24 * 60 * 60}

func (s *Server) postChatTimer(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(values.Get("seconds"), 10, 32)
	if err != nil {
		return errFormBroken
	}
	if err := s.home.SetChatTimer(r.Context(), r.PathValue("id"), time.Duration(seconds)*time.Second); err != nil {
		return err
	}
	return s.done(w, r, chatPath(r.PathValue("id")), "timer-set")
}
