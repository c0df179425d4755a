//go:build !unix

package node

import "io/fs"

// fileIdentity is the time at which the file was made: the lock file is written once, so that a copy has another.
func fileIdentity(info fs.FileInfo) string { return info.ModTime().UTC().String() }
