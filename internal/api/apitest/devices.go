package apitest

import (
	"context"
	"slices"
	"time"

	"kith/internal/social"
)

// devices is what the Home in memory has of devices.
type devices struct {
	list    []social.Device
	links   []social.Link
	linking social.Linking
	notices []social.Notice
}

// Devices lists the devices.
func (h *Home) Devices(ctx context.Context) ([]social.Device, error) {
	defer h.mu.Unlock()
	if err := h.enter(ctx, "Devices"); err != nil {
		return nil, err
	}
	return slices.Clone(h.devices.list), nil
}

// AddDevice adds a device.
func (h *Home) AddDevice(d social.Device) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.devices.list = append(h.devices.list, d)
}

func (h *Home) changeDevice(id string, change func(*social.Device)) error {
	for i := range h.devices.list {
		if h.devices.list[i].ID == id {
			change(&h.devices.list[i])
			h.tell(social.Event{Kind: social.EventDevices, ID: id})
			return nil
		}
	}
	return notFound("computer")
}

// RenameDevice renames a device.
func (h *Home) RenameDevice(ctx context.Context, id, name string) error {
	defer h.mu.Unlock()
	if err := h.enter(ctx, "RenameDevice"); err != nil {
		return err
	}
	return h.changeDevice(id, func(d *social.Device) { d.Name = name })
}

// LeaveDevices takes this device out, unless it is the only one.
func (h *Home) LeaveDevices(ctx context.Context) error {
	defer h.mu.Unlock()
	if err := h.enter(ctx, "LeaveDevices"); err != nil {
		return err
	}
	for i := range h.devices.list {
		if d := &h.devices.list[i]; d.This {
			if len(h.devices.list) == 1 {
				return &social.Error{Code: social.CodeNotAllowed, Message: "This is your only computer."}
			}
			d.Removed, d.Left = true, true
		}
	}
	return nil
}

// RemoveDevice removes a device that can be removed, and any with words.
func (h *Home) RemoveDevice(ctx context.Context, id, words string) error {
	defer h.mu.Unlock()
	if err := h.enter(ctx, "RemoveDevice"); err != nil {
		return err
	}
	allowed := true
	err := h.changeDevice(id, func(d *social.Device) {
		if allowed = d.CanRemove || words != ""; allowed {
			d.Removed = true
		}
	})
	if err == nil && !allowed {
		return &social.Error{Code: social.CodeNotAllowed, Message: "Your recovery words are needed for this."}
	}
	return err
}

// Link makes a code.
func (h *Home) Link(ctx context.Context) (social.Link, error) {
	defer h.mu.Unlock()
	if err := h.enter(ctx, "Link"); err != nil {
		return social.Link{}, err
	}
	link := social.Link{ID: h.newID(), Code: "kith-device1-example", State: social.LinkOpen, Expires: h.now().Add(15 * time.Minute)}
	h.devices.links = append(h.devices.links, link)
	return link, nil
}

// Links lists the codes.
func (h *Home) Links(ctx context.Context) ([]social.Link, error) {
	defer h.mu.Unlock()
	if err := h.enter(ctx, "Links"); err != nil {
		return nil, err
	}
	return slices.Clone(h.devices.links), nil
}

// Come makes a device come with a code.
func (h *Home) Come(link, name, number string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.devices.links {
		if l := &h.devices.links[i]; l.ID == link {
			l.State, l.Device, l.Number = social.LinkAsking, name, number
		}
	}
	h.tell(social.Event{Kind: social.EventDevices, ID: link})
}

// AnswerLink answers a device that came.
func (h *Home) AnswerLink(ctx context.Context, id string, same bool) error {
	defer h.mu.Unlock()
	if err := h.enter(ctx, "AnswerLink"); err != nil {
		return err
	}
	for i := range h.devices.links {
		l := &h.devices.links[i]
		if l.ID != id {
			continue
		}
		if l.State = social.LinkRefused; same {
			l.State = social.LinkDone
			h.devices.list = append(h.devices.list, social.Device{ID: h.newID(), Name: l.Device, CanRemove: true})
		}
		h.tell(social.Event{Kind: social.EventDevices, ID: id})
		return nil
	}
	return notFound("code")
}

// JoinDevice begins to link the home.
func (h *Home) JoinDevice(ctx context.Context, _ social.JoinOptions) (social.Linking, error) {
	defer h.mu.Unlock()
	if err := h.enter(ctx, "JoinDevice"); err != nil {
		return social.Linking{}, err
	}
	h.devices.linking = social.Linking{State: social.LinkingTrying}
	return h.devices.linking, nil
}

// SetLinking changes how far the linking has come, and tells the listeners.
func (h *Home) SetLinking(l social.Linking) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.devices.linking = l
	h.tell(social.Event{Kind: social.EventDevices})
}

// Linking is how far the linking has come.
func (h *Home) Linking(ctx context.Context) (social.Linking, error) {
	defer h.mu.Unlock()
	err := h.enter(ctx, "Linking")
	return h.devices.linking, err
}

// StopLinking gives up on it.
func (h *Home) StopLinking(ctx context.Context) error {
	defer h.mu.Unlock()
	err := h.enter(ctx, "StopLinking")
	h.devices.linking = social.Linking{}
	return err
}

// Recover begins the home as Ada's.
func (h *Home) Recover(ctx context.Context, _ social.RecoverOptions) error {
	defer h.mu.Unlock()
	if err := h.enter(ctx, "Recover"); err != nil {
		return err
	}
	h.profile = social.Profile{Person: social.Person{ID: "me", Name: "Ada", Me: true}, Reach: social.ReachHome}
	return nil
}

// Help makes a code for a friend.
func (h *Home) Help(ctx context.Context, person string) (social.Help, error) {
	defer h.mu.Unlock()
	if err := h.enter(ctx, "Help"); err != nil {
		return social.Help{}, err
	}
	for _, f := range h.friends {
		if f.ID == person {
			return social.Help{Person: f, Code: "kith-help1-example"}, nil
		}
	}
	return social.Help{}, notFound("friend")
}

// Notices lists the notices.
func (h *Home) Notices(ctx context.Context) ([]social.Notice, error) {
	defer h.mu.Unlock()
	if err := h.enter(ctx, "Notices"); err != nil {
		return nil, err
	}
	return slices.Clone(h.devices.notices), nil
}

// AddNotice adds a notice.
func (h *Home) AddNotice(n social.Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.devices.notices = append(h.devices.notices, n)
}

// DropNotice takes a notice away.
func (h *Home) DropNotice(ctx context.Context, id string) error {
	defer h.mu.Unlock()
	if err := h.enter(ctx, "DropNotice"); err != nil {
		return err
	}
	h.devices.notices = slices.DeleteFunc(h.devices.notices, func(n social.Notice) bool { return n.ID == id })
	return nil
}
