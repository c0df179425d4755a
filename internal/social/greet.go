package social

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/p2p"
)

const (
	// handshakeStep bounds the wait for one message of the other side.
	handshakeStep = 20 * time.Second
	// answerWait is how long a stream is kept open for the owner's yes; after it the invited asks again.
	answerWait = 45 * time.Second
)

// waiters lets a handshake wait for a change of its invite.
type waiters struct {
	mu   sync.Mutex
	wait map[string]chan struct{}
}

// on gives a channel that is closed at the next change.
func (w *waiters) on(id string) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wait == nil {
		w.wait = make(map[string]chan struct{})
	}
	if w.wait[id] == nil {
		w.wait[id] = make(chan struct{})
	}
	return w.wait[id]
}

func (w *waiters) wake(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.wait[id]; c != nil {
		close(c)
		delete(w.wait, id)
	}
}

// wakeAll lets every handshake that waits look again.
func (w *waiters) wakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, c := range w.wait {
		close(c)
		delete(w.wait, id)
	}
}

// serveInvite answers a home that comes with an invite.
func (h *Home) serveInvite(ctx context.Context, stream *p2p.Stream) {
	defer stream.Close()
	if err := h.greet(ctx, stream); err != nil && !errors.Is(err, errStop) {
		h.log.Debug("invite not answered", "err", err)
	}
}

func (h *Home) greet(ctx context.Context, stream *p2p.Stream) error {
	_ = stream.SetDeadline(time.Now().Add(handshakeStep))
	var theirs invite.Hello
	if err := invite.Read(stream, &theirs); err != nil {
		return err
	}
	ours := invite.NewHello()
	if err := invite.Write(stream, &ours); err != nil {
		return err
	}
	var ask invite.Ask
	if err := invite.Read(stream, &ask); err != nil {
		return err
	}
	peer := key.PeerKey(stream.Peer())
	record, err := h.proven(ctx, &ask, peer, theirs, ours)
	if err != nil {
		return err
	}
	if record == nil {
		return invite.Write(stream, &invite.Answer{State: invite.Unknown})
	}
	return h.untilDecided(ctx, stream, record.id(), func() (any, bool, error) {
		answer, err := h.answer(ctx, record.id(), peer, &ask)
		return answer, err == nil && answer.State == invite.Waiting, err
	})
}

// untilDecided answers a question about an invite or link, and again whenever that changes, until its owner has decided
// or the stream has been open for long; the other side asks anew then.
func (h *Home) untilDecided(ctx context.Context, stream *p2p.Stream, id string, answer func() (message any, waiting bool, err error)) error {
	for {
		changed := h.waiters.on(id)
		message, waiting, err := answer()
		if err != nil {
			return err
		}
		_ = stream.SetDeadline(time.Now().Add(handshakeStep))
		if err := invite.Write(stream, message); err != nil {
			return err
		}
		if !waiting {
			return nil
		}
		select {
		case <-changed:
		case <-time.After(answerWait):
			return errStop
		case <-ctx.Done():
			return errStop
		}
	}
}

// proven finds the invite that an Ask is about; nil if there is none or its secret was not proven.
func (h *Home) proven(ctx context.Context, ask *invite.Ask, peer key.PeerKey, theirs, ours invite.Hello) (*inviteRecord, error) {
	if h.node.Person().IsZero() {
		return nil, nil
	}
	record, err := h.inviteRecord(ctx, hexID(ask.Invite))
	var told *Error
	if errors.As(err, &told) && told.Code == CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	self := h.node.Device().Peer()
	if !invite.CheckProof(ask, record.Secret, peer, self, theirs.Nonce, ours.Nonce) {
		return nil, nil
	}
	return record, nil
}

// answer decides on a proven Ask. Asking the same again gets the same answer, until something changed.
func (h *Home) answer(ctx context.Context, id string, peer key.PeerKey, ask *invite.Ask) (*invite.Answer, error) {
	h.meeting.Lock()
	defer h.meeting.Unlock()
	record, err := h.inviteRecord(ctx, id)
	if err != nil {
		return nil, err
	}
	if !record.Space.IsZero() {
		return h.answerSpace(ctx, record, peer, ask)
	}
	if ask.Step == invite.Look {
		return h.answerLook(ctx, record)
	}
	if ask.Step != invite.Accept || ask.Who == nil {
		return nil, invite.ErrProtocol
	}
	if !record.Who.IsZero() && record.Who != ask.Who.Person {
		return h.answerSecond(ctx, record)
	}
	if hidden, err := h.hiddenPeople(ctx); err != nil {
		return nil, err
	} else if hidden.blocked(ask.Who.Person) {
		return &invite.Answer{State: invite.Refused}, nil
	}
	switch record.stateAt(h.now()) {
	case InviteOpen:
		if err := h.meet(ctx, peer, ask.Who); err != nil {
			return nil, err
		}
		record.Who, record.Wall, record.Card = ask.Who.Person, ask.Who.Wall, ask.Who.Card
		record.State = InviteAsking
		mutual, err := h.haveAccepted(ctx, record.Who)
		if err != nil {
			return nil, err
		}
		if friend, err := h.isFriend(ctx, record.Who); err != nil {
			return nil, err
		} else if friend || mutual || record.LetIn {
			if err := h.befriend(ctx, record.Who, record.Wall, record.Card, record, ""); err != nil {
				return nil, err
			}
			return h.answerWho(ctx, invite.Done, record)
		}
		if err := h.keepInvite(ctx, record); err != nil {
			return nil, err
		}
		return h.answerWho(ctx, invite.Waiting, record)
	case InviteAsking:
		return h.answerWho(ctx, invite.Waiting, record)
	case InviteAccepted:
		return h.answerWho(ctx, invite.Done, record)
	}
	return &invite.Answer{State: ended(record.stateAt(h.now()))}, nil
}

func (h *Home) answerLook(ctx context.Context, record *inviteRecord) (*invite.Answer, error) {
	switch state := record.stateAt(h.now()); state {
	case InviteOpen, InviteAsking:
		return h.answerWho(ctx, invite.Open, record)
	case InviteAccepted:
		return &invite.Answer{State: invite.Used}, nil
	default:
		return &invite.Answer{State: ended(state)}, nil
	}
}

// answerSecond turns away a second home that comes with an invite that somebody used, and notes it.
func (h *Home) answerSecond(ctx context.Context, record *inviteRecord) (*invite.Answer, error) {
	if !record.Warned {
		record.Warned = true
		if err := h.shareNow(ctx, recordsInvites, record.id(), record); err != nil {
			return nil, err
		}
		h.feed.tell(Event{Kind: EventInvites, ID: record.id()})
	}
	return &invite.Answer{State: invite.Used}, nil
}

func ended(state string) invite.State {
	switch state {
	case InviteExpired:
		return invite.Expired
	case InviteRevoked:
		return invite.Revoked
	case InviteRefused:
		return invite.Refused
	}
	return invite.Unknown
}

func (h *Home) answerWho(ctx context.Context, state invite.State, record *inviteRecord) (*invite.Answer, error) {
	who, err := h.introduction(ctx)
	if err != nil {
		return nil, err
	}
	return &invite.Answer{State: state, LetIn: record.LetIn, Who: who}, nil
}

// introduction tells who the owner is.
func (h *Home) introduction(ctx context.Context) (*invite.Introduction, error) {
	p, err := h.profile(ctx)
	if err != nil {
		return nil, err
	}
	me := h.node.Person()
	runs, err := h.node.IdentityRuns(ctx, me)
	if err != nil {
		return nil, err
	}
	return invite.Introduce(me, p.Wall, p.card(), runs)
}

// meet takes somebody's introduction: their identity log is stored, and the device that speaks to us must be theirs.
func (h *Home) meet(ctx context.Context, peer key.PeerKey, who *invite.Introduction) error {
	if _, err := h.takeIdentity(ctx, who); err != nil {
		return err
	}
	person, err := h.node.Gate().Person(ctx, who.Person)
	if err != nil {
		return err
	}
	if person == nil {
		return fmt.Errorf("%w: the identity does not hold together", invite.ErrProtocol)
	}
	for _, device := range person.Devices() {
		if device.Network == peer {
			return nil
		}
	}
	return fmt.Errorf("%w: the home that speaks is not that person's", invite.ErrProtocol)
}

func (h *Home) takeIdentity(ctx context.Context, who *invite.Introduction) ([]oplog.Run, error) {
	_, runs, err := who.Read()
	if err != nil {
		return nil, err
	}
	return runs, h.ingestIdentity(ctx, runs)
}

// ingestIdentity stores the runs of an identity log, all of which have to be taken. One device lets in the next, so a run
// may have to wait for another one.
func (h *Home) ingestIdentity(ctx context.Context, runs []oplog.Run) error {
	for waiting := len(runs) + 1; ; {
		verdicts, err := h.node.Gate().Ingest(ctx, runs)
		if err != nil {
			return err
		}
		var again []oplog.Run
		var why error
		for i, verdict := range verdicts {
			switch verdict.Code {
			case ingest.Accepted, ingest.Duplicate:
			case ingest.Pending:
				again, why = append(again, runs[i]), verdict.Reason
			default:
				if errors.Is(verdict.Reason, ingest.ErrNotMember) {
					continue // written by a device that was removed, and known to whoever passed it on as little as to us
				}
				return fmt.Errorf("%w: identity: %w", invite.ErrProtocol, verdict.Reason)
			}
		}
		if len(again) == 0 {
			return nil
		}
		if len(again) >= waiting {
			return fmt.Errorf("%w: identity: %w", invite.ErrProtocol, why)
		}
		runs, waiting = again, len(again)
	}
}
