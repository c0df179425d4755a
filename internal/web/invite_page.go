package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"kith/internal/social"
	"kith/internal/web/qr"
)

// invitePage is where an invite is made.
type invitePage struct {
	Shell
	Label string
	LetIn bool
	Days  string
	Lasts []lasting
	Open  []social.Invite
}

func (invitePage) template() string { return "invite" }

// lasting is a choice of how long an invite works.
type lasting struct {
	Days  string
	Words string
	For   time.Duration
}

var lastings = []lasting{
	{"1", "1 day", 24 * time.Hour},
	{"7", "7 days", 7 * 24 * time.Hour},
	{"30", "30 days", 30 * 24 * time.Hour},
}

// usualDays is the choice that is made already.
const usualDays = "7"

func (s *Server) getInvite(w http.ResponseWriter, r *http.Request) error {
	return s.inviteForm(w, r, http.StatusOK, invitePage{Days: usualDays})
}

func (s *Server) inviteForm(w http.ResponseWriter, r *http.Request, status int, v invitePage) error {
	shell, err := s.shell(r, "Invite a friend", navInvite)
	if err != nil {
		return err
	}
	shell.Notice = v.Notice
	v.Shell, v.Lasts = shell, lastings
	invites, err := s.home.Invites(r.Context())
	if err != nil {
		return err
	}
	for _, invite := range invites {
		if invite.State == social.InviteOpen {
			v.Open = append(v.Open, invite)
		}
	}
	return s.page(w, status, v)
}

func (s *Server) postInvite(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	options := social.InviteOptions{Label: strings.TrimSpace(values.Get("label")), LetIn: values.Get("let-in") != ""}
	for _, l := range lastings {
		if l.Days == values.Get("days") {
			options.For = l.For
		}
	}
	invite, err := s.home.Invite(r.Context(), options)
	if err != nil {
		v := invitePage{Label: options.Label, LetIn: options.LetIn, Days: values.Get("days")}
		v.Notice = explain(err)
		if v.Notice.Status == http.StatusInternalServerError {
			return err
		}
		return s.inviteForm(w, r, v.Notice.Status, v)
	}
	http.Redirect(w, r, "/invite/"+url.PathEscape(invite.ID), http.StatusSeeOther)
	return nil
}

// madeInvitePage is an invite, ready to be sent.
type madeInvitePage struct {
	Shell
	Made madeInvite
}

func (madeInvitePage) template() string { return "made-invite" }

// madeInvite is an invite and what became of it.
type madeInvite struct {
	Invite social.Invite
}

func (madeInvite) template() string { return "made" }

func (s *Server) getMadeInvite(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Your invite", navInvite)
	if err != nil {
		return err
	}
	invite, err := s.invite(r)
	if err != nil {
		return err
	}
	return s.page(w, http.StatusOK, madeInvitePage{shell, madeInvite{invite}})
}

// invite finds the invite that a request names.
func (s *Server) invite(r *http.Request) (social.Invite, error) {
	invites, err := s.home.Invites(r.Context())
	if err != nil {
		return social.Invite{}, err
	}
	for _, invite := range invites {
		if invite.ID == r.PathValue("id") {
			return invite, nil
		}
	}
	return social.Invite{}, &social.Error{Code: social.CodeNotFound, Message: "There is no such invite any more. You can make a new one at any time."}
}

// getInviteQR draws the code of an invite.
func (s *Server) getInviteQR(w http.ResponseWriter, r *http.Request) error {
	invite, err := s.invite(r)
	if err != nil {
		return err
	}
	if invite.State != social.InviteOpen {
		return &social.Error{Code: social.CodeGone, Message: "This invite can’t be used any more, so there is no picture of it."}
	}
	picture, err := qr.Encode(invite.Code)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Security-Policy", picturePolicy)
	h.Set("Content-Type", "image/png")
	h.Set("Cache-Control", "no-store") // whoever has it can use the invite
	_, _ = w.Write(picture)            // the browser may have gone; there is nobody left to tell
	return nil
}

func (s *Server) getRevoke(w http.ResponseWriter, r *http.Request) error {
	invite, err := s.invite(r)
	if err != nil {
		return err
	}
	whom := "this invite"
	if invite.Label != "" {
		whom = "the invite for " + invite.Label
	}
	return s.confirm(w, r, confirmation{
		Question: "Take back " + whom + "?",
		Detail:   "Nobody can use it any more. Whoever has the message is told so when they try.",
		Action:   "/invite/" + invite.ID + "/revoke",
		Button:   "Take it back",
		Back:     "/invite/" + invite.ID,
	})
}

func (s *Server) postRevoke(w http.ResponseWriter, r *http.Request) error {
	if err := s.home.RevokeInvite(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return s.done(w, r, "/friends", "revoked")
}

// postAnswer lets somebody in who waits at the door, or doesn't.
func (s *Server) postAnswer(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	yes := values.Get("answer") == "yes"
	if !yes && values.Get("answer") != "no" {
		return errFormBroken
	}
	if err := s.home.AnswerInvite(r.Context(), r.PathValue("id"), yes); err != nil {
		return err
	}
	if yes {
		return s.done(w, r, "/friends", "let-in")
	}
	return s.done(w, r, "/friends", "sent-away")
}
