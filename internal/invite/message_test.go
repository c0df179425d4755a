package invite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"kith/internal/canon"
	"kith/internal/content"
	"kith/internal/identity"
	"kith/internal/key"
	"kith/internal/oplog"
)

func introduction(t testing.TB) *Introduction {
	t.Helper()
	root := key.NewWords().Root()
	entries, _, err := identity.Begin(root, key.NewDevice(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	run, err := oplog.RunOf(entries)
	if err != nil {
		t.Fatal(err)
	}
	who, err := Introduce(root.Person(), key.SpaceID{9}, content.Card{Name: "Ada"}, []oplog.Run{run})
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func TestMessagesTravel(t *testing.T) {
	who := introduction(t)
	var wire bytes.Buffer
	if err := Write(&wire, &Answer{State: Done, LetIn: true, Who: who}); err != nil {
		t.Fatal(err)
	}
	var got Answer
	if err := Read(&wire, &got); err != nil {
		t.Fatal(err)
	}
	card, runs, err := got.Who.Read()
	if err != nil || card.Name != "Ada" || len(runs) != 1 {
		t.Fatalf("%v: %q, %d runs", err, card.Name, len(runs))
	}
	if _, err := oplog.Verify(&runs[0], oplog.EntryID{}); err != nil {
		t.Error(err)
	}
}

// A proof holds for one secret, step, pair of peers, pair of nonces and introduction, and for no other.
func TestProof(t *testing.T) {
	secret, invited, inviting := NewSecret(), key.PeerKey{1}, key.PeerKey{2}
	a, b := NewHello().Nonce, NewHello().Nonce
	who := introduction(t)
	proof, err := Proof(secret, Accept, invited, inviting, a, b, who)
	if err != nil {
		t.Fatal(err)
	}
	ask := &Ask{Invite: secret.ID(), Step: Accept, Proof: proof, Who: who}
	if !CheckProof(ask, secret, invited, inviting, a, b) {
		t.Fatal("an honest proof does not hold")
	}
	look := *ask
	look.Step = Look
	other := *ask
	other.Who = introduction(t)
	nobody := *ask
	nobody.Who = nil
	for name, holds := range map[string]bool{
		"another secret":       CheckProof(ask, NewSecret(), invited, inviting, a, b),
		"the peers exchanged":  CheckProof(ask, secret, inviting, invited, a, b),
		"another invited":      CheckProof(ask, secret, key.PeerKey{3}, inviting, a, b),
		"the nonces exchanged": CheckProof(ask, secret, invited, inviting, b, a),
		"a replay":             CheckProof(ask, secret, invited, inviting, a, NewHello().Nonce),
		"another step":         CheckProof(&look, secret, invited, inviting, a, b),
		"another introduction": CheckProof(&other, secret, invited, inviting, a, b),
		"no introduction":      CheckProof(&nobody, secret, invited, inviting, a, b),
	} {
		if holds {
			t.Errorf("the proof holds with %s", name)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	long := binary.BigEndian.AppendUint32(nil, maxMessage+1)
	if err := Read(bytes.NewReader(long), new(Answer)); !errors.Is(err, ErrProtocol) {
		t.Errorf("a message that is too long: %v", err)
	}
	raw, err := canon.Marshal(&Hello{})
	if err != nil {
		t.Fatal(err)
	}
	trailing := append(raw, 0)
	framed := append(binary.BigEndian.AppendUint32(nil, uint32(len(trailing))), trailing...)
	if err := Read(bytes.NewReader(framed), new(Hello)); !errors.Is(err, ErrProtocol) {
		t.Errorf("bytes behind a message: %v", err)
	}
	who := introduction(t)
	who.Identity[0].Payloads = nil
	if _, _, err := who.Read(); !errors.Is(err, ErrProtocol) {
		t.Errorf("headers without payloads: %v", err)
	}
	who = introduction(t)
	who.Card = []byte{1, 2, 3}
	if _, _, err := who.Read(); !errors.Is(err, ErrProtocol) {
		t.Errorf("a card that is none: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, message := range []any{&Hello{}, &Answer{State: Done, Who: introduction(f)}, &Ask{Step: Look, Proof: make([]byte, 32)}} {
		var wire bytes.Buffer
		if err := Write(&wire, message); err != nil {
			f.Fatal(err)
		}
		f.Add(wire.Bytes())
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		for _, message := range []any{new(Hello), new(Ask), new(Answer)} {
			if Read(bytes.NewReader(wire), message) != nil {
				continue
			}
			if answer, ok := message.(*Answer); ok && answer.Who != nil {
				if _, runs, err := answer.Who.Read(); err == nil {
					for i := range runs {
						_, _ = oplog.Verify(&runs[i], oplog.EntryID{})
					}
				}
			}
			var again bytes.Buffer
			if err := Write(&again, message); err != nil || !bytes.HasPrefix(wire, again.Bytes()) {
				t.Errorf("%v: a message that was read is written differently", err)
			}
		}
	})
}
