package api

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"kith/internal/social"
)

// maxLine bounds a line of the stream of events. An event has a few hundred bytes.
const maxLine = 64 << 10

// EventStream is what changes in a home from the moment it was asked for. It is for one goroutine; another one may Close
// it.
type EventStream struct {
	ctx   context.Context
	body  io.Closer
	lines *bufio.Scanner
}

// Events asks a home for what changes. The subscription stands when Events returns: what changes from then on is in the
// stream. It ends with the context, with the home, or with Close, which the caller has to call.
func (c *Client) Events(ctx context.Context) (*EventStream, error) {
	resp, err := c.send(ctx, http.MethodGet, "events", "", nil)
	if err != nil {
		return nil, err
	}
	if !isJSON(resp) {
		defer resp.Body.Close()
		return nil, refusal(resp)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, maxLine)
	return &EventStream{ctx: ctx, body: resp.Body, lines: lines}, nil
}

// Next waits for the next event. After an error, which is also how the end of the stream shows, there are no more.
func (s *EventStream) Next() (social.Event, error) {
	for s.lines.Scan() {
		if len(s.lines.Bytes()) == 0 {
			continue // only a sign that the home is there
		}
		var e social.Event
		if err := json.Unmarshal(s.lines.Bytes(), &e); err != nil {
			return social.Event{}, unanswered(s.ctx, err)
		}
		return e, nil
	}
	err := s.lines.Err()
	if err == nil {
		err = io.ErrUnexpectedEOF // the home stopped: by itself the stream does not end
	}
	return social.Event{}, unanswered(s.ctx, err)
}

// Close ends the stream.
func (s *EventStream) Close() error { return s.body.Close() }
