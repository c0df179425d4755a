package web

import (
	"context"
	"net/http"
	"strings"

	"kith/internal/social"
)

// A phone comes through a door of its own (package phone), over plain HTTP on the home network. Somebody who listens there can take
// its session. So that session reads and writes, and gets at nothing that would outlast it: no keys, words, devices,
// passwords, backups or further phones. All of that is done at the computer.

type doorKey struct{}

// throughDoor marks the requests that come from the home network.
func throughDoor(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), doorKey{}, true)))
	})
}

// byPhone reports whether a request came from the home network.
func byPhone(ctx context.Context) bool { return ctx.Value(doorKey{}) != nil }

// PhoneHandler answers the requests that come from the home network. It is nil without Config.Phone.
func (s *Server) PhoneHandler() http.Handler { return s.phone }

// atComputer lists what a phone does not get, each with all that is below it.
var atComputer = []string{"/backup", "/devices", "/fragment/devices", "/fragment/link", "/fragment/linking", "/fragment/recovery", "/link", "/phone", "/recovery", "/welcome"}

var errAtComputer = &social.Error{Code: social.CodeNotAllowed,
	Message: "This is done at the computer of this home: what passes over the Wi-Fi could be read by somebody who listens there. Nothing was changed."}

// keptFromPhones returns errAtComputer for a request of a phone for something that it does not get.
func keptFromPhones(r *http.Request) error {
	if !byPhone(r.Context()) {
		return nil
	}
	if strings.HasPrefix(r.URL.Path, "/settings/") { // the page itself leads to /this-phone
		return errAtComputer
	}
	for _, path := range atComputer {
		if rest, ok := strings.CutPrefix(r.URL.Path, path); ok && (rest == "" || rest[0] == '/') {
			return errAtComputer
		}
	}
	return nil
}

// pairPhone starts the session of a phone by the token of a pairing.
func (s *Server) pairPhone(r *http.Request, token, password string) (secret string, err error) {
	status, err := s.phones.Status(r.Context())
	if err != nil {
		return "", err
	}
	return s.gate.Pair(r.Context(), token, password, status.AskPassword, r.UserAgent())
}
