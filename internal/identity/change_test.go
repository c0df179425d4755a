package identity

import (
	"errors"
	"testing"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// A device that is let in while another one is shut out is handed the key that it missed.
func TestTheKeyIsHandedOn(t *testing.T) {
	root, first, second, third := key.NewWords().Root(), key.NewDevice(), key.NewDevice(), key.NewDevice()
	entries, personKey, err := Begin(root, first, time.Unix(1_700_000_000, 0))
	must(t, err)
	fold := func() *Person { return Fold(root.Person(), entries) }
	heads := make(map[key.DeviceID]oplog.Head)
	write := func(by key.Signer, op Operation) {
		t.Helper()
		payload, err := Encode(op)
		must(t, err)
		head, begun := heads[by.ID()]
		if !begun {
			head = oplog.Head{Log: oplog.Log{Space: root.Person().IdentitySpace(), Device: by.ID(), Lane: oplog.Control}}
		}
		more, err := oplog.Compose(by, head, uint64(len(entries)), time.Unix(1_700_000_000, 0), []oplog.Draft{{Kind: oplog.KindIdentity, Payload: oplog.Plain(payload)}})
		must(t, err)
		heads[by.ID()] = more[len(more)-1].Head()
		entries = append(entries, more...)
	}
	keys := []*key.PersonKey{personKey}
	add, err := fold().Admit(Certify(root.Person(), second), keys)
	must(t, err)
	write(first, add)
	if n := len(fold().Lacking()); n != 0 {
		t.Fatalf("%d devices lack the key", n)
	}
	// The first removes the second; at the same time the second, which has not heard, is no matter, but the third is let in
	// with the key of before.
	late, err := fold().Admit(Certify(root.Person(), third), keys)
	must(t, err)
	shut, err := fold().Shut(second.ID(), nil, keys)
	must(t, err)
	write(first, shut)
	write(first, late)
	p := fold()
	lacking := p.Lacking()
	if len(lacking) != 1 || lacking[0].Device != third.ID() || p.Generation() != 2 {
		t.Fatalf("%d devices lack key %d", len(lacking), p.Generation())
	}
	if _, err := p.HandOn(lacking[0], keys); !errors.Is(err, key.ErrOpen) {
		t.Errorf("an old key is handed on: %v", err)
	}
	newest, err := p.OpenKeys(first)
	must(t, err)
	op, err := p.HandOn(lacking[0], newest)
	must(t, err)
	write(first, op)
	p = fold()
	if got, err := p.OpenKeys(third); err != nil || len(got) != 2 || len(p.Lacking()) != 0 {
		t.Errorf("the third opens %d keys: %v", len(got), err)
	}
	if got, err := p.OpenKeys(second); err == nil && len(got) == 2 {
		t.Error("the removed device opens the new key")
	}
	// Two removals at once: each key is sealed to the device that the other removal shuts out. It is changed once more.
	fourth := key.NewDevice()
	add, err = p.Admit(Certify(root.Person(), fourth), newest)
	must(t, err)
	write(first, add)
	one, err := fold().Shut(third.ID(), nil, newest)
	must(t, err)
	other, err := fold().Shut(fourth.ID(), nil, newest)
	must(t, err)
	write(first, one)
	write(first, other)
	p = fold()
	if !p.Exposed() {
		t.Fatal("a removed device has the newest key, and nobody notices")
	}
	newest, err = p.OpenKeys(first)
	must(t, err)
	rekey, err := p.Rekey(newest)
	must(t, err)
	write(first, rekey)
	p = fold()
	if got, err := p.OpenKeys(first); p.Exposed() || p.Generation() != 4 || err != nil || len(got) != 4 || len(p.Devices()) != 1 {
		t.Errorf("after the change: exposed %t, key %d, %d devices, %v", p.Exposed(), p.Generation(), len(p.Devices()), err)
	}
	if len(p.Everyone()) != 4 || p.Outranks(third.ID(), first.ID()) || p.Outranks(first.ID(), second.ID()) {
		t.Error("who is there, and outranks whom, is wrong")
	}
	if byRoot, err := p.OpenKeysAsRoot(root); err != nil || len(byRoot) != 4 {
		t.Errorf("the root opens %d keys: %v", len(byRoot), err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
