package oplog

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// Frontier is a set of heads, at most one for each log, sorted by the log's ID.
type Frontier []Head

// Sort brings heads in any order into the order of a Frontier.
func (f Frontier) Sort() {
	type keyed struct {
		id   LogID
		head Head
	}
	heads := make([]keyed, len(f)) // so that each name is hashed once
	for i := range f {
		heads[i] = keyed{f[i].Log.ID(), f[i]}
	}
	slices.SortFunc(heads, func(a, b keyed) int { return bytes.Compare(a.id[:], b.id[:]) })
	for i := range heads {
		f[i] = heads[i].head
	}
}

// Digest is SHA-256("kith frontier v1" ‖ for each head: log ID (16 B), sequence number (8 B, big-endian),
// entry ID (32 B)). Two frontiers with one digest are the same.
func (f Frontier) Digest() [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte("kith frontier v1"))
	var number [8]byte
	for i := range f {
		log := f[i].Log.ID()
		h.Write(log[:])
		binary.BigEndian.PutUint64(number[:], f[i].Seq)
		h.Write(number[:])
		h.Write(f[i].ID[:])
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// Range is an unbroken piece of a log, both ends included.
type Range struct {
	First, Last uint64
}

// Gaps lists what of the sequence numbers 1 to last the held ranges, sorted and disjoint, leave out; in order.
func Gaps(held []Range, last uint64) []Range {
	var gaps []Range
	next := uint64(1)
	for _, have := range held {
		if have.First > last {
			break
		}
		if have.First > next {
			gaps = append(gaps, Range{next, have.First - 1})
		}
		if have.Last >= last {
			return gaps
		}
		next = max(next, have.Last+1)
	}
	if next <= last {
		gaps = append(gaps, Range{next, last})
	}
	return gaps
}
