package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/node"
)

// receiveCmd is the home that fetches a space for the first time. It is told where from, and tells how long it
// took.
type receiveCmd struct {
	Home    string `required:"" help:"The folder of the home."`
	Profile string `help:"The beginning of the names of files for profiles."`
}

// receiveAsk tells what to fetch from where, and what has to be there at the end.
type receiveAsk struct {
	Space   string   `json:"space"`
	Owner   string   `json:"owner"`
	Peer    string   `json:"peer"`    // the owner's network key, in hexadecimal
	Address string   `json:"address"` // host and port
	Posts   int      `json:"posts"`
	Newest  []string `json:"newest"` // IDs of the newest posts, the newest first
	Feed    string   `json:"feed"`   // the digest of all IDs in the order of the feed
}

// received tells how it went. Times are in seconds since the dial.
type received struct {
	First50 float64  `json:"first50"`
	All     float64  `json:"all"`
	CPU     float64  `json:"cpu"` // seconds used since the dial
	PeakRSS *float64 `json:"peak_rss"`
}

func (c *receiveCmd) Run(l *lab) (err error) {
	ctx, up := l.parent()
	var ask receiveAsk
	if err := up.hear(ctx, &ask); err != nil {
		return err
	}
	n, err := l.openNode(ctx, c.Home)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	stop, err := startProfile(c.Profile)
	if err != nil {
		return err
	}
	result, err := ask.fetch(ctx, n)
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	digest, posts, err := digestOfFeed(ctx, n.DB())
	if err != nil {
		return err
	}
	if posts != ask.Posts || digest != ask.Feed {
		return fmt.Errorf("the feed has %d posts of %d, or others than the source", posts, ask.Posts)
	}
	return up.tell(result)
}

// fetch dials and waits until everything can be read.
func (ask *receiveAsk) fetch(ctx context.Context, n *node.Node) (r received, err error) {
	space, err := key.ParseSpaceID(ask.Space)
	if err != nil {
		return r, err
	}
	owner, err := key.ParsePersonID(ask.Owner)
	if err != nil {
		return r, err
	}
	peer, err := hex.DecodeString(ask.Peer)
	if err != nil || len(peer) != key.IDSize {
		return r, fmt.Errorf("a network key %q", ask.Peer)
	}
	address, err := multiaddr(ask.Address)
	if err != nil {
		return r, err
	}
	if err := n.DB().PutAddress(ctx, key.PeerKey(peer), address, time.Now()); err != nil {
		return r, err
	}
	var posts atomic.Int64 // that can be read
	news := make(chan struct{}, 1)
	stop := n.Listen(func(change node.Change) {
		for _, item := range change.Items {
			if item.Content.Kind() == content.KindPost {
				posts.Add(1)
			}
		}
		if len(change.Items) > 0 {
			select {
			case news <- struct{}{}:
			default:
			}
		}
	})
	defer stop()
	used, start := cpuTime(), time.Now()
	if err := n.Await(ctx, space, owner); err != nil {
		return r, err
	}
	for top := false; !top || posts.Load() < int64(ask.Posts); {
		select {
		case <-news:
		case <-ctx.Done():
			return r, context.Cause(ctx)
		}
		if top {
			continue
		}
		newest, err := feed(ctx, n.DB(), len(ask.Newest))
		if err != nil {
			return r, err
		}
		if top = slices.Equal(newest, ask.Newest); top {
			r.First50 = time.Since(start).Seconds()
		}
	}
	r.All = time.Since(start).Seconds()
	r.CPU = (cpuTime() - used).Seconds()
	r.PeakRSS = memory(0, "VmHWM")
	return r, nil
}
