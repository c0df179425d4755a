package seal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"kith/internal/key"
	"kith/internal/oplog"
)

// update writes the files in testdata again. They are published: a change to them is a change of the protocol.
var update = flag.Bool("update", false, "write testdata again")

func repeat(n byte, size int) []byte { return bytes.Repeat([]byte{n}, size) }

// testDevice is a device whose three seeds are 32 bytes each of n, n+1 and n+2.
func testDevice(t testing.TB, n byte) *key.Device {
	t.Helper()
	file := []byte{0x84, 1}
	for i := range byte(3) {
		file = append(append(file, 0x58, 32), repeat(n+i, 32)...)
	}
	path := filepath.Join(t.TempDir(), "device")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := key.LoadDevice(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// testEpoch has an ID of 16 bytes of n, a key of 32 bytes of n+1 and a history key of 32 bytes of n+2.
func testEpoch(t testing.TB, n byte) *Epoch {
	t.Helper()
	e, err := FromSecrets(oplog.EpochID(repeat(n, 16)), append(repeat(n+1, 32), repeat(n+2, 32)...))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// withoutHistory is what a newcomer is handed where newcomers do not read back.
func withoutHistory(t testing.TB, e *Epoch) *Epoch {
	t.Helper()
	short, err := FromSecrets(e.ID(), e.Secrets()[:secretSize])
	if err != nil {
		t.Fatal(err)
	}
	return short
}

var testSpace = key.SpaceID(repeat(0xaa, 32))

func testHeader(e *Epoch) oplog.Header {
	return oplog.Header{
		Version: oplog.Version, Kind: oplog.KindContent, Log: oplog.LogID(repeat(0xbb, 16)), Seq: 300,
		Prev: oplog.EntryID(repeat(0xdd, 32)), Lamport: 100_000, Time: 1_700_000_000, Epoch: e.ID(),
	}
}

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
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, append(raw, '\n'), 0o644)
	}
	if err != nil {
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

// flips calls do with every bit of b flipped, one at a time, and puts it back.
func flips(b []byte, do func(bit int)) {
	for bit := range len(b) * 8 {
		b[bit/8] ^= 1 << (bit % 8)
		do(bit)
		b[bit/8] ^= 1 << (bit % 8)
	}
}
