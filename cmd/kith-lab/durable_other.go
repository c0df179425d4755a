//go:build !linux

package main

// unwritten is not told by this system.
func unwritten(string) (pages uint64, known bool) { return 0, false }
