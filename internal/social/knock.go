package social

import (
	"context"
	"errors"
	"sync"
	"time"

	"kith/internal/invite"
)

// knocker carries acceptances on until they end.
type knocker struct {
	h    *Home
	wake chan struct{}

	mu    sync.Mutex
	tries map[string]*try
}

type try struct {
	next  time.Time
	pause time.Duration
	busy  bool
}

func newKnocker(h *Home) *knocker {
	return &knocker{h: h, wake: make(chan struct{}, 1), tries: make(map[string]*try)}
}

// soon makes the knocker try an acceptance without a pause.
func (k *knocker) soon(id string) {
	k.mu.Lock()
	if t := k.tries[id]; t == nil || !t.busy {
		delete(k.tries, id)
	}
	k.mu.Unlock()
	k.now()
}

func (k *knocker) now() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

func (k *knocker) run(ctx context.Context) error {
	var knocks sync.WaitGroup
	defer knocks.Wait()
	ticker := time.NewTicker(knockLook)
	defer ticker.Stop()
	for {
		records, err := recordsByID[acceptanceRecord](ctx, k.h.db, recordsAcceptances)
		if err != nil && ctx.Err() == nil {
			k.h.log.Warn("acceptances not read", "err", err)
		}
		for id, record := range records {
			if record.underWay() && k.take(id) {
				knocks.Go(func() { k.knock(ctx, id, record) })
			}
		}
		select {
		case <-ticker.C:
		case <-k.wake:
		case <-ctx.Done():
			return nil
		}
	}
}

// take tells whether it is time to try, and marks the acceptance as busy.
func (k *knocker) take(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	t := k.tries[id]
	if t == nil {
		t = &try{pause: knockFirst}
		k.tries[id] = t
	}
	if t.busy || time.Now().Before(t.next) {
		return false
	}
	t.busy = true
	return true
}

func (k *knocker) knock(ctx context.Context, id string, record *acceptanceRecord) {
	reached, err := k.h.knock(ctx, id, record)
	if err != nil && ctx.Err() == nil {
		k.h.log.Debug("invite not accepted so far", "err", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	t := k.tries[id]
	if t == nil {
		return
	}
	t.busy = false
	if reached {
		t.pause = knockFirst
	}
	t.next = time.Now().Add(t.pause)
	t.pause = min(2*t.pause, knockLast)
}

// knock goes to the inviter once. It tells whether their home was reached.
func (h *Home) knock(ctx context.Context, id string, record *acceptanceRecord) (reached bool, err error) {
	code, err := invite.Parse(record.Code)
	if err != nil {
		return false, h.endAcceptance(ctx, id, explainCode(record.Code, err))
	}
	if !h.now().Before(record.Expires) {
		if friend, err := h.isFriend(ctx, record.Inviter); !record.ToSpace && (friend || err != nil) {
			return false, errors.Join(err, h.setAcceptance(ctx, id, AcceptanceDone))
		}
		ending := explainEnd(invite.Expired)
		if record.Asked {
			ending = fail(CodeExpired, "The invite ran out before they said yes. Ask your friend for a new one.", nil)
		}
		return false, h.endAcceptance(ctx, id, ending)
	}
	err = h.handshake(ctx, code, invite.Accept, func(answer *invite.Answer) (bool, error) {
		reached = true
		return h.heard(ctx, id, code, answer)
	})
	if errors.Is(err, errUnreachable) && !reached {
		return false, errors.Join(err, h.setAcceptance(ctx, id, AcceptanceTrying))
	}
	if errors.Is(err, invite.ErrProtocol) {
		return reached, errors.Join(err, h.endAcceptance(ctx, id, explainHandshake(err)))
	}
	return reached, err
}

// heard takes an answer to an acceptance.
func (h *Home) heard(ctx context.Context, id string, code invite.Code, answer *invite.Answer) (more bool, err error) {
	switch answer.State {
	case invite.Waiting, invite.Done:
		if answer.Who == nil || answer.Who.Person != code.Person {
			return false, invite.ErrProtocol
		}
		h.meeting.Lock()
		defer h.meeting.Unlock()
		if err := h.meet(ctx, code.Peer, answer.Who); err != nil {
			return false, err
		}
		if code.Space {
			return answer.State == invite.Waiting, h.heardSpace(ctx, id, answer)
		}
		if answer.State == invite.Waiting {
			return true, h.waiting(ctx, id, answer.Who)
		}
		return false, h.befriend(ctx, answer.Who.Person, answer.Who.Wall, answer.Who.Card, nil, id)
	default:
		return false, h.endAcceptance(ctx, id, explainEnd(answer.State))
	}
}

// waiting notes that the inviter was asked, and who they are.
func (h *Home) waiting(ctx context.Context, id string, who *invite.Introduction) error {
	return h.changeAcceptance(ctx, id, func(r *acceptanceRecord) bool {
		if r.State == AcceptanceWaiting && len(r.Card) > 0 {
			return false
		}
		r.State, r.Card, r.Asked = AcceptanceWaiting, who.Card, true
		return true
	})
}

func (h *Home) setAcceptance(ctx context.Context, id, state string) error {
	return h.changeAcceptance(ctx, id, func(r *acceptanceRecord) bool {
		changed := r.State != state && r.underWay()
		if changed {
			r.State = state
		}
		return changed
	})
}

func (h *Home) endAcceptance(ctx context.Context, id string, why error) error {
	var told *Error
	if !errors.As(why, &told) {
		return why
	}
	return h.changeAcceptance(ctx, id, func(r *acceptanceRecord) bool {
		r.State, r.Detail = AcceptanceFailed, told.Message
		return true
	})
}

// changeAcceptance changes a record if it is still there.
func (h *Home) changeAcceptance(ctx context.Context, id string, change func(*acceptanceRecord) bool) error {
	var record acceptanceRecord
	found, err := h.db.Get(ctx, recordsAcceptances, id, &record)
	if err != nil || !found || !change(&record) {
		return err
	}
	return h.keepAcceptance(ctx, id, &record)
}
