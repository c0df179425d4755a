package web

import (
	"net/http"
	"strings"

	"kith/internal/social"
)

// handler answers a request, or returns an error that becomes a page. It must not have written anything then.
type handler func(w http.ResponseWriter, r *http.Request) error

// entrance says who may use a route.
type entrance int

const (
	forAll     entrance = iota // anybody on this machine: the sign-in page, styles, scripts
	forOwner                   // a signed-in browser
	forStarted                 // a signed-in browser, once the first run is finished
)

// route is one line of the table below.
type route struct {
	pattern string // for http.ServeMux
	open    entrance
	handle  handler
}

// bodies bounds what comes with the forms that bring files, in bytes. All others may bring maxForm.
var bodies = map[string]int64{
	"POST /welcome":      maxPortraitForm,
	"POST /me":           maxPortraitForm,
	"POST /publish":      maxPublish,
	"POST /draft/photos": maxPhoto + 1,
	"POST /draft/files":  social.MaxFile,
	"POST /photos/held":  maxPhoto + 1,

	"POST /post/{id}/comments": maxComment,

	"POST /join":         maxJoin,
	"POST /welcome/link": maxJoin,

	"POST /chat/{id}": maxMessageForm,

	"POST /groups/new":           maxPortraitForm,
	"POST /calendar/new":         maxPortraitForm,
	"POST /post/{id}/change":     maxPortraitForm,
	"POST /groups/{id}/settings": maxPortraitForm,
}

// routes is everything that a home answers to. GET never has an effect.
func (s *Server) routes() []route {
	return []route{
		{"GET /static/{version}/{file...}", forAll, s.getStatic},
		{"GET /signin", forAll, s.getSignIn},
		{"POST /signin", forAll, s.postSignIn},
		{"POST /signout", forOwner, s.postSignOut},

		{"GET /welcome", forOwner, s.getWelcome},
		{"POST /welcome", forOwner, s.postWelcome},

		{"GET /{$}", forStarted, s.getHome},
		{"POST /publish", forStarted, s.postPublish},
		{"POST /draft", forStarted, s.postDraft},
		{"POST /draft/photos", forStarted, s.postDraftPhoto},
		{"POST /draft/files", forStarted, s.postDraftFile},
		{"POST /photos/held", forStarted, s.postHeldPhoto},
		{"POST /post/{id}/vote", forStarted, s.postVote},
		{"GET /tag/{tag}", forStarted, s.getTag},
		{"GET /fragment/tag/{tag}", forStarted, s.getTagFragment},
		{"GET /fragment/mentionable", forStarted, s.getMentionable},

		{"GET /post/{id}", forStarted, s.getPost},
		{"GET /post/{id}/photo/{number}", forStarted, s.getPhoto},
		{"POST /post/{id}/comments", forStarted, s.postComment},
		{"GET /post/{id}/edit", forStarted, s.getEditPost},
		{"POST /post/{id}/edit", forStarted, s.postEditPost},
		{"GET /post/{id}/history", forStarted, s.getHistory},
		{"GET /comment/{id}/edit", forStarted, s.getEditComment},
		{"POST /comment/{id}/edit", forStarted, s.postEditComment},
		{"GET /comment/{id}/history", forStarted, s.getHistory},
		{"GET /post/{id}/delete", forStarted, s.getDeletePost},
		{"POST /post/{id}/delete", forStarted, s.postDeletePost},
		{"GET /comment/{id}/delete", forStarted, s.getDeleteComment},
		{"POST /comment/{id}/delete", forStarted, s.postDeleteComment},
		{"POST /comment/{id}/seen", forStarted, s.postSeen},
		{"POST /react", forStarted, s.postReact},

		{"GET /trash", forStarted, s.getTrash},
		{"GET /trash/empty", forStarted, s.getEmptyTrash},
		{"POST /trash/empty", forStarted, s.postEmptyTrash},
		{"POST /trash/{id}/restore", forStarted, s.postRestore},
		{"GET /trash/{id}/delete", forStarted, s.getDeleteTrashed},
		{"POST /trash/{id}/delete", forStarted, s.postDeleteTrashed},

		{"GET /people/{id}", forStarted, s.getPerson},
		{"GET /people/{id}/unfriend", forStarted, s.getUnfriend},
		{"POST /people/{id}/unfriend", forStarted, s.postUnfriend},
		{"GET /friends", forStarted, s.getFriends},

		{"GET /invite", forStarted, s.getInvite},
		{"POST /invite", forStarted, s.postInvite},
		{"GET /invite/{id}", forStarted, s.getMadeInvite},
		{"GET /invite/{id}/qr.png", forStarted, s.getInviteQR},
		{"GET /invite/{id}/revoke", forStarted, s.getRevoke},
		{"POST /invite/{id}/revoke", forStarted, s.postRevoke},
		{"POST /invite/{id}/answer", forStarted, s.postAnswer},

		{"GET /join", forStarted, s.getJoin},
		{"POST /join", forStarted, s.postJoin},
		{"POST /join/accept", forStarted, s.postAccept},
		{"POST /acceptance/{id}/drop", forStarted, s.postDrop},

		{"GET /groups", forStarted, s.getGroups},
		{"GET /groups/new", forStarted, s.getNewGroup},
		{"POST /groups/new", forStarted, s.postNewGroup},
		{"GET /groups/{id}", forStarted, s.getGroup},
		{"GET /groups/{id}/people", forStarted, s.getGroupPeople},
		{"GET /groups/{id}/settings", forStarted, s.getGroupSettings},
		{"POST /groups/{id}/settings", forStarted, s.postGroupSettings},
		{"GET /groups/{id}/invite", forStarted, s.getGroupInvite},
		{"POST /groups/{id}/invite", forStarted, s.postGroupInvite},
		{"POST /groups/{id}/add", forStarted, s.postGroupAdd},
		{"POST /groups/{id}/requests/{person}", forStarted, s.postRequest},
		{"GET /groups/{id}/people/{person}/{act}", forStarted, s.getGroupAct},
		{"POST /groups/{id}/people/{person}/{act}", forStarted, s.postGroupAct},
		{"GET /groups/{id}/end/{act}", forStarted, s.getGroupAct},
		{"POST /groups/{id}/end/{act}", forStarted, s.postGroupAct},
		{"POST /offers/{id}", forStarted, s.postOffer},

		{"GET /chats", forStarted, s.getChats},
		{"GET /chats/new", forStarted, s.getNewChat},
		{"POST /chats/new", forStarted, s.postNewChat},
		{"POST /chats/choices", forStarted, s.postChatChoices},
		{"POST /people/{id}/chat", forStarted, s.postPersonChat},
		{"GET /chat/{id}", forStarted, s.getChat},
		{"POST /chat/{id}", forStarted, s.postMessage},
		{"POST /chat/{id}/read", forStarted, s.postRead},
		{"GET /chat/{id}/about", forStarted, s.getChatAbout},
		{"POST /chat/{id}/name", forStarted, s.postChatName},
		{"POST /chat/{id}/add", forStarted, s.postChatAdd},
		{"POST /chat/{id}/timer", forStarted, s.postChatTimer},
		{"GET /chat/{id}/leave", forStarted, s.getLeaveChat},
		{"POST /chat/{id}/leave", forStarted, s.postLeaveChat},
		{"GET /message/{id}/edit", forStarted, s.getEditMessage},
		{"POST /message/{id}/edit", forStarted, s.postEditMessage},
		{"GET /message/{id}/unsend", forStarted, s.getUnsend},
		{"POST /message/{id}/unsend", forStarted, s.postUnsend},
		{"POST /message/{id}/react", forStarted, s.postMessageReact},

		{"GET /lists", forStarted, s.getLists},
		{"GET /lists/new", forStarted, s.getNewList},
		{"POST /lists/new", forStarted, s.postNewList},
		{"GET /lists/{id}", forStarted, s.getList},
		{"POST /lists/{id}", forStarted, s.postList},
		{"GET /lists/{id}/delete", forStarted, s.getDeleteList},
		{"POST /lists/{id}/delete", forStarted, s.postDeleteList},

		{"GET /search", forStarted, s.getSearch},
		{"GET /saved", forStarted, s.getSaved},
		{"GET /fragment/saved", forStarted, s.getSavedFragment},
		{"POST /post/{id}/save", forStarted, s.postSave},
		{"GET /day", forStarted, s.getDay},
		{"GET /photos", forStarted, s.getPhotos},
		{"GET /fragment/search", forStarted, s.getSearchFragment},
		{"GET /news", forStarted, s.getNews},
		{"POST /news/seen", forStarted, s.postNewsSeen},
		{"POST /news/summary", forStarted, s.postSummary},
		{"GET /news/wishes", forStarted, s.getNewsWishes},
		{"POST /news/kinds", forStarted, s.postNewsKinds},
		{"POST /news/places", forStarted, s.postNewsPlaces},
		{"POST /feed/seen", forStarted, s.postFeedSeen},
		{"POST /post/{id}/quiet", forStarted, s.postQuiet},
		{"POST /post/{id}/hide", forStarted, s.postHide},

		{"GET /privacy", forStarted, s.getPrivacy},
		{"GET /people/{id}/safety", forStarted, s.getSafety},
		{"GET /people/{id}/safety/qr.png", forStarted, s.getSafetyQR},
		{"POST /people/{id}/verify", forStarted, s.postVerify},

		{"GET /hidden", forStarted, s.getHidden},
		{"POST /people/{id}/mute", forStarted, s.postMute},
		{"GET /people/{id}/block", forStarted, s.getBlock},
		{"POST /people/{id}/block", forStarted, s.postBlock},

		{"GET /calendar", forStarted, s.getCalendar},
		{"GET /calendar/new", forStarted, s.getNewEvent},
		{"POST /calendar/new", forStarted, s.postNewEvent},
		{"POST /settings/calendar", forStarted, s.postOpenFeed},
		{"POST /settings/calendar/close", forStarted, s.postCloseFeed},
		{"GET /calendar/{secret}", forAll, s.getCalendarFeed},
		{"GET /post/{id}/change", forStarted, s.getChangeEvent},
		{"POST /post/{id}/change", forStarted, s.postChangeEvent},
		{"GET /post/{id}/cancel", forStarted, s.getCancelEvent},
		{"POST /post/{id}/cancel", forStarted, s.postCancelEvent},
		{"POST /post/{id}/answer", forStarted, s.postAnswerEvent},
		{"POST /post/{id}/remind", forStarted, s.postRemind},
		{"GET /post/{id}/event.ics", forStarted, s.getEventFile},
		{"POST /reminders/{id}/drop", forStarted, s.postDropReminder},
		{"GET /fragment/calendar", forStarted, s.getCalendarFragment},
		{"GET /fragment/coming", forStarted, s.getComingFragment},
		{"GET /fragment/reminders", forStarted, s.getRemindersFragment},

		{"GET /me", forStarted, s.getMe},
		{"POST /me", forStarted, s.postMe},
		{"GET /settings", forStarted, s.getSettings},
		{"POST /settings/reach", forStarted, s.postReach},
		{"POST /settings/password", forStarted, s.postPassword},
		{"POST /settings/sessions/end", forStarted, s.postEndSession},
		{"GET /phone", forStarted, s.getPhone},
		{"POST /phone", forStarted, s.postPhone},
		{"POST /phone/pair", forStarted, s.postPair},
		{"GET /phone/pairing", forStarted, s.getPairing},
		{"GET /phone/qr.png", forStarted, s.getPairingQR},
		{"POST /phone/remove", forStarted, s.postRemovePhone},
		{"GET /this-phone", forStarted, s.getThisPhone},
		{"GET /kith.webmanifest", forAll, s.getManifest},
		{"GET /backup", forStarted, s.getBackup},
		{"POST /backup", forStarted, s.postBackup},
		{"GET /welcome/link", forOwner, s.getLinking},
		{"POST /welcome/link", forOwner, s.postLinking},
		{"POST /welcome/link/stop", forOwner, s.postStopLinking},
		{"GET /welcome/return", forOwner, s.getReturn},
		{"POST /welcome/return", forOwner, s.postReturn},
		{"GET /devices", forStarted, s.getDevices},
		{"POST /link", forStarted, s.postLink},
		{"POST /devices/find", forStarted, s.postFindFriend},
		{"GET /devices/leave", forStarted, s.getLeaveDevices},
		{"POST /devices/leave", forStarted, s.postLeaveDevices},
		{"GET /link/{id}", forStarted, s.getLink},
		{"GET /link/{id}/qr.png", forStarted, s.getLinkQR},
		{"POST /link/{id}/answer", forStarted, s.postLinkAnswer},
		{"POST /devices/{id}/rename", forStarted, s.postRenameDevice},
		{"GET /devices/{id}/remove", forStarted, s.getRemoveDevice},
		{"POST /devices/{id}/remove", forStarted, s.postRemoveDevice},
		{"POST /people/{id}/help", forStarted, s.postHelp},
		{"POST /notices/{id}/drop", forStarted, s.postDropNotice},
		{"GET /recovery", forStarted, s.getRecovery},
		{"GET /recovery/words", forStarted, s.getRecoveryWords},
		{"GET /recovery/check", forStarted, s.getRecoveryCheck},
		{"POST /recovery/check", forStarted, s.postRecoveryCheck},
		{"POST /recovery/later", forStarted, s.postRecoveryLater},

		{"GET /picture/{id}", forOwner, s.getPicture},
		{"GET /file/{id}/{number}", forStarted, s.getFile},
		{"GET /file/{id}/{number}/where", forStarted, s.getFileWhere},
		{"POST /file/{id}/{number}/want", forStarted, s.postFileWant},
		{"GET /fragment/file/{id}/{number}", forStarted, s.getFileFragment},

		{"GET /events", forOwner, s.getEvents},
		{"GET /changes", forOwner, s.getChanges},
		{"GET /fragment/feed", forStarted, s.getFeedFragment},
		{"GET /fragment/wall/{id}", forStarted, s.getWallFragment},
		{"GET /fragment/post/{id}", forStarted, s.getPostFragment},
		{"GET /fragment/comment/{id}", forStarted, s.getCommentFragment},
		{"GET /fragment/person/{id}", forStarted, s.getPersonFragment},
		{"GET /fragment/friends", forStarted, s.getStreetFragment},
		{"GET /fragment/friends-page", forStarted, s.getFriendsFragment},
		{"GET /fragment/at-the-door", forStarted, s.getDoorFragment},
		{"GET /fragment/invite/{id}", forStarted, s.getInviteFragment},
		{"GET /fragment/composer", forStarted, s.getComposerFragment},
		{"GET /fragment/audience", forStarted, s.getAudienceFragment},
		{"GET /fragment/first", forStarted, s.getFirstFragment},
		{"GET /fragment/devices", forStarted, s.getDevicesFragment},
		{"GET /fragment/link/{id}", forStarted, s.getLinkFragment},
		{"GET /fragment/linking", forOwner, s.getLinkingFragment},
		{"GET /fragment/news", forStarted, s.getNewsFragment},
		{"GET /fragment/bell", forStarted, s.getBellFragment},
		{"GET /fragment/summary", forStarted, s.getSummaryFragment},
		{"GET /fragment/notices", forStarted, s.getNoticesFragment},
		{"GET /fragment/groups", forStarted, s.getGroupsFragment},
		{"GET /fragment/group/{id}", forStarted, s.getGroupFragment},
		{"GET /fragment/group-people/{id}", forStarted, s.getGroupPeopleFragment},
		{"GET /fragment/group-feed/{id}", forStarted, s.getGroupFeedFragment},
		{"GET /fragment/chats", forStarted, s.getChatsFragment},
		{"GET /fragment/chat-count", forStarted, s.getChatCountFragment},
		{"GET /fragment/chat/{id}", forStarted, s.getTalkFragment},
		{"GET /fragment/chat-head/{id}", forStarted, s.getChatHeadFragment},
		{"GET /fragment/recovery", forStarted, s.getReminderFragment},
	}
}

// mux puts the table to work.
func (s *Server) mux() http.Handler {
	mux := http.NewServeMux()
	methods := make(map[string][]string) // which methods a path is known with
	for _, route := range s.routes() {
		mux.Handle(route.pattern, s.answer(route))
		method, path, _ := strings.Cut(route.pattern, " ")
		methods[path] = append(methods[path], method)
	}
	for path, known := range methods {
		if len(known) == 1 {
			mux.Handle(path, s.answer(route{open: forOwner, handle: wrongMethod(known[0])}))
		}
	}
	mux.Handle("/", s.answer(route{open: forOwner, handle: func(http.ResponseWriter, *http.Request) error { return errNoPage }}))
	return mux
}

// wrongMethod answers for a path that is known with another method only: a person gets there by typing the
// address of a form, or by reloading it after signing in.
func wrongMethod(known string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Allow", known)
		return errWrongMethod
	}
}

// answer makes an http.Handler of a route: only whom it is open to gets to its handler, no body is larger than it
// allows, and an error becomes a page.
func (s *Server) answer(route route) http.Handler {
	limit := max(bodies[route.pattern], maxForm)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		r, err := s.admit(route.open, w, r)
		if err == nil {
			err = keptFromPhones(r)
		}
		if err == nil {
			err = route.handle(w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}
