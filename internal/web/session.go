package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"kith/internal/access"
)

// cookieLife is how long a browser keeps its cookie. The gate decides when a session ends; the cookie only has to
// outlive it.
const cookieLife = access.SessionLife + 24*time.Hour

// cookieFresh is how old a session may get before the browser is given its cookie again with every page. Without that, the
// cookie would end a while after signing in, however often the page is used.
const cookieFresh = 24 * time.Hour

type sessionKey struct{}

// session returns the session of a request that came with a good one; without, its ID is empty.
func session(ctx context.Context) access.Session {
	s, _ := ctx.Value(sessionKey{}).(access.Session)
	return s
}

// admit decides whether a request may use a route. It returns the request with its session, also when it may not.
func (s *Server) admit(open entrance, w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	if open == forAll {
		return r, nil
	}
	found, err := s.check(r)
	if err != nil {
		return r, err
	}
	if (found.Phone != "") != byPhone(r.Context()) {
		return r, errSignedOut // a secret is good at the door for which it was given out
	}
	r = r.WithContext(context.WithValue(r.Context(), sessionKey{}, found))
	if s.now().Sub(found.Created) > cookieFresh && r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Dest") == "document" {
		if cookie, err := r.Cookie(s.cookie); err == nil {
			s.setCookie(w, cookie.Value)
		}
	}
	if open == forOwner {
		return r, nil
	}
	started, err := s.home.Started(r.Context())
	if err == nil && !started {
		err = errNotStarted
	}
	return r, err
}

// check looks up the session of a request. It returns errSignedOut if there is no good one.
func (s *Server) check(r *http.Request) (access.Session, error) {
	cookie, err := r.Cookie(s.cookie)
	if err != nil {
		return access.Session{}, errSignedOut
	}
	found, err := s.gate.Check(r.Context(), cookie.Value)
	if errors.Is(err, access.ErrNoSession) {
		return access.Session{}, errSignedOut
	}
	return found, err
}

// setCookie gives the browser its session secret.
//
// No script can read the cookie (HttpOnly), and it goes to this host only (no Domain). It is Lax and not Strict so
// that the link of an invite, opened from a page of mail, arrives signed in: Lax sends it with links that lead here and
// with nothing else from other sites. As no GET has an effect, there is nothing in that to misuse. Other ports of
// this machine count as the same site to a cookie; the guard keeps their requests out. Secure is impossible, because the
// page is plain HTTP on loopback.
func (s *Server) setCookie(w http.ResponseWriter, secret string) {
	http.SetCookie(w, &http.Cookie{
		Name:     s.cookie,
		Value:    secret,
		Path:     "/",
		MaxAge:   int(cookieLife / time.Second),
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
}

// dropCookie makes the browser forget its session.
func (s *Server) dropCookie(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name:     s.cookie,
		Path:     "/",
		MaxAge:   -1,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
}
