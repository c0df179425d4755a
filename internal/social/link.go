package social

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/link"
	"kith/internal/p2p"
)

const (
	// linkFor is how long a code that links a device can be used: as long as it takes to walk to the other computer.
	linkFor = 15 * time.Minute
	// linkAnswer is how much longer the question stays whether the numbers are the same.
	linkAnswer = 15 * time.Minute
	// linkKept is how long links that ended stay: the new device may not have heard the answer.
	linkKept = 24 * time.Hour

	recordsLinks = "links" // by the link's ID, on the device that shows the code
)

// linkRecord is a code that links a device, and how far its use has come.
type linkRecord struct {
	Secret  invite.Secret `json:"secret"`
	Code    string        `json:"code"`
	Expires time.Time     `json:"expires"`
	State   string        `json:"state"`

	Peer         key.PeerKey          `json:"peer,omitzero"` // who came with it
	Commitment   [32]byte             `json:"commitment,omitzero"`
	Nonce        [link.NonceSize]byte `json:"nonce,omitzero"` // ours
	Introduction *link.Introduction   `json:"introduction,omitempty"`
	Warned       bool                 `json:"warned,omitempty"` // a second one tried
}

func (r *linkRecord) id() string {
	id := link.SecretID(r.Secret)
	return hex.EncodeToString(id[:])
}

func (r *linkRecord) stateAt(now time.Time) string {
	switch {
	case r.State == LinkOpen && !now.Before(r.Expires), r.State == LinkAsking && !now.Before(r.Expires.Add(linkAnswer)):
		return LinkExpired
	}
	return r.State
}

// Link makes a code that links a further device of the owner's. One that was open before is taken back.
func (h *Home) Link(ctx context.Context) (Link, error) {
	me, err := h.me()
	if err != nil {
		return Link{}, err
	}
	if h.node.Removed() {
		return Link{}, explain("link a device", ingest.ErrRemoved)
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	if err := h.tidyLinks(ctx); err != nil {
		return Link{}, explain("link a device", err)
	}
	record := &linkRecord{
		Secret: invite.NewSecret(), Expires: h.now().Add(linkFor).Truncate(time.Second), State: LinkOpen,
	}
	record.Code = link.Code.Write(h.codeFor(me, record.Secret, record.Expires))
	if err := h.keepLink(ctx, record); err != nil {
		return Link{}, explain("link a device", err)
	}
	return h.showLink(record), nil
}

// codeFor is a code with where this device is.
func (h *Home) codeFor(person key.PersonID, secret invite.Secret, expires time.Time) invite.Code {
	code := invite.Code{Person: person, Peer: h.node.Device().Peer(), Secret: secret, Expires: expires}
	for _, address := range h.node.Addresses(invite.MaxAddresses) {
		packed, err := p2p.PackAddr(address)
		if err != nil || len(packed) > invite.MaxAddress {
			h.log.Warn("address left out of a code", "err", err)
			continue
		}
		code.Addresses = append(code.Addresses, packed)
	}
	return code
}

// tidyLinks ends what is open, because there is one code at a time, and drops what is over for long. The meeting lock is
// held.
func (h *Home) tidyLinks(ctx context.Context) error {
	records, err := recordsByID[linkRecord](ctx, h.db, recordsLinks)
	if err != nil {
		return err
	}
	for id, record := range records {
		switch {
		case h.now().After(record.Expires.Add(linkKept)):
			err = h.db.Delete(ctx, recordsLinks, id)
		case record.State == LinkOpen || record.State == LinkAsking:
			record.State = LinkRefused
			err = h.keepLink(ctx, record)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Links lists the codes that are open, or of which the owner should know what became of them, the newest first.
func (h *Home) Links(ctx context.Context) ([]Link, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	records, err := listRecords[linkRecord](ctx, h.db, recordsLinks)
	if err != nil {
		return nil, explain("list links", err)
	}
	slices.SortFunc(records, func(a, b *linkRecord) int { return b.Expires.Compare(a.Expires) })
	list := make([]Link, 0, len(records))
	for _, record := range records {
		list = append(list, h.showLink(record))
	}
	return list, nil
}

// LinkByID is one of them.
func (h *Home) LinkByID(ctx context.Context, id string) (Link, error) {
	record, err := h.linkRecord(ctx, id)
	if err != nil {
		return Link{}, err
	}
	return h.showLink(record), nil
}

func (h *Home) showLink(r *linkRecord) Link {
	shown := Link{ID: r.id(), State: r.stateAt(h.now()), Expires: r.Expires}
	if shown.State == LinkOpen {
		shown.Code, shown.Link = r.Code, link.LinkOf(r.Code)
	}
	if r.Introduction != nil {
		shown.Device = r.Introduction.Name
	}
	if shown.State == LinkAsking {
		shown.Number = link.Number(r.Secret, r.Peer, h.node.Device().Peer(), r.Nonce, r.Commitment)
	}
	if r.Warned {
		shown.Warning = "Another computer came with the same code and was turned away. If it was not yours, somebody has seen the code: make a new one, and keep it to yourself."
	}
	return shown
}

// AnswerLink says whether the numbers on both devices are the same. If they are, the new device is let in; if not, it is
// refused and the code is spent.
func (h *Home) AnswerLink(ctx context.Context, id string, same bool) error {
	me, err := h.me()
	if err != nil {
		return err
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	record, err := h.linkRecord(ctx, id)
	if err != nil {
		return err
	}
	state := record.stateAt(h.now())
	switch {
	case !same && (state == LinkOpen || state == LinkAsking):
		record.State = LinkRefused
		return explain("refuse a device", h.keepLink(ctx, record))
	case !same && state == LinkRefused, same && state == LinkDone:
		return nil
	case state == LinkDone:
		return fail(CodeBadInput, "This computer is linked already. If it should not be, remove it from your devices.", nil)
	case state == LinkExpired:
		return fail(CodeExpired, "That took too long, and the code has run out. Make a new one; nothing was changed.", nil)
	case state != LinkAsking:
		return fail(CodeBadInput, "No computer is waiting with this code.", nil)
	}
	record.State = LinkDone
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		person, err := w.Person(me)
		if err != nil {
			return err
		}
		keys, err := person.OpenKeys(h.node.Device())
		if err != nil {
			return err
		}
		op, err := person.Admit(record.Introduction.Certificate, keys)
		if err != nil {
			return err
		}
		if err := w.Identify(op); err != nil {
			return err
		}
		name := &deviceRecord{Name: record.Introduction.Name}
		if err := h.share(w, recordsDevices, record.Introduction.Certificate.Device.String(), name); err != nil {
			return err
		}
		return w.Tx().PutRecord(recordsLinks, record.id(), record)
	})
	if err != nil {
		return explain("link a device", err)
	}
	h.linkChanged(record)
	return nil
}

func (h *Home) linkRecord(ctx context.Context, id string) (*linkRecord, error) {
	var record linkRecord
	found, err := h.db.Get(ctx, recordsLinks, id, &record)
	if err != nil {
		return nil, explain("find a link", err)
	}
	if !found {
		return nil, fail(CodeNotFound, "There is no such code on this computer.", nil)
	}
	return &record, nil
}

func (h *Home) keepLink(ctx context.Context, record *linkRecord) error {
	if err := h.db.Put(ctx, recordsLinks, record.id(), record); err != nil {
		return err
	}
	h.linkChanged(record)
	return nil
}

func (h *Home) linkChanged(record *linkRecord) {
	h.waiters.wake(record.id())
	h.feed.tell(Event{Kind: EventDevices, ID: record.id()})
}
