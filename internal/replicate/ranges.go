package replicate

import (
	"cmp"
	"slices"

	"kith/internal/oplog"
)

// rangeSet is a set of entries, held as ranges of logs. The zero value is empty and ready.
type rangeSet struct {
	logs  map[oplog.LogID]*logRanges
	count int // of ranges
}

type logRanges struct {
	log    oplog.Log
	ranges []oplog.Range // ascending, disjoint and not touching
}

func (s *rangeSet) empty() bool { return s.count == 0 }

// add puts a range in, joined with those that it overlaps or touches.
func (s *rangeSet) add(log oplog.Log, r oplog.Range) {
	id := log.ID()
	if s.logs == nil {
		s.logs = make(map[oplog.LogID]*logRanges)
	}
	at := s.logs[id]
	if at == nil {
		at = &logRanges{log: log}
		s.logs[id] = at
	}
	from, _ := slices.BinarySearchFunc(at.ranges, r.First-1, func(have oplog.Range, seq uint64) int { return cmp.Compare(have.Last, seq) })
	to := from
	for to < len(at.ranges) && at.ranges[to].First <= r.Last+1 {
		r.First, r.Last = min(r.First, at.ranges[to].First), max(r.Last, at.ranges[to].Last)
		to++
	}
	s.count += 1 - (to - from)
	at.ranges = slices.Replace(at.ranges, from, to, r)
}

// remove takes a range out and tells whether any of it was in.
func (s *rangeSet) remove(id oplog.LogID, r oplog.Range) bool {
	at := s.logs[id]
	if at == nil {
		return false
	}
	left := make([]oplog.Range, 0, len(at.ranges)+1)
	removed := false
	for _, have := range at.ranges {
		if have.Last < r.First || have.First > r.Last {
			left = append(left, have)
			continue
		}
		removed = true
		left = append(left, without(have, r)...)
	}
	s.count += len(left) - len(at.ranges)
	at.ranges = left
	if len(left) == 0 {
		delete(s.logs, id)
	}
	return removed
}

// removeLog takes a log out.
func (s *rangeSet) removeLog(id oplog.LogID) {
	if at := s.logs[id]; at != nil {
		s.count -= len(at.ranges)
		delete(s.logs, id)
	}
}

// subtract returns the parts of wants that are not in the set.
func (s *rangeSet) subtract(wants []Want) []Want {
	if s.empty() {
		return wants
	}
	var left []Want
	for _, want := range wants {
		rest := want.Range
		for _, have := range s.from(want.Log.ID(), rest.First) {
			if have.First > rest.Last || rest.First > rest.Last {
				break
			}
			if rest.First < have.First {
				left = append(left, Want{want.Log, oplog.Range{First: rest.First, Last: have.First - 1}})
			}
			rest.First = have.Last + 1
		}
		if rest.First <= rest.Last {
			left = append(left, Want{want.Log, rest})
		}
	}
	return left
}

// from lists the ranges of a log that end at seq or later.
func (s *rangeSet) from(id oplog.LogID, seq uint64) []oplog.Range {
	at := s.logs[id]
	if at == nil {
		return nil
	}
	i, _ := slices.BinarySearchFunc(at.ranges, seq, func(r oplog.Range, seq uint64) int { return cmp.Compare(r.Last, seq) })
	return at.ranges[i:]
}

// wants lists the set, in no order of the logs.
func (s *rangeSet) wants() []Want {
	wants := make([]Want, 0, s.count)
	for _, at := range s.logs {
		for _, r := range at.ranges {
			wants = append(wants, Want{Log: at.log, Range: r})
		}
	}
	return wants
}

// without is what remains of a when b is taken away: nothing, one range or two.
func without(a, b oplog.Range) []oplog.Range {
	if b.Last < a.First || b.First > a.Last {
		return []oplog.Range{a}
	}
	var left []oplog.Range
	if a.First < b.First {
		left = append(left, oplog.Range{First: a.First, Last: b.First - 1})
	}
	if a.Last > b.Last {
		left = append(left, oplog.Range{First: b.Last + 1, Last: a.Last})
	}
	return left
}
