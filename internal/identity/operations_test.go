package identity

import (
	"bytes"
	"errors"
	"testing"

	"kith/internal/canon"
	"kith/internal/key"
	"kith/internal/oplog"
)

func TestOperationsRoundTrip(t *testing.T) {
	s := newScene(t, 2)
	for name, op := range map[string]Operation{
		"found":  s.found(0),
		"add":    s.add(1, 1),
		"remove": s.remove(0, 2, s.cutAt(0, 0, 5), s.cutAt(0, 1, 0)),
		"resign": &Resign{Cut: []CutPoint{s.cutAt(0, 0, 5)}},
	} {
		raw, err := Encode(op)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(s.person, raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := Encode(back)
		if err != nil || !bytes.Equal(again, raw) {
			t.Errorf("%s: %x became %x, %v", name, raw, again, err)
		}
	}
}

// What is signed cannot be altered: every byte of an operation, one bit each. Sealed keys and cuts are covered by the
// entry's signature, and not by these checks.
func TestEveryByteOfACertificate(t *testing.T) {
	s := newScene(t, 2)
	for name, op := range map[string]Operation{"found": s.found(0), "add": s.add(1, 1)} {
		raw, err := Encode(op)
		if err != nil {
			t.Fatal(err)
		}
		accepted := 0
		for i := range raw {
			raw[i] ^= 1 << (i % 8)
			if op, err := Decode(s.person, raw); err == nil {
				accepted++
				if again, err := Encode(op); err != nil || !bytes.Equal(again, raw) {
					t.Errorf("%s, byte %d: read as something else", name, i)
				}
			} else if !errors.Is(err, ErrMalformed) || op != nil {
				t.Errorf("%s, byte %d: %v", name, i, err)
			}
			raw[i] ^= 1 << (i % 8)
		}
		// Sealed seeds, the public person key and a number may be anything of the right form.
		if limit := 2*key.SealedSeedSize + key.SealPublicSize + 100; accepted > limit {
			t.Errorf("%s: %d of %d bytes can be altered", name, accepted, len(raw))
		}
	}
}

func TestHostileCertificates(t *testing.T) {
	s := newScene(t, 3)
	otherPerson := key.NewWords().Root().Person()
	good := Certify(s.person, s.devices[1])
	if err := good.check(s.person); err != nil {
		t.Fatal(err)
	}
	other := Certify(s.person, s.devices[2])
	rootAsDevice := Certificate{Device: s.root.ID(), Network: s.root.Network(), Seal: s.root.SealPublic()}
	rootAsDevice.Proof = s.root.Sign(key.DomainCert, rootAsDevice.text(s.person))
	rootAsDevice.NetworkProof = s.root.SignNetwork(key.DomainCert, rootAsDevice.text(s.person))
	for name, make := range map[string]func(Certificate) Certificate{
		"made for another person": func(Certificate) Certificate { return Certify(otherPerson, s.devices[1]) },
		"another's device key":    func(c Certificate) Certificate { c.Device = other.Device; return c },
		"another's network key":   func(c Certificate) Certificate { c.Network = other.Network; return c },
		"another's sealing key":   func(c Certificate) Certificate { c.Seal = other.Seal; return c },
		"another's proof":         func(c Certificate) Certificate { c.Proof = other.Proof; return c },
		"another's network proof": func(c Certificate) Certificate { c.NetworkProof = other.NetworkProof; return c },
		"proofs swapped":          func(c Certificate) Certificate { c.Proof, c.NetworkProof = c.NetworkProof, c.Proof; return c },
		"no proof":                func(c Certificate) Certificate { c.Proof = key.Signature{}; return c },
		"no network proof":        func(c Certificate) Certificate { c.NetworkProof = key.Signature{}; return c },
		"short sealing key":       func(c Certificate) Certificate { c.Seal = c.Seal[:100]; return c },
		"no sealing key":          func(c Certificate) Certificate { c.Seal = nil; return c },
		"the root as a device":    func(Certificate) Certificate { return rootAsDevice },
		"signed for another purpose": func(c Certificate) Certificate {
			c.Proof = s.devices[1].Sign(key.DomainRun, c.text(s.person))
			return c
		},
		"network key claimed, signed": func(c Certificate) Certificate { return claimed(s, other.Network) },
	} {
		c := make(good)
		if err := c.check(s.person); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
		raw, err := Encode(&AddDevice{Device: c, Number: 1, Key: bytes.Repeat([]byte{0}, key.SealedSeedSize)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(s.person, raw); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s, in an operation: %v", name, err)
		}
	}
}

// claimed is a certificate in which device 1 names another's network key as its own, and signs what it can.
func claimed(s *scene, network key.PeerKey) Certificate {
	c := Certificate{Device: s.devices[1].ID(), Network: network, Seal: s.devices[1].SealPublic()}
	c.Proof = s.devices[1].Sign(key.DomainCert, c.text(s.person))
	c.NetworkProof = s.devices[1].SignNetwork(key.DomainCert, c.text(s.person))
	return c
}

func TestOperationBounds(t *testing.T) {
	s := newScene(t, 2)
	cuts := func(n int) []CutPoint { return make([]CutPoint, n) }
	seeds := func(n int) []SealedSeed {
		list := make([]SealedSeed, n)
		for i := range list {
			list[i].Sealed = make([]byte, key.SealedSeedSize)
		}
		return list
	}
	type change = func(*Found, *AddDevice, *RemoveDevice)
	for name, c := range map[string]struct {
		change change
		which  int // 0 found, 1 add, 2 remove
		ok     bool
	}{
		"found":                        {func(*Found, *AddDevice, *RemoveDevice) {}, 0, true},
		"add":                          {func(*Found, *AddDevice, *RemoveDevice) {}, 1, true},
		"remove":                       {func(*Found, *AddDevice, *RemoveDevice) {}, 2, true},
		"another root":                 {func(f *Found, _ *AddDevice, _ *RemoveDevice) { f.Root[0] ^= 1 }, 0, false},
		"root seal no key":             {func(f *Found, _ *AddDevice, _ *RemoveDevice) { f.RootSeal = f.RootSeal[:9] }, 0, false},
		"another recovery key":         {func(f *Found, _ *AddDevice, _ *RemoveDevice) { f.Recovery = s.devices[1].Peer() }, 0, false},
		"no recovery proof":            {func(f *Found, _ *AddDevice, _ *RemoveDevice) { f.RecoveryProof = key.Signature{} }, 0, false},
		"founded with generation 2":    {func(f *Found, _ *AddDevice, _ *RemoveDevice) { f.Key.Number = 2 }, 0, false},
		"founded with a previous key":  {func(f *Found, _ *AddDevice, _ *RemoveDevice) { f.Key.Previous = make([]byte, 48) }, 0, false},
		"suite 2":                      {func(f *Found, _ *AddDevice, _ *RemoveDevice) { f.Key.Suite = 2 }, 0, false},
		"short seal to the root":       {func(f *Found, _ *AddDevice, _ *RemoveDevice) { f.Key.ToRoot = f.Key.ToRoot[1:] }, 0, false},
		"short seal to a device":       {func(f *Found, _ *AddDevice, _ *RemoveDevice) { f.Key.ToDevice[0].Sealed = nil }, 0, false},
		"person key no key":            {func(f *Found, _ *AddDevice, _ *RemoveDevice) { f.Key.Public = nil }, 0, false},
		"sealed to none":               {func(f *Found, _ *AddDevice, _ *RemoveDevice) { f.Key.ToDevice = nil }, 0, true},
		"sealed to the most":           {func(f *Found, _ *AddDevice, _ *RemoveDevice) { f.Key.ToDevice = seeds(MaxActive) }, 0, true},
		"sealed to too many":           {func(f *Found, _ *AddDevice, _ *RemoveDevice) { f.Key.ToDevice = seeds(MaxActive + 1) }, 0, false},
		"added with generation 0":      {func(_ *Found, a *AddDevice, _ *RemoveDevice) { a.Number = 0 }, 1, false},
		"added with a short seal":      {func(_ *Found, a *AddDevice, _ *RemoveDevice) { a.Key = a.Key[1:] }, 1, false},
		"removed with generation 1":    {func(_ *Found, _ *AddDevice, r *RemoveDevice) { r.Key.Number = 1 }, 2, false},
		"removed without previous key": {func(_ *Found, _ *AddDevice, r *RemoveDevice) { r.Key.Previous = nil }, 2, false},
		"longer previous key":          {func(_ *Found, _ *AddDevice, r *RemoveDevice) { r.Key.Previous = make([]byte, 49) }, 2, false},
		"the longest cut":              {func(_ *Found, _ *AddDevice, r *RemoveDevice) { r.Cut = cuts(MaxCut) }, 2, true},
		"a cut too long":               {func(_ *Found, _ *AddDevice, r *RemoveDevice) { r.Cut = cuts(MaxCut + 1) }, 2, false},
		"a cut at the last number":     {func(_ *Found, _ *AddDevice, r *RemoveDevice) { r.Cut = []CutPoint{{Seq: oplog.MaxSeq}} }, 2, true},
		"a cut beyond every number":    {func(_ *Found, _ *AddDevice, r *RemoveDevice) { r.Cut = []CutPoint{{Seq: oplog.MaxSeq + 1}} }, 2, false},
	} {
		found, add, remove := s.found(0), s.add(1, 1), s.remove(1, 2)
		c.change(found, add, remove)
		raw, err := Encode([]Operation{found, add, remove}[c.which])
		if err != nil {
			t.Fatal(err)
		}
		if op, err := Decode(s.person, raw); (err == nil) != c.ok || err != nil && (!errors.Is(err, ErrMalformed) || op != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	s := newScene(t, 1)
	good, err := Encode(s.found(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(key.NewWords().Root().Person(), good); !errors.Is(err, ErrMalformed) {
		t.Errorf("another person's: %v", err)
	}
	body, err := canon.Marshal(s.found(0))
	if err != nil {
		t.Fatal(err)
	}
	framed := func(op uint64) []byte {
		raw, err := canon.Marshal(frame{Op: op, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for name, raw := range map[string][]byte{
		"nothing": nil, "null": {0xf6}, "no body": {0x82, 0x01, 0xf6}, "empty body": {0x82, 0x01, 0x80},
		"operation 0": framed(0), "operation 5": framed(5), "found as a resignation": framed(4), "found as an add": framed(opAdd), "found as a removal": framed(opRemove),
		"trailing": append(bytes.Clone(good), 0), "cut short": good[:len(good)-1],
		"longer number": append([]byte{0x82, 0x18, 0x01}, good[2:]...),
	} {
		if op, err := Decode(s.person, raw); !errors.Is(err, ErrMalformed) || op != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The largest operations fit into an entry.
func TestTheLargestFits(t *testing.T) {
	s := newScene(t, 1)
	remove := s.remove(0, MaxDevices)
	for range MaxActive {
		remove.Key.ToDevice = append(remove.Key.ToDevice, SealedSeed{Sealed: make([]byte, key.SealedSeedSize)})
	}
	for range MaxCut {
		remove.Cut = append(remove.Cut, CutPoint{Seq: oplog.MaxSeq})
	}
	found := s.found(0)
	for range MaxActive - 1 {
		found.Key.ToDevice = append(found.Key.ToDevice, SealedSeed{Sealed: make([]byte, key.SealedSeedSize)})
	}
	for name, op := range map[string]Operation{"removal": remove, "found": found, "add": s.add(0, MaxDevices)} {
		raw, err := Encode(op)
		if err != nil || len(raw) > oplog.MaxPayload {
			t.Errorf("%s: %d bytes, %v", name, len(raw), err)
		}
		if _, err := Decode(s.person, raw); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	s := newScene(f, 2)
	for _, op := range []Operation{s.found(0), s.add(1, 1), s.remove(0, 2, s.cutAt(0, 0, 5)), &Resign{Cut: []CutPoint{s.cutAt(0, 0, 5)}}} {
		raw, err := Encode(op)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		op, err := Decode(s.person, raw)
		if err != nil {
			if !errors.Is(err, ErrMalformed) || op != nil {
				t.Fatalf("%v", err)
			}
			return
		}
		again, err := Encode(op)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("%x is read as %x", raw, again)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	s := newScene(b, 1)
	raw, err := Encode(s.found(0))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Decode(s.person, raw); err != nil {
			b.Fatal(err)
		}
	}
}
