package web_test

import (
	"context"
	"time"

	"kith/internal/social"
)

// ownDevices is what the home in memory has of its owner's computers.
type ownDevices struct {
	list    []social.Device
	links   []social.Link
	linking social.Linking
	notices []social.Notice
	helped  []string // the codes that somebody came back with
}

func (h *home) Devices(context.Context) ([]social.Device, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]social.Device(nil), h.own.list...), h.fail["Devices"]
}

func (h *home) changeDevice(id string, change func(*social.Device)) error {
	for i := range h.own.list {
		if h.own.list[i].ID == id {
			change(&h.own.list[i])
			h.tell(social.EventDevices, id, "")
			return nil
		}
	}
	return problem(social.CodeNotFound, "There is no such computer among yours.")
}

func (h *home) RenameDevice(_ context.Context, id, name string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("RenameDevice"); err != nil {
		return err
	}
	if name == "" {
		return problem(social.CodeBadInput, "Give the computer a short name, such as “Laptop”.")
	}
	return h.changeDevice(id, func(d *social.Device) { d.Name = name })
}

func (h *home) RemoveDevice(_ context.Context, id, words string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("RemoveDevice"); err != nil {
		return err
	}
	allowed := true
	err := h.changeDevice(id, func(d *social.Device) {
		if allowed = d.CanRemove || words == "right words"; allowed {
			d.Removed, d.Online = true, false
		}
	})
	if err == nil && !allowed {
		return problem(social.CodeBadInput, "Recovery words are twelve, in their order.")
	}
	return err
}

func (h *home) LeaveDevices(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("LeaveDevices"); err != nil {
		return err
	}
	for i := range h.own.list {
		if d := &h.own.list[i]; d.This {
			if len(h.own.list) == 1 {
				return problem(social.CodeNotAllowed, "This is your only computer.")
			}
			d.Removed, d.Left, d.Online = true, true, false
			h.tell(social.EventDevices, d.ID, "")
		}
	}
	return nil
}

func (h *home) Link(context.Context) (social.Link, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Link"); err != nil {
		return social.Link{}, err
	}
	link := social.Link{
		ID: h.id("link"), Code: "kith-device1-" + "AQBtAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEBQYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAcICQ",
		State: social.LinkOpen, Expires: h.now().Add(15 * time.Minute),
	}
	h.own.links = append(h.own.links, link)
	return link, nil
}

func (h *home) Links(context.Context) ([]social.Link, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]social.Link(nil), h.own.links...), nil
}

// comes lets a new computer come with the code.
func (h *home) comes(id, name, number string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.own.links {
		if l := &h.own.links[i]; l.ID == id {
			l.State, l.Device, l.Number, l.Code = social.LinkAsking, name, number, ""
		}
	}
	h.tell(social.EventDevices, id, "")
}

func (h *home) AnswerLink(_ context.Context, id string, same bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("AnswerLink"); err != nil {
		return err
	}
	for i := range h.own.links {
		l := &h.own.links[i]
		if l.ID != id {
			continue
		}
		l.State = social.LinkRefused
		if same {
			l.State = social.LinkDone
			h.own.list = append(h.own.list, social.Device{ID: h.id("device"), Name: l.Device, Online: true, CanRemove: true, Added: h.now()})
		}
		h.tell(social.EventDevices, id, "")
		return nil
	}
	return problem(social.CodeNotFound, "There is no such code on this computer.")
}

func (h *home) JoinDevice(_ context.Context, o social.JoinOptions) (social.Linking, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("JoinDevice"); err != nil {
		return social.Linking{}, err
	}
	if len(o.Code) < 13 || o.Code[:13] != "kith-device1-" {
		return social.Linking{}, problem(social.CodeBadInput, "There is no code in this text.")
	}
	h.own.linking = social.Linking{State: social.LinkingTrying, Detail: "Looking for your other computer."}
	return h.own.linking, nil
}

// comesTo changes how far this computer has come to be linked.
func (h *home) comesTo(l social.Linking) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.own.linking = l
	h.tell(social.EventDevices, "", "")
}

func (h *home) Linking(context.Context) (social.Linking, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.own.linking, nil
}

func (h *home) StopLinking(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.own.linking = social.Linking{}
	return h.changing("StopLinking")
}

func (h *home) Recover(_ context.Context, o social.RecoverOptions) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Recover"); err != nil {
		return err
	}
	if !h.started && o.Words != "right words" {
		return problem(social.CodeBadInput, "Recovery words are twelve, in their order. Nothing was changed.")
	}
	h.own.helped = append(h.own.helped, o.Help)
	if !h.started {
		h.me = social.Person{ID: "me", Name: "Nora", Me: true, Online: true}
		h.people["me"], h.started = h.me, true
	}
	return nil
}

func (h *home) Help(_ context.Context, person string) (social.Help, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Help"); err != nil {
		return social.Help{}, err
	}
	p, known := h.people[person]
	if !known {
		return social.Help{}, problem(social.CodeNotFound, "This person is not among your friends.")
	}
	return social.Help{Person: p, Code: "kith-help1-AQBtAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEBQYAAAAAAAAAAAAAAA"}, nil
}

func (h *home) Notices(context.Context) ([]social.Notice, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]social.Notice(nil), h.own.notices...), nil
}

func (h *home) DropNotice(_ context.Context, id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("DropNotice"); err != nil {
		return err
	}
	for i, n := range h.own.notices {
		if n.ID == id {
			h.own.notices = append(h.own.notices[:i:i], h.own.notices[i+1:]...)
			h.tell(social.EventNotices, "", "")
			break
		}
	}
	return nil
}
