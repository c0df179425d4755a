package key

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"kith/internal/canon"
)

func TestDeviceFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "device")
	if _, err := LoadDevice(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("a missing file: %v", err)
	}
	d := NewDevice()
	if err := SaveDevice(path, d); err != nil {
		t.Fatal(err)
	}
	back, err := LoadDevice(path)
	if err != nil {
		t.Fatal(err)
	}
	if back.ID() != d.ID() || back.Peer() != d.Peer() || !bytes.Equal(back.SealPublic(), d.SealPublic()) {
		t.Error("another device came back")
	}
	checkMode(t, path, 0o600)
	checkMode(t, filepath.Dir(path), 0o700)
	checkAlone(t, path)

	// Saving again replaces it, and a leftover of a crash is no obstacle and does not stay.
	if err := os.WriteFile(path+unfinished, []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	other := NewDevice()
	if err := SaveDevice(path, other); err != nil {
		t.Fatal(err)
	}
	if back, err := LoadDevice(path); err != nil || back.ID() != other.ID() {
		t.Errorf("replacing: %v", err)
	}
	checkMode(t, path, 0o600)
	checkAlone(t, path)
}

// Somebody who can write into the folder before us must not lead the key elsewhere.
func TestKeyFileFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	elsewhere := filepath.Join(dir, "elsewhere")
	path := filepath.Join(dir, "keys", "device")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, path+unfinished); err != nil {
		t.Fatal(err)
	}
	if err := SaveDevice(path, NewDevice()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(elsewhere); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the key went through a link")
	}
}

func checkMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return // modes are not kept there; the folder's access list is what counts
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != want {
		t.Errorf("%s has mode %o, want %o", filepath.Base(path), info.Mode().Perm(), want)
	}
}

func checkAlone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		t.Errorf("beside the key there is %v, %v", entries, err)
	}
}

func TestDeviceFileDamaged(t *testing.T) {
	good, err := encodeDevice(testDevice(1))
	if err != nil {
		t.Fatal(err)
	}
	newer, err := canon.Marshal([]any{2, "a form", "of its own"})
	if err != nil {
		t.Fatal(err)
	}
	short, err := canon.Marshal(deviceSeeds{Version: 1, Signing: repeated(1), Network: repeated(1)[1:], Sealing: repeated(1)})
	if err != nil {
		t.Fatal(err)
	}
	zero, err := canon.Marshal(deviceSeeds{Version: 0, Signing: repeated(1), Network: repeated(1), Sealing: repeated(1)})
	if err != nil {
		t.Fatal(err)
	}
	same, err := canon.Marshal(deviceSeeds{Version: 2, Signing: repeated(1), Network: repeated(1), Sealing: repeated(1)})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "device")
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"empty":               {nil, ErrDamaged},
		"text":                {[]byte("not a key\n"), ErrDamaged},
		"cut short":           {good[:len(good)-1], ErrDamaged},
		"a byte more":         {append(slices.Clone(good), 0), ErrDamaged},
		"a short seed":        {short, ErrDamaged},
		"no version":          {[]byte{0x80}, ErrDamaged},
		"version zero":        {zero, ErrDamaged},
		"a negative version":  {[]byte{0x81, 0x20}, ErrDamaged},
		"newer":               {newer, ErrNewer},
		"newer, of one form":  {same, ErrNewer},
		"newer in two bytes":  {[]byte{0x81, 0x18, 0xff}, ErrNewer},
		"version not minimal": {[]byte{0x81, 0x18, 0x02}, ErrDamaged},
	} {
		if err := os.WriteFile(path, c.raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadDevice(path); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.WriteFile(path, make([]byte, maxSecretFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadDevice(path); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("a long file: %v", err)
	}
}

// Whatever bit is flipped, the file is refused, or it is another whole set of seeds; and no error shows a seed.
func TestDeviceFileEveryBit(t *testing.T) {
	d := NewDevice()
	good, err := encodeDevice(d)
	if err != nil {
		t.Fatal(err)
	}
	secrets := deviceSecrets(d)
	for bit := range len(good) * 8 {
		raw := bytes.Clone(good)
		raw[bit/8] ^= 1 << (bit % 8)
		seeds, err := decodeDevice(raw)
		if err != nil {
			checkSilent(t, err.Error(), secrets...)
			continue
		}
		if again, err := canon.Marshal(seeds); err != nil || !bytes.Equal(again, raw) || bytes.Equal(again, good) {
			t.Errorf("bit %d: read as %x", bit, again)
		}
	}
}

func TestWordsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "words")
	if _, err := LoadWords(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("a missing file: %v", err)
	}
	w := NewWords()
	if err := SaveWords(path, w); err != nil {
		t.Fatal(err)
	}
	checkMode(t, path, 0o600)
	checkAlone(t, path)
	back, err := LoadWords(path)
	if err != nil || !slices.Equal(back.Reveal(), w.Reveal()) {
		t.Fatalf("other words came back: %v", err)
	}
	damaged := strings.Join(w.Reveal()[:11], " ") + " abandonx"
	if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = LoadWords(path)
	if !errors.Is(err, ErrWords) {
		t.Fatalf("damaged: %v", err)
	}
	checkSilent(t, err.Error(), []byte("abandonx"), []byte(strings.Join(w.Reveal(), " ")))

	if err := os.WriteFile(path+unfinished, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to remove
		if err := RemoveWords(path); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := RemoveWords(filepath.Join(t.TempDir(), "never", "words")); err != nil {
		t.Errorf("removing from a folder that is not there: %v", err)
	}
}

func TestSecretFileCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	inTheWay := filepath.Join(dir, "file")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := SaveDevice(filepath.Join(inTheWay, "device"), NewDevice()); err == nil {
		t.Error("saved below a file")
	}
	full := filepath.Join(dir, "folder")
	if err := os.MkdirAll(filepath.Join(full, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := SaveDevice(full, NewDevice()); err == nil {
		t.Error("saved over a folder")
	}
	if _, err := os.Stat(full + unfinished); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a failed save leaves its secrets behind")
	}
}

func FuzzDeviceFile(f *testing.F) {
	good, err := encodeDevice(testDevice(1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{0x81, 0x18, 0xff})
	f.Fuzz(func(t *testing.T, raw []byte) {
		seeds, err := decodeDevice(raw)
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
				t.Errorf("%v", err)
			}
			return
		}
		again, err := encodeDevice(newDevice(seeds))
		if err != nil || !bytes.Equal(again, raw) {
			t.Errorf("%s is read as %s, %v", hex.EncodeToString(raw), hex.EncodeToString(again), err)
		}
	})
}
