package node

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/fetch"
	"kith/internal/key"
	"kith/internal/media"
	"kith/internal/p2p"
	"kith/internal/sqlite"
)

const (
	protocolBlobs = "/kith/blobs/1"
	// fetchAtOnce bounds files under way: enough to keep a home line busy, few enough to leave memory alone.
	fetchAtOnce = 4
	// fetchBatch is how many wanted files are looked at in one go, newest posts first.
	fetchBatch = 256
	// fetchTimeout bounds one file from one home; what has come by then is kept.
	fetchTimeout = 2 * time.Minute
	// fetchPause is how long files that nobody connected holds are left alone. A home that comes, or a new entry,
	// ends it early.
	fetchPause = 30 * time.Second
)

// fetcher brings the files here that belong to every home, thumbnails and screen sizes of what has been posted, and those
// that somebody here asked for.
type fetcher struct {
	n    *Node
	wake chan struct{}
}

func newFetcher(n *Node) *fetcher { return &fetcher{n: n, wake: make(chan struct{}, 1)} }

// now makes the fetcher look for what is wanted.
func (f *fetcher) now() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (f *fetcher) run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-f.wake:
		}
		more, err := f.round(ctx)
		if err != nil && ctx.Err() == nil {
			f.n.log.Warn("files not fetched", "err", err)
		}
		if more {
			timer.Reset(0)
		} else {
			timer.Reset(fetchPause)
		}
	}
}

// round goes through what is wanted once. It tells whether anything came, so that another round is worth while.
func (f *fetcher) round(ctx context.Context) (came bool, err error) {
	wanted, err := f.n.db.WantedBlobs(ctx, fetchBatch)
	if err != nil || len(wanted) == 0 {
		return false, err
	}
	clients := &clientPool{n: f.n, idle: make(map[key.PeerKey][]*client)}
	defer clients.close()
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(fetchAtOnce)
	for _, want := range wanted {
		group.Go(func() error {
			got, err := f.get(ctx, clients, &want)
			if got {
				mu.Lock()
				came = true
				mu.Unlock()
			}
			return err
		})
	}
	return came, group.Wait()
}

// get fetches one file from whichever connected member has it. An error is ours; that nobody has it is none.
func (f *fetcher) get(ctx context.Context, clients *clientPool, want *sqlite.WantedBlob) (bool, error) {
	whole, err := f.whole(ctx, want.Ref)
	if err != nil {
		return false, err
	}
	for _, peer := range f.n.holders(want.Spaces) {
		if whole || ctx.Err() != nil {
			break
		}
		whole = f.from(ctx, clients, peer, want)
	}
	// Its post may have been erased while it came.
	if spaces, err := f.n.db.BlobSpaces(ctx, want.Ref); err != nil || len(spaces) == 0 {
		return false, errors.Join(err, f.n.collector.drop(ctx, []blob.Ref{want.Ref}))
	}
	if !whole {
		return false, ctx.Err()
	}
	if err := f.n.db.MarkBlob(ctx, want.Ref, true); err != nil {
		return false, err
	}
	f.n.hub.tell(Change{Blobs: []blob.Ref{want.Ref}})
	return true, nil
}

// whole tells whether a file is here in full. One of which the last piece came just before a crash is finished now.
func (f *fetcher) whole(ctx context.Context, ref blob.Ref) (bool, error) {
	whole, err := f.n.blobs.Whole(ref)
	if whole || err != nil && !errors.Is(err, blob.ErrNotFound) {
		return whole, err
	}
	_, held, err := f.n.blobs.Held(ref)
	if errors.Is(err, blob.ErrNotFound) || err == nil && !held.Full() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	batch := f.n.blobs.NewBatch()
	if err := batch.Finish(ref); err != nil {
		return false, errors.Join(err, batch.Discard())
	}
	return true, batch.Commit(ctx)
}

// limitOf bounds the ciphertext of a file: what one of its class may have, and the frame around it.
func limitOf(class sqlite.Class) int64 {
	const frame = 64 << 10
	switch class {
	case sqlite.Thumb:
		return media.ThumbLimits.Bytes + frame
	case sqlite.Attached:
		return content.MaxCarried + content.MaxCarried/64 + frame
	case sqlite.Original, sqlite.Large:
		return blob.MaxSize
	default:
		return media.ScreenLimits.Bytes + frame
	}
}

func (f *fetcher) from(ctx context.Context, clients *clientPool, peer key.PeerKey, want *sqlite.WantedBlob) bool {
	c, err := clients.take(ctx, peer)
	if err != nil {
		f.n.log.Debug("no stream for files", "peer", peer, "err", err)
		return false
	}
	_ = c.stream.SetDeadline(time.Now().Add(fetchTimeout))
	err = c.Get(ctx, f.n.blobs, want.Ref, limitOf(want.Class))
	if err == nil || errors.Is(err, fetch.ErrNotThere) || errors.Is(err, fetch.ErrTooLarge) {
		clients.give(c)
		return err == nil
	}
	c.stream.Reset()
	f.n.log.Debug("file not fetched", "peer", peer, "ref", want.Ref, "err", err)
	return false
}

// holders lists connected devices of members of the spaces.
func (n *Node) holders(spaces []key.SpaceID) []key.PeerKey {
	var list []key.PeerKey
	for _, connected := range n.host().Peers() {
		peer, ok := n.directory.Peer(key.PeerKey(connected))
		if !ok {
			continue
		}
		for _, space := range spaces {
			if n.directory.IsMember(space, peer.Person) {
				list = append(list, peer.Key)
				break
			}
		}
	}
	return list
}

// client is a stream on which files are asked for.
type client struct {
	*fetch.Client
	peer   key.PeerKey
	stream *p2p.Stream
}

// clientPool keeps streams for the length of a round.
type clientPool struct {
	n *Node

	mu   sync.Mutex
	idle map[key.PeerKey][]*client
}

func (p *clientPool) take(ctx context.Context, peer key.PeerKey) (*client, error) {
	p.mu.Lock()
	if list := p.idle[peer]; len(list) > 0 {
		c := list[len(list)-1]
		p.idle[peer] = list[:len(list)-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	stream, err := p.n.host().Open(ctx, p2p.PeerKey(peer), protocolBlobs)
	if err != nil {
		return nil, err
	}
	return &client{Client: fetch.NewClient(stream), peer: peer, stream: stream}, nil
}

func (p *clientPool) give(c *client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle[c.peer] = append(p.idle[c.peer], c)
}

func (p *clientPool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, list := range p.idle {
		for _, c := range list {
			_ = c.stream.Close()
		}
	}
}

// serveBlobs answers a known peer that asks for files.
func (n *Node) serveBlobs(ctx context.Context, stream *p2p.Stream) {
	defer stream.Close()
	peer, ok := n.directory.Peer(key.PeerKey(stream.Peer()))
	if !ok {
		return
	}
	if err := fetch.Serve(ctx, stream, blobSource{Store: n.blobs, n: n, person: peer.Person}); err != nil {
		n.log.Debug("files not served", "peer", peer.Key, "err", err)
	}
}

// blobSource gives a person the files of the spaces that they are in.
type blobSource struct {
	*blob.Store
	n      *Node
	person key.PersonID
}

func (s blobSource) May(ctx context.Context, ref blob.Ref) bool {
	spaces, err := s.n.db.BlobSpaces(ctx, ref)
	if err != nil {
		return false
	}
	for _, space := range spaces {
		if s.n.directory.IsMember(space, s.person) {
			return true
		}
	}
	return false
}
