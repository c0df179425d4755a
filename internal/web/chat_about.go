package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"kith/internal/social"
)

// newChatPage is where a chat begins: whom with.
type newChatPage struct {
	Shell
	Friends []talkChoice
	Name    string
	Trouble trouble
}

func (newChatPage) template() string { return "chat-new" }

// talkChoice is a friend to choose.
type talkChoice struct {
	social.Person
	Chosen bool
}

func talkChoices(friends []social.Person, chosen []string) []talkChoice {
	var list []talkChoice
	for _, friend := range byName(friends) {
		list = append(list, talkChoice{friend, slices.Contains(chosen, friend.ID)})
	}
	return list
}

func (s *Server) getNewChat(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "A new chat", navChats)
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, newChatPage{Shell: shell, Friends: talkChoices(shell.Street.Friends, nil)})
}

// byName puts friends in the order in which one looks for them.
func byName(friends []social.Person) []social.Person {
	return slices.SortedStableFunc(slices.Values(friends), func(a, b social.Person) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
}

func (s *Server) postNewChat(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	return s.startChat(w, r, values["friend"], values.Get("name"))
}

// postPersonChat opens the chat with a friend, and begins it if there is none.
func (s *Server) postPersonChat(w http.ResponseWriter, r *http.Request) error {
	return s.startChat(w, r, []string{r.PathValue("id")}, "")
}

func (s *Server) startChat(w http.ResponseWriter, r *http.Request, friends []string, name string) error {
	chat, err := s.home.StartChat(r.Context(), friends, name)
	if err == nil {
		http.Redirect(w, r, chatPath(chat.ID), http.StatusSeeOther)
		return nil
	}
	if explain(err).Status != http.StatusUnprocessableEntity {
		return err
	}
	shell, pageErr := s.shell(r, "A new chat", navChats)
	if pageErr != nil {
		return pageErr
	}
	v := newChatPage{Shell: shell, Friends: talkChoices(shell.Street.Friends, friends), Name: name, Trouble: explain(err)}
	return s.page(w, v.Trouble.Status, v)
}

// chatAboutPage is what can be set about a chat, and who is in it.
type chatAboutPage struct {
	Shell
	Chat    social.Chat
	Friends []social.Person // who can be brought in
	Timers  []chatTimer
	Choices social.ChatChoices
}

func (chatAboutPage) template() string { return "chat-about" }

// chatTimer is a time after which messages disappear.
type chatTimer struct {
	Seconds int64
	Words   string
	Chosen  bool
}

// Open tells whether something can be changed.
func (c chatAboutPage) Open() bool { return c.Chat.State == social.ChatOpen }

func (s *Server) getChatAbout(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "", navChats)
	if err != nil {
		return err
	}
	v := chatAboutPage{Shell: shell}
	if v.Chat, err = s.home.Chat(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	if v.Choices, err = s.home.ChatChoices(r.Context()); err != nil {
		return err
	}
	v.Title = "About " + v.Chat.Name
	for _, friend := range byName(shell.Street.Friends) {
		if !slices.ContainsFunc(v.Chat.With, func(p social.Person) bool { return p.ID == friend.ID }) {
			v.Friends = append(v.Friends, friend)
		}
	}
	timers := chatTimers
	if !slices.Contains(timers, v.Chat.Fades) {
		timers = append(slices.Clone(timers), v.Chat.Fades)
	}
	for _, seconds := range timers {
		t := chatTimer{Seconds: seconds, Words: "After " + stayWords(seconds), Chosen: seconds == v.Chat.Fades}
		if seconds == 0 {
			t.Words = "They stay"
		}
		v.Timers = append(v.Timers, t)
	}
	return s.page(w, http.StatusOK, v)
}

func (s *Server) postChatName(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.home.RenameChat(r.Context(), r.PathValue("id"), values.Get("name")); err != nil {
		return err
	}
	return s.done(w, r, chatPath(r.PathValue("id")), "chat-named")
}

func (s *Server) postChatAdd(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.home.AddToChat(r.Context(), r.PathValue("id"), values["friend"]); err != nil {
		return err
	}
	return s.done(w, r, chatPath(r.PathValue("id")), "chat-added")
}

func (s *Server) getLeaveChat(w http.ResponseWriter, r *http.Request) error {
	chat, err := s.home.Chat(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.confirm(w, r, confirmation{
		Question: "Leave " + chat.Name + "?",
		Detail:   "Nothing new of it comes to this computer any more. What you have stays here, and what you wrote stays with the others.",
		Action:   chatPath(chat.ID) + "/leave", Button: "Leave", No: "No, stay", Back: chatPath(chat.ID) + "/about",
	})
}

func (s *Server) postLeaveChat(w http.ResponseWriter, r *http.Request) error {
	if err := s.home.LeaveChat(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return s.done(w, r, "/chats", "chat-left")
}

// postChatChoices keeps what the owner wants of all chats.
func (s *Server) postChatChoices(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.home.ChooseChats(r.Context(), social.ChatChoices{Quiet: values.Get("marks") != "yes"}); err != nil {
		return err
	}
	where := "/chats"
	if id := values.Get("chat"); id != "" {
		where = "/chat/" + url.PathEscape(id) + "/about"
	}
	return s.done(w, r, where, "chat-choices")
}
