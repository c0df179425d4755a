package replicate

import (
	"math/bits"

	"kith/internal/key"
	"kith/internal/oplog"
)

// summaryMessage begins the exchange of a large frontier: the digests of its buckets.
type summaryMessage struct {
	_       struct{} `cbor:",toarray"`
	Tag     tag
	Digests []byte // a power of two times bucketSize bytes
}

func (*summaryMessage) kind() kind { return kindSummary }

func (m *summaryMessage) buckets() int { return len(m.Digests) / bucketSize }

func (m *summaryMessage) check() error {
	if len(m.Digests)%bucketSize != 0 || !validBuckets(m.buckets()) {
		return broken("SUMMARY of %d bytes", len(m.Digests))
	}
	return nil
}

func validBuckets(n int) bool { return n >= 1 && n <= maxBuckets && bits.OnesCount(uint(n)) == 1 }

// frontierMessage lists heads: all of a space, or those of some of its buckets. A list that is too long for one
// message goes on in the next of the same space.
type frontierMessage struct {
	_       struct{} `cbor:",toarray"`
	Tag     tag
	Buckets uint64 // how many buckets there are; 0: the list is not by buckets
	Mask    []byte // the buckets that are listed, the lowest in the lowest bit of the first byte
	Reply   bool   // whether the receiver is to answer with what it has beyond this
	More    bool   // whether the list goes on
	Heads   []wireHead
}

type wireHead struct {
	_   struct{} `cbor:",toarray"`
	Log []byte
	Seq uint64
	ID  oplog.EntryID
}

func (*frontierMessage) kind() kind { return kindFrontier }

func (m *frontierMessage) check() error {
	if m.Buckets == 0 && len(m.Mask) != 0 {
		return broken("FRONTIER with a mask and no buckets")
	}
	if m.Buckets != 0 && (m.Buckets > maxBuckets || !validBuckets(int(m.Buckets)) || len(m.Mask) != maskSize(int(m.Buckets))) {
		return broken("FRONTIER of %d buckets with a mask of %d bytes", m.Buckets, len(m.Mask))
	}
	if len(m.Heads) > maxHeads {
		return broken("FRONTIER of %d heads", len(m.Heads))
	}
	for i := range m.Heads {
		if err := checkLog(m.Heads[i].Log); err != nil {
			return err
		}
		if err := checkRange(1, m.Heads[i].Seq); err != nil {
			return err
		}
	}
	return nil
}

func maskSize(buckets int) int { return (buckets + 7) / 8 }

func inMask(mask []byte, bucket int) bool { return mask[bucket/8]>>(bucket%8)&1 == 1 }

// differing is the mask of the buckets in which two lists of digests differ.
func differing(a, b []byte) (mask []byte, any bool) {
	n := len(a) / bucketSize
	mask = make([]byte, maskSize(n))
	for i := range n {
		if at := i * bucketSize; string(a[at:at+bucketSize]) != string(b[at:at+bucketSize]) {
			mask[i/8] |= 1 << (i % 8)
			any = true
		}
	}
	return mask, any
}

// wantMessage asks for ranges of logs.
type wantMessage struct {
	_      struct{} `cbor:",toarray"`
	Tag    tag
	Number uint64 // counts from 1, in each direction
	Logs   []wireWant
}

type wireWant struct {
	_      struct{} `cbor:",toarray"`
	Log    []byte
	Ranges []uint64 // first, last, first, last …, ascending
}

func (*wantMessage) kind() kind { return kindWant }

func (m *wantMessage) check() error {
	if len(m.Logs) == 0 || len(m.Logs) > maxRuns {
		return broken("WANT of %d logs", len(m.Logs))
	}
	ranges := 0
	for i := range m.Logs {
		if err := checkLog(m.Logs[i].Log); err != nil {
			return err
		}
		list := m.Logs[i].Ranges
		if ranges += len(list) / 2; len(list) == 0 || len(list)%2 != 0 || ranges > maxRanges {
			return broken("WANT of %d ranges", ranges)
		}
		before := uint64(0)
		for j := 0; j < len(list); j += 2 {
			if err := checkRange(list[j], list[j+1]); err != nil {
				return err
			}
			if list[j] <= before {
				return broken("WANT of ranges out of order")
			}
			before = list[j+1]
		}
	}
	return nil
}

// wants are the ranges of the message, for the space that its tag names.
func (m *wantMessage) wants(space key.SpaceID) []Want {
	var wants []Want
	for i := range m.Logs {
		log := parseLog(m.Logs[i].Log, space)
		for list := m.Logs[i].Ranges; len(list) > 0; list = list[2:] {
			wants = append(wants, Want{Log: log, Range: oplog.Range{First: list[0], Last: list[1]}})
		}
	}
	return wants
}

// haveMessage tells which pieces of logs the sender has come to have.
type haveMessage struct {
	_      struct{} `cbor:",toarray"`
	Tag    tag
	Pieces []wirePiece
}

type wirePiece struct {
	_           struct{} `cbor:",toarray"`
	Log         []byte
	First, Last uint64
	ID          oplog.EntryID // of the last entry
}

func (*haveMessage) kind() kind { return kindHave }

func (m *haveMessage) check() error {
	if len(m.Pieces) == 0 || len(m.Pieces) > maxRuns {
		return broken("HAVE of %d pieces", len(m.Pieces))
	}
	for i := range m.Pieces {
		if err := checkLog(m.Pieces[i].Log); err != nil {
			return err
		}
		if err := checkRange(m.Pieces[i].First, m.Pieces[i].Last); err != nil {
			return err
		}
	}
	return nil
}

// ackMessage tells which pieces of logs the sender has durably stored.
type ackMessage struct {
	_      struct{} `cbor:",toarray"`
	Tag    tag
	Pieces []wireAck
}

type wireAck struct {
	_           struct{} `cbor:",toarray"`
	Log         oplog.LogID
	First, Last uint64
}

func (*ackMessage) kind() kind { return kindAck }

func (m *ackMessage) check() error {
	if len(m.Pieces) == 0 || len(m.Pieces) > maxRuns {
		return broken("ACK of %d pieces", len(m.Pieces))
	}
	for i := range m.Pieces {
		if err := checkRange(m.Pieces[i].First, m.Pieces[i].Last); err != nil {
			return err
		}
	}
	return nil
}
