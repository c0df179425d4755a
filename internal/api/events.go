package api

import (
	"encoding/json"
	"net/http"
	"time"
)

const (
	// beat is how often an empty line is sent while nothing happens, so that either side notices when the other is gone.
	beat = 30 * time.Second

	// slowest is how long a client may take to read one line.
	slowest = 10 * time.Second
)

// events streams what changes, one line of JSON for each event, until the request ends or the server is closed. The headers are sent once the
// subscription stands: what changes after the client has them is not missed.
func (s *Server) events(w http.ResponseWriter, r *http.Request) (any, error) {
	changes := s.Home.Subscribe(r.Context())
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.WriteHeader(http.StatusOK)
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	defer func() { _ = out.SetWriteDeadline(time.Time{}) }() // the connection may be used again
	line := []byte(nil)
	for {
		// A connection that can't take a deadline is one of a test; a slow reader only holds up itself.
		_ = out.SetWriteDeadline(time.Now().Add(slowest))
		if _, err := w.Write(line); err != nil {
			return written, nil
		}
		if err := out.Flush(); err != nil {
			return written, nil
		}
		select {
		case change, ok := <-changes:
			if !ok {
				return written, nil
			}
			text, err := json.Marshal(change)
			if err != nil {
				return written, nil
			}
			line = append(text, '\n')
		case <-ticker.C:
			line = []byte{'\n'}
		case <-s.closing:
			return written, nil
		case <-r.Context().Done():
			return written, nil
		}
	}
}
