package identity

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"kith/internal/key"
	"kith/internal/oplog"
)

// update writes the files in testdata again. They are published: a change to them is a change of the protocol.
var update = flag.Bool("update", false, "write testdata again")

// hexed is bytes that read as hexadecimal in JSON.
type hexed []byte

func (h hexed) MarshalJSON() ([]byte, error) { return json.Marshal(hex.EncodeToString(h)) }

func (h *hexed) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	var err error
	*h, err = hex.DecodeString(text)
	return err
}

type certificateVector struct {
	Person       hexed `json:"person"`
	Device       hexed `json:"device"`
	Network      hexed `json:"network"`
	Seal         hexed `json:"sealing_public"`
	Text         hexed `json:"signed_text"`
	Proof        hexed `json:"proof"`
	NetworkProof hexed `json:"network_proof"`
}

// Sealing is randomised: the payloads are samples, made once. They have to decode, encode to the same bytes, fold,
// and open.
type identityVectors struct {
	Words         string              `json:"words"`
	Person        hexed               `json:"person"`
	Certificates  []certificateVector `json:"certificates"`
	RecoveryText  hexed               `json:"recovery_signed_text"`
	RecoveryProof hexed               `json:"recovery_proof"`
	PersonKeys    []hexed             `json:"person_key_publics"`
	Found         hexed               `json:"found"`
	Add           hexed               `json:"add_device"`
	Remove        hexed               `json:"remove_device"`
	Resign        hexed               `json:"resign"`
}

const vectorFile = "testdata/identity.json"

func makeVectors(s *scene) identityVectors {
	v := identityVectors{Words: testWords, Person: s.person[:]}
	for _, d := range s.devices {
		c := Certify(s.person, d)
		v.Certificates = append(v.Certificates, certificateVector{
			s.person[:], c.Device[:], c.Network[:], hexed(c.Seal), c.text(s.person), c.Proof[:], c.NetworkProof[:],
		})
	}
	found := s.found(0)
	root := Certificate{Device: s.root.ID(), Network: s.root.Network(), Seal: s.root.SealPublic()}
	v.RecoveryText, v.RecoveryProof = root.text(s.person), found.RecoveryProof[:]
	return v
}

// addSamples makes the operations with real seals: device 0 found with, device 1 added, and removed again.
func (v *identityVectors) addSamples(t *testing.T, s *scene) {
	one, two := key.NewPersonKey(s.person, 1), key.NewPersonKey(s.person, 2)
	sealTo := func(k *key.PersonKey, to key.SealPublic) []byte {
		sealed, err := k.SealTo(to)
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	first, second := s.devices[0], s.devices[1]
	found, add := s.found(0), s.add(1, 1)
	found.Key = Generation{
		Number: 1, Suite: key.SealSuite, Public: one.SealPublic(), ToRoot: sealTo(one, s.root.SealPublic()),
		ToDevice: []SealedSeed{{Device: first.ID(), Sealed: sealTo(one, first.SealPublic())}},
	}
	add.Key = sealTo(one, second.SealPublic())
	remove := s.remove(1, 2, CutPoint{Log: oplog.LogID{1, 2, 3}, Seq: 300}, CutPoint{Log: oplog.LogID{4, 5, 6}})
	remove.Key = Generation{
		Number: 2, Suite: key.SealSuite, Public: two.SealPublic(), ToRoot: sealTo(two, s.root.SealPublic()),
		ToDevice: []SealedSeed{{Device: first.ID(), Sealed: sealTo(two, first.SealPublic())}}, Previous: two.SealPrevious(one),
	}
	for _, sample := range []struct {
		op Operation
		to *hexed
	}{{found, &v.Found}, {add, &v.Add}, {remove, &v.Remove}, {&Resign{Cut: remove.Cut}, &v.Resign}} {
		raw, err := Encode(sample.op)
		if err != nil {
			t.Fatal(err)
		}
		*sample.to = raw
	}
	v.PersonKeys = []hexed{hexed(one.SealPublic()), hexed(two.SealPublic())}
}

func TestVectors(t *testing.T) {
	s := newScene(t, 2)
	made := makeVectors(s)
	if *update {
		made.addSamples(t, s)
		raw, err := json.MarshalIndent(made, "", "  ")
		if err == nil {
			err = os.MkdirAll("testdata", 0o755)
		}
		if err == nil {
			err = os.WriteFile(vectorFile, append(raw, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var want identityVectors
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	made.Found, made.Add, made.Remove, made.Resign, made.PersonKeys = want.Found, want.Add, want.Remove, want.Resign, want.PersonKeys
	got, err := json.MarshalIndent(made, "", "  ")
	if err != nil || !bytes.Equal(append(got, '\n'), raw) {
		t.Errorf("got %s\nwant %s", got, raw)
	}
	for name, payload := range map[string][]byte{"found": want.Found, "add": want.Add, "remove": want.Remove, "resign": want.Resign} {
		op, err := Decode(s.person, payload)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if again, err := Encode(op); err != nil || !bytes.Equal(again, payload) {
			t.Errorf("%s encodes differently: %v", name, err)
		}
	}
	p := s.fold(s.writePayload(-1, 0, 1, want.Found), s.writePayload(0, 0, 2, want.Add), s.writePayload(0, 0, 3, want.Remove))
	keys, err := p.OpenKeys(s.devices[0])
	if err != nil || len(keys) != 2 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	for i := range keys {
		if !bytes.Equal(keys[i].SealPublic(), want.PersonKeys[i]) {
			t.Errorf("person key %d is another", i+1)
		}
	}
	if keys, err := p.OpenKeys(s.devices[1]); err != nil || len(keys) != 1 {
		t.Errorf("the removed device opens %d keys, %v", len(keys), err)
	}
	removed, _ := p.Device(s.devices[1].ID())
	if !removed.Removed || !p.MayWrite(removed.Device, oplog.LogID{1, 2, 3}, 300) || p.MayWrite(removed.Device, oplog.LogID{1, 2, 3}, 301) {
		t.Error("the removed device's log does not end where it should")
	}
}
