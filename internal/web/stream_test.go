package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kith/internal/social"
	"kith/internal/web"
)

// message is one event of a stream.
type message struct{ id, event, data string }

// listen opens the stream of changes and reads it in the background. The channel is closed when the stream ends.
func (s *site) listen(after, lastID string) (<-chan message, context.CancelFunc) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	request := s.request(http.MethodGet, "/events?after="+after, nil).WithContext(ctx)
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	response, err := s.client.Do(request)
	if err != nil {
		s.t.Fatalf("opening the stream: %v", err)
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		cancel()
		s.t.Fatalf("opening the stream: status %d", response.StatusCode)
	}
	if kind := response.Header.Get("Content-Type"); kind != "text/event-stream" {
		s.t.Errorf("the stream is %q", kind)
	}
	messages := make(chan message, 2048)
	go func() {
		defer close(messages)
		defer response.Body.Close()
		var m message
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				m.id = value
			case "event":
				m.event = value
			case "data":
				m.data = value
			case "":
				if m.data != "" {
					messages <- m
				}
				m = message{}
			}
		}
	}()
	return messages, cancel
}

// next waits for the next event of a stream.
func next(t *testing.T, messages <-chan message) message {
	t.Helper()
	select {
	case m, ok := <-messages:
		if !ok {
			t.Fatal("the stream ended")
		}
		return m
	case <-time.After(time.Minute):
		t.Fatal("nothing came")
	}
	return message{}
}

// ended waits until a stream has ended.
func ended(t *testing.T, messages <-chan message) {
	t.Helper()
	for {
		select {
		case _, ok := <-messages:
			if !ok {
				return
			}
		case <-time.After(time.Minute):
			t.Fatal("the stream did not end")
		}
	}
}

// mark is where the changes are now.
func (s *site) mark() string {
	return s.page("/").one("[data-mark]").value("data-mark")
}

type changes struct {
	Mark     string
	Complete bool
	Changes  []social.Event
}

func (s *site) changes(after string) changes {
	s.t.Helper()
	var v changes
	if err := json.Unmarshal([]byte(s.get("/changes?after="+after).body), &v); err != nil {
		s.t.Fatal(err)
	}
	return v
}

func TestStreamTellsInOrder(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	mark := s.mark()
	s.others(func(h *home) { h.tell(social.EventPost, "missed", "") }) // between the page and its stream
	wait(t, "it is known", func() bool { return len(s.changes(mark).Changes) == 1 })
	messages, cancel := s.listen(mark, "")
	defer cancel()
	if m := next(t, messages); m.event != "hello" {
		t.Fatalf("first came %+v", m)
	}
	for i := range 20 {
		s.others(func(h *home) { h.tell(social.EventComment, fmt.Sprint(i), "sail") })
	}
	if m := next(t, messages); m.data != `{"kind":"post","id":"missed"}` {
		t.Fatalf("then came %+v", m)
	}
	var last string
	for i := range 20 {
		m := next(t, messages)
		if want := fmt.Sprintf(`{"kind":"comment","id":"%d","post":"sail"}`, i); m.data != want {
			t.Fatalf("then came %+v, want %s", m, want)
		}
		if i == 9 {
			last = m.id
		}
	}
	// A browser that comes back is told from where it was.
	again, cancelAgain := s.listen(mark, last)
	defer cancelAgain()
	next(t, again)
	if m := next(t, again); !strings.Contains(m.data, `"id":"10"`) {
		t.Fatalf("after coming back came %+v", m)
	}
	if v := s.changes(last); !v.Complete || len(v.Changes) != 10 || v.Changes[0].ID != "10" {
		t.Errorf("asked without a stream: %+v", v)
	}
}

func TestStreamSaysWhatIsLost(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	mark := s.mark()
	wait(t, fmt.Sprintf("%d changes are too many", web.Kept), func() bool {
		s.others(func(h *home) {
			for range 100 {
				h.tell(social.EventPerson, "ben", "")
			}
		})
		return !s.changes(mark).Complete
	})
	for _, after := range []string{mark, "", "nonsense", "another-1"} {
		messages, cancel := s.listen(after, "")
		if m := next(t, messages); m.event != "lost" || m.id == "" {
			t.Errorf("after %q came %+v", after, m)
		}
		cancel()
	}
}

func TestStreamsAreBounded(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	mark := s.mark()
	var cancels []context.CancelFunc
	for range web.MaxStreams {
		messages, cancel := s.listen(mark, "")
		next(t, messages)
		cancels = append(cancels, cancel)
	}
	if r := s.get("/events"); r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") == "" {
		t.Errorf("one more: status %d", r.status)
	}
	cancels[0]()
	wait(t, "there is room again", func() bool {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		response, err := s.client.Do(s.request(http.MethodGet, "/events", nil).WithContext(ctx))
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	for _, cancel := range cancels {
		cancel()
	}
}

func TestCloseEndsStreams(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	messages, cancel := s.listen(s.mark(), "")
	defer cancel()
	next(t, messages)
	if err := s.server.Close(); err != nil {
		t.Fatal(err)
	}
	ended(t, messages)
	if s.home.subscribed() != 0 {
		t.Error("the home is still listened to")
	}
}

func (h *home) subscribed() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subscribers)
}

// TestStreamEndsWithItsSession runs on a clock of its own: the session is looked at every now and then.
func TestStreamEndsWithItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openInside(t, family(time.Now))
		w := s.streamInside(t)
		time.Sleep(time.Minute)
		synctest.Wait()
		if alive, _ := w.state(); !alive || strings.Count(w.text(), ": still here") < 2 {
			t.Fatalf("after a minute the stream says %q", w.text())
		}
		if err := s.gate.EndAll(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if alive, _ := w.state(); alive {
			t.Error("the stream outlives its session")
		}
		s.server.Close()
	})
}
