package node

import (
	"context"

	"kith/internal/ingest"
	"kith/internal/oplog"
	"kith/internal/peering"
	"kith/internal/replicate"
)

// followReached keeps, in the store, up to where each friend's home holds our logs, so that a post can say where it is.
func (n *Node) followReached(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-n.reached.signal:
		}
		for _, r := range n.reached.take() {
			if err := n.keepReached(ctx, r); err != nil && ctx.Err() == nil {
				n.log.Warn("what a peer holds was not kept", "err", err)
			}
		}
	}
}

func (n *Node) keepReached(ctx context.Context, r peering.Reach) error {
	pieces, err := n.ownPieces(ctx, r)
	if err != nil || len(pieces) == 0 {
		return err
	}
	news, err := n.db.PeerHas(ctx, r.Peer.Key, r.Peer.Person, pieces)
	if err != nil || len(news) == 0 {
		return err
	}
	n.hub.tell(Change{Reached: news})
	return nil
}

// ownPieces picks, of what a peer holds, what was written here.
func (n *Node) ownPieces(ctx context.Context, r peering.Reach) ([]replicate.Held, error) {
	if len(r.Pieces) == 0 {
		digest, err := n.peers.Digest(ctx, r.Space)
		if err != nil || digest != r.Digest {
			return nil, err // we have moved on; the pieces that follow tell
		}
		logs, err := n.db.Logs(ctx, r.Space)
		if err != nil {
			return nil, err
		}
		var pieces []replicate.Held
		for _, record := range logs {
			if record.Author == n.Person() && record.Head.Seq > 0 {
				pieces = append(pieces, replicate.Held{
					Log: record.Log.ID(), Range: oplog.Range{First: 1, Last: record.Head.Seq},
				})
			}
		}
		return pieces, nil
	}
	var pieces []replicate.Held
	err := n.db.View(ctx, func(reader ingest.Reader) error {
		for _, piece := range r.Pieces {
			record, known, err := reader.Log(piece.Log)
			if err != nil {
				return err
			}
			if known && record.Author == n.Person() {
				pieces = append(pieces, piece)
			}
		}
		return nil
	})
	return pieces, err
}
