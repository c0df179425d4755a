package peering

import (
	"context"
	"sync"

	"kith/internal/key"
)

// digests remembers the digest of each space's frontier until something is stored in one of its logs, so that meeting a
// friend again after a quiet night reads no log at all.
type digests struct {
	mu      sync.Mutex
	known   map[key.SpaceID][32]byte
	version uint64 // counts what was forgotten, so that a digest computed meanwhile is not kept
}

func newDigests() *digests { return &digests{known: make(map[key.SpaceID][32]byte)} }

// forget drops the digests of all spaces; an identity log belongs to many.
func (d *digests) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.version++
	clear(d.known)
}

// forgetOne drops the digest of a space.
func (d *digests) forgetOne(space key.SpaceID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.version++
	delete(d.known, space)
}

// Digest is that of the frontier of a space's unit of sync.
func (h *Home) Digest(ctx context.Context, space key.SpaceID) ([32]byte, error) {
	d := h.digests
	d.mu.Lock()
	digest, ok := d.known[space]
	version := d.version
	d.mu.Unlock()
	if ok {
		return digest, nil
	}
	frontier, err := h.frontier(ctx, space)
	if err != nil {
		return [32]byte{}, err
	}
	digest = frontier.Digest()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.version == version {
		d.known[space] = digest
	}
	return digest, nil
}
