package main

import "io/fs"

// ownerID is not needed on Windows, where a task runs as whoever installs it.
func ownerID(fs.FileInfo) (string, bool) { return "", false }
