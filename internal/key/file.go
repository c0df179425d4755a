package key

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// unfinished is added to the name of a key file while it is written.
const unfinished = ".new"

// maxSecretFile bounds what is read of a key file; ours are about a hundred bytes.
const maxSecretFile = 4096

// SaveWords writes the recovery words to a file of mode 0600. They stay there only until their owner has
// shown that they wrote them down.
func SaveWords(path string, w Words) error {
	return writeSecret(path, []byte(strings.Join(w.Reveal(), " ")+"\n"))
}

// LoadWords reads what SaveWords wrote. A missing file is fs.ErrNotExist.
func LoadWords(path string) (Words, error) {
	raw, err := readSecret(path)
	if err != nil {
		return Words{}, err
	}
	w, err := ParseWords(string(raw))
	if err != nil {
		return Words{}, fmt.Errorf("key: %s: %w", path, err)
	}
	return w, nil
}

// RemoveWords removes what SaveWords wrote, and what a crash while writing may have left. It is no error if there is
// nothing.
func RemoveWords(path string) error {
	for _, name := range []string{path, path + unfinished} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("key: %w", err)
		}
	}
	if err := syncDir(filepath.Dir(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// writeSecret replaces the file at path in one step and does not return before it is on disk.
func writeSecret(path string, raw []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	// The name is always the same, so that what a crash leaves behind is found and removed, by the next write or by
	// RemoveWords. O_EXCL follows no link that somebody put there.
	if err := os.Remove(path + unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("key: %w", err)
	}
	temp, err := os.OpenFile(path+unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	defer func() {
		if err != nil {
			temp.Close()
			os.Remove(temp.Name())
		}
	}()
	if _, err = temp.Write(raw); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if err = temp.Sync(); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if err = temp.Close(); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if err = os.Rename(temp.Name(), path); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	defer d.Close()
	// Windows cannot sync a folder and does not need it; elsewhere a failure leaves the file written.
	_ = d.Sync()
	return nil
}

func readSecret(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	if len(raw) > maxSecretFile {
		return nil, fmt.Errorf("key: %s is too long to be a key file", path)
	}
	return raw, nil
}
