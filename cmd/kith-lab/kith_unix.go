//go:build !windows

package main

import "os"

const exe = ""

// interrupt asks a process to end.
func interrupt(p *os.Process) error { return p.Signal(os.Interrupt) }
