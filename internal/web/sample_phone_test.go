package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"sync"

	"kith/internal/social"
)

// notes is a store of small documents that forgets.
type notes struct {
	mu   sync.Mutex
	docs map[string][]byte
}

func (n *notes) Get(_ context.Context, collection, id string, value any) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	text, ok := n.docs[collection+"/"+id]
	if !ok {
		return false, nil
	}
	return true, json.Unmarshal(text, value)
}

func (n *notes) Put(_ context.Context, collection, id string, value any) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.docs == nil {
		n.docs = make(map[string][]byte)
	}
	var err error
	n.docs[collection+"/"+id], err = json.Marshal(value)
	return err
}

// pairingToken opens the door and makes a pairing, as the owner at the computer.
func (s *site) pairingToken(name string) string {
	s.t.Helper()
	s.post("/phone", url.Values{"on": {"yes"}})
	s.post("/phone/pair", url.Values{"name": {name}})
	pairing, ok := s.door.Pairing()
	if !ok {
		s.t.Fatal("there is no pairing")
	}
	_, token, _ := strings.Cut(pairing.Link, "#")
	return token
}

// pairedPhones pairs two phones, and shows the code for a third.
func (s *site) pairedPhones() {
	s.t.Helper()
	for name, agent := range map[string]string{
		"Ada’s phone": "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
		"The tablet in the kitchen with quite a long name that goes on": "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1",
	} {
		if _, err := s.gate.Pair(s.t.Context(), s.pairingToken(name), "", false, agent); err != nil {
			s.t.Fatal(err)
		}
	}
	s.pairingToken("A third one")
}

// Backup writes a few bytes in the place of a backup.
func (h *home) Backup(_ context.Context, options social.BackupOptions, w io.Writer) error {
	if err := options.Check(); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Backup"); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "the whole home of "+h.me.Name); err != nil {
		return err
	}
	return h.lateFailure
}
