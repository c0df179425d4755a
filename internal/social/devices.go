package social

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kith/internal/identity"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/link"
	"kith/internal/oplog"
	"kith/internal/sqlite"
)

// deviceRecord is what the owner calls a device.
type deviceRecord struct {
	Name string `json:"name"`
}

// machineName is what this computer calls itself.
func machineName() string {
	name, err := os.Hostname()
	if err == nil {
		name, _, _ = strings.Cut(name, ".")
		name, err = cleanDeviceName(name)
	}
	if err != nil {
		return "A computer"
	}
	return name
}

// maxDeviceName in characters.
const maxDeviceName = 40

func cleanDeviceName(name string) (string, error) {
	name, err := cleanName(name)
	if err != nil || utf8.RuneCountInString(name) > maxDeviceName || len(name) > link.MaxName {
		return "", fail(CodeBadInput, "Give the computer a short name, such as “Laptop”.", err)
	}
	return name, nil
}

// Devices lists the owner's devices: this one first, then the others from the oldest on, then those that were removed.
func (h *Home) Devices(ctx context.Context) ([]Device, error) {
	me, err := h.me()
	if err != nil {
		return nil, err
	}
	list, err := h.devices(ctx, me)
	return list, explain("list devices", err)
}

func (h *Home) devices(ctx context.Context, me key.PersonID) ([]Device, error) {
	person, err := h.node.Gate().Person(ctx, me)
	if err != nil {
		return nil, err
	}
	added, left, err := h.deviceTimes(ctx, me)
	if err != nil {
		return nil, err
	}
	seen, err := h.db.PeersSeen(ctx, me)
	if err != nil {
		return nil, err
	}
	names, err := recordsByID[deviceRecord](ctx, h.db, sqlite.Shared(recordsDevices))
	if err != nil {
		return nil, err
	}
	here := h.node.Device().ID()
	var list []Device
	for _, d := range person.Everyone() {
		shown := Device{
			ID: d.Device.String(), Name: "A computer", This: d.Device == here, Added: added[d.Device], LastSeen: seen[d.Network],
			Removed: d.Removed, Left: d.Removed && left[d.Device], CanRemove: !d.Removed && person.Outranks(here, d.Device),
		}
		if record := names[shown.ID]; record != nil {
			shown.Name = record.Name
		}
		shown.Online = !d.Removed && (shown.This || h.node.DeviceOnline(d.Network))
		list = append(list, shown)
	}
	slices.SortStableFunc(list, func(a, b Device) int {
		if a.This != b.This {
			if a.This {
				return -1
			}
			return 1
		}
		return 0
	})
	return list, nil
}

// deviceTimes tells when each device was let in, by the clocks of those who did it, and which said that they leave.
func (h *Home) deviceTimes(ctx context.Context, me key.PersonID) (map[key.DeviceID]time.Time, map[key.DeviceID]bool, error) {
	times, left := make(map[key.DeviceID]time.Time), make(map[key.DeviceID]bool)
	err := h.db.View(ctx, func(r ingest.Reader) error {
		entries, err := r.Lane(me.IdentitySpace())
		for i := range entries {
			op, err := identity.Decode(me, entries[i].Payload())
			if err != nil {
				continue
			}
			at := time.Unix(entries[i].Header().Time, 0)
			switch op := op.(type) {
			case *identity.Found:
				times[op.Device.Device] = at
			case *identity.AddDevice:
				if _, known := times[op.Device.Device]; !known {
					times[op.Device.Device] = at
				}
			case *identity.Resign:
				left[entries[i].Log().Device] = true
			}
		}
		return err
	})
	return times, left, err
}

// device finds one of the owner's devices by its ID as pages use it.
func (h *Home) device(ctx context.Context, id string) (Device, error) {
	list, err := h.Devices(ctx)
	if err != nil {
		return Device{}, err
	}
	for _, d := range list {
		if d.ID == id {
			return d, nil
		}
	}
	return Device{}, fail(CodeNotFound, "There is no such computer among yours.", nil)
}

// RenameDevice gives one of the owner's devices another name.
func (h *Home) RenameDevice(ctx context.Context, id, name string) error {
	d, err := h.device(ctx, id)
	if err != nil {
		return err
	}
	if name, err = cleanDeviceName(name); err != nil {
		return err
	}
	if err := h.shareNow(ctx, recordsDevices, d.ID, &deviceRecord{Name: name}); err != nil {
		return explain("rename a device", err)
	}
	h.feed.tell(Event{Kind: EventDevices, ID: d.ID})
	return nil
}

// RemoveDevice shuts out one of the owner's devices. What it has written up to now stays; what it writes from now on
// counts nowhere, and what others write after their next post it cannot read. An older device removes a younger one; for
// the other way round the recovery words are needed, and without them words is empty.
func (h *Home) RemoveDevice(ctx context.Context, id, words string) error {
	me, err := h.me()
	if err != nil {
		return err
	}
	shown, err := h.device(ctx, id)
	if err != nil {
		return err
	}
	var root *key.Root
	switch {
	case shown.Removed:
		return nil
	case shown.This:
		return fail(CodeBadInput, "This is the computer that you are on. It can leave by itself, or be removed from another one of yours.", nil)
	case words != "":
		if root, err = rootOf(words); err != nil {
			return err
		}
		if root.Person() != me {
			return fail(CodeBadInput, "These are the recovery words of somebody else. Nothing was changed.", nil)
		}
	case !shown.CanRemove:
		return fail(CodeNotAllowed, "“"+shown.Name+"” is older among your computers than this one, so this one cannot remove it alone. Remove it from an older one, or with your recovery words.", nil)
	}
	target, err := deviceID(id)
	if err != nil {
		return err
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		person, err := w.Person(me)
		if err != nil {
			return err
		}
		keys, err := h.openKeys(person, root)
		if err != nil {
			return err
		}
		return h.shut(w, person, keys, root, target)
	})
	if err != nil {
		return explain("remove a device", err)
	}
	h.feed.tell(Event{Kind: EventDevices, ID: id})
	return nil
}

// openKeys opens the owner's person keys, as the root if there is one and as this device else.
func (h *Home) openKeys(person *identity.Person, root *key.Root) ([]*key.PersonKey, error) {
	if root != nil {
		return person.OpenKeysAsRoot(root)
	}
	return person.OpenKeys(h.node.Device())
}

// shut writes the removal of a device, with everything that is here of it as the cut.
func (h *Home) shut(w *ingest.Writing, person *identity.Person, keys []*key.PersonKey, root *key.Root, target key.DeviceID) error {
	cut, err := deviceCut(w.Tx(), target)
	if err != nil {
		return err
	}
	op, err := person.Shut(target, cut, keys)
	if err != nil {
		return err
	}
	if root != nil {
		return w.IdentifyAsRoot(root, op)
	}
	return w.Identify(op)
}

// tendKeys sees to it, where this device has the newest person key, that the owner's other devices have it, and that no
// removed one does: one device may have been linked, or removed, while another was removed elsewhere.
func (h *Home) tendKeys(ctx context.Context) error {
	me, err := h.me()
	if err != nil {
		return nil // not begun
	}
	person, err := h.node.Gate().Person(ctx, me)
	if err != nil || person == nil || h.node.Removed() || len(person.Lacking()) == 0 && !person.Exposed() {
		return err
	}
	return h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		person, err := w.Person(me)
		if err != nil {
			return err
		}
		keys, err := person.OpenKeys(h.node.Device())
		if err != nil || uint64(len(keys)) != person.Generation() {
			return nil // another device has it
		}
		if person.Exposed() {
			op, err := person.Rekey(keys)
			if err != nil {
				return err
			}
			return w.Identify(op) // sealed to all that are left
		}
		for _, d := range person.Lacking() {
			op, err := person.HandOn(d, keys)
			if err != nil {
				return err
			}
			if err := w.Identify(op); err != nil {
				return err
			}
		}
		return nil
	})
}

// deviceCut is where the logs of a device end, in all spaces, as far as they are here. Of very many the newest are named.
func deviceCut(r ingest.Reader, device key.DeviceID) ([]identity.CutPoint, error) {
	logs, err := r.LogsOf(device)
	if err != nil {
		return nil, err
	}
	var heads []oplog.Head
	for _, log := range logs {
		record, known, err := r.Log(log.ID())
		if err != nil {
			return nil, err
		}
		if known && record.Head.Seq > 0 {
			heads = append(heads, record.Head)
		}
	}
	slices.SortFunc(heads, func(a, b oplog.Head) int {
		if a.Lamport != b.Lamport {
			return int(min(max(int64(b.Lamport)-int64(a.Lamport), -1), 1))
		}
		return bytes.Compare(a.ID[:], b.ID[:])
	})
	var cut []identity.CutPoint
	for _, head := range heads[:min(len(heads), identity.MaxCut)] {
		cut = append(cut, identity.CutPoint{Log: head.Log.ID(), Seq: head.Seq})
	}
	return cut, nil
}

// deviceID reads the ID of a device as pages use it.
func deviceID(text string) (key.DeviceID, error) {
	id, err := key.ParseDeviceID(text)
	if err != nil {
		return id, fail(CodeNotFound, "There is no such computer among yours.", err)
	}
	return id, nil
}

// rootOf makes the root of recovery words as they were typed.
func rootOf(words string) (*key.Root, error) {
	parsed, err := key.ParseWords(words)
	if err != nil {
		return nil, fail(CodeBadInput, explainWords(words, err), err)
	}
	return parsed.Root(), nil
}

// explainWords says what is wrong with recovery words, and shows none of them.
func explainWords(words string, err error) string {
	if n := len(strings.Fields(words)); n != key.WordCount {
		return "Recovery words are twelve, in their order. Nothing was changed; please look again at what you wrote down."
	}
	_, detail, _ := strings.Cut(err.Error(), ": not recovery words: ")
	if strings.HasPrefix(detail, "word ") {
		return "The " + strings.Replace(detail, "word ", "word number ", 1) + " of recovery words. Look for a slip of the pen; nothing was changed."
	}
	return "Each of these words exists, but together they do not fit: two may be swapped, or one may be another word. Nothing was changed."
}
