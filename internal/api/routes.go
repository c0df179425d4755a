package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"kith/internal/social"
)

// route is one line of the table below.
type route struct {
	pattern string // method, space, path below Prefix
	handle  handler
}

// routes is everything that the server answers to.
func (s *Server) routes() []route {
	return slices.Concat(s.groupRoutes(), s.newsRoutes(), s.privacyRoutes(), s.phoneRoutes(), s.keepRoutes(), s.chatRoutes(), []route{
		{"GET status", read(s.Home.Status)},
		{"GET profile", read(s.Home.Profile)},
		{"POST begin", s.begin},
		{"GET events", s.events},
		{"POST page", s.page},
		{"PUT password", s.password},
		{"POST stop", s.stop},
		{"POST backup", s.backup},

		{"GET feed", s.feed},
		{"GET search", s.search},
		{"GET posts/{id}", readOne(s.Home.Post)},
		{"POST posts", s.publish},
		{"POST posts/{id}/comments", s.comment},
		{"GET comments/{id}", readOne(s.Home.CommentByID)},
		{"PUT entries/{id}/reaction", s.react},
		{"DELETE entries/{id}", change(s.Home.Delete)},
		{"DELETE entries/{id}/for-good", change(s.Home.DeleteForGood)},
		{"PUT entries/{id}/text", s.edit},
		{"GET entries/{id}/versions", readOne(s.Home.Versions)},
		{"GET trash", read(s.Home.Trash)},
		{"DELETE trash", read(s.emptyTrash)},
		{"POST trash/{id}/restore", readOne(s.restore)},
		{"DELETE trash/{id}", change(s.Home.DeleteTrashed)},

		{"GET friends", read(s.Home.Friends)},
		{"DELETE friends/{id}", change(s.Home.Unfriend)},
		{"GET people/{id}", readOne(s.Home.Person)},
		{"GET people/{id}/wall", s.wall},

		{"GET devices", read(s.Home.Devices)},
		{"PUT devices/{id}/name", s.renameDevice},
		{"POST devices/{id}/remove", s.removeDevice},
		{"POST devices/leave", s.leaveDevices},
		{"GET links", read(s.Home.Links)},
		{"POST links", read(s.Home.Link)},
		{"POST links/{id}/answer", s.answerLink},
		{"GET linking", read(s.Home.Linking)},
		{"POST linking", s.joinDevice},
		{"DELETE linking", s.stopLinking},
		{"POST recover", s.recover},
		{"POST people/{id}/help", readOne(s.Home.Help)},
		{"GET notices", read(s.Home.Notices)},
		{"DELETE notices/{id}", change(s.Home.DropNotice)},

		{"GET invites", read(s.Home.Invites)},
		{"POST invites", s.invite},
		{"DELETE invites/{id}", change(s.Home.RevokeInvite)},
		{"POST invites/{id}/answer", s.answerInvite},
		{"POST greeting", s.inspect},
		{"GET acceptances", read(s.Home.Acceptances)},
		{"POST acceptances", s.accept},
		{"DELETE acceptances/{id}", change(s.Home.DropAcceptance)},
	})
}

// read answers with something that needs no more than asking.
func read[T any](f func(context.Context) (T, error)) handler {
	return func(_ http.ResponseWriter, r *http.Request) (any, error) {
		return f(r.Context())
	}
}

// readOne answers with what has the ID in the path.
func readOne[T any](f func(ctx context.Context, id string) (T, error)) handler {
	return func(_ http.ResponseWriter, r *http.Request) (any, error) {
		return f(r.Context(), r.PathValue("id"))
	}
}

// change does something to what has the ID in the path.
func change(f func(ctx context.Context, id string) error) handler {
	return func(_ http.ResponseWriter, r *http.Request) (any, error) {
		return nil, f(r.Context(), r.PathValue("id"))
	}
}

const (
	usualPage   = 20  // posts in an answer, if the request doesn't say
	largestPage = 100 // posts in an answer at most
)

// page reads from a request which part of a feed is wanted.
func page(r *http.Request) (cursor string, limit int, err error) {
	limit = usualPage
	if text := r.URL.Query().Get("limit"); text != "" {
		limit, err = strconv.Atoi(text)
		if err != nil || limit < 1 || limit > largestPage {
			return "", 0, &social.Error{Code: social.CodeBadInput,
				Message: "The number of posts to show at once is from 1 to " + strconv.Itoa(largestPage) + "."}
		}
	}
	return r.URL.Query().Get("cursor"), limit, nil
}

func (s *Server) feed(_ http.ResponseWriter, r *http.Request) (any, error) {
	cursor, limit, err := page(r)
	if err != nil {
		return nil, err
	}
	return s.Home.Feed(r.Context(), cursor, limit)
}

func (s *Server) wall(_ http.ResponseWriter, r *http.Request) (any, error) {
	cursor, limit, err := page(r)
	if err != nil {
		return nil, err
	}
	return s.Home.Wall(r.Context(), r.PathValue("id"), cursor, limit)
}

func (s *Server) comment(w http.ResponseWriter, r *http.Request) (any, error) {
	var body newComment
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return s.Home.Comment(r.Context(), r.PathValue("id"), body.Text)
}

func (s *Server) react(w http.ResponseWriter, r *http.Request) (any, error) {
	var body newReaction
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return nil, s.Home.React(r.Context(), r.PathValue("id"), body.Emoji)
}

// longestInvite bounds what is turned into a duration; social has its own bound, and a message for it.
const longestInvite = 10 * 365 * 24 * 3600 // seconds

var errInviteTime = &social.Error{Code: social.CodeBadInput, Message: "An invite lasts at least a moment and at most some years. Nothing was changed."}

func (s *Server) invite(w http.ResponseWriter, r *http.Request) (any, error) {
	var body newInvite
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	if body.Seconds < 0 || body.Seconds > longestInvite {
		return nil, errInviteTime
	}
	return s.Home.Invite(r.Context(), social.InviteOptions{
		LetIn: body.LetIn,
		Label: body.Label,
		For:   time.Duration(body.Seconds) * time.Second,
	})
}

func (s *Server) answerInvite(w http.ResponseWriter, r *http.Request) (any, error) {
	var body inviteAnswer
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return nil, s.Home.AnswerInvite(r.Context(), r.PathValue("id"), body.Yes)
}

func (s *Server) inspect(w http.ResponseWriter, r *http.Request) (any, error) {
	var body inviteCode
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return s.Home.Inspect(r.Context(), body.Code)
}

func (s *Server) accept(w http.ResponseWriter, r *http.Request) (any, error) {
	var body inviteCode
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return s.Home.Accept(r.Context(), body.Code)
}

// page makes a link that signs a browser in. The token stands behind the #, which a browser does not send.
func (s *Server) page(_ http.ResponseWriter, r *http.Request) (any, error) {
	token, err := s.Gate.OneTimeToken(r.Context())
	if err != nil {
		return nil, err
	}
	return PageLink{Page: s.Page + "/", Link: SignInLink(s.Page, token)}, nil
}

// SignInLink is the address that signs a browser in: the page's sign-in form takes the token from behind the #.
func SignInLink(page, token string) string { return page + "/signin#" + token }

func (s *Server) password(w http.ResponseWriter, r *http.Request) (any, error) {
	var body newPassword
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return nil, s.Gate.ResetPassword(r.Context(), body.Password)
}

func (s *Server) stop(http.ResponseWriter, *http.Request) (any, error) {
	s.Stop()
	return nil, nil
}
