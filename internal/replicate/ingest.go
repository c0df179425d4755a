package replicate

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"kith/internal/oplog"
)

// parcel is a message's worth of runs or of keys on its way to the Local.
type parcel struct {
	space *sharedSpace
	want  uint64 // 0: pushed
	final bool
	runs  []oplog.Run
	keys  []SealedKey
	size  int // of the frame
}

// arrivals queues parcels for ingest: what was pushed, and bulk. Each goes on in order, and in turns, so that
// neither waits for more than one batch of the other. Safe for concurrent use.
type arrivals struct {
	mu         sync.Mutex
	live, bulk []*parcel
	bulkNext   bool
	wake       chan struct{}
	room       *semaphore.Weighted // bytes for what is pushed
}

func (a *arrivals) init() {
	a.wake = make(chan struct{}, 1)
	a.room = semaphore.NewWeighted(liveQueue)
}

func (a *arrivals) put(p *parcel) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p.want == 0 {
		a.live = append(a.live, p)
	} else {
		a.bulk = append(a.bulk, p)
	}
	poke(a.wake)
}

// next takes the next batch: parcels of one queue and one space, about ingestEntries entries. Keys come alone.
func (a *arrivals) next() []*parcel {
	a.mu.Lock()
	defer a.mu.Unlock()
	from := &a.live
	if len(a.live) == 0 || a.bulkNext && len(a.bulk) > 0 {
		from = &a.bulk
	}
	a.bulkNext = from == &a.live
	n, entries, bytes := 0, 0, 0
	for _, p := range *from {
		first := (*from)[0]
		if p.space != first.space || n > 0 && (p.keys != nil || first.keys != nil || bytes+p.size > ingestBytes) || entries >= ingestEntries {
			break
		}
		n++
		bytes += p.size
		for i := range p.runs {
			entries += len(p.runs[i].Entries)
		}
	}
	batch := append([]*parcel(nil), (*from)[:n]...)
	clear((*from)[:n])
	if *from = (*from)[n:]; len(*from) == 0 {
		*from = nil
	}
	return batch
}

// outcome is what became of a run.
type outcome struct {
	log     oplog.Log
	piece   oplog.Range
	id      oplog.EntryID // of the last entry; only where the verdict is Pending
	verdict Verdict
}

// ingest hands what arrived to the Local, tells the peer what is stored, and control what became of it.
func (s *Session) ingest(ctx context.Context) error {
	for {
		batch := s.arrived.next()
		if len(batch) == 0 {
			select {
			case <-s.arrived.wake:
				continue
			case <-ctx.Done():
				return nil
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if err := s.take(ctx, batch); err != nil {
			return err
		}
	}
}

// take stores one batch.
func (s *Session) take(ctx context.Context, batch []*parcel) error {
	space := batch[0].space
	if batch[0].keys != nil {
		return s.takeKeys(ctx, space, batch[0].keys)
	}
	var runs []oplog.Run
	for _, p := range batch {
		runs = append(runs, p.runs...)
	}
	var outcomes []outcome
	for len(runs) > 0 {
		n := entryChunk(runs)
		verdicts, err := s.local.Ingest(ctx, space.id, runs[:n:n])
		if err == nil && len(verdicts) != n {
			err = fmt.Errorf("%d verdicts on %d runs", len(verdicts), n)
		}
		if err != nil {
			return trouble("ingest", err)
		}
		for i, verdict := range verdicts {
			outcomes = append(outcomes, outcomeOf(&runs[i], verdict))
			s.stats.verdict(verdict)
		}
		runs = runs[n:]
	}
	if err := s.acknowledge(space, outcomes); err != nil {
		return err
	}
	bulk, live := int64(0), int64(0)
	var finals []uint64
	for _, p := range batch {
		if p.want == 0 {
			live += int64(p.size)
			continue
		}
		bulk += int64(p.size)
		if p.final {
			finals = append(finals, p.want)
		}
	}
	s.arrived.room.Release(live)
	if bulk > 0 {
		s.bulkOpen.Add(-bulk)
		s.lastProgress.Store(time.Now().UnixNano())
		if err := s.send(&creditMessage{Bytes: uint64(bulk)}); err != nil {
			return err
		}
	}
	s.mail.post(func(ctx context.Context) error { return s.ingested(ctx, space, outcomes, finals) })
	return nil
}

// entryChunk is how many of the runs make about ingestEntries entries; one at least.
func entryChunk(runs []oplog.Run) int {
	entries := 0
	for i := range runs {
		if entries += len(runs[i].Entries); entries > ingestEntries && i > 0 {
			return i
		}
	}
	return len(runs)
}

func outcomeOf(run *oplog.Run, verdict Verdict) outcome {
	o := outcome{log: run.Log, piece: oplog.Range{First: run.First, Last: run.Last()}, verdict: verdict}
	if verdict == Pending {
		o.id = sha256.Sum256(run.Entries[len(run.Entries)-1].Header)
	}
	return o
}

// acknowledge tells the peer what is durable now.
func (s *Session) acknowledge(space *sharedSpace, outcomes []outcome) error {
	var stored rangeSet
	for _, o := range outcomes {
		if o.verdict == Accepted || o.verdict == Duplicate {
			stored.add(o.log, o.piece)
		}
	}
	wants := stored.wants()
	for len(wants) > 0 {
		n := min(len(wants), maxRuns)
		m := &ackMessage{Tag: space.ours, Pieces: make([]wireAck, n)}
		for i, want := range wants[:n] {
			m.Pieces[i] = wireAck{Log: want.Log.ID(), First: want.Range.First, Last: want.Range.Last}
		}
		if err := s.send(m); err != nil {
			return err
		}
		wants = wants[n:]
	}
	return nil
}
