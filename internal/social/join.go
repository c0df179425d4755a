package social

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/node"
)

const (
	// lookTimeout bounds the question who made an invite, while somebody looks at the page.
	lookTimeout = 20 * time.Second
	// knockFirst and knockLast bound the pause between attempts to reach an inviter, which doubles.
	knockFirst = time.Second
	knockLast  = time.Minute
	// knockLook is how often the list of acceptances under way is gone through.
	knockLook = 500 * time.Millisecond
)

// acceptanceRecord is somebody else's invite that the owner accepted.
type acceptanceRecord struct {
	Code    string       `json:"code"`
	Inviter key.PersonID `json:"inviter"`
	Card    []byte       `json:"card,omitempty"`
	Since   time.Time    `json:"since"`
	Expires time.Time    `json:"expires"`
	State   string       `json:"state"`
	Detail  string       `json:"detail,omitempty"`
	Asked   bool         `json:"asked,omitempty"` // the inviter's home was reached, and waits for their yes
	// Group is where the invite leads, if not to a friendship, once the inviter's home has told. ToSpace is known from the
	// beginning.
	ToSpace bool      `json:"to_space,omitempty"`
	Group   *GroupRef `json:"group,omitempty"`
}

func (r *acceptanceRecord) underWay() bool {
	return r.State == AcceptanceTrying || r.State == AcceptanceWaiting
}

// Inspect asks the home that made an invite who it is. The text may be the code, the link or a whole message.
func (h *Home) Inspect(ctx context.Context, text string) (Greeting, error) {
	code, err := h.parseCode(ctx, text)
	if err != nil {
		return Greeting{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	var greeting Greeting
	err = h.handshake(ctx, code, invite.Look, func(answer *invite.Answer) (bool, error) {
		if answer.State != invite.Open || answer.Who == nil {
			return false, explainEnd(answer.State)
		}
		if answer.Who.Person != code.Person || code.Space != (answer.Place != nil) {
			return false, invite.ErrProtocol
		}
		greeting = Greeting{
			Code: code.String(), Inviter: h.personOfCard(code.Person, answer.Who.Card), Expires: code.Expires, LetIn: answer.LetIn,
		}
		if answer.Place != nil {
			if err := h.greetPlace(ctx, &greeting, answer.Place); err != nil {
				return false, err
			}
		}
		return false, h.keepFace(ctx, code.Person, answer.Who.Card)
	})
	return greeting, explainHandshake(err)
}

// parseCode reads an invite and refuses the ones that cannot lead anywhere.
func (h *Home) parseCode(ctx context.Context, text string) (invite.Code, error) {
	me, err := h.me()
	if err != nil {
		return invite.Code{}, err
	}
	code, err := invite.Parse(text)
	switch {
	case err != nil:
		return invite.Code{}, explainCode(text, err)
	case code.Person == me:
		return invite.Code{}, fail(CodeOwnInvite, "This is your own invite. Send it to a friend: it works on their computer.", nil)
	case !h.now().Before(code.Expires):
		return invite.Code{}, explainEnd(invite.Expired)
	case code.Space:
		return code, nil
	}
	friend, err := h.isFriend(ctx, code.Person)
	if err != nil {
		return invite.Code{}, explain("look at friends", err)
	}
	if friend {
		return invite.Code{}, fail(CodeAlreadyFriends, "You are friends already. The invite is still good for somebody else.", nil)
	}
	return code, nil
}

// Accept begins to accept an invite. It is kept, and carried on in the background until it ends one way or the other.
func (h *Home) Accept(ctx context.Context, text string) (Acceptance, error) {
	code, err := h.parseCode(ctx, text)
	if err != nil {
		return Acceptance{}, err
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	id := hexID(code.Secret.ID())
	record := &acceptanceRecord{}
	found, err := h.db.Get(ctx, recordsAcceptances, id, record)
	if err != nil {
		return Acceptance{}, explain("accept", err)
	}
	if !found || record.State == AcceptanceFailed {
		record = &acceptanceRecord{
			Code: code.String(), Inviter: code.Person, Since: h.now(), Expires: code.Expires, State: AcceptanceTrying,
			ToSpace: code.Space,
		}
		record.Card, _ = h.face(ctx, code.Person)
		if err := h.keepAcceptance(ctx, id, record); err != nil {
			return Acceptance{}, explain("accept", err)
		}
	}
	h.knocker.soon(id)
	return h.showAcceptance(id, record), nil
}

// Acceptances lists the invites of others that the owner accepted, the newest first.
func (h *Home) Acceptances(ctx context.Context) ([]Acceptance, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	records, err := recordsByID[acceptanceRecord](ctx, h.db, recordsAcceptances)
	if err != nil {
		return nil, explain("list acceptances", err)
	}
	list := make([]Acceptance, 0, len(records))
	for id, record := range records {
		friend, err := h.isFriend(ctx, record.Inviter)
		if err != nil {
			return nil, explain("list acceptances", err)
		}
		if friend && !record.ToSpace { // by another invite, perhaps; what is left to do for this one is of no interest to anybody
			record.State, record.Detail = AcceptanceDone, ""
		}
		list = append(list, h.showAcceptance(id, record))
	}
	slices.SortFunc(list, func(a, b Acceptance) int { return b.Since.Compare(a.Since) })
	return list, nil
}

// DropAcceptance stops trying, or takes an acceptance that ended off the list.
func (h *Home) DropAcceptance(ctx context.Context, id string) error {
	h.meeting.Lock()
	defer h.meeting.Unlock()
	if err := h.db.Delete(ctx, recordsAcceptances, id); err != nil {
		return explain("drop an acceptance", err)
	}
	h.feed.tell(Event{Kind: EventInvites, ID: id})
	return nil
}

func (h *Home) showAcceptance(id string, r *acceptanceRecord) Acceptance {
	shown := Acceptance{
		ID: id, Inviter: h.personOfCard(r.Inviter, r.Card), Since: r.Since, Expires: r.Expires, State: r.State, Detail: r.Detail,
		Group: r.Group,
	}
	if shown.Detail == "" && r.ToSpace {
		shown.Detail = r.spaceDetail()
	}
	if shown.Detail == "" {
		switch r.State {
		case AcceptanceTrying:
			shown.Detail = "Their home cannot be reached at the moment. kith keeps trying until the invite ends; you need not do anything."
		case AcceptanceWaiting:
			shown.Detail = "They have been asked and have not said yes so far."
		case AcceptanceDone:
			shown.Detail = "You are friends."
		}
	}
	return shown
}

func (h *Home) keepAcceptance(ctx context.Context, id string, record *acceptanceRecord) error {
	if err := h.db.Put(ctx, recordsAcceptances, id, record); err != nil {
		return err
	}
	h.feed.tell(Event{Kind: EventInvites, ID: id})
	return nil
}

// haveAccepted tells whether the owner has accepted an invite of this person and waits.
func (h *Home) haveAccepted(ctx context.Context, person key.PersonID) (bool, error) {
	list, err := listRecords[acceptanceRecord](ctx, h.db, recordsAcceptances)
	return slices.ContainsFunc(list, func(r *acceptanceRecord) bool { return r.Inviter == person && r.underWay() && !r.ToSpace }), err
}

// handshake goes to the home that made an invite and asks. got is called with each answer; it tells whether another
// may follow.
func (h *Home) handshake(ctx context.Context, code invite.Code, step invite.Step, got func(*invite.Answer) (more bool, err error)) error {
	stream, err := h.node.OpenMeeting(ctx, node.ProtocolInvite, code.Peer, unpack(code.Addresses))
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreachable, err)
	}
	defer stream.Close()
	stop := context.AfterFunc(ctx, stream.Reset)
	defer stop()
	_ = stream.SetDeadline(time.Now().Add(handshakeStep))
	ours := invite.NewHello()
	if err := invite.Write(stream, &ours); err != nil {
		return fmt.Errorf("%w: %w", errUnreachable, err)
	}
	var theirs invite.Hello
	if err := invite.Read(stream, &theirs); err != nil {
		return broken(err)
	}
	ask := &invite.Ask{Invite: code.Secret.ID(), Step: step}
	if step == invite.Accept {
		if ask.Who, err = h.introduction(ctx); err != nil {
			return err
		}
	}
	ask.Proof, err = invite.Proof(code.Secret, step, h.node.Device().Peer(), code.Peer, ours.Nonce, theirs.Nonce, ask.Who)
	if err != nil {
		return err
	}
	if err := invite.Write(stream, ask); err != nil {
		return fmt.Errorf("%w: %w", errUnreachable, err)
	}
	for more := true; more; {
		var answer invite.Answer
		if err := invite.Read(stream, &answer); err != nil {
			return broken(err)
		}
		if more, err = got(&answer); err != nil {
			return err
		}
		_ = stream.SetDeadline(time.Now().Add(answerWait + handshakeStep))
	}
	return nil
}

// errUnreachable says that the inviter's home could not be reached, or went away.
var errUnreachable = errors.New("the other home cannot be reached")

func broken(err error) error {
	if errors.Is(err, invite.ErrProtocol) {
		return err
	}
	return fmt.Errorf("%w: %w", errUnreachable, err)
}

func explainHandshake(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errUnreachable), errors.Is(err, context.DeadlineExceeded):
		return fail(CodeUnreachable, "Their home cannot be reached at the moment. It may be switched off. You can accept all the same: kith keeps trying until the invite ends.", err)
	case errors.Is(err, invite.ErrProtocol):
		return fail(CodeBadInput, "The home that answered is not the one that made this invite. Ask your friend for a new one.", err)
	}
	return explain("invite", err)
}

// explainEnd says how an invite ended, to who wanted to use it.
func explainEnd(state invite.State) error {
	switch state {
	case invite.Used:
		return fail(CodeUsed, "This invite has been used by somebody already, and it works only once. Ask your friend for another one, and tell them if it was not you.", nil)
	case invite.Expired:
		return fail(CodeExpired, "This invite has run out. Ask your friend for a new one.", nil)
	case invite.Revoked:
		return fail(CodeRevoked, "Your friend has taken this invite back. Ask them for a new one.", nil)
	case invite.Friends:
		return fail(CodeRefused, "This invite is for friends of who made it, and you are none so far. Become friends first, or ask for an invite of your own.", nil)
	case invite.Refused:
		return fail(CodeRefused, "They said no this time. Ask them in person what happened.", nil)
	}
	return fail(CodeNotFound, "The home that made this invite does not know it any more. Ask your friend for a new one.", nil)
}
