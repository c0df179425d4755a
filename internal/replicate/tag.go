package replicate

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"kith/internal/key"
	"kith/internal/oplog"
)

type (
	// nonce is each side's contribution to the session key.
	nonce [nonceSize]byte
	// sessionKey binds tags to one session between two devices.
	sessionKey [sha256.Size]byte
	// tag names a space in one direction of one session.
	tag [tagSize]byte
	// digest is a frontier's digest, cut.
	digest [digestSize]byte
	// direction tells who sends: a tag is worth nothing when it is sent back.
	direction byte
)

const (
	fromDialer   direction = 1
	fromAcceptor direction = 2
)

// deriveSession is SHA-256("kith session v1" ‖ the dialer's nonce ‖ the acceptor's nonce ‖ the dialer's
// network key ‖ the acceptor's network key).
func deriveSession(dialing, accepting nonce, dialer, acceptor key.PeerKey) sessionKey {
	h := sha256.New()
	h.Write([]byte("kith session v1"))
	h.Write(dialing[:])
	h.Write(accepting[:])
	h.Write(dialer[:])
	h.Write(acceptor[:])
	return sessionKey(h.Sum(nil))
}

// tag is HMAC-SHA256(SHA-256("kith sync space v1" ‖ space), session ‖ direction), cut to 16 bytes.
func (k sessionKey) tag(space key.SpaceID, from direction) tag {
	secret := sha256.Sum256(append([]byte("kith sync space v1"), space[:]...))
	mac := hmac.New(sha256.New, secret[:])
	mac.Write(k[:])
	mac.Write([]byte{byte(from)})
	return tag(mac.Sum(nil)[:tagSize])
}

// bucketsFor is the number of buckets for a frontier of so many logs: a power of two.
func bucketsFor(logs int) int {
	n := 1
	for n*logsPerBucket < logs && n < maxBuckets {
		n *= 2
	}
	return n
}

// bucketOf is the bucket of a log among n: the number that the ID's first bits are.
func bucketOf(log oplog.LogID, n int) int {
	return int(binary.BigEndian.Uint16(log[:])) * n >> 16
}

// buckets digests a frontier bucket by bucket: SHA-256("kith bucket v1" ‖ session ‖ for each head in the
// order of the log's ID: log ID, sequence number (8 B, big-endian), entry ID), cut to 8 bytes each.
func (k sessionKey) buckets(frontier oplog.Frontier, n int) []byte {
	type item struct {
		log  oplog.LogID
		head *oplog.Head
	}
	items := make([]item, len(frontier))
	for i := range frontier {
		items[i] = item{frontier[i].Log.ID(), &frontier[i]}
	}
	slices.SortFunc(items, func(a, b item) int { return slices.Compare(a.log[:], b.log[:]) })
	digests := make([]byte, 0, n*bucketSize)
	for bucket := range n {
		h := sha256.New()
		h.Write([]byte("kith bucket v1"))
		h.Write(k[:])
		for len(items) > 0 && bucketOf(items[0].log, n) == bucket {
			var number [8]byte
			binary.BigEndian.PutUint64(number[:], items[0].head.Seq)
			h.Write(items[0].log[:])
			h.Write(number[:])
			h.Write(items[0].head.ID[:])
			items = items[1:]
		}
		digests = append(digests, h.Sum(nil)[:bucketSize]...)
	}
	return digests
}
