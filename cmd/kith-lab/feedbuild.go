package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/node"
	"kith/internal/oplog"
	"kith/internal/seal"
	"kith/internal/space"
	"kith/internal/sqlite"
	"kith/internal/terms"
)

const (
	// vocabulary is how many words are written with, and zipf how their frequency falls with their rank.
	vocabulary = 60_000
	zipf       = 1.07
	// longestPosts of a run, so that signing does not take most of the time.
	longestPosts = 64
)

// fillHome fills a home with friends' posts.
func (l *lab) fillHome(ctx context.Context, h *home, c *feedCmd) (*filledHome, error) {
	b := &filledHome{}
	ours, err := logRuns(ctx, h.node, h.node.Person().IdentitySpace())
	if err != nil {
		return nil, err
	}
	speech := newSpeech()
	b.terms = speech.sample(c.Requests)
	walls := make([]*writer, c.Authors)
	for i := range walls {
		if walls[i], err = l.newFriend(ctx, h, ours, fmt.Sprintf("Friend %03d", i)); err != nil {
			return nil, err
		}
		b.people = append(b.people, walls[i].authors[0].person)
		walls[i].say = speech.say
	}
	l.progress("%d friends and their walls are there", len(walls))
	start, dice := time.Now(), mathrand.New(mathrand.NewPCG(seed, 2))
	now := time.Now().Add(-time.Duration(c.Posts+1) * time.Minute)
	told := start
	for posts := 0; posts < c.Posts; {
		var batch []oplog.Run
		for n := 0; posts < c.Posts && n < ingestBatch; {
			w := walls[dice.IntN(len(walls))]
			w.now = now
			length := min(1+dice.IntN(longestPosts), c.Posts-posts)
			run, err := w.write(length)
			if err != nil {
				return nil, err
			}
			now = w.now
			batch, posts, n = append(batch, run), posts+length, n+length
		}
		if err := take(ctx, h.node, batch); err != nil {
			return nil, err
		}
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			l.progress("%d posts of %d", posts, c.Posts)
		}
	}
	b.perSecond = per(c.Posts, time.Since(start))
	if b.thread, err = b.talk(ctx, h, walls[0], now); err != nil {
		return nil, err
	}
	l.progress("%d posts are there, %.0f/s", c.Posts, b.perSecond)
	start = time.Now()
	for behind := true; behind; { // a search puts what is new into the index, by batches
		page, err := h.node.DB().Search(ctx, sqlite.Search{Kind: content.KindPost, Words: []terms.Word{{Text: "lake"}}, Limit: 1})
		if err != nil {
			return nil, err
		}
		behind = page.Behind
	}
	b.behind = time.Since(start)
	l.progress("the index of words is complete, %.1f s later", b.behind.Seconds())
	return b, nil
}

// newFriend makes somebody with a home of their own, of which nothing stays but what this one holds of it: their wall, of
// which the owner is a member, and a friendship.
func (l *lab) newFriend(ctx context.Context, h *home, ours []oplog.Run, name string) (_ *writer, err error) {
	dir, err := os.MkdirTemp("", "kith-lab-friend-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	n, err := l.openNode(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	identity, err := become(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := take(ctx, n, ours); err != nil {
		return nil, err
	}
	var wall key.SpaceID
	err = n.Gate().Publish(ctx, func(w *ingest.Writing) (err error) {
		if wall, err = w.Create(space.NewCreate(space.Wall, w.Me(), space.HistoryAll)); err != nil {
			return err
		}
		if _, err = w.Operate(wall, &space.Add{Person: h.node.Person(), Role: space.Writer, Generation: 1}); err != nil {
			return err
		}
		_, err = w.Items(wall, content.Card{Name: name})
		return err
	})
	if err != nil {
		return nil, err
	}
	all, err := logRuns(ctx, n, wall)
	if err != nil {
		return nil, err
	}
	state, err := n.Gate().State(ctx, wall)
	if err != nil {
		return nil, err
	}
	epoch, err := n.Gate().Key(ctx, wall, state.Epochs()[0].Epoch) // which homes hand one another on request
	if err != nil {
		return nil, err
	}
	if err := befriended(ctx, h, n.Person(), wall, epoch, identity); err != nil {
		return nil, err
	}
	if err := take(ctx, h.node, all); err != nil {
		return nil, err
	}
	return newWriter(ctx, h, &author{person: n.Person(), device: n.Device()}, wall)
}

// logRuns reads all that a home holds of a space: the control lane first.
func logRuns(ctx context.Context, n *node.Node, id key.SpaceID) (all []oplog.Run, err error) {
	logs, err := n.DB().Logs(ctx, id)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(logs, func(a, b ingest.LogRecord) int { return cmp.Compare(a.Log.Lane, b.Log.Lane) })
	for _, log := range logs {
		runs, err := n.DB().Runs(ctx, log.Log.ID(), oplog.Range{First: 1, Last: log.Head.Seq}, 1<<30)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(runs, func(a, b oplog.Run) int { return cmp.Compare(a.First, b.First) })
		all = append(all, runs...)
	}
	return all, nil
}

// newWriter goes on where a friend's content log ends.
func newWriter(ctx context.Context, h *home, a *author, wall key.SpaceID) (*writer, error) {
	state, err := h.node.Gate().State(ctx, wall)
	if err != nil {
		return nil, err
	}
	w := &writer{space: wall, authors: []*author{a}, random: mathrand.New(mathrand.NewPCG(seed, seed))}
	if w.epoch, err = h.node.Gate().Key(ctx, wall, state.Epochs()[0].Epoch); err != nil {
		return nil, err
	}
	logs, err := h.node.DB().Logs(ctx, wall)
	if err != nil {
		return nil, err
	}
	for _, log := range logs {
		if log.Log.Lane == oplog.Content && log.Author == a.person {
			a.head = log.Head
		}
	}
	err = h.node.DB().View(ctx, func(r ingest.Reader) error {
		w.lamport, err = r.Lamport(wall)
		return err
	})
	return w, err
}

// befriended makes a home know a friend, as package social does when an invite has come to its end.
func befriended(ctx context.Context, h *home, person key.PersonID, wall key.SpaceID, epoch *seal.Epoch, identity oplog.Run) error {
	if err := take(ctx, h.node, []oplog.Run{identity}); err != nil {
		return err
	}
	var profile struct {
		Wall key.SpaceID `json:"wall"`
	}
	if found, err := h.node.DB().Get(ctx, sqlite.Shared("profile"), "profile", &profile); err != nil || !found {
		return fmt.Errorf("the home has no profile: %w", err)
	}
	err := h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		added, err := w.Operate(profile.Wall, &space.Add{Person: person, Role: space.Writer, Generation: 1})
		if err != nil {
			return err
		}
		var own key.SpaceID
		if found, err := w.Tx().Record("home", "own", &own); err != nil || !found {
			return fmt.Errorf("the home has no space of its own: %w", err)
		}
		if err := w.Tx().PutEpochKey(wall, epoch); err != nil {
			return err
		}
		value, err := json.Marshal(map[string]any{"wall": wall, "since": time.Now(), "carded": true, "add": added[0].ID()})
		if err != nil {
			return err
		}
		_, err = w.Items(own, content.Register{Collection: "friends", ID: person.String(), Value: value})
		return err
	})
	if err != nil {
		return err
	}
	return h.node.Expect(ctx, wall, person)
}

// talk writes a post with comments under it.
func (b *filledHome) talk(ctx context.Context, h *home, w *writer, now time.Time) (post oplog.EntryID, err error) {
	w.now = now
	a := w.authors[0]
	run, ids, err := w.compose(a, content.Post{Text: "Who comes along?"})
	if err != nil {
		return post, err
	}
	if err := take(ctx, h.node, []oplog.Run{run}); err != nil {
		return post, err
	}
	post = ids[0]
	for written := 0; written < threadComments; {
		var comments []content.Item
		for ; len(comments) < longestPosts && written < threadComments; written++ {
			comments = append(comments, content.Comment{Post: post, Text: w.say()})
		}
		if run, _, err = w.compose(a, comments...); err != nil {
			return post, err
		}
		if err := take(ctx, h.node, []oplog.Run{run}); err != nil {
			return post, err
		}
	}
	return post, nil
}

// speech says things in made words, of which some are said far more often than others.
type speech struct {
	words []string
	ranks *mathrand.Zipf
}

func newSpeech() *speech {
	dice := mathrand.New(mathrand.NewPCG(seed, 3))
	s := &speech{ranks: mathrand.NewZipf(dice, zipf, 3, vocabulary-1)}
	seen := make(map[string]bool)
	for len(s.words) < vocabulary {
		var word strings.Builder
		for range 1 + dice.IntN(3) + len(s.words)/20_000 {
			word.WriteByte("bcdfghjklmnprstvwz"[dice.IntN(18)])
			word.WriteByte("aeiou"[dice.IntN(5)])
		}
		if dice.IntN(2) == 0 {
			word.WriteByte("nrstl"[dice.IntN(5)])
		}
		if !seen[word.String()] {
			seen[word.String()] = true
			s.words = append(s.words, word.String())
		}
	}
	return s
}

// say is a post of about so many characters.
func (s *speech) say() string {
	var text strings.Builder
	for text.Len() < characters {
		text.WriteString(s.words[s.ranks.Uint64()])
		text.WriteByte(' ')
	}
	return strings.TrimSpace(text.String()) + "."
}

// sample gives different words, evenly over the orders of magnitude of how frequent they are.
func (s *speech) sample(n int) (list []string) {
	for _, rank := range magnitudes(n, vocabulary) {
		list = append(list, s.words[rank])
	}
	return list
}
