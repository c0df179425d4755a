package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"

	"kith/internal/social"
)

// Prefix is where the server's paths begin. Whoever shares the listener with it sends it everything below.
const Prefix = "/api/v1/"

// Config is what a Server needs, all of it.
type Config struct {
	Home  Home
	Gate  Gate
	Log   *slog.Logger
	Token string   // what a request has to bring, as NewToken makes it
	Hosts []string // the exact values of the Host header that are answered, such as "127.0.0.1:7480"
	Page  string   // the address of the page, such as "http://127.0.0.1:7480"
	Stop  func()   // asks the program to stop, and returns at once
	Phone Phones   // the door to the home network; nil: there is none
}

// Server answers the command line. It is an http.Handler, safe for concurrent use, and starts nothing of its own. The
// http.Server before it has no WriteTimeout, because the stream of events stays open.
type Server struct {
	Config
	token   [sha256.Size]byte
	handler http.Handler
	closing chan struct{}
	closed  sync.Once
}

// New prepares a server.
func New(c Config) (*Server, error) {
	if c.Home == nil || c.Gate == nil || c.Log == nil || c.Token == "" || len(c.Hosts) == 0 || c.Page == "" || c.Stop == nil {
		return nil, errors.New("api: the configuration is not complete")
	}
	s := &Server{Config: c, token: sha256.Sum256([]byte(c.Token)), closing: make(chan struct{})}
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		method, path, _ := strings.Cut(r.pattern, " ")
		mux.Handle(method+" "+Prefix+path, s.answer(r.handle))
	}
	mux.Handle("/", s.answer(func(http.ResponseWriter, *http.Request) (any, error) {
		return nil, &social.Error{Code: social.CodeNotFound,
			Message: "The running home does not know this request. Perhaps it is of another version than the command: stop kith and start it again."}
	}))
	s.handler = s.guard(mux)
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close ends the streams of events. Call it before http.Server.Shutdown, which would wait for them.
func (s *Server) Close() { s.closed.Do(func() { close(s.closing) }) }

// guard lets requests pass that come from a program of the owner's.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		switch {
		case !slices.Contains(s.Hosts, r.Host):
			http.Error(w, "No home answers to this address.", http.StatusMisdirectedRequest)
		case r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "":
			http.Error(w, "This is for the command line, not for browsers.", http.StatusForbidden)
		case !s.authorized(r):
			h.Set("WWW-Authenticate", "Bearer")
			http.Error(w, "This needs the token of this home.", http.StatusUnauthorized)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// authorized compares hashes, in constant time: neither the token's length nor its letters show.
func (s *Server) authorized(r *http.Request) bool {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	hash := sha256.Sum256([]byte(given))
	return ok && subtle.ConstantTimeCompare(hash[:], s.token[:]) == 1
}

// handler does what a request asks for and returns what to answer: nil for nothing. It has written nothing when it
// returns an error.
type handler func(w http.ResponseWriter, r *http.Request) (any, error)

// written is what a handler returns that answered by itself.
var written = new(struct{})

// answer makes an http.Handler of a handler.
func (s *Server) answer(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := h(w, r)
		switch {
		case err != nil:
			s.fail(w, r, err)
		case body == nil:
			w.WriteHeader(http.StatusNoContent)
		case body != any(written):
			s.write(w, r, http.StatusOK, body)
		}
	})
}

// fail answers with a refusal, and logs what the command line is not told.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	t := told(err)
	status := Status(t)
	if status == http.StatusInternalServerError && r.Context().Err() == nil {
		s.Log.LogAttrs(r.Context(), slog.LevelError, "a command failed",
			slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Any("error", err))
	}
	s.write(w, r, status, Failure{FailureDetail{t.Code, t.Message}})
}

func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		s.Log.LogAttrs(r.Context(), slog.LevelError, "an answer can't be written as JSON",
			slog.String("path", r.URL.Path), slog.Any("error", err))
		http.Error(w, "Something went wrong in this home.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The command may be gone; there is nobody left to tell.
	_, _ = w.Write(append(text, '\n'))
}
