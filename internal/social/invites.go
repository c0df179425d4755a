package social

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/sqlite"
)

const (
	// inviteFor is how long an invite lasts where the owner says nothing else.
	inviteFor = 7 * 24 * time.Hour
	// longestInvite is as long as a code should lie around in somebody's mail.
	longestInvite = 90 * 24 * time.Hour
	// maxOpenInvites bounds the list that a person can still look through.
	maxOpenInvites = 200
	// maxLabel in bytes.
	maxLabel = 200
)

// inviteRecord is an invite as it is kept. The secret stays with it until it is used or over.
type inviteRecord struct {
	Secret  invite.Secret `json:"secret"`
	Code    string        `json:"code"`
	Label   string        `json:"label,omitempty"`
	LetIn   bool          `json:"let_in,omitempty"`
	Created time.Time     `json:"created"`
	Expires time.Time     `json:"expires"`
	State   string        `json:"state"`
	Warned  bool          `json:"warned,omitempty"` // a second home tried to use it
	Who     key.PersonID  `json:"who,omitzero"`
	Wall    key.SpaceID   `json:"wall,omitzero"` // of Who
	Card    []byte        `json:"card,omitempty"`
	// Where the invite leads into a space: which, how, and who used it, by person.
	Space key.SpaceID          `json:"space,omitzero"`
	Mode  string               `json:"mode,omitempty"`
	Uses  map[string]inviteUse `json:"uses,omitempty"`
}

func (r *inviteRecord) id() string { return hexID(r.Secret.ID()) }

func hexID(id invite.ID) string { return hex.EncodeToString(id[:]) }

// stateAt is the state as it is at a moment: an invite that nobody used, or whose owner has not said yes, ends with
// its time.
func (r *inviteRecord) stateAt(now time.Time) string {
	if (r.State == InviteOpen || r.State == InviteAsking) && !now.Before(r.Expires) {
		return InviteExpired
	}
	return r.State
}

// Invite makes an invitation: one use, for a while.
func (h *Home) Invite(ctx context.Context, options InviteOptions) (Invite, error) {
	return h.makeInvite(ctx, &inviteRecord{Label: options.Label, LetIn: options.LetIn}, options.For)
}

// makeInvite completes and keeps an invite.
func (h *Home) makeInvite(ctx context.Context, record *inviteRecord, lasts time.Duration) (Invite, error) {
	me, err := h.me()
	if err != nil {
		return Invite{}, err
	}
	if lasts == 0 {
		lasts = inviteFor
	}
	if lasts < time.Minute || lasts > longestInvite {
		return Invite{}, fail(CodeBadInput, "An invite can last from a minute to 90 days.", nil)
	}
	if len(record.Label) > maxLabel {
		return Invite{}, fail(CodeTooLarge, "This note is too long. A name or a few words are enough.", nil)
	}
	open, err := h.openInvites(ctx)
	if err != nil {
		return Invite{}, explain("list invites", err)
	}
	if open >= maxOpenInvites {
		return Invite{}, fail(CodeTooLarge, "There are very many open invites already. Take back some that are no longer needed.", nil)
	}
	now := h.now()
	record.Secret, record.Label = invite.NewSecret(), strings.TrimSpace(record.Label)
	record.Created, record.Expires, record.State = now, now.Add(lasts).Truncate(time.Second), InviteOpen
	code := h.codeFor(me, record.Secret, record.Expires)
	code.Space = !record.Space.IsZero()
	record.Code = code.String()
	if err := h.shareNow(ctx, recordsInvites, record.id(), record); err != nil {
		return Invite{}, explain("keep an invite", err)
	}
	h.feed.tell(Event{Kind: EventInvites, ID: record.id()})
	return h.showInvite(ctx, record)
}

func (h *Home) openInvites(ctx context.Context) (int, error) {
	n := 0
	err := h.eachInvite(ctx, func(r *inviteRecord) {
		if s := r.stateAt(h.now()); s == InviteOpen || s == InviteAsking {
			n++
		}
	})
	return n, err
}

func (h *Home) eachInvite(ctx context.Context, do func(*inviteRecord)) error {
	list, err := listRecords[inviteRecord](ctx, h.db, sqlite.Shared(recordsInvites))
	for _, record := range list {
		do(record)
	}
	return err
}

// Invites lists the owner's invites, those that wait for an answer first, then the newest.
func (h *Home) Invites(ctx context.Context) ([]Invite, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	records, err := listRecords[inviteRecord](ctx, h.db, sqlite.Shared(recordsInvites))
	if err != nil {
		return nil, explain("list invites", err)
	}
	slices.SortFunc(records, func(a, b *inviteRecord) int {
		x, y := a.stateAt(h.now()) == InviteAsking, b.stateAt(h.now()) == InviteAsking
		if x != y {
			if x {
				return -1
			}
			return 1
		}
		return b.Created.Compare(a.Created)
	})
	list := make([]Invite, 0, len(records))
	for _, record := range records {
		shown, err := h.showInvite(ctx, record)
		if err != nil {
			return nil, err
		}
		list = append(list, shown)
	}
	return list, nil
}

func (h *Home) showInvite(ctx context.Context, r *inviteRecord) (Invite, error) {
	p, err := h.profile(ctx)
	if err != nil {
		return Invite{}, explain("show an invite", err)
	}
	shown := Invite{
		ID: r.id(), Label: r.Label, LetIn: r.LetIn, Created: r.Created, Expires: r.Expires, State: r.stateAt(h.now()),
	}
	message := inviteMessage(p.Name, r)
	if !r.Space.IsZero() {
		if shown.Group, err = h.groupRef(ctx, r.Space); err != nil {
			return Invite{}, explain("show an invite", err)
		}
		shown.Mode, shown.Joined = r.Mode, len(r.Uses)
		message = groupMessage(p.Name, shown.Group.Name, r)
	}
	if shown.State == InviteOpen {
		shown.Code = r.Code
		shown.Link = invite.LinkOf(r.Code)
		shown.Message = message
	}
	if !r.Who.IsZero() {
		who := h.personOfCard(r.Who, r.Card)
		shown.Who = &who
	}
	if r.Warned {
		shown.Warning = "Somebody else tried to use this invite after it had been used. They were turned away; if you do not know why, ask the friend you sent it to whether they passed it on."
	}
	return shown, nil
}

// inviteMessage is the whole message to send: where to get kith, and what to paste.
func inviteMessage(name string, r *inviteRecord) string {
	return fmt.Sprintf(`%s invites you to kith, a small social network that lives on our own computers: no company in between, nobody else can read along.

1. Get kith (one file, nothing to set up) and start it on your computer at home.
2. On its page choose “Use an invite” and paste this whole message, or just this line:

%s

It works once, until %s.`, name, r.Code, r.Expires.Format("Monday, 2 January 2006, 15:04"))
}

// RevokeInvite takes back an invite that nobody has used to the end.
func (h *Home) RevokeInvite(ctx context.Context, id string) error {
	return h.endInvite(ctx, id, InviteRevoked)
}

// AnswerInvite says yes or no to somebody who used an invite and waits.
func (h *Home) AnswerInvite(ctx context.Context, id string, yes bool) error {
	if !yes {
		return h.endInvite(ctx, id, InviteRefused)
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	record, err := h.inviteRecord(ctx, id)
	if err != nil {
		return err
	}
	switch record.stateAt(h.now()) {
	case InviteAsking:
	case InviteAccepted:
		return nil
	case InviteExpired:
		return fail(CodeExpired, "This invite ran out while it waited for your answer. Make a new one and send it; nothing else is lost.", nil)
	default:
		return fail(CodeBadInput, "Nobody is waiting for an answer to this invite.", nil)
	}
	err = h.befriend(ctx, record.Who, record.Wall, record.Card, record, "")
	if errors.Is(err, ingest.ErrUnknownAuthor) { // they came to another device of the owner's, which lets them in
		record.LetIn = true
		err = h.keepInvite(ctx, record)
	}
	return explain("let somebody in", err)
}

func (h *Home) endInvite(ctx context.Context, id, state string) error {
	h.meeting.Lock()
	defer h.meeting.Unlock()
	record, err := h.inviteRecord(ctx, id)
	if err != nil {
		return err
	}
	switch record.stateAt(h.now()) {
	case InviteOpen, InviteAsking, InviteExpired:
	case state:
		return nil
	default:
		return fail(CodeBadInput, "This invite has been used or ended already.", nil)
	}
	record.State = state
	return explain("end an invite", h.keepInvite(ctx, record))
}

// inviteRecord finds an invite by its ID.
func (h *Home) inviteRecord(ctx context.Context, id string) (*inviteRecord, error) {
	var record inviteRecord
	found, err := h.shared(ctx, recordsInvites, id, &record)
	if err != nil {
		return nil, explain("find an invite", err)
	}
	if !found {
		return nil, fail(CodeNotFound, "There is no such invite on this computer.", nil)
	}
	return &record, nil
}

// keepInvite stores an invite that changed, and wakes whoever waits for its answer.
func (h *Home) keepInvite(ctx context.Context, record *inviteRecord) error {
	if err := h.shareNow(ctx, recordsInvites, record.id(), record); err != nil {
		return err
	}
	h.inviteChanged(record)
	return nil
}

func (h *Home) inviteChanged(record *inviteRecord) {
	h.waiters.wake(record.id())
	h.feed.tell(Event{Kind: EventInvites, ID: record.id()})
}

// personOfCard shows somebody of whom there is nothing but a card that they handed over in person.
func (h *Home) personOfCard(id key.PersonID, card []byte) Person {
	p := Person{ID: id.String(), Name: unnamed, Online: h.node.Online(id)}
	if item, err := content.Decode(card); err == nil {
		if c, ok := item.(content.Card); ok {
			p.Name, p.About = c.Name, c.About
			if len(c.Picture) > 0 {
				p.Picture = facePath(id)
			}
		}
	}
	return p
}

// errStop ends a handshake that has nothing more to say.
var errStop = errors.New("nothing more to say")
