package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockFile is the name, in the folder of a home, of the file whose lock keeps a second process out. The system frees the
// lock when the process ends, however it ends, so a file that is left over locks nothing.
const lockFile = "kith.lock"

// errLocked says that another process runs the home in this folder.
var errLocked = errors.New("kith: another process runs the home in this folder")

// lockFolder takes the lock of a folder, or returns errLocked.
func lockFolder(dir string) (unlock func() error, err error) {
	lock := flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the folder: %w", err)
	}
	if !locked {
		return nil, errLocked
	}
	return lock.Unlock, nil
}

// isLocked reports whether another process runs the home in a folder. It makes no lock file where there is none.
func isLocked(dir string) (bool, error) {
	if _, err := os.Stat(filepath.Join(dir, lockFile)); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	unlock, err := lockFolder(dir)
	if errors.Is(err, errLocked) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, unlock()
}

// lockInterval is how often a lock that another process holds is tried.
const lockInterval = 20 * time.Millisecond

// waitForLock takes the lock of a folder as soon as it is free, or returns the context's error.
func waitForLock(ctx context.Context, dir string) (unlock func() error, err error) {
	for {
		unlock, err := lockFolder(dir)
		if !errors.Is(err, errLocked) {
			return unlock, err
		}
		select {
		case <-time.After(lockInterval):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
