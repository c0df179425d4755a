package social_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kith/internal/node"
	"kith/internal/social"
)

// house is a home of the tests: a real node over real libp2p on loopback, in a folder of its own. It can be switched
// off and on again.
type house struct {
	*social.Home
	t    *testing.T
	name string
	dir  string
	node *node.Node
	now  func() time.Time
	at   []string // where it listens: the same place each time
	me   string   // whose home it is
}

func newHouse(t *testing.T, name string) *house {
	t.Helper()
	h := &house{t: t, name: name, dir: t.TempDir(), now: time.Now, at: []string{"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"}}
	h.on()
	t.Cleanup(h.off)
	must(t, h.Begin(t.Context(), social.Setup{Name: name, Reach: social.ReachHome}))
	profile, err := h.Profile(t.Context())
	must(t, err)
	h.me = profile.ID
	return h
}

// on starts the home.
func (h *house) on() {
	h.t.Helper()
	lock := filepath.Join(h.dir, "lock")
	if _, err := os.Stat(lock); errors.Is(err, os.ErrNotExist) {
		must(h.t, os.WriteFile(lock, nil, 0o600))
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if os.Getenv("KITH_TEST_LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("home", h.name)
	}
	n, err := node.Open(context.Background(), node.Config{
		Dir: h.dir, LockFile: lock, Log: log, Now: h.now,
		Listen: h.at,
	})
	must(h.t, err)
	h.at = n.ListenAddresses()
	home, err := social.New(context.Background(), social.Config{
		Node: n, Log: log, Now: h.now, Folder: h.dir, Since: time.Now(), Quiet: 2 * time.Second,
	})
	must(h.t, err)
	h.node, h.Home = n, home
}

// off stops the home, if it is on.
func (h *house) off() {
	h.t.Helper()
	if h.node == nil {
		return
	}
	if err := errors.Join(h.Home.Close(), h.node.Close()); err != nil {
		h.t.Errorf("%s stops: %v", h.name, err)
	}
	h.node = nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// befriend makes two homes friends by an invite.
func befriend(t *testing.T, a, b *house) {
	t.Helper()
	invite, err := a.Invite(t.Context(), social.InviteOptions{LetIn: true})
	must(t, err)
	_, err = b.Accept(t.Context(), invite.Message)
	must(t, err)
	eventually(t, a.name+" and "+b.name+" are friends", func() bool {
		return a.hasFriend(b.name) && b.hasFriend(a.name)
	})
}

func (h *house) hasFriend(name string) bool {
	friends, err := h.Friends(h.t.Context())
	must(h.t, err)
	for _, friend := range friends {
		if friend.Name == name {
			return true
		}
	}
	return false
}

// texts lists the posts of the feed, newest first.
func (h *house) texts() []string {
	feed, err := h.Feed(h.t.Context(), "", 50)
	must(h.t, err)
	var texts []string
	for _, post := range feed.Posts {
		texts = append(texts, post.Author.Name+": "+post.Text)
	}
	return texts
}

func (h *house) says(text string) social.Post {
	h.t.Helper()
	post, err := h.Publish(h.t.Context(), social.NewPost{Text: text})
	must(h.t, err)
	return post
}
