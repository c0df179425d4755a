package link

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"kith/internal/identity"
	"kith/internal/invite"
	"kith/internal/key"
)

func sample() invite.Code {
	return invite.Code{
		Person: key.PersonID{1}, Peer: key.PeerKey{2}, Secret: invite.Secret{3}, Expires: time.Unix(1_800_000_000, 0),
		Addresses: [][]byte{{4, 127, 0, 0, 1, 6, 31, 56}},
	}
}

// What is passed on for one purpose is taken for no other, not even with its beginning exchanged.
func TestFormsAreNotExchanged(t *testing.T) {
	forms := map[string]invite.Form{"invite": invite.Invitation, "link": Code, "help": Help}
	for made, a := range forms {
		text := a.Write(sample())
		for read, b := range forms {
			_, err := b.Parse("Here it is: " + text + ".")
			if made == read {
				if err != nil {
					t.Errorf("%s: %v", made, err)
				}
				continue
			}
			if !errors.Is(err, invite.ErrNone) || b.In(text) {
				t.Errorf("the code of a %s as that of a %s: %v", made, read, err)
			}
			disguised := strings.Replace(text, a.Prefix, b.Prefix, 1)
			if _, err := b.Parse(disguised); !errors.Is(err, invite.ErrGarbled) {
				t.Errorf("the disguised code of a %s as that of a %s: %v", made, read, err)
			}
		}
	}
	if SecretID(sample().Secret) == sample().Secret.ID() {
		t.Error("a link and an invite with one secret have one ID")
	}
}

func introduction(t testing.TB) *Introduction {
	t.Helper()
	return &Introduction{Nonce: NewNonce(), Certificate: identity.Certify(key.PersonID{1}, key.NewDevice()), Name: "Laptop"}
}

func TestProofAndNumber(t *testing.T) {
	who, other := introduction(t), introduction(t)
	commitment, err := who.Commit()
	if err != nil {
		t.Fatal(err)
	}
	another, err := other.Commit()
	if err != nil || another == commitment {
		t.Fatalf("%v: two devices have one commitment", err)
	}
	renamed := *who
	renamed.Name = "Desk"
	if c, err := renamed.Commit(); err != nil || c == commitment {
		t.Error("the name is not committed to")
	}
	secret, fresh, old, nonce := invite.NewSecret(), key.PeerKey{1}, key.PeerKey{2}, NewNonce()
	knock := &Knock{Link: SecretID(secret), Commitment: commitment, Proof: Proof(secret, fresh, old, commitment)}
	if !CheckProof(knock, secret, fresh, old) {
		t.Error("an honest proof does not hold")
	}
	changed := *knock
	changed.Commitment = another
	for name, holds := range map[string]bool{
		"another secret":       CheckProof(knock, invite.NewSecret(), fresh, old),
		"the peers exchanged":  CheckProof(knock, secret, old, fresh),
		"another new device":   CheckProof(knock, secret, key.PeerKey{3}, old),
		"another commitment":   CheckProof(&changed, secret, fresh, old),
		"the proof of nothing": CheckProof(&Knock{Commitment: commitment}, secret, fresh, old),
	} {
		if holds {
			t.Errorf("the proof holds with %s", name)
		}
	}
	number := Number(secret, fresh, old, nonce, commitment)
	if len(number) != Digits || number != Number(secret, fresh, old, nonce, commitment) {
		t.Fatalf("the number is %q", number)
	}
	same := 0
	for name, n := range map[string]string{
		"secret": Number(invite.NewSecret(), fresh, old, nonce, commitment), "new device": Number(secret, key.PeerKey{3}, old, nonce, commitment),
		"old device": Number(secret, fresh, key.PeerKey{3}, nonce, commitment), "nonce": Number(secret, fresh, old, NewNonce(), commitment),
		"keys": Number(secret, fresh, old, nonce, another),
	} {
		if n == number {
			same++
			t.Logf("another %s gives the same number by chance", name)
		}
	}
	if same > 1 {
		t.Error("the number does not follow from everything")
	}
}

func TestNumberVector(t *testing.T) {
	if got := Number(invite.Secret{1}, key.PeerKey{2}, key.PeerKey{3}, [32]byte{4}, [32]byte{5}); got != numberVector {
		t.Errorf("the number is %s", got)
	}
}

func TestMessagesTravel(t *testing.T) {
	who := introduction(t)
	var wire bytes.Buffer
	for _, message := range []any{
		who, &Answer{State: Done, Welcome: &Welcome{Own: key.SpaceID{1}, Spaces: []Space{{ID: key.SpaceID{2}, Owner: key.PersonID{3}}}, Peers: []Peer{{Key: key.PeerKey{4}, Addresses: []string{"/ip4/127.0.0.1/tcp/1"}}}}},
		&Return{Person: key.PersonID{5}}, &Returned{Wall: key.SpaceID{6}},
	} {
		if err := invite.Write(&wire, message); err != nil {
			t.Fatal(err)
		}
	}
	var gotWho Introduction
	var answer Answer
	var ask Return
	var returned Returned
	for _, message := range []any{&gotWho, &answer, &ask, &returned} {
		if err := invite.Read(&wire, message); err != nil {
			t.Fatal(err)
		}
	}
	if err := gotWho.Certificate.Check(key.PersonID{1}); err != nil || gotWho.Name != "Laptop" {
		t.Errorf("%v: %q", err, gotWho.Name)
	}
	if err := gotWho.Certificate.Check(key.PersonID{2}); err == nil {
		t.Error("a certificate for one person lets the device in to another")
	}
	if answer.Welcome.Spaces[0].Owner != (key.PersonID{3}) || ask.Person != (key.PersonID{5}) || returned.Wall != (key.SpaceID{6}) {
		t.Error("something was lost on the way")
	}
}

func FuzzRead(f *testing.F) {
	for _, message := range []any{&Knock{}, introduction(f), &Answer{State: Reveal}, &Answer{State: Done, Welcome: &Welcome{}}, &Return{}, &Returned{}} {
		var wire bytes.Buffer
		if err := invite.Write(&wire, message); err != nil {
			f.Fatal(err)
		}
		f.Add(wire.Bytes())
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		for _, message := range []any{new(Knock), new(Introduction), new(Answer), new(Return), new(Returned)} {
			if invite.Read(bytes.NewReader(wire), message) != nil {
				continue
			}
			if who, ok := message.(*Introduction); ok {
				_ = who.Certificate.Check(key.PersonID{1})
			}
			var again bytes.Buffer
			if err := invite.Write(&again, message); err != nil || !bytes.HasPrefix(wire, again.Bytes()) {
				t.Errorf("%v: a message that was read is written differently", err)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(Code.Write(sample()))
	f.Add(Help.Write(sample()))
	f.Fuzz(func(t *testing.T, text string) {
		for _, form := range []invite.Form{Code, Help} {
			c, err := form.Parse(text)
			if err != nil {
				continue
			}
			if _, err := form.Parse(form.Write(c)); err != nil {
				t.Errorf("%v: what was parsed does not survive being written", err)
			}
		}
	})
}

const numberVector = "916174"
