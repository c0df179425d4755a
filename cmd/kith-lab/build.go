package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"path/filepath"
	"time"

	"kith/internal/content"
	"kith/internal/identity"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/node"
	"kith/internal/oplog"
	"kith/internal/seal"
	"kith/internal/space"
	"kith/internal/tenure"
)

const (
	// longestRun is what the format allows.
	longestRun = oplog.MaxRunEntries
	// characters of a post.
	characters = 120
	// feedTop is how many of the newest posts have to be readable first: a page or two.
	feedTop = 50
	// ingestBatch is about how many entries go through the gate at once, as in a sync.
	ingestBatch = 1000
	// addsAtOnce is how many members one run of operations adds.
	addsAtOnce = 200
	// seed makes every measurement write runs of the same lengths.
	seed = 2026
)

// built is a home that holds the space, and homes that are members and have nothing of it so far.
type built struct {
	dir       string
	space     key.SpaceID
	owner     key.PersonID
	receivers []string // their folders
	runs      int
	newest    []string // IDs of the newest posts, the newest first
	feed      string   // the digest of all IDs in the order of the feed
}

// build makes the source's home, and those of the receivers.
func (l *lab) build(ctx context.Context, dir string, c *syncCmd) (_ *built, err error) {
	b := &built{dir: filepath.Join(dir, "source")}
	n, err := l.openNode(ctx, b.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	ours, err := become(ctx, n)
	if err != nil {
		return nil, err
	}
	b.owner = n.Person()
	authors, err := newAuthors(c.Authors)
	if err != nil {
		return nil, err
	}
	members := make([]key.PersonID, 0, c.Authors+c.Repeat)
	identities := make([]oplog.Run, 0, c.Authors+c.Repeat)
	for _, a := range authors {
		members, identities = append(members, a.person), append(identities, a.identity)
	}
	for i := range c.Repeat {
		receiver := filepath.Join(dir, fmt.Sprint("receiver-", i+1))
		person, run, err := l.newReceiver(ctx, receiver, ours)
		if err != nil {
			return nil, err
		}
		b.receivers = append(b.receivers, receiver)
		members, identities = append(members, person), append(identities, run)
	}
	l.progress("%d people exist", len(members))
	if err := take(ctx, n, identities); err != nil {
		return nil, err
	}
	epoch, err := b.found(ctx, n, members)
	if err != nil {
		return nil, err
	}
	state, err := n.Gate().State(ctx, b.space)
	if err != nil {
		return nil, err
	}
	for _, a := range authors {
		name, member := state.TenureFor(a.person, space.Writer)
		if !member {
			return nil, fmt.Errorf("%v is no member", a.person)
		}
		a.head.Log = oplog.Log{Space: b.space, Device: a.device.ID(), Lane: oplog.Content, Incarnation: tenure.NewIncarnation(name)}
	}
	w := &writer{space: b.space, epoch: epoch, authors: authors, random: mathrand.New(mathrand.NewPCG(seed, seed)), longest: c.Longest}
	w.now = time.Now().Add(-time.Duration(c.Entries+1) * time.Minute)
	if err := w.fill(ctx, n, c.Entries); err != nil {
		return nil, err
	}
	b.runs = w.runs
	l.progress("%d posts in %d runs are written", c.Entries, b.runs)
	top, err := feed(ctx, n.DB(), feedTop)
	if err != nil {
		return nil, err
	}
	b.newest = top
	if b.feed, _, err = digestOfFeed(ctx, n.DB()); err != nil {
		return nil, err
	}
	return b, nil
}

// become makes a new home somebody's, and gives their identity log.
func become(ctx context.Context, n *node.Node) (oplog.Run, error) {
	root := key.NewWords().Root()
	entries, _, err := identity.Begin(root, n.Device(), time.Now())
	if err != nil {
		return oplog.Run{}, err
	}
	if err := n.Become(ctx, root.Person(), func(w *ingest.Writing) error { return w.Identity(entries) }); err != nil {
		return oplog.Run{}, err
	}
	return oplog.RunOf(entries)
}

// newReceiver makes the home of somebody who knows the owner of the space and nothing else.
func (l *lab) newReceiver(ctx context.Context, dir string, owner oplog.Run) (person key.PersonID, run oplog.Run, err error) {
	n, err := l.openNode(ctx, dir)
	if err != nil {
		return person, run, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	if run, err = become(ctx, n); err != nil {
		return person, run, err
	}
	return n.Person(), run, take(ctx, n, []oplog.Run{owner})
}

// found makes the space and lets everybody in. It gives the key that everything is written under.
func (b *built) found(ctx context.Context, n *node.Node, members []key.PersonID) (*seal.Epoch, error) {
	err := n.Gate().Publish(ctx, func(w *ingest.Writing) (err error) {
		if b.space, err = w.Create(space.NewCreate(space.Group, b.owner, space.HistoryAll)); err != nil {
			return err
		}
		var adds []space.Operation
		for i, person := range members {
			adds = append(adds, &space.Add{Person: person, Role: space.Writer, Generation: 1})
			if len(adds) == addsAtOnce || i == len(members)-1 {
				if _, err := w.Operate(b.space, adds...); err != nil {
					return err
				}
				adds = nil
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	state, err := n.Gate().State(ctx, b.space)
	if err != nil {
		return nil, err
	}
	epochs := state.Epochs()
	if len(epochs) != 1 {
		return nil, fmt.Errorf("a new space with %d keys", len(epochs))
	}
	return n.Gate().Key(ctx, b.space, epochs[0].Epoch)
}

// take puts runs through a home's gate, which has to accept them all.
func take(ctx context.Context, n *node.Node, runs []oplog.Run) error {
	verdicts, err := n.Gate().Ingest(ctx, runs)
	if err != nil {
		return err
	}
	for i, verdict := range verdicts {
		if verdict.Code != ingest.Accepted {
			return fmt.Errorf("run %d of log %v: %v: %w", runs[i].First, runs[i].Log, verdict.Code, verdict.Reason)
		}
	}
	return nil
}

// author is somebody who writes, wherever their home may be.
type author struct {
	person   key.PersonID
	device   *key.Device
	identity oplog.Run
	head     oplog.Head
}

func newAuthors(n int) ([]*author, error) {
	authors := make([]*author, n)
	for i := range authors {
		root, device := key.NewWords().Root(), key.NewDevice()
		entries, _, err := identity.Begin(root, device, time.Now())
		if err != nil {
			return nil, err
		}
		run, err := oplog.RunOf(entries)
		if err != nil {
			return nil, err
		}
		authors[i] = &author{person: root.Person(), device: device, identity: run}
	}
	return authors, nil
}

// writer writes a space's posts, as its authors would have, each having seen what the others wrote.
type writer struct {
	space   key.SpaceID
	epoch   *seal.Epoch
	authors []*author
	random  *mathrand.Rand
	longest int
	now     time.Time
	lamport uint64
	posts   int
	runs    int
	say     func() string // what a post says; nil: text
}

// fill writes posts and stores them through the gate.
func (w *writer) fill(ctx context.Context, n *node.Node, posts int) error {
	// The operations on the space came before.
	var err error
	err = n.DB().View(ctx, func(r ingest.Reader) error {
		w.lamport, err = r.Lamport(w.space)
		return err
	})
	if err != nil {
		return err
	}
	for w.posts < posts {
		var batch []oplog.Run
		for first := w.posts; w.posts < posts && w.posts-first < ingestBatch; {
			run, err := w.write(min(w.length(), posts-w.posts))
			if err != nil {
				return err
			}
			batch = append(batch, run)
		}
		if err := take(ctx, n, batch); err != nil {
			return err
		}
	}
	return nil
}

// length is that of the next run, of 1 to longest: as likely between 1 and 16 as between 16 and 256.
func (w *writer) length() int {
	return min(int(math.Exp(w.random.Float64()*math.Log(float64(w.longest+1)))), w.longest)
}

// write makes the next run, by anybody.
func (w *writer) write(length int) (oplog.Run, error) {
	a := w.authors[w.random.IntN(len(w.authors))]
	w.now = w.now.Add(time.Duration(length) * time.Minute)
	say := w.say
	if say == nil {
		say = w.text
	}
	posts := make([]content.Item, length)
	for i := range posts {
		posts[i] = content.Post{Text: say()}
	}
	w.posts += length
	w.runs++
	run, _, err := w.compose(a, posts...)
	return run, err
}

// compose makes a run of items by somebody.
func (w *writer) compose(a *author, items ...content.Item) (run oplog.Run, ids []oplog.EntryID, err error) {
	drafts := make([]oplog.Draft, len(items))
	for i, item := range items {
		plain, err := content.Encode(item)
		if err != nil {
			return run, nil, err
		}
		drafts[i] = oplog.Draft{Kind: oplog.KindContent, Epoch: w.epoch.ID(), Payload: func(header oplog.Header) ([]byte, error) {
			return seal.Payload(w.epoch, w.space, header, nil, plain)
		}}
	}
	entries, err := oplog.Compose(a.device, a.head, w.lamport, w.now, drafts)
	if err != nil {
		return run, nil, err
	}
	for i := range entries {
		ids = append(ids, entries[i].ID())
	}
	a.head = entries[len(entries)-1].Head()
	w.lamport = a.head.Lamport
	run, err = oplog.RunOf(entries)
	return run, ids, err
}

var words = []string{"the", "lake", "was", "calm", "today", "and", "we", "walked", "home", "late", "with", "wet", "shoes", "again", "laughing"}

// text is a post of so many characters.
func (w *writer) text() string {
	text := make([]byte, 0, characters+16)
	for len(text) < characters {
		text = append(append(text, words[w.random.IntN(len(words))]...), ' ')
	}
	return string(text[:characters-1]) + "."
}
