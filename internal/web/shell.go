package web

import (
	"net/http"
	"slices"

	"kith/internal/social"
)

// bare is what pages without rails have: the first run, signing in.
type bare struct {
	Title string
}

// Shell is what is around every page of somebody signed in: the rails, and what may need an answer.
type Shell struct {
	Title    string
	Nav      string // which entry of the menu is this page: navHome, …, or empty
	Mark     string // where the changes were before this page was read
	Me       social.Person
	Street   street
	Door     door
	Reminder reminder
	Chats    chatCount
	Notices  noticeBoard
	Coming   coming
	Reminds  reminders
	Top      bell
	Rail     bell
	Day      onThisDay
	Said     saying // what was just done, if anything
	Notice   trouble
}

// The entries of the menu.
const (
	navHome     = "home"
	navFriends  = "friends"
	navGroups   = "groups"
	navChats    = "chats"
	navEvents   = "events"
	navInvite   = "invite"
	navNews     = "news"
	navMe       = "me"
	navSettings = "settings"
	navSearch   = "search"
)

// street is the row of windows: the owner's own and their friends'.
type street struct {
	Me      social.Person
	Friends []social.Person
	Windows []social.Person // those of Friends that are shown
	Lit     int             // how many of Friends are on
}

// maxStreet is how many windows of friends fit beside a page. If there are more friends, those who are at home come
// first; otherwise everybody keeps their place.
const maxStreet = 22

func (street) template() string { return "street" }

// door is who waits for the owner's yes.
type door struct {
	Asks     []social.Invite
	Offers   []social.Offered // groups that friends added the owner to
	Requests []groupAsk       // who asks to join a group in which the owner may answer
}

// groupAsk is somebody who asks to join a group.
type groupAsk struct {
	Group   social.GroupRef
	Request social.Request
}

func (door) template() string { return "at-the-door" }

// reminder is the banner that asks for the recovery words, calmly, until it was done.
type reminder struct {
	Due bool
}

func (reminder) template() string { return "reminder" }

// shell reads what is around a page. Call it before reading the rest of the page, so that its mark is early enough.
func (s *Server) shell(r *http.Request, title, nav string) (Shell, error) {
	shell := Shell{Title: title, Nav: nav, Mark: s.hub.mark(), Said: saying{r.URL.Query().Get("said")}}
	var err error
	if shell.Street, err = s.street(r); err != nil {
		return Shell{}, err
	}
	shell.Me = shell.Street.Me
	if nav == navHome {
		if shell.Day.Years, err = s.home.MemoriesToday(r.Context()); err != nil {
			return Shell{}, err
		}
	}
	if shell.Door, err = s.door(r); err != nil {
		return Shell{}, err
	}
	if shell.Notices, err = s.notices(r); err != nil {
		return Shell{}, err
	}
	if shell.Chats.Unread, err = s.home.UnreadChats(r.Context()); err != nil {
		return Shell{}, err
	}
	if shell.Coming, err = s.coming(r); err != nil {
		return Shell{}, err
	}
	if shell.Reminds, err = s.reminders(r); err != nil {
		return Shell{}, err
	}
	unread, err := s.home.UnreadNews(r.Context())
	if err != nil {
		return Shell{}, err
	}
	shell.Top, shell.Rail = bell{bellTop, nav == navNews, unread}, bell{bellRail, nav == navNews, unread}
	if !byPhone(r.Context()) { // the words are at the computer
		shell.Reminder, err = s.reminder(r)
	}
	return shell, err
}

func (s *Server) street(r *http.Request) (street, error) {
	me, err := s.home.Profile(r.Context())
	if err != nil {
		return street{}, err
	}
	friends, err := s.home.Friends(r.Context())
	if err != nil {
		return street{}, err
	}
	v := street{Me: me.Person, Friends: friends}
	for _, friend := range friends {
		if friend.Online {
			v.Lit++
		}
	}
	v.Windows = friends
	if len(friends) > maxStreet {
		v.Windows = slices.SortedStableFunc(slices.Values(friends), func(a, b social.Person) int {
			return btoi(b.Online) - btoi(a.Online)
		})[:maxStreet]
	}
	return v, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// More is how many friends have no window in the street as it is shown.
func (s street) More() int { return len(s.Friends) - len(s.Windows) }

func (s *Server) door(r *http.Request) (door, error) {
	invites, err := s.home.Invites(r.Context())
	if err != nil {
		return door{}, err
	}
	var v door
	for _, invite := range invites {
		if invite.State == social.InviteAsking && invite.Group == nil {
			v.Asks = append(v.Asks, invite)
		}
	}
	if v.Offers, err = s.home.Offers(r.Context()); err != nil {
		return door{}, err
	}
	v.Requests, err = s.groupAsks(r)
	return v, err
}

// groupAsks lists who asks to join any group, by the names of the groups.
func (s *Server) groupAsks(r *http.Request) ([]groupAsk, error) {
	requests, err := s.home.Requests(r.Context())
	if err != nil || len(requests) == 0 {
		return nil, err
	}
	groups, err := s.home.Groups(r.Context())
	if err != nil {
		return nil, err
	}
	var asks []groupAsk
	for _, group := range groups {
		for _, request := range requests[group.ID] {
			asks = append(asks, groupAsk{group.GroupRef, request})
		}
	}
	return asks, nil
}

func (s *Server) reminder(r *http.Request) (reminder, error) {
	recovery, err := s.home.Recovery(r.Context())
	return reminder{Due: recovery.Due}, err
}

// saying is one of the sentences of said, as a fragment.
type saying struct {
	Key string
}

func (saying) template() string { return "said" }

// Words is the sentence, or empty for a key that there is none for.
func (s saying) Words() string { return said[s.Key] }

// said are the sentences that a page can open with after a form did its work. The address of the page carries only
// the key, so nobody can put words into our mouth by a link.
var said = map[string]string{
	"saved":            "It is with your saved posts.",
	"unsaved":          "It is no longer among your saved posts.",
	"published":        "Your post is on your wall.",
	"deleted":          "It is in your trash for 30 days (see the settings). The other homes delete it as soon as they hear of it.",
	"deleted-for-good": "It is gone from this computer. The other homes delete it as soon as they hear of it.",
	"taken-down":       "It is taken down here. The other homes delete it as soon as they hear of it.",
	"edited":           "Your words are changed. Friends see them as their homes hear of it.",
	"restored":         "It is back, as if you had just written it.",
	"emptied":          "The trash is empty.",
	"profile":          "Your page is up to date. Friends see it as their homes hear of it.",
	"reach":            "That is noted. It takes effect the next time kith starts.",
	"password":         "Your password is set.",
	"ended":            "That browser is signed out.",
	"ended-all":        "All other browsers are signed out.",
	"unfriended":       "You are no longer friends. You no longer see one another’s new posts.",
	"revoked":          "The invite is taken back. Nobody can use it any more.",
	"let-in":           "You let them in. You are friends as soon as both homes have shaken hands.",
	"sent-away":        "You said no. They are told that the invite can’t be used.",
	"accepted":         "You said yes. Below you see how it goes.",
	"dropped":          "That is off your list.",
	"recovered":        "Well kept. Your recovery words are now with you alone.",
	"later":            "That can wait. You will be reminded tomorrow.",
	"linked":           "The numbers are the same, so that computer is yours now. Everything is on its way there.",
	"link-refused":     "It was refused. The code can’t be used any more.",
	"renamed":          "It has a new name.",
	"device-left":      "This computer is no longer one of yours. What is here can still be read.",
	"device-removed":   "It is removed. Nothing that it writes from now on counts.",
	"friend-found":     "Their home was found. What it holds is on its way.",
	"returned":         "Welcome back. What you wrote comes back from your friends’ homes in the next minutes.",
	"put-away":         "That is put away.",
	"phone-on":         "It is on. Now pair a phone below.",
	"phone-off":        "It is off. No phone reaches this home any more.",
	"phone-noted":      "That is noted.",
	"phone-removed":    "It is removed, and can’t get in any more.",

	"unsent":         "It is unsent. The other homes drop it as soon as they hear of it.",
	"message-edited": "Your words are changed.",
	"timer-set":      "That holds for every new message, for everybody in the chat.",
	"chat-named":     "The chat has a new name.",
	"chat-added":     "They are in the chat, and can read what was said before.",
	"chat-left":      "You have left. What you have of it stays on this computer.",
	"chat-choices":   "That is noted, on all of your computers.",
	"summary-away":   "Tomorrow there is another one, if there is something to tell.",
	"wishes":         "That is how it is from now on, on all your computers.",
	"thread-muted":   "You hear nothing more of it. Nobody is told.",
	"thread-unmuted": "You hear of it again.",
	"post-hidden":    "You don’t see it any more. Under Settings, Muted and hidden, you can take that back.",
	"post-shown":     "You see it again.",
	"verified":       "You verified them in person. The mark is on all your computers, and nobody is told.",
	"unverified":     "The mark is gone.",

	"posted":          "Your post is in the group.",
	"group-made":      "Your group is there. Bring in whoever belongs to it.",
	"group-changed":   "The group says so from now on. The others see it as their homes hear of it.",
	"group-let-in":    "You let them in. They can read along as soon as a home of the group reaches theirs.",
	"group-sent-away": "You said no. They are told so kindly.",
	"added":           "They are added. Their home asks them whether they want to be there.",
	"offer-taken":     "You said yes. The group is here as soon as a home of it is on.",
	"offer-declined":  "You said no. Nothing of it comes to this computer.",
	"promoted":        "They are an admin now.",
	"demoted":         "They are an ordinary member again.",
	"removed":         "They are out of the group. What they had stays with them.",
	"handed-over":     "The group is theirs now. You are an admin of it.",
	"left":            "You have left. What you have of it stays on this computer.",
	"closed":          "The group is closed. Everybody keeps what they have.",
	"list-kept":       "That is your list from now on.",
	"list-deleted":    "The list is gone. Everybody on it is your friend as before.",
	"muted":           "Their posts no longer come up in your feed. Nobody is told.",
	"unmuted":         "Their posts come up in your feed again.",
	"blocked":         "You see nothing of them any more. You can take that back here.",
	"event-made":      "Your event is there. Whoever sees it can say whether they come.",
	"event-changed":   "That is changed. Those who answered see what is different.",
	"reminder":        "That is noted. You are reminded on any of your computers’ pages.",
	"calendar-open":   "The address is there. Another program can read the calendar with it.",
	"calendar-closed": "The address is taken back. Nothing reads the calendar with it any more.",
	"file-wanted":     "It comes from the first home that has it and is on.",
	"unblocked":       "You see again what they write where you both are.",
}
