package main

import "os"

const exe = ".exe"

// interrupt ends a process: Windows cannot ask one to.
func interrupt(p *os.Process) error { return p.Kill() }
