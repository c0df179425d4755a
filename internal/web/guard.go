package web

import (
	"net/http"
	"strings"
)

// pagePolicy is the content security policy of every page. Scripts, styles, requests and forms go to this home only;
// pictures, sound and film too, and to blob: URLs, which composers use for what has not been sent so far. Without
// 'unsafe-inline' no script, style or handler inside the HTML runs, and strings become HTML only through the one Trusted
// Types policy of js/trusted.js.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types kith"

// picturePolicy is the policy of a picture that is opened by itself: nothing in it may run or load anything.
const picturePolicy = "default-src 'none'; sandbox; frame-ancestors 'none'"

// guard stands before every handler. ours tells which values of the Host header are answered.
func (s *Server) guard(next http.Handler, ours func(host string) bool) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusForbidden, "This came from another page, so nothing was changed.")
	}))
	next = crossOrigin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		switch {
		case !ours(r.Host):
			refuse(w, http.StatusMisdirectedRequest, "No home answers to this address.")
		case !ownRequest(r):
			refuse(w, http.StatusForbidden, "This is only shown inside its own page.")
		case !knownMethod(r.Method):
			w.Header().Set("Allow", "GET, HEAD, POST")
			refuse(w, http.StatusMethodNotAllowed, "The pages of a home know GET, HEAD and POST.")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// secure sets the headers that every reply has. A handler may make the policy stricter, never looser.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	// Nothing is told to other sites. "no-referrer" would do that too, but makes browsers send "Origin: null" with our
	// own forms, and browsers without Sec-Fetch-Site on loopback would then be refused by the cross-origin protection.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(self), geolocation=(), payment=(), usb=(), serial=(), "+
		"display-capture=(), browsing-topics=()")
	h.Set("X-Frame-Options", "DENY") // for browsers that don't know frame-ancestors
	h.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	h.Set("Cache-Control", "private, no-cache") // asked for anew each time, yet kept for the back button
	h.Set("Origin-Agent-Cluster", "?1")
}

// ownRequest reports whether a request may be answered, by what the browser says of where it comes from. Pages of other
// origins, other ports of this machine included, may lead a person here by a link, and may load nothing. Browsers that
// don't send these headers, and programs, are judged by host and session alone.
func ownRequest(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	// A form of another origin comes as a navigation too; the cross-origin protection stops it.
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

func knownMethod(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodPost
}

// refuse answers without a page: whoever asked is not a person on our pages.
func refuse(w http.ResponseWriter, status int, why string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The connection may be gone; there is nobody left to tell.
	_, _ = strings.NewReader(why + "\n").WriteTo(w)
}
