package main

import (
	"errors"
	"io/fs"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// unwritten is how many pages of a file the system still has to write to the disk, and whether it tells: cachestat(2),
// since Linux 6.5.
func unwritten(path string) (pages uint64, known bool) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, true
	}
	if err != nil {
		return 0, false
	}
	defer f.Close()
	var stat unix.Cachestat_t
	if err := unix.Cachestat(uint(f.Fd()), &unix.CachestatRange{Len: math.MaxInt64}, &stat, 0); err != nil {
		return 0, false
	}
	return stat.Dirty + stat.Writeback, true
}
