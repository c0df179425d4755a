package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"kith/internal/social"
)

// listsPage is the owner's lists of friends.
type listsPage struct {
	Shell
	Lists []listLine
}

// listLine is a list of friends with who is on it in words.
type listLine struct {
	social.FriendList
	Names string // empty: nobody
}

func (listsPage) template() string { return "lists" }

func (s *Server) getLists(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Your lists of friends", navFriends)
	if err != nil {
		return err
	}
	lists, err := s.home.Lists(r.Context())
	if err != nil {
		return err
	}
	v := listsPage{Shell: shell}
	for _, list := range lists {
		line := listLine{FriendList: list}
		var on []string
		for _, member := range list.Members {
			on = append(on, member.Name)
		}
		if len(on) > 0 {
			line.Names = names(on, len(on))
		}
		v.Lists = append(v.Lists, line)
	}
	return s.page(w, http.StatusOK, v)
}

// listPage is where a list of friends is made or changed.
type listPage struct {
	Shell
	ID      string // empty while it is being made
	Name    string
	Hues    []hueChoice
	Friends []friendChoice
}

func (listPage) template() string { return "list" }

// hueChoice is a colour that a list can have.
type hueChoice struct {
	Hue    int
	Word   string
	Chosen bool
}

// hueWords name the colours of lists for those who can't see them; css/groups.css has the colours.
var hueWords = [social.Hues]string{"Moss", "Sea", "Lilac", "Rose", "Amber", "Slate"}

// friendChoice is a friend who is on the list or not.
type friendChoice struct {
	Person social.Person
	On     bool
}

func (s *Server) listForm(w http.ResponseWriter, r *http.Request, status int, v listPage, hue int, on func(id string) bool) error {
	title := "Make a list of friends"
	if v.ID != "" {
		title = "Change a list of friends"
	}
	shell, err := s.shell(r, title, navFriends)
	if err != nil {
		return err
	}
	shell.Notice = v.Notice
	v.Shell = shell
	for i, word := range hueWords {
		v.Hues = append(v.Hues, hueChoice{Hue: i + 1, Word: word, Chosen: i+1 == hue})
	}
	for _, friend := range shell.Street.Friends {
		v.Friends = append(v.Friends, friendChoice{friend, on(friend.ID)})
	}
	return s.page(w, status, v)
}

func nobody(string) bool { return false }

func (s *Server) getNewList(w http.ResponseWriter, r *http.Request) error {
	lists, err := s.home.Lists(r.Context())
	if err != nil {
		return err
	}
	return s.listForm(w, r, http.StatusOK, listPage{}, len(lists)%social.Hues+1, nobody)
}

func (s *Server) getList(w http.ResponseWriter, r *http.Request) error {
	list, err := s.home.List(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.listForm(w, r, http.StatusOK, listPage{ID: list.ID, Name: list.Name}, list.Hue, func(id string) bool {
		for _, member := range list.Members {
			if member.ID == id {
				return true
			}
		}
		return false
	})
}

func (s *Server) postNewList(w http.ResponseWriter, r *http.Request) error { return s.postList(w, r) }

// postList makes a list of friends, or changes the one in the path.
func (s *Server) postList(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	v := listPage{ID: r.PathValue("id"), Name: strings.TrimSpace(values.Get("name"))}
	hue, _ := strconv.Atoi(values.Get("hue")) // none chosen: one is picked
	members := values["member"]
	if v.ID == "" {
		_, err = s.home.CreateList(r.Context(), v.Name, hue, members)
	} else {
		_, err = s.home.EditList(r.Context(), v.ID, v.Name, hue, members)
	}
	if err != nil {
		if v.Notice = explain(err); v.Notice.Status == http.StatusInternalServerError {
			return err
		}
		return s.listForm(w, r, v.Notice.Status, v, hue, func(id string) bool {
			for _, member := range members {
				if member == id {
					return true
				}
			}
			return false
		})
	}
	http.Redirect(w, r, "/lists?said=list-kept", http.StatusSeeOther)
	return nil
}

func (s *Server) getDeleteList(w http.ResponseWriter, r *http.Request) error {
	list, err := s.home.List(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.confirm(w, r, confirmation{
		Question: "Delete the list “" + list.Name + "”?",
		Detail:   "Nobody stops being your friend. What you posted to it stays where it is, and those who have it can read it; no more can be said there.",
		Action:   "/lists/" + url.PathEscape(list.ID) + "/delete",
		Button:   "Delete the list",
		Back:     "/lists",
	})
}

func (s *Server) postDeleteList(w http.ResponseWriter, r *http.Request) error {
	if err := s.home.DeleteList(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return s.done(w, r, "/lists", "list-deleted")
}

// hiddenPage is whom the owner muted or blocked, and which posts they hid or want to hear nothing of.
type hiddenPage struct {
	Shell
	People  []social.Person
	Posts   []quietPost
	Threads []quietPost
}

// quietPost is a post in a line, and the last word of the address that takes its hiding or muting back.
type quietPost struct {
	Post  social.Post
	Words string
	Act   string
}

func quietPosts(posts []social.Post, act string) []quietPost {
	var list []quietPost
	for _, post := range posts {
		words := firstWords(post.Text)
		if words == "" {
			words = count(len(post.Photos), "photo", "photos")
		}
		list = append(list, quietPost{post, words, act})
	}
	return list
}

// lineLength is how much of a post stands in a line, in characters.
const lineLength = 80

// firstWords gives the beginning of a text, in one line.
func firstWords(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) <= lineLength {
		return string(line)
	}
	return strings.TrimSpace(string(line[:lineLength])) + "…"
}

func (hiddenPage) template() string { return "hidden" }

func (s *Server) getHidden(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Muted, hidden and blocked", navSettings)
	if err != nil {
		return err
	}
	people, err := s.home.Hidden(r.Context())
	if err != nil {
		return err
	}
	hidden, muted, err := s.home.QuietPosts(r.Context())
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, hiddenPage{shell, people, quietPosts(hidden, "hide"), quietPosts(muted, "quiet")})
}

func (s *Server) postMute(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	on, id := values.Get("on") == "yes", r.PathValue("id")
	if err := s.home.Mute(r.Context(), id, on); err != nil {
		return err
	}
	if on {
		return s.done(w, r, "/people/"+url.PathEscape(id), "muted")
	}
	return s.done(w, r, backOf(values, id), "unmuted")
}

func (s *Server) getBlock(w http.ResponseWriter, r *http.Request) error {
	person, err := s.home.Person(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	detail := "You see nothing of what they write any more: no posts, comments or reactions, in groups that you are both in neither. They are not told, and keep what they have. You can take the block back in the settings."
	if person.Friend {
		detail = "You stop being friends. " + detail + " To be friends again takes a new invite."
	}
	return s.confirm(w, r, confirmation{
		Question: "Block " + person.Name + "?",
		Detail:   detail,
		Action:   "/people/" + url.PathEscape(person.ID) + "/block",
		Button:   "Block",
		No:       "No, don’t",
		Back:     "/people/" + url.PathEscape(person.ID),
	})
}

func (s *Server) postBlock(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	id, on := r.PathValue("id"), values.Get("on") != "no"
	if err := s.home.Block(r.Context(), id, on); err != nil {
		return err
	}
	if on {
		return s.done(w, r, "/hidden", "blocked")
	}
	return s.done(w, r, backOf(values, id), "unblocked")
}

// backOf is where a form came from: the list of hidden people, or the page of one.
func backOf(values url.Values, id string) string {
	if values.Get("from") == "list" {
		return "/hidden"
	}
	return "/people/" + url.PathEscape(id)
}
