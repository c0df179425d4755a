package blob

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// OpenFile opens the file that holds a whole blob, as it lies on the disk (see Layout), for a backup, and tells its
// length. What it holds is not verified. It returns ErrNotFound if there is no such file, or only a part of it.
func (s *Store) OpenFile(ref Ref) (io.ReadCloser, int64, error) {
	f, err := s.root.Open(wholePath(ref))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fmt.Errorf("open blob %s: %w", ref, ErrNotFound)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open blob %s: %w", ref, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open blob %s: %w", ref, err), f.Close())
	}
	return f, info.Size(), nil
}
