package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"kith/internal/social"
)

const (
	// maxStreams bounds the open event streams. A browser needs one, however many tabs are open; a few more come from
	// browsers where tabs can't agree.
	maxStreams = 24

	// streamPause is how often a quiet stream says that it is alive, and how often its session is looked at.
	streamPause = 20 * time.Second

	// streamPatience is how long a browser may take to accept what is sent.
	streamPatience = 10 * time.Second

	// streamRetry is after how many milliseconds a browser tries again when a stream broke.
	streamRetry = 2000
)

// changesAnswer is the reply to /changes.
type changesAnswer struct {
	Mark     string         `json:"mark"`     // to ask from next time
	Complete bool           `json:"complete"` // false: look at everything again
	Changes  []social.Event `json:"changes"`
}

// getChanges tells what changed since a mark ("after").
func (s *Server) getChanges(w http.ResponseWriter, r *http.Request) error {
	changes, mark, complete, _ := s.hub.since(r.URL.Query().Get("after"))
	answer := changesAnswer{Mark: mark, Complete: complete, Changes: make([]social.Event, 0, len(changes))}
	for _, change := range changes {
		answer.Changes = append(answer.Changes, change.Event)
	}
	out, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(out) // the browser may have gone; there is nobody left to tell
	return nil
}

// getEvents is the stream of changes (server-sent events, HTML Standard 9.2). Each has its mark as its ID, so that a
// browser that comes back says where it was, in the header Last-Event-ID or at first in the query ("after"). A stream
// begins with an event "hello", or "lost" if changes may have been missed.
func (s *Server) getEvents(w http.ResponseWriter, r *http.Request) error {
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		w.Header().Set("Retry-After", "30")
		return &social.Error{Code: social.CodeBusy, Message: "There are too many open pages of this home. This one asks for news every now and then instead."}
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return nil
	}
	mark := r.Header.Get("Last-Event-ID")
	if mark == "" {
		mark = r.URL.Query().Get("after")
	}
	s.stream(w, r, mark)
	return nil
}

// stream sends changes until the browser goes, the session ends or the server closes.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, mark string) {
	out := http.NewResponseController(w)
	send := func(format string, args ...any) bool {
		// Servers for tests may not know deadlines; the stream works without them.
		_ = out.SetWriteDeadline(time.Now().Add(streamPatience))
		_, err := fmt.Fprintf(w, format, args...)
		return err == nil && out.Flush() == nil
	}
	alive := time.NewTicker(streamPause)
	defer alive.Stop()
	greeted := false
	for {
		changes, next, complete, news := s.hub.since(mark)
		switch {
		case !complete:
			if !send("retry: %d\nid: %s\nevent: lost\ndata: {}\n\n", streamRetry, next) {
				return
			}
		case !greeted:
			if !send("retry: %d\nid: %s\nevent: hello\ndata: {}\n\n", streamRetry, mark) {
				return
			}
		}
		greeted, mark = true, next
		for _, change := range changes {
			data, err := json.Marshal(change.Event)
			if err != nil || !send("id: %s\ndata: %s\n\n", s.hub.markOf(change.Number), data) {
				return
			}
		}
		select {
		case <-news:
		case <-alive.C:
			if _, err := s.check(r); err != nil || !send(": still here\n\n") {
				return
			}
		case <-s.hub.ended:
			return
		case <-r.Context().Done():
			return
		}
	}
}
