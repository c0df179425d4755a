package social_test

import (
	"slices"
	"strings"
	"testing"

	"kith/internal/social"
)

// confirms shows that the owner has their recovery words, which leave the home.
func (h *house) confirms() {
	h.t.Helper()
	words, err := h.RecoveryWords(h.t.Context())
	must(h.t, err)
	ask, err := h.RecoveryQuestions(h.t.Context())
	must(h.t, err)
	answers := make(map[int]string)
	for _, i := range ask {
		answers[i] = words[i]
	}
	must(h.t, h.ConfirmRecovery(h.t.Context(), answers))
}

// hasLeft waits until one home lists another's device as one that left.
func hasLeft(t *testing.T, h *house, name string) {
	t.Helper()
	eventually(t, h.name+" lists "+name+" as left", func() bool {
		d := h.devices()[name]
		return d.Removed && d.Left && !d.Online
	})
}

func TestADeviceLeaves(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	wantCode(t, ada.LeaveDevices(t.Context()), social.CodeNotAllowed) // it is the only one
	befriend(t, ada, ben)
	laptop := linkTo(t, ada, "Laptop")
	wantCode(t, ada.LeaveDevices(t.Context()), social.CodeNotAllowed) // the words are here alone
	ada.says("from the desk")
	eventually(t, "the laptop has it, and posts", func() bool {
		_, err := laptop.Publish(t.Context(), social.NewPost{Text: "from the sofa"})
		return err == nil && laptop.reads("Ada: from the desk")
	})
	eventually(t, "all read it", func() bool { return ada.reads("Ada: from the sofa") && ben.reads("Ada: from the sofa") })

	must(t, laptop.LeaveDevices(t.Context()))
	must(t, laptop.LeaveDevices(t.Context())) // a second press
	hasLeft(t, ada, "Laptop")
	hasLeft(t, laptop, "Laptop")
	eventually(t, "the desk tells of it", func() bool {
		notices, err := ada.Notices(t.Context())
		must(t, err)
		return slices.ContainsFunc(notices, func(n social.Notice) bool { return strings.Contains(n.Text, "“Laptop” has left") })
	})
	_, err := laptop.Publish(t.Context(), social.NewPost{Text: "once more"})
	wantCode(t, err, social.CodeNotAllowed)
	_, err = laptop.Link(t.Context())
	wantCode(t, err, social.CodeNotAllowed)
	wantCode(t, laptop.Mute(t.Context(), ben.id(), true), social.CodeNotAllowed)
	ada.says("without the sofa")
	ben.says("Ben goes on")
	eventually(t, "the others go on", func() bool { return ben.reads("Ada: without the sofa") && ada.reads("Ben: Ben goes on") })
	// It can be read as it was, also after a restart, and nothing new comes.
	laptop.off()
	laptop.on()
	for _, text := range []string{"Ada: from the desk", "Ada: from the sofa"} {
		if !laptop.reads(text) || !ada.reads(text) || !ben.reads(text) {
			t.Errorf("somebody has lost %q", text)
		}
	}
	if laptop.reads("Ada: without the sofa") || laptop.reads("Ben: Ben goes on") {
		t.Error("the laptop reads on")
	}
}

// TestTheFirstDeviceLeaves lets the one leave that began, while the other one is off.
func TestTheFirstDeviceLeaves(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	laptop := linkTo(t, ada, "Laptop")
	eventually(t, "the laptop posts", func() bool {
		_, err := laptop.Publish(t.Context(), social.NewPost{Text: "from the sofa"})
		return err == nil && laptop.hasFriend("Ben")
	})
	eventually(t, "the desk reads it", func() bool { return ada.reads("Ada: from the sofa") })
	ada.confirms()
	desk := thisDevice(t, ada)
	laptop.off()
	ben.off()
	must(t, ada.LeaveDevices(t.Context()))
	ada.off()
	ada.on() // it has told nobody so far
	laptop.on()
	eventually(t, "the laptop hears of it", func() bool {
		list, err := laptop.Devices(t.Context())
		must(t, err)
		return slices.ContainsFunc(list, func(d social.Device) bool { return d.ID == desk && d.Left })
	})
	ben.on()
	laptop.says("alone now")
	eventually(t, "Ben reads the laptop", func() bool { return ben.reads("Ada: alone now") })
	tablet := linkTo(t, laptop, "Tablet")
	eventually(t, "the laptop can link another one", func() bool { return tablet.reads("Ada: alone now") })
	if ada.reads("Ada: alone now") {
		t.Error("the desk reads on")
	}
}
