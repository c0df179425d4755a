package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"kith/internal/access"
)

// signInPage is what everybody sees who is not signed in.
type signInPage struct {
	bare
	HasPassword bool
	SignedIn    bool   // already, so there is nothing to do
	Token       string // a one-time token from the address; a button sends it
	ByToken     bool   // this is where the program leads the browser, so a token may stand behind the # of the address
	Next        string // the page to go to afterwards
	Typed       string // what was being sent when the session turned out to be over
	Trouble     trouble
	Phone       bool // this is a phone on the home network
	AskPassword bool // with which the phone is to be paired
}

func (signInPage) template() string { return "signin" }

// getSignIn is where the program leads the browser: /signin#TOKEN. What stands behind the # is not sent; a script puts
// it into the form and sends that. Without scripts, /signin?token=TOKEN offers a button. Either way the token is used
// by a POST.
func (s *Server) getSignIn(w http.ResponseWriter, r *http.Request) error {
	return s.signInForm(w, r, http.StatusOK, signInPage{Token: r.URL.Query().Get("token"), ByToken: true})
}

// signedOut shows the sign-in form in place of a page, at the same address, so that it need only be loaded again. What
// somebody had typed is given back.
func (s *Server) signedOut(w http.ResponseWriter, r *http.Request) {
	v := signInPage{Next: "/"}
	if r.Method == http.MethodGet {
		v.Next = r.URL.RequestURI()
	} else {
		v.Typed = typed(r)
	}
	var err error
	if wantsPart(r) {
		err = s.part(w, http.StatusUnauthorized, trouble{http.StatusUnauthorized, "Signed out",
			"This browser is signed out. What you typed is still here. Open this home in another tab to sign in, then try again."})
	} else {
		err = s.signInForm(w, r, http.StatusUnauthorized, v)
	}
	if err != nil {
		s.log.Error("the sign-in page failed", "error", err)
		refuse(w, http.StatusInternalServerError, "Something went wrong in this home. Please try again.")
	}
}

// typed returns the text that somebody was sending, for as much of it as there is.
func typed(r *http.Request) string {
	// Files are passed over. If the form breaks off, what came before is still worth giving back.
	values, _ := readFiles(r, func(_ url.Values, _ string, file *multipart.Part) error {
		_, err := io.Copy(io.Discard, file)
		return err
	})
	text := values.Get("text")
	return text[:min(len(text), typedText)]
}

func (s *Server) signInForm(w http.ResponseWriter, r *http.Request, status int, v signInPage) error {
	has, err := s.gate.HasPassword(r.Context())
	if err != nil {
		return err
	}
	if _, err := s.check(r); err == nil {
		v.SignedIn = true
	}
	v.Title, v.HasPassword, v.Next = "Sign in", has, ownPath(v.Next)
	if v.Phone = byPhone(r.Context()); v.Phone {
		status, err := s.phones.Status(r.Context())
		if err != nil {
			return err
		}
		v.HasPassword, v.AskPassword = false, status.AskPassword
	}
	w.Header().Set("Cache-Control", "no-store") // it may hold a token or something typed
	return s.page(w, status, v)
}

// postSignIn starts a session by a token or the password.
func (s *Server) postSignIn(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	token, next := strings.TrimSpace(values.Get("token")), ownPath(values.Get("next"))
	var secret string
	if byPhone(r.Context()) {
		secret, err = s.pairPhone(r, token, values.Get("password"))
	} else if token != "" {
		secret, err = s.gate.SignInToken(r.Context(), token, r.UserAgent())
	} else {
		secret, err = s.gate.SignInPassword(r.Context(), values.Get("password"), r.UserAgent())
	}
	if err != nil {
		if token != "" && errors.Is(err, access.ErrToken) {
			// Most likely the link was opened twice. Whoever is signed in loses nothing by it.
			if _, signedIn := s.check(r); signedIn == nil {
				http.Redirect(w, r, next, http.StatusSeeOther)
				return nil
			}
		}
		t := explain(err)
		if t.Status == http.StatusInternalServerError {
			return err
		}
		again := signInPage{Next: next, Trouble: t}
		if byPhone(r.Context()) && !errors.Is(err, access.ErrToken) {
			again.Token, again.ByToken = token, true // it is still good: only the password was not
		} else if byPhone(r.Context()) {
			again.Trouble.Message = "A pairing link works once and for five minutes. At the computer of this home, the settings make a new one: “On my phone”."
		}
		return s.signInForm(w, r, t.Status, again)
	}
	// The program opens a browser that is often signed in already: the new session takes the place of the old one.
	if old, err := s.check(r); err == nil {
		if err := s.gate.End(r.Context(), old.ID); err != nil && !errors.Is(err, access.ErrNoSession) {
			return err
		}
	}
	s.setCookie(w, secret)
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// postSignOut ends this session.
func (s *Server) postSignOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.gate.End(r.Context(), session(r.Context()).ID); err != nil && !errors.Is(err, access.ErrNoSession) {
		return err
	}
	s.dropCookie(w)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`) // drafts of comments are kept in the browser
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
	return nil
}

// ownPath returns a path of this home to go to: the one asked for if it is one, or the start.
func ownPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(path, "/") ||
		strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") || strings.HasPrefix(path, "/signin") {
		return "/"
	}
	return path
}
