package replicate

import (
	"context"
	"errors"
	"sync"
	"time"

	"kith/internal/oplog"
)

// job is a want of the peer that is being served.
type job struct {
	number uint64
	space  *sharedSpace
	wants  [phases][]Want
	phase  Phase
	after  Cursor
	left   rangeSet // what was not served
	begun  bool
	ranges int
}

// jobs are what serve has to do. Wants are served in turns, a message each. Safe for concurrent use.
type jobs struct {
	mu     sync.Mutex
	queue  []*job
	count  int // with the one that is being served
	ranges int // in them all
	keys   []keyJob
	epochs int // in keys
	wake   chan struct{}
}

func (j *jobs) init() { j.wake = make(chan struct{}, 1) }

// add queues a want.
func (j *jobs) add(one *job) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.count >= maxJobs || j.ranges+one.ranges > maxJobRanges {
		return broken("more than %d wants or %d ranges at once", maxJobs, maxJobRanges)
	}
	j.count++
	j.ranges += one.ranges
	j.queue = append(j.queue, one)
	poke(j.wake)
	return nil
}

// addKeys queues an ask for keys, unless too many wait.
func (j *jobs) addKeys(one keyJob) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.epochs+len(one.epochs) > maxKeyAsks {
		return
	}
	j.epochs += len(one.epochs)
	j.keys = append(j.keys, one)
	poke(j.wake)
}

// next takes what to do next: keys first, and wants only if there is room for bulk.
func (j *jobs) next(room bool) (*keyJob, *job) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.keys) > 0 {
		one := j.keys[0]
		if j.keys = j.keys[1:]; len(j.keys) == 0 {
			j.keys = nil
		}
		j.epochs -= len(one.epochs)
		return &one, nil
	}
	if len(j.queue) == 0 || !room {
		return nil, nil
	}
	one := j.queue[0]
	j.queue[0] = nil
	if j.queue = j.queue[1:]; len(j.queue) == 0 {
		j.queue = nil
	}
	return nil, one
}

// again puts a want back, behind the others.
func (j *jobs) again(one *job) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.queue = append(j.queue, one)
}

// done takes a want off the count.
func (j *jobs) done(one *job) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.count--
	j.ranges -= one.ranges
}

// onWant queues a want. Where the peer is no member, its answer is empty.
func (s *Session) onWant(m *wantMessage) error {
	space := s.spaces.tagged(m.Tag)
	if space == nil || m.Number != s.talk.wanted+1 {
		return broken("WANT %d after %d, or of a space that was not agreed upon", m.Number, s.talk.wanted)
	}
	s.talk.wanted = m.Number
	one := &job{number: m.Number, space: space}
	if space.member.Load() {
		wants := m.wants(space.id)
		one.ranges = len(wants)
		for _, want := range wants {
			phase := phaseOf(want.Log, space)
			one.wants[phase] = append(one.wants[phase], want)
			one.left.add(want.Log, want.Range)
		}
	}
	return s.jobs.add(one)
}

func phaseOf(log oplog.Log, space *sharedSpace) Phase {
	switch {
	case log.Space != space.id:
		return PhaseIdentity
	case log.Lane == oplog.Control:
		return PhaseControl
	}
	return PhaseContent
}

// serve answers the peer's wants and asks for keys.
func (s *Session) serve(ctx context.Context) error {
	for ctx.Err() == nil {
		keys, one := s.jobs.next(s.flow.open())
		var err error
		switch {
		case keys != nil:
			err = s.serveKeys(ctx, *keys)
		case one != nil:
			err = s.serveSome(ctx, one)
		default:
			select {
			case <-s.jobs.wake:
			case <-ctx.Done():
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// serveSome sends the next message of the answer to a want.
func (s *Session) serveSome(ctx context.Context, one *job) error {
	if !one.space.member.Load() {
		one.phase = phases // it was removed meanwhile
		one.left = rangeSet{}
	}
	for one.phase < phases && len(one.wants[one.phase]) == 0 {
		one.phase++
	}
	budget := s.flow.message()
	if !one.begun {
		budget = min(budget, firstMessage)
	}
	one.begun = true
	var page Page
	if one.phase < phases {
		var err error
		page, err = s.local.Runs(ctx, Query{Space: one.space.id, Phase: one.phase, Wants: one.wants[one.phase], After: one.after, Bytes: budget})
		if err == nil && page.More && (len(page.Runs) == 0 || page.Next == one.after) {
			err = errors.New("a page that leads nowhere, with more to follow")
		}
		if err != nil {
			return trouble("runs", err)
		}
		one.after = page.Next
		if !page.More {
			one.wants[one.phase], one.after = nil, Cursor{}
		}
	}
	final := true
	for _, wants := range one.wants[min(one.phase, phases):] {
		final = final && len(wants) == 0
	}
	var runs []oplog.Run // those that are still wanted; anything else would break the protocol
	for i := range page.Runs {
		run := &page.Runs[i]
		if one.left.remove(run.Log.ID(), oplog.Range{First: run.First, Last: run.Last()}) {
			runs = append(runs, *run)
		}
	}
	final = final || one.left.empty()
	if err := s.sendBulk(ctx, one, runs, final); err != nil {
		return err
	}
	if !final {
		s.jobs.again(one)
		return nil
	}
	s.jobs.done(one)
	s.mail.post(func(context.Context) error {
		s.stand(one)
		return nil
	})
	return nil
}

// sendBulk sends runs in answer to a want, as the window allows.
func (s *Session) sendBulk(ctx context.Context, one *job, runs []oplog.Run, final bool) error {
	if len(runs) == 0 && !final {
		return nil
	}
	messages, err := packRuns(one.space.ours, one.space.id, one.number, runs, 2*largeMessage)
	if err != nil {
		return trouble("runs", err)
	}
	for i, m := range messages {
		m.Final = final && i == len(messages)-1
		framed, err := frame(m)
		if err != nil {
			return trouble("runs", err)
		}
		for !s.flow.fits(len(framed)) {
			select {
			case <-s.jobs.wake:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		s.flow.send(len(framed), time.Now())
		if err := s.out.putBulk(ctx, framed); err != nil {
			return err
		}
		s.sentRuns(m)
	}
	return nil
}

// stand remembers what the peer wanted and we do not have. When we get it, it is told.
func (s *Session) stand(one *job) {
	for _, want := range one.left.wants() {
		if one.space.standing.count < maxStanding {
			one.space.standing.add(want.Log, want.Range)
		}
	}
}
