package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"kith/internal/blob"
	"kith/internal/key"
	"kith/internal/node"
	"kith/internal/sqlite"
)

const passphrase = "four words of mine"

// folder is a home's folder with something in each place.
type folder struct {
	dir   string
	db    *sqlite.DB
	blobs *blob.Store
	refs  []blob.Ref
}

func newFolder(t *testing.T) *folder {
	t.Helper()
	f := &folder{dir: t.TempDir()}
	must(t, key.SaveDevice(filepath.Join(f.dir, "keys", "device"), key.NewDevice()))
	must(t, os.WriteFile(filepath.Join(f.dir, "keys", "device.new"), []byte("half written"), 0o600))
	must(t, os.WriteFile(filepath.Join(f.dir, "kith.toml"), []byte("no-browser = true\n"), 0o600))
	must(t, os.WriteFile(filepath.Join(f.dir, "running.json"), []byte("not to be kept"), 0o600))
	var err error
	f.db, err = sqlite.Open(t.Context(), filepath.Join(f.dir, "kith.db"), sqlite.Options{})
	must(t, err)
	f.blobs, err = blob.OpenStore(filepath.Join(f.dir, "blobs"))
	must(t, err)
	t.Cleanup(func() { must(t, errors.Join(f.db.Close(), f.blobs.Close())) })
	must(t, f.db.SetMeta(t.Context(), node.MetaMark, "the folder of old"))
	must(t, f.db.Put(t.Context(), "notes", "one", "kept"))
	for i := range 5 {
		content := bytes.Repeat([]byte{byte(i)}, 10_000*i+1)
		sealed, err := f.blobs.Seal(t.Context(), bytes.NewReader(content), int64(len(content)))
		must(t, err)
		f.refs = append(f.refs, sealed.Manifest.Ref())
	}
	must(t, f.db.MarkBlobs(t.Context(), f.refs, true))
	return f
}

func (f *folder) backup(t *testing.T, passphrase string) []byte {
	t.Helper()
	var file bytes.Buffer
	must(t, Write(t.Context(), &file, Source{f.dir, f.db, f.blobs}, Options{Passphrase: passphrase, Originals: true, work: 10}))
	return file.Bytes()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// restore restores into a new folder, and sees that nothing is left there after a failure.
func restore(t *testing.T, file []byte, passphrase string) (string, Restored, error) {
	t.Helper()
	dir := t.TempDir()
	restored, err := Restore(t.Context(), bytes.NewReader(file), dir, passphrase)
	if err != nil {
		if names, readErr := os.ReadDir(dir); readErr != nil || len(names) > 0 {
			t.Errorf("after %v there are %v, %v", err, names, readErr)
		}
	}
	return dir, restored, err
}

func TestThereAndBack(t *testing.T) {
	f := newFolder(t)
	for _, passphrase := range []string{"", passphrase} {
		file := f.backup(t, passphrase)
		dir, restored, err := restore(t, file, passphrase)
		must(t, err)
		if restored.Pictures != len(f.refs) || restored.Damaged != 0 || time.Since(restored.Made) > time.Hour || !restored.Originals {
			t.Errorf("restored: %+v", restored)
		}
		var names []string
		must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v", path, info.Mode())
			}
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
			return err
		}))
		want := []string{"keys/device", "keys/device.new", "kith.db", "kith.toml"}
		for _, ref := range f.refs {
			want = append(want, "blobs/"+ref.String()[:2]+"/"+ref.String())
		}
		slices.Sort(names)
		slices.Sort(want)
		if !slices.Equal(names, want) {
			t.Errorf("files: %v\nwant:  %v", names, want)
		}
		for _, name := range []string{"keys/device", "kith.toml"} {
			was, err := os.ReadFile(filepath.Join(f.dir, name))
			must(t, err)
			is, err := os.ReadFile(filepath.Join(dir, name))
			must(t, err)
			if !bytes.Equal(was, is) {
				t.Errorf("%s differs", name)
			}
		}
		db, err := sqlite.Open(t.Context(), filepath.Join(dir, "kith.db"), sqlite.Options{Check: true})
		must(t, err)
		var note string
		if _, err := db.Get(t.Context(), "notes", "one", &note); err != nil || note != "kept" {
			t.Errorf("the note: %q, %v", note, err)
		}
		if mark, err := db.Meta(t.Context(), node.MetaMark); err != nil || mark != node.MarkOfBackup {
			t.Errorf("the mark: %q, %v", mark, err)
		}
		must(t, db.Close())
	}
}

// Whatever byte is cut off or changed: a damaged file is refused, and leaves nothing.
func TestDamageIsRefused(t *testing.T) {
	f := newFolder(t)
	for name, passphrase := range map[string]string{"plain": "", "encrypted": passphrase} {
		file := f.backup(t, passphrase)
		for _, length := range []int{0, 1, 10, 511, 512, 1024, len(file) / 3, len(file) / 2, len(file) - 4096, len(file) - 1536, len(file) - 1} {
			_, _, err := restore(t, file[:length], passphrase)
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNotABackup) {
				if name == "plain" && length >= len(file)-1024 {
					continue // only zeros after the end
				}
				t.Errorf("%s, cut off at %d of %d: %v", name, length, len(file), err)
			}
		}
		for i := 0; i < len(file)-1024; i += len(file)/40 + 1 {
			changed := bytes.Clone(file)
			changed[i] ^= 0x20
			_, _, err := restore(t, changed, passphrase)
			if err == nil && (passphrase != "" || file[i] != 0) { // the padding between files says nothing
				t.Errorf("%s, byte %d changed: restored", name, i)
			}
		}
		if _, _, err := restore(t, append(bytes.Clone(file), "more"...), passphrase); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s, with more behind it: %v", name, err)
		}
	}
}

func TestPassphrases(t *testing.T) {
	file := newFolder(t).backup(t, passphrase)
	if _, _, err := restore(t, file, ""); !errors.Is(err, ErrPassphraseNeeded) {
		t.Errorf("none: %v", err)
	}
	if _, _, err := restore(t, file, "four words of hers"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("another: %v", err)
	}
}

func TestOnlyIntoAnEmptyFolder(t *testing.T) {
	file := newFolder(t).backup(t, "")
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "letter.txt"), []byte("mine"), 0o600))
	if _, err := Restore(t.Context(), bytes.NewReader(file), dir, ""); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("into a folder with a letter: %v", err)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 1 {
		t.Errorf("afterwards: %v, %v", names, err)
	}
	must(t, os.MkdirAll(filepath.Join(dir, Unfinished, "keys"), 0o700)) // of a computer that went off
	if _, err := Restore(t.Context(), bytes.NewReader(file), dir, "", "letter.txt"); err != nil {
		t.Errorf("beside a letter that is allowed: %v", err)
	}
	if _, err := Restore(t.Context(), bytes.NewReader(file), dir, "", "letter.txt"); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("over the restored home: %v", err)
	}
}

// Archives that somebody made by hand, with a hash that fits.
func TestStrangeArchives(t *testing.T) {
	type file struct {
		name    string
		content string
		kind    byte
	}
	good := file{headName, `{"format":1,"made":"2026-11-22T12:00:00Z"}`, tar.TypeReg}
	ref := strings.Repeat("ab", 32)
	for name, c := range map[string]struct {
		files []file
		want  error
	}{
		"nothing":            {nil, ErrNotABackup},
		"another archive":    {[]file{{"holiday.txt", "sun", tar.TypeReg}}, ErrNotABackup},
		"a newer one":        {[]file{{headName, `{"format":2}`, tar.TypeReg}}, ErrNewer},
		"twice the head":     {[]file{good, good}, ErrDamaged},
		"out of the folder":  {[]file{good, {"../evil", "x", tar.TypeReg}}, ErrDamaged},
		"absolute":           {[]file{good, {"/tmp/evil", "x", tar.TypeReg}}, ErrDamaged},
		"out of the keys":    {[]file{good, {"keys/../../evil", "x", tar.TypeReg}}, ErrDamaged},
		"a key of Windows":   {[]file{good, {`keys/..\evil`, "x", tar.TypeReg}}, ErrDamaged},
		"a link":             {[]file{good, {"keys/device", "", tar.TypeSymlink}}, ErrDamaged},
		"a program":          {[]file{good, {"kith.exe", "x", tar.TypeReg}}, ErrDamaged},
		"a blob elsewhere":   {[]file{good, {"blobs/cd/" + ref, "x", tar.TypeReg}}, ErrDamaged},
		"twice the key":      {[]file{good, {"keys/device", "x", tar.TypeReg}, {"keys/device", "y", tar.TypeReg}}, ErrDamaged},
		"no key":             {[]file{good, {"kith.db", "", tar.TypeReg}}, ErrDamaged},
		"no database":        {[]file{good, {"keys/device", "x", tar.TypeReg}}, ErrDamaged},
		"no database either": {[]file{good, {"keys/device", "x", tar.TypeReg}, {"kith.db", strings.Repeat("no database", 1000), tar.TypeReg}}, ErrDamaged},
		"a long key":         {[]file{good, {"keys/device", strings.Repeat("x", maxSmall+1), tar.TypeReg}}, ErrDamaged},
	} {
		var out bytes.Buffer
		w, hash := tar.NewWriter(&out), sha256.New()
		for _, f := range c.files {
			h := &tar.Header{Typeflag: f.kind, Name: f.name, Size: int64(len(f.content)), Mode: 0o600, Linkname: ""}
			if f.kind == tar.TypeSymlink {
				h.Linkname = "/etc/passwd"
			}
			must(t, w.WriteHeader(h))
			io.WriteString(w, f.content)
			fmt.Fprintf(hash, "%s %d\n%s", f.name, len(f.content), f.content)
		}
		text, err := json.Marshal(end{len(c.files), hex.EncodeToString(hash.Sum(nil))})
		must(t, err)
		must(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: endName, Size: int64(len(text)), Mode: 0o600}))
		w.Write(text)
		must(t, w.Close())
		if _, _, err := restore(t, out.Bytes(), ""); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A picture that the disk had damaged when the backup was made is told, and counts as missing: it is fetched again.
func TestDamagedPictureIsTold(t *testing.T) {
	f := newFolder(t)
	name := f.refs[4].String()
	path := filepath.Join(f.dir, "blobs", name[:2], name)
	raw, err := os.ReadFile(path)
	must(t, err)
	raw[len(raw)-100] ^= 1
	must(t, os.WriteFile(path, raw, 0o600))
	dir, restored, err := restore(t, f.backup(t, ""), "")
	must(t, err)
	if restored.Damaged != 1 || restored.Pictures != len(f.refs)-1 {
		t.Errorf("restored: %+v", restored)
	}
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "kith.db"), sqlite.Options{})
	must(t, err)
	here, err := db.BlobHere(t.Context(), f.refs)
	must(t, errors.Join(err, db.Close()))
	if here[f.refs[4]] || !here[f.refs[3]] {
		t.Errorf("here: %v", here)
	}
}

func TestWriteThatFails(t *testing.T) {
	f := newFolder(t)
	must(t, os.MkdirAll(filepath.Join(f.dir, scratch+"left"), 0o700)) // of a computer that went off
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	if err := Write(ctx, &out, Source{f.dir, f.db, f.blobs}, Options{}); !errors.Is(err, context.Canceled) || out.Len() > 0 {
		t.Errorf("cancelled: %v, %d bytes", err, out.Len())
	}
	full := errors.New("no space left")
	if err := Write(t.Context(), &limited{5000, full}, Source{f.dir, f.db, f.blobs}, Options{}); !errors.Is(err, full) {
		t.Errorf("on a full disk: %v", err)
	}
	names, err := os.ReadDir(f.dir)
	must(t, err)
	for _, name := range names {
		if strings.HasPrefix(name.Name(), scratch) {
			t.Errorf("%s was left", name.Name())
		}
	}
}

// limited takes so many bytes, and fails.
type limited struct {
	left int
	err  error
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, l.err
	}
	return len(p), nil
}
