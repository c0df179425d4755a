//go:build unix

package main

import (
	"io/fs"
	"strconv"
	"syscall"
)

// ownerID is the number of the user to whom a file belongs.
func ownerID(info fs.FileInfo) (string, bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", false
	}
	return strconv.FormatUint(uint64(stat.Uid), 10), true
}
