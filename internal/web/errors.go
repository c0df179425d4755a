package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"kith/internal/access"
	"kith/internal/social"
)

// What goes wrong at this edge, before the home is asked.
var (
	errSignedOut   = errors.New("web: not signed in")
	errNotStarted  = &social.Error{Code: social.CodeNotStarted, Message: "This home is not set up yet. Open its page to do that."}
	errNoPage      = &social.Error{Code: social.CodeNotFound, Message: "There is no page at this address. Perhaps it was mistyped, or what was here has been deleted."}
	errWrongMethod = &social.Error{Code: codeWrongMethod, Message: "This address takes what a form sends and is no page of its own. Nothing was changed."}
	errFormTooBig  = &social.Error{Code: social.CodeTooLarge, Message: "That is more than fits into this form. Nothing was changed; please make it shorter and send it again."}
	errFormBroken  = &social.Error{Code: social.CodeBadInput, Message: "This didn’t arrive in one piece. Nothing was changed; please go back and send it again."}
)

// codeWrongMethod is a code of this package alone: it is a matter of HTTP.
const codeWrongMethod = "wrong-method"

// trouble is what a person is told when something did not work: what happened, and what to do next. The sentence about
// what is safe is part of Message.
type trouble struct {
	Status  int
	Title   string
	Message string
}

// statuses gives every code its HTTP status and the title of its page. This is the only such table of the package.
var statuses = map[string]struct {
	status int
	title  string
}{
	social.CodeBadInput:       {http.StatusUnprocessableEntity, "That doesn’t work yet"},
	social.CodeNotFound:       {http.StatusNotFound, "Nothing here"},
	social.CodeNotAllowed:     {http.StatusForbidden, "That isn’t yours to change"},
	social.CodeNotStarted:     {http.StatusConflict, "Not set up yet"},
	social.CodeGone:           {http.StatusGone, "This is gone"},
	social.CodeUnreachable:    {http.StatusServiceUnavailable, "Their home is not on right now"},
	social.CodeUsed:           {http.StatusConflict, "This invite was used already"},
	social.CodeExpired:        {http.StatusGone, "This invite has run out"},
	social.CodeRevoked:        {http.StatusGone, "This invite was taken back"},
	social.CodeRefused:        {http.StatusForbidden, "They said no"},
	social.CodeOwnInvite:      {http.StatusConflict, "This is your own invite"},
	social.CodeAlreadyFriends: {http.StatusConflict, "You are friends already"},
	social.CodeTooLarge:       {http.StatusRequestEntityTooLarge, "That is too large"},
	social.CodeBusy:           {http.StatusTooManyRequests, "One moment"},
	social.CodeInternal:       {http.StatusInternalServerError, "Something went wrong here"},
	codeWrongMethod:           {http.StatusMethodNotAllowed, "Nothing to see here"},
}

// explain turns an error into what a person is told.
func explain(err error) trouble {
	var known *social.Error
	if errors.As(err, &known) {
		if s, ok := statuses[known.Code]; ok {
			return trouble{Status: s.status, Title: s.title, Message: known.Message}
		}
	}
	var limit *access.LimitError
	switch {
	case errors.As(err, &limit):
		return trouble{http.StatusTooManyRequests, "One moment",
			"There were too many wrong passwords. The next try is possible in " + inWords(limit.RetryAfter) +
				". On the computer of this home, “kith open” signs you in at once."}
	case errors.Is(err, access.ErrPassword):
		return trouble{http.StatusForbidden, "Not the password", "Please try again. On the computer of this home, “kith open” signs you in without it."}
	case errors.Is(err, access.ErrNoPassword):
		return trouble{http.StatusForbidden, "No password", "No password is set for this home. On its computer, “kith open” signs you in."}
	case errors.Is(err, access.ErrPasswordLength):
		return trouble{http.StatusUnprocessableEntity, "That doesn’t work yet", "A password needs at least ten characters. Four words that only you would put together are a good one."}
	case errors.Is(err, access.ErrToken):
		return trouble{http.StatusForbidden, "This link has been used", "A sign-in link works once and for two minutes. “kith open” makes a new one."}
	case errors.Is(err, access.ErrNoSession):
		return trouble{http.StatusNotFound, "Nothing here", "That browser is signed out already."}
	}
	s := statuses[social.CodeInternal]
	return trouble{s.status, s.title,
		"Something went wrong in this home. What you had saved before is safe. Please try again; if it happens again, the log of kith says more."}
}

// fail answers a request that could not be done.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var known *social.Error
	switch {
	case r.Context().Err() != nil && errors.Is(err, context.Canceled):
		return // the browser went away; nobody is there to read an answer
	case errors.Is(err, errSignedOut):
		s.signedOut(w, r)
		return
	case errors.As(err, &known) && known.Code == social.CodeNotStarted && !wantsPart(r):
		http.Redirect(w, r, "/welcome", http.StatusSeeOther)
		return
	}
	t := explain(err)
	if t.Status == http.StatusInternalServerError {
		s.log.LogAttrs(r.Context(), slog.LevelError, "a page failed",
			slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Any("error", err))
	}
	if wantsPart(r) {
		err = s.part(w, t.Status, t)
	} else {
		err = s.failurePage(w, r, t)
	}
	if err != nil {
		s.log.LogAttrs(r.Context(), slog.LevelError, "an error page failed", slog.Any("error", err))
		refuse(w, http.StatusInternalServerError, "Something went wrong in this home. Please try again.")
	}
}

func (trouble) template() string { return "trouble" }

// failurePage shows a trouble as a page of its own. The rails are around it if whoever asks is signed in and the rails
// can be had.
func (s *Server) failurePage(w http.ResponseWriter, r *http.Request, t trouble) error {
	if session(r.Context()).ID == "" {
		return s.page(w, t.Status, bareFailure{bare{Title: t.Title}, t})
	}
	shell, err := s.shell(r, t.Title, "")
	if err != nil {
		return s.page(w, t.Status, bareFailure{bare{Title: t.Title}, t})
	}
	return s.page(w, t.Status, failure{shell, t})
}

// failure is an error page inside the rails.
type failure struct {
	Shell
	Trouble trouble
}

func (failure) template() string { return "failure" }

// bareFailure is an error page without the rails: for somebody not signed in, or when not even the rails
// could be read.
type bareFailure struct {
	bare
	Trouble trouble
}

func (bareFailure) template() string { return "failure-bare" }
