package social

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kith/internal/identity"
	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/link"
	"kith/internal/node"
	"kith/internal/p2p"
)

const (
	recordLinking = "linking" // in recordsHome, on a home that is being linked

	// linkLast bounds the pause between attempts to reach the old device, which doubles from knockFirst on: somebody is
	// sitting in front of it.
	linkLast = 5 * time.Second
)

// linkingRecord is the attempt of this empty home to become a further device of somebody.
type linkingRecord struct {
	Code         string             `json:"code"`
	Introduction *link.Introduction `json:"introduction"`
	State        string             `json:"state"`
	Number       string             `json:"number,omitempty"`
	Detail       string             `json:"detail,omitempty"`
}

// JoinDevice makes this empty home a further device of whoever made the code. It is kept, and carried on in the background until
// it ends one way or the other.
func (h *Home) JoinDevice(ctx context.Context, options JoinOptions) (Linking, error) {
	if !h.node.Person().IsZero() {
		return Linking{}, errBegun
	}
	code, err := h.parseLink(options.Code)
	if err != nil {
		return Linking{}, err
	}
	if options.Reach == "" {
		options.Reach = ReachHome
	}
	if err := checkReach(options.Reach); err != nil {
		return Linking{}, err
	}
	name := machineName()
	if options.Name != "" {
		if name, err = cleanDeviceName(options.Name); err != nil {
			return Linking{}, err
		}
	}
	record := &linkingRecord{
		Code: link.Code.Write(code), State: LinkingTrying,
		Introduction: &link.Introduction{
			Nonce: link.NewNonce(), Certificate: identity.Certify(code.Person, h.node.Device()), Name: name,
		},
	}
	if before, found, err := h.linking(ctx); err != nil {
		return Linking{}, explain("link this computer", err)
	} else if found && before.Code == record.Code && before.State != LinkingFailed {
		return h.showLinking(before), nil // the same again: a reload, or a second press
	}
	if err := h.keepLinking(ctx, record); err != nil {
		return Linking{}, explain("link this computer", err)
	}
	if err := h.node.SetReach(ctx, networkReach(options.Reach)); err != nil {
		return Linking{}, explain("open the network", err)
	}
	h.linker.now()
	return h.showLinking(record), nil
}

var errBegun = fail(CodeBadInput, "This home has begun already, so it cannot become another person's. To link this computer, start kith in an empty folder.", nil)

// Linking is how far the linking of this home has come; without a state if none was begun.
func (h *Home) Linking(ctx context.Context) (Linking, error) {
	record, found, err := h.linking(ctx)
	if err != nil || !found {
		return Linking{}, explain("look at the linking", err)
	}
	return h.showLinking(record), nil
}

// StopLinking gives up. What was agreed on the other side stays agreed: a device that was let in there has to be removed
// there.
func (h *Home) StopLinking(ctx context.Context) error {
	if !h.node.Person().IsZero() {
		return errBegun
	}
	if err := h.db.Delete(ctx, recordsHome, recordLinking); err != nil {
		return explain("stop the linking", err)
	}
	h.feed.tell(Event{Kind: EventDevices})
	return nil
}

func (h *Home) showLinking(r *linkingRecord) Linking {
	shown := Linking{State: r.State, Number: r.Number, Detail: r.Detail}
	if shown.Detail == "" {
		switch r.State {
		case LinkingTrying:
			shown.Detail = "Looking for your other computer. It has to be on, with kith running; kith keeps trying until the code runs out."
		case LinkingWaiting:
			shown.Detail = "Look at your other computer: it shows a number too. Say there whether the two are the same."
		case LinkingDone:
			shown.Detail = "This computer is linked."
		}
	}
	return shown
}

// parseLink reads a code that links a device.
func (h *Home) parseLink(text string) (invite.Code, error) {
	code, err := link.Code.Parse(text)
	switch {
	case err == nil && !h.now().Before(code.Expires):
		return code, explainLink(link.Expired)
	case err == nil:
		return code, nil
	case errors.Is(err, invite.ErrNone) && invite.Invitation.In(text):
		return code, fail(CodeBadInput, "This is an invite from a friend, not a code of your own. Begin here with your name, and use the invite then; or make the code on your other computer, under Settings, Devices.", err)
	case errors.Is(err, invite.ErrNone):
		return code, fail(CodeBadInput, "There is no code in this text. A code that links a computer begins with “kith-device1-”; your other computer shows it under Settings, Devices.", err)
	case errors.Is(err, invite.ErrNewer):
		return code, fail(CodeBadInput, "This code was made by a newer kith. Get the newest kith on this computer too, and try again.", err)
	}
	return code, fail(CodeBadInput, "This code is incomplete or was changed on the way. Copy all of it once more; the other computer still shows it.", err)
}

// explainLink says how a link ended, to who wanted to use it.
func explainLink(state link.State) error {
	switch state {
	case link.Used:
		return fail(CodeUsed, "This code has been used by another computer already. If that was not yours, somebody has seen it: say on your other computer that the numbers differ, and make a new code.", nil)
	case link.Expired:
		return fail(CodeExpired, "This code has run out: it lasts a quarter of an hour. Make a new one on your other computer.", nil)
	case link.Refused:
		return fail(CodeRefused, "On your other computer somebody said no, or took the code back. Nothing was linked. To try again, make a new code there.", nil)
	}
	return fail(CodeNotFound, "Your other computer does not know this code any more. Make a new one there.", nil)
}

func (h *Home) linking(ctx context.Context) (*linkingRecord, bool, error) {
	record := new(linkingRecord)
	found, err := h.db.Get(ctx, recordsHome, recordLinking, record)
	return record, found, err
}

func (h *Home) keepLinking(ctx context.Context, record *linkingRecord) error {
	if err := h.db.Put(ctx, recordsHome, recordLinking, record); err != nil {
		return err
	}
	h.feed.tell(Event{Kind: EventDevices})
	return nil
}

// linker carries the linking of this home on.
type linker struct {
	h    *Home
	wake chan struct{}
}

func newLinker(h *Home) *linker { return &linker{h: h, wake: make(chan struct{}, 1)} }

func (l *linker) now() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *linker) run(ctx context.Context) error {
	pause := knockFirst
	for {
		record, found, err := l.h.linking(ctx)
		underWay := err == nil && found && (record.State == LinkingTrying || record.State == LinkingWaiting)
		if underWay && l.h.node.Person().IsZero() {
			if err := l.h.seekLink(ctx, record); err != nil && ctx.Err() == nil {
				l.h.log.Debug("not linked so far", "err", err)
			}
		}
		var again <-chan time.Time
		if underWay {
			again = time.After(pause)
			pause = min(2*pause, linkLast)
		}
		select {
		case <-again:
		case <-l.wake:
			pause = knockFirst
		case <-ctx.Done():
			return nil
		}
	}
}

// seekLink goes to the old device once.
func (h *Home) seekLink(ctx context.Context, record *linkingRecord) error {
	code, err := h.parseLink(record.Code)
	var told *Error
	if errors.As(err, &told) && told.Code == CodeExpired && record.State == LinkingWaiting {
		code, err = link.Code.Parse(record.Code) // the question may be answered a little later
	}
	if err != nil {
		return h.endLinking(ctx, record, err)
	}
	err = h.askToLink(ctx, code, record)
	switch {
	case err == nil, ctx.Err() != nil:
		return err
	case errors.Is(err, errUnreachable):
		if record.State == LinkingWaiting && h.now().After(code.Expires.Add(linkAnswer)) {
			return h.endLinking(ctx, record, explainLink(link.Expired))
		}
		return err
	case errors.Is(err, invite.ErrProtocol):
		return h.endLinking(ctx, record, fail(CodeBadInput, "The computer that answered is not the one that made this code, or another version of kith runs there. Nothing was linked. Get the newest kith on both, and make a new code.", err))
	case errors.As(err, &told):
		return h.endLinking(ctx, record, told)
	}
	return err
}

func (h *Home) endLinking(ctx context.Context, record *linkingRecord, why error) error {
	var told *Error
	if !errors.As(why, &told) {
		return why
	}
	h.log.Info("linking failed", "err", told.Err)
	record.State, record.Detail, record.Number = LinkingFailed, told.Message, ""
	return h.updateLinking(ctx, record)
}

// updateLinking keeps a record that changed, unless it was given up or replaced meanwhile.
func (h *Home) updateLinking(ctx context.Context, record *linkingRecord) error {
	now, found, err := h.linking(ctx)
	if err != nil || !found || now.Code != record.Code || now.Introduction.Nonce != record.Introduction.Nonce {
		return err
	}
	return h.keepLinking(ctx, record)
}

// askToLink speaks with the old device. An Error among the errors ends the linking.
func (h *Home) askToLink(ctx context.Context, code invite.Code, record *linkingRecord) error {
	commitment, err := record.Introduction.Commit()
	if err != nil {
		return err
	}
	stream, err := h.node.OpenMeeting(ctx, node.ProtocolLink, code.Peer, unpack(code.Addresses))
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreachable, err)
	}
	defer stream.Close()
	stop := context.AfterFunc(ctx, stream.Reset)
	defer stop()
	self := h.node.Device().Peer()
	_ = stream.SetDeadline(time.Now().Add(handshakeStep))
	knock := &link.Knock{
		Link: link.SecretID(code.Secret), Commitment: commitment, Proof: link.Proof(code.Secret, self, code.Peer, commitment),
	}
	answer, err := exchange(stream, knock)
	if err != nil {
		return err
	}
	if answer.State != link.Reveal {
		return explainLink(answer.State)
	}
	record.Number = link.Number(code.Secret, self, code.Peer, answer.Nonce, commitment)
	if answer, err = exchange(stream, record.Introduction); err != nil {
		return err
	}
	for answer.State == link.Waiting {
		if record.State != LinkingWaiting {
			record.State = LinkingWaiting
			if err := h.updateLinking(ctx, record); err != nil {
				return err
			}
		}
		_ = stream.SetDeadline(time.Now().Add(answerWait + handshakeStep))
		answer = new(link.Answer)
		if err := invite.Read(stream, answer); err != nil {
			return broken(err)
		}
	}
	if answer.State != link.Done {
		return explainLink(answer.State)
	}
	if answer.Welcome == nil {
		return invite.ErrProtocol
	}
	return h.linked(ctx, code, record, answer.Welcome)
}

// exchange sends a message and reads the answer.
func exchange(stream *p2p.Stream, message any) (*link.Answer, error) {
	if err := invite.Write(stream, message); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	answer := new(link.Answer)
	if err := invite.Read(stream, answer); err != nil {
		return nil, broken(err)
	}
	return answer, nil
}

// unpack reads the addresses of a code.
func unpack(packed [][]byte) []string {
	var addrs []string
	for _, p := range packed {
		if address, err := p2p.UnpackAddr(p); err == nil {
			addrs = append(addrs, address)
		}
	}
	return addrs
}

// linked takes what the old device handed over, and this home becomes the person's.
func (h *Home) linked(ctx context.Context, code invite.Code, record *linkingRecord, w *link.Welcome) error {
	person, err := h.takePerson(ctx, code.Person, w.Identity)
	if err != nil {
		return err
	}
	if !isDevice(person, code.Peer) || !isDevice(person, h.node.Device().Peer()) {
		return fmt.Errorf("%w: the identity does not let in this device", invite.ErrProtocol)
	}
	if len(w.Spaces) > link.MaxSpaces || len(w.Peers) > link.MaxPeers {
		return invite.ErrProtocol
	}
	if err := h.keepPeers(ctx, w.Peers); err != nil {
		return err
	}
	spaces := append(w.Spaces, link.Space{ID: w.Own, Owner: code.Person}, link.Space{ID: w.Wall, Owner: code.Person})
	done := *record
	done.State, done.Number = LinkingDone, ""
	err = h.become(ctx, code.Person, becoming{own: w.Own, wall: w.Wall, card: w.Card, spaces: spaces}, func(w *ingest.Writing) error {
		return w.Tx().PutRecord(recordsHome, recordLinking, &done)
	})
	if err != nil {
		return err
	}
	h.feed.tell(Event{Kind: EventDevices})
	return nil
}
