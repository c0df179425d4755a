package social

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/node"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// Config says what a Home needs to know of the program that it runs in.
type Config struct {
	Node    *node.Node
	Log     *slog.Logger
	Now     func() time.Time // nil: time.Now
	Version string
	Folder  string
	Page    string // address of the home's page
	Since   time.Time
	// Quiet is for how long nothing new may have come, after the owner came back with their recovery words, until it is taken
	// for granted that everything has; 0: ten seconds.
	Quiet time.Duration
}

// Home is this home's owner at work. It is safe for concurrent use.
type Home struct {
	cfg  Config
	node *node.Node
	db   *sqlite.DB
	log  *slog.Logger
	now  func() time.Time

	feed     listeners
	newsroom newsroom
	marking  sync.Mutex // held while it is noted what the owner has seen

	// meeting holds one invite or acceptance at a time, so that two that cross become one friendship.
	meeting sync.Mutex
	// drafting holds the draft, so that a photo that has just been prepared is not lost to a save of the text.
	drafting sync.Mutex
	// trashing holds the trash, so that nothing in it is posted again twice, or deleted meanwhile.
	trashing sync.Mutex
	// copying holds the making of a backup, one at a time: each needs as much room as the database.
	copying  sync.Mutex
	waiters  waiters
	asked    questions
	noticing sync.Mutex // held while it is looked which devices came or went
	knocker  *knocker
	linker   *linker
	teller   *teller
	reaching atomic.Bool // a look at where the newest posts are is coming up
	events   eventCache
	unsent   atomic.Bool // the draft's text is about to be shared with the owner's other devices

	fading chan struct{} // a message came that is to be gone after a while

	life  context.Context
	stop  context.CancelFunc
	tasks *errgroup.Group
	undo  []func()
}

// New puts the product on top of a running node. Close ends what it does in the background; the node is closed after
// it.
func New(ctx context.Context, cfg Config) (*Home, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Quiet == 0 {
		cfg.Quiet = gatherQuiet
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	h := &Home{cfg: cfg, node: cfg.Node, db: cfg.Node.DB(), log: cfg.Log, now: cfg.Now}
	h.knocker, h.linker, h.teller, h.fading = newKnocker(h), newLinker(h), newTeller(h), make(chan struct{}, 1)
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stop = stop
	h.tasks, h.life = errgroup.WithContext(life)
	if !h.node.Person().IsZero() {
		if err := h.adopt(ctx); err != nil {
			stop()
			return nil, err
		}
	}
	h.feed.before = h.newsroom.stale
	if !h.node.Person().IsZero() {
		if err := h.db.KeepNewsFor(ctx, h.node.Person()); err != nil {
			stop()
			return nil, err
		}
	}
	h.undo = append(h.undo, h.node.Listen(h.changed))
	h.node.ServeMeeting(node.ProtocolInvite, h.serveInvite)
	h.node.ServeMeeting(node.ProtocolLink, h.serveLink)
	h.node.ServeMeeting(node.ProtocolReturn, h.serveReturn)
	h.node.ServeOffers(h.serveOffers)
	h.node.KeepFiles(h.keptFiles)
	h.tasks.Go(func() error { return h.knocker.run(h.life) })
	h.tasks.Go(func() error { return h.teller.run(h.life) })
	h.tasks.Go(func() error { return h.tidyTrash(h.life) })
	h.tasks.Go(func() error { return h.fade(h.life) })
	h.tasks.Go(func() error { return h.linker.run(h.life) })
	h.tasks.Go(func() error { return h.returner(h.life) })
	if !h.node.Person().IsZero() {
		h.later(h.noticeDevices)
		h.later(h.tendKeys)
		h.later(h.tellLeaving)
	}
	return h, nil
}

// Close ends what the home does in the background.
func (h *Home) Close() error {
	h.stop()
	for _, undo := range h.undo {
		undo()
	}
	h.feed.close()
	return h.tasks.Wait()
}

// me is the owner, or the error that there is none so far.
func (h *Home) me() (key.PersonID, error) {
	me := h.node.Person()
	if me.IsZero() {
		return me, errNotStarted
	}
	return me, nil
}

// Started tells whether the first run is finished.
func (h *Home) Started(context.Context) (bool, error) { return !h.node.Person().IsZero(), nil }

// Collections and names of what is kept as records on this device alone; shared.go has the others.
const (
	recordsHome        = "home"
	recordsAcceptances = "acceptances"
	recordDraft        = "draft"
	recordRecovery     = "recovery"
)

// profileRecord is what the owner says of themselves; their card in every space is made of it.
type profileRecord struct {
	Name    string `json:"name"`
	About   string `json:"about,omitempty"`
	Picture []byte `json:"picture,omitempty"`
	// Birthday as calendar.Birthday writes it; empty: it is not said.
	Birthday string      `json:"birthday,omitempty"`
	Wall     key.SpaceID `json:"wall"`
}

func (p *profileRecord) card() content.Card {
	return content.Card{Name: p.Name, About: p.About, Picture: p.Picture, Birthday: p.Birthday}
}

func (h *Home) profile(ctx context.Context) (*profileRecord, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	var p profileRecord
	found, err := h.shared(ctx, recordsProfile, recordsProfile, &p)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errors.New("the owner's profile is missing from the store")
	}
	return &p, nil
}

// wall is the state of the owner's wall.
func (h *Home) wall(ctx context.Context) (*space.State, error) {
	p, err := h.profile(ctx)
	if err != nil {
		return nil, err
	}
	state, err := h.node.Gate().State(ctx, p.Wall)
	if err != nil {
		return nil, fmt.Errorf("the owner's wall: %w", err)
	}
	return state, nil
}
