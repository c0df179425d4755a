package p2p

import (
	"container/list"
	"context"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	// maxRecords bounds the addresses that a serving host keeps for others, in memory: about
	// 16 MB at worst.
	maxRecords = 16384

	// maxRecordsPerPoint bounds how many peers may publish at one point. One is right; the
	// others are strangers in its place, and the newest stay.
	maxRecordsPerPoint = 8

	// recordLife is how long a record is kept without being published again.
	recordLife = 24 * time.Hour
)

// records keeps what peers publish in the hash table that this host serves. It implements
// kad-dht's records.ProviderStore with a fixed bound: when it is full, the oldest go.
type records struct {
	now func() time.Time

	mu     sync.Mutex
	order  *list.List // of *record, oldest first
	points map[string][]*list.Element
}

// record says that a peer published at a point, and its addresses.
type record struct {
	point string
	info  peer.AddrInfo
	at    time.Time
}

func newRecords(now func() time.Time) *records {
	return &records{now: now, order: list.New(), points: make(map[string][]*list.Element)}
}

// AddProvider takes a record in. Its addresses are cut to what this package would dial.
func (r *records) AddProvider(_ context.Context, key []byte, info peer.AddrInfo) error {
	info.Addrs = info.Addrs[:min(len(info.Addrs), maxAddrsPerPeer)]
	r.mu.Lock()
	defer r.mu.Unlock()
	point := string(key)
	for _, e := range r.points[point] {
		if e.Value.(*record).info.ID == info.ID {
			r.drop(e)
			break
		}
	}
	if at := r.points[point]; len(at) >= maxRecordsPerPoint {
		r.drop(at[0])
	}
	if r.order.Len() >= maxRecords {
		r.drop(r.order.Front())
	}
	e := r.order.PushBack(&record{point: point, info: info, at: r.now()})
	r.points[point] = append(r.points[point], e)
	return nil
}

// GetProviders returns the records at a point that are not too old.
func (r *records) GetProviders(_ context.Context, key []byte) ([]peer.AddrInfo, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	oldest := r.now().Add(-recordLife)
	for e := r.order.Front(); e != nil && e.Value.(*record).at.Before(oldest); e = r.order.Front() {
		r.drop(e)
	}
	var out []peer.AddrInfo
	for _, e := range r.points[string(key)] {
		out = append(out, e.Value.(*record).info)
	}
	return out, nil
}

// drop removes a record. The lock must be held.
func (r *records) drop(e *list.Element) {
	point := e.Value.(*record).point
	r.order.Remove(e)
	at := r.points[point]
	for i := range at {
		if at[i] == e {
			at = append(at[:i:i], at[i+1:]...)
			break
		}
	}
	if len(at) == 0 {
		delete(r.points, point)
	} else {
		r.points[point] = at
	}
}

// Close does nothing: the records are in memory.
func (r *records) Close() error { return nil }
