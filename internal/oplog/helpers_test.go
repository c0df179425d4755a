package oplog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kith/internal/key"
)

// update writes the files in testdata again. They are published: a change to them is a change of the protocol.
var update = flag.Bool("update", false, "write testdata again")

// testDevice is a device whose three seeds are 32 bytes each of n, n+1 and n+2.
func testDevice(t testing.TB, n byte) *key.Device {
	t.Helper()
	file := []byte{0x84, 1}
	for i := range byte(3) {
		file = append(append(file, 0x58, 32), bytes.Repeat([]byte{n + i}, 32)...)
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

func testLog(d *key.Device, lane Lane) Log {
	log := Log{Space: key.SpaceID(bytes.Repeat([]byte{0xaa}, 32)), Device: d.ID(), Lane: lane}
	copy(log.Incarnation[:], bytes.Repeat([]byte{0xbb}, 16))
	return log
}

var (
	testEpoch = EpochID(bytes.Repeat([]byte{0xcc}, 16))
	testTime  = time.Unix(1_700_000_000, 0)
)

// plainDrafts makes content drafts with payloads that differ.
func plainDrafts(n int) []Draft {
	drafts := make([]Draft, n)
	for i := range drafts {
		drafts[i] = Draft{Kind: KindContent, Epoch: testEpoch, Payload: Plain(fmt.Appendf(nil, "payload %d", i))}
	}
	return drafts
}

func compose(t testing.TB, d *key.Device, head Head, drafts []Draft) []Verified {
	t.Helper()
	entries, err := Compose(d, head, head.Lamport, testTime, drafts)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// testRun is a run of n content entries, the first of a log.
func testRun(t testing.TB, n int) (Run, []Verified) {
	t.Helper()
	d := testDevice(t, 1)
	entries := compose(t, d, Head{Log: testLog(d, Content)}, plainDrafts(n))
	run, err := RunOf(entries)
	if err != nil {
		t.Fatal(err)
	}
	return run, entries
}

// clone copies a run to the last byte.
func clone(run Run) Run {
	run.Entries = append([]Raw(nil), run.Entries...)
	for i := range run.Entries {
		run.Entries[i] = Raw{Header: bytes.Clone(run.Entries[i].Header), Payload: bytes.Clone(run.Entries[i].Payload)}
	}
	return run
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

// checkVectors compares what the code makes with the file, or writes the file.
func checkVectors(t *testing.T, path string, made any) {
	t.Helper()
	got, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs.\ngot  %s\nwant %s", path, got, want)
	}
}

func repeat(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }

func idOf(header []byte) EntryID { return sha256.Sum256(header) }
