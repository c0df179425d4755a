//go:build unix

package node

import (
	"fmt"
	"io/fs"
	"syscall"
)

// fileIdentity is the number of the file on its disk, which a copy does not share.
func fileIdentity(info fs.FileInfo) string {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprint(stat.Ino)
	}
	return info.ModTime().UTC().String()
}
