package key

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

func writeJSON(t *testing.T, path string, v any) {
	t.Helper()
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readJSON[T any](t testing.TB, path string) T {
	t.Helper()
	var v T
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// testDevice has seeds that follow from a number: 32 bytes of n, n+1 and n+2.
func testDevice(n byte) *Device {
	return newDevice(deviceSeeds{
		Version: deviceFileVersion,
		Signing: repeated(n), Network: repeated(n + 1), Sealing: repeated(n + 2),
	})
}

func repeated(n byte) []byte { return []byte(strings.Repeat(string([]byte{n}), seedSize)) }

// The words of the first vector of BIP-39: 128 bits of zero.
const testWords = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

func testRoot(t testing.TB) *Root {
	t.Helper()
	w, err := ParseWords(testWords)
	if err != nil {
		t.Fatal(err)
	}
	return w.Root()
}

// keyVectors is everything in this package that has one right answer.
type keyVectors struct {
	Words        string `json:"words"`
	RootSigning  hexed  `json:"root_signing_public"`
	RootNetwork  hexed  `json:"root_network_public"`
	RootSealing  hexed  `json:"root_sealing_public"`
	Person       hexed  `json:"person_id"`
	PersonText   string `json:"person_id_text"`
	DeviceFile   hexed  `json:"device_file"`
	Device       hexed  `json:"device_id"`
	Peer         hexed  `json:"peer_key"`
	Sealing      hexed  `json:"device_sealing_public"`
	Statement    hexed  `json:"create_statement"`
	Space        hexed  `json:"space_id"`
	SpaceText    string `json:"space_id_text"`
	Message      hexed  `json:"message"`
	RunSignature hexed  `json:"run_signature"`
	NetSignature hexed  `json:"certificate_signature_by_network_key"`
	PersonSeed   hexed  `json:"person_key_seed"`
	PersonPublic hexed  `json:"person_key_public"`
	BeforeSeed   hexed  `json:"previous_person_key_seed"`
	Previous     hexed  `json:"previous_sealed"`
	SealInfo     hexed  `json:"seal_info"`
	SealPlain    hexed  `json:"seal_plaintext"`
	Sealed       hexed  `json:"sealed_to_device"`
}

const keyFile = "testdata/key.json"

func makeKeyVectors(t *testing.T) keyVectors {
	root, d := testRoot(t), testDevice(1)
	rootID, network, person, id, peer := root.ID(), root.Network(), root.Person(), d.ID(), d.Peer()
	statement, message := []byte("a create statement"), []byte("message")
	space := SpaceOf(statement)
	run, net := d.Sign(DomainRun, message), d.SignNetwork(DomainCert, message)
	before, after := personKey(person, 1, [seedSize]byte(repeated(7))), personKey(person, 2, [seedSize]byte(repeated(8)))
	file, err := encodeDevice(d)
	if err != nil {
		t.Fatal(err)
	}
	return keyVectors{
		Words: testWords, RootSigning: rootID[:], RootNetwork: network[:], RootSealing: hexed(root.SealPublic()),
		Person: person[:], PersonText: person.String(),
		DeviceFile: file, Device: id[:], Peer: peer[:], Sealing: hexed(d.SealPublic()),
		Statement: statement, Space: space[:], SpaceText: space.String(),
		Message: message, RunSignature: run[:], NetSignature: net[:],
		PersonSeed: repeated(8), PersonPublic: hexed(after.SealPublic()), BeforeSeed: repeated(7), Previous: after.SealPrevious(before),
		SealInfo: hexed("info"), SealPlain: hexed("a secret"),
	}
}

func TestKeyVectors(t *testing.T) {
	made := makeKeyVectors(t)
	if *update {
		sealed, err := testDevice(1).SealPublic().Seal(made.SealInfo, made.SealPlain)
		if err != nil {
			t.Fatal(err)
		}
		made.Sealed = sealed // sealing is randomised: the file holds one sample, which has to open
		writeJSON(t, keyFile, made)
	}
	want := readJSON[keyVectors](t, keyFile)
	plain, err := testDevice(1).Open(want.SealInfo, want.Sealed)
	if err != nil || string(plain) != string(want.SealPlain) {
		t.Errorf("the sample seal opens to %q, %v", plain, err)
	}
	made.Sealed = want.Sealed
	got, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	expected, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(expected) {
		t.Errorf("got  %s\nwant %s", got, expected)
	}
}
