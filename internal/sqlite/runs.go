package sqlite

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"math"
	"slices"

	"zombiezen.com/go/sqlite"

	"kith/internal/oplog"
	"kith/internal/replicate"
)

// Runs reads whole runs of a log that overlap a range, newest first, until they make up maxBytes; at least one, where
// there is one. Of a run whose beginning is not held the rest is given. Entries behind the last head of a run are
// not given, because nothing here proves them to others.
func (db *DB) Runs(ctx context.Context, log oplog.LogID, within oplog.Range, maxBytes int) (runs []oplog.Run, err error) {
	err = db.view(ctx, func(r *reader) error {
		l, err := r.logByID(log)
		if err != nil || l == nil {
			return err
		}
		s := &stream{log: l, within: within, newestFirst: true}
		more, err := s.open(r, replicate.Cursor{})
		for size := 0; err == nil && more && (size < maxBytes || len(runs) == 0); {
			run, bytes, ok, err := r.run(s)
			if err != nil {
				return err
			}
			if ok {
				runs, size = append(runs, run), size+bytes
			}
			if more, err = s.advance(r); err != nil {
				return err
			}
		}
		return err
	})
	return runs, err
}

// Page reads a page of the runs that overlap the ranges of a query, in the order of its phase: as
// replicate.Store has it. It does not ask who may have them.
func (db *DB) Page(ctx context.Context, query replicate.Query) (page replicate.Page, err error) {
	err = db.view(ctx, func(r *reader) error {
		streams, err := r.streams(&query)
		if err != nil {
			return err
		}
		for size := 0; len(streams.list) > 0 && (size < query.Bytes || len(page.Runs) == 0); {
			s := streams.list[0]
			if at := s.cursor(); len(page.Runs) == 0 || at != page.Next {
				run, bytes, ok, err := r.run(s)
				if err != nil {
					return err
				}
				if page.Next = at; ok {
					page.Runs, size = append(page.Runs, run), size+bytes
				}
			} // else two ranges overlap the same run
			more, err := s.advance(r)
			if err != nil {
				return err
			}
			if more {
				heap.Fix(streams, 0)
			} else {
				heap.Pop(streams)
			}
		}
		page.More = len(streams.list) > 0
		return nil
	})
	return page, err
}

// streams opens a stream for every range of a query, each at its first run behind the cursor.
func (r *reader) streams(query *replicate.Query) (*streams, error) {
	all := &streams{newestFirst: query.Phase == replicate.PhaseContent}
	for _, want := range query.Wants {
		l, err := r.logByID(want.Log.ID())
		if err != nil {
			return nil, err
		}
		if l == nil {
			continue
		}
		s := &stream{log: l, within: want.Range, newestFirst: all.newestFirst}
		more, err := s.open(r, query.After)
		if err != nil {
			return nil, err
		}
		if more {
			all.list = append(all.list, s)
		}
	}
	heap.Init(all)
	return all, nil
}

// stream goes through the runs of a log that overlap a range, by the Lamport time of their heads.
type stream struct {
	log         *logName
	within      oplog.Range
	newestFirst bool
	bound       int64     // the Lamport time behind which the next run is
	segment               // the one that ends in the head of the present run
	before      []segment // those before it that belong to the run, the nearest first
}

func (s *stream) cursor() replicate.Cursor {
	return replicate.Cursor{Lamport: uint64(s.lamport), Log: s.log.id}
}

// start is the first held entry of the present run.
func (s *stream) start() uint64 {
	if n := len(s.before); n > 0 {
		return s.before[n-1].first
	}
	return s.first
}

// open goes to the first run behind a cursor; false where there is none.
func (s *stream) open(r *reader, after replicate.Cursor) (bool, error) {
	s.within.Last = min(s.within.Last, oplog.MaxSeq)
	s.within.First = max(s.within.First, 1)
	if s.within.First > s.within.Last {
		return false, nil
	}
	edge, err := s.edge(r)
	if err != nil {
		return false, err
	}
	s.bound = edge
	if !after.IsZero() {
		// Of runs with the cursor's Lamport time, those of logs behind the cursor's are still to come.
		bound, side := int64(min(after.Lamport, oplog.MaxSeq)), bytes.Compare(s.log.id[:], after.Log[:])
		switch {
		case s.newestFirst && side < 0:
			bound++
		case !s.newestFirst && side > 0:
			bound--
		}
		if s.newestFirst {
			s.bound = min(edge, bound)
		} else {
			s.bound = max(edge, bound)
		}
	}
	return s.advance(r)
}

// edge is the bound that just lets in the run which covers the end of the range where the stream begins.
func (s *stream) edge(r *reader) (int64, error) {
	from, step := s.within.Last, int64(1)
	if !s.newestFirst {
		from, step = s.within.First, -1
	}
	at, covered, err := r.segmentAt(s.log.no, from)
	if err != nil {
		return 0, err
	}
	query, first := "WHERE log = ? AND first >= ? AND lamport IS NOT NULL ORDER BY first LIMIT 1", from
	if covered {
		first = at.first // its own head, or the next one
	} else if s.newestFirst {
		query = "WHERE log = ? AND first <= ? AND lamport IS NOT NULL ORDER BY first DESC LIMIT 1"
	}
	var head segment
	found, err := r.c.one(selectSegment+query, func(row *sqlite.Stmt) { head = scanSegment(row, s.log.no) }, s.log.no, int64(first))
	switch {
	case err != nil:
		return 0, err
	case found:
		return head.lamport + step, nil
	case s.newestFirst && covered:
		return math.MaxInt64, nil // the end of the range is in a run that has lost its head
	case s.newestFirst:
		return 0, nil
	}
	return math.MaxInt64, nil
}

// advance goes to the next run; false behind the last.
func (s *stream) advance(r *reader) (bool, error) {
	query := selectSegment + "WHERE log = ? AND lamport > ? ORDER BY lamport LIMIT 1"
	if s.newestFirst {
		query = selectSegment + "WHERE log = ? AND lamport < ? ORDER BY lamport DESC LIMIT 1"
	}
	for {
		found, err := r.c.one(query, func(row *sqlite.Stmt) { s.segment = scanSegment(row, s.log.no) }, s.log.no, s.bound)
		if err != nil || !found {
			return false, err
		}
		s.bound = s.lamport
		if err := s.extend(r); err != nil {
			return false, err
		}
		begins, ends := s.start() <= s.within.Last, s.last() >= s.within.First
		if begins && ends {
			return true, nil
		}
		// Where parts of runs are missing, the first run looked at may lie before the range.
		if s.newestFirst && !ends || !s.newestFirst && !begins {
			return false, nil
		}
	}
}

// extend finds the parts of the present run that came before its head.
func (s *stream) extend(r *reader) error {
	s.before = nil
	for s.start() > 1 {
		part, found, err := r.segmentAt(s.log.no, s.start()-1)
		if err != nil || !found || part.whole {
			return err
		}
		s.before = append(s.before, part)
	}
	return nil
}

// run reads the present run of a stream, and tells how many bytes it has. A payload that is damaged is left out; of a
// run with a damaged header nothing can be given, and ok is false.
func (r *reader) run(s *stream) (run oplog.Run, size int, ok bool, err error) {
	lost := len(r.damage.headers)
	run = oplog.Run{Log: s.log.log, First: s.start()}
	for _, part := range slices.Backward(s.before) {
		if err := r.runPart(&run, &part, &size); err != nil {
			return run, 0, false, err
		}
	}
	err = r.runPart(&run, &s.segment, &size)
	return run, size, len(r.damage.headers) == lost, err
}

// runPart adds the entries of a segment to a run.
func (r *reader) runPart(run *oplog.Run, s *segment, size *int) error {
	before := len(run.Entries)
	run.Entries = slices.Grow(run.Entries, int(s.count))
	err := r.c.each("SELECT id, header, payload, signature FROM entries WHERE no BETWEEN ? AND ?", func(row *sqlite.Stmt) error {
		raw := oplog.Raw{Header: columnBytes(row, 1), Payload: columnBytes(row, 2)}
		c := state(raw, row.ColumnInt64(0))
		r.note(s.entry+int64(len(run.Entries)-before), c)
		if c == payloadDamaged {
			raw.Payload = nil
		}
		run.Entries = append(run.Entries, raw)
		*size += len(raw.Header) + len(raw.Payload)
		if row.ColumnIsNull(3) {
			return nil
		}
		return columnID(row, 3, run.Signature[:])
	}, s.entry, s.entry+int64(s.count)-1)
	if err == nil && len(run.Entries)-before != int(s.count) {
		err = fmt.Errorf("%w: log %v lacks entries behind %d", ErrCorrupt, run.Log, s.first)
	}
	return err
}

// streams is a heap of streams, that with the next run first.
type streams struct {
	newestFirst bool
	list        []*stream
}

func (h *streams) Len() int      { return len(h.list) }
func (h *streams) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *streams) Push(x any)    { h.list = append(h.list, x.(*stream)) }

func (h *streams) Pop() any {
	last := h.list[len(h.list)-1]
	h.list = h.list[:len(h.list)-1]
	return last
}

func (h *streams) Less(i, j int) bool {
	a, b := h.list[i], h.list[j]
	order := cmp.Or(cmp.Compare(a.lamport, b.lamport), bytes.Compare(a.log.id[:], b.log.id[:]))
	if h.newestFirst {
		return order > 0
	}
	return order < 0
}
