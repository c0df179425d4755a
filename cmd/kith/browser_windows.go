package main

import (
	"os/exec"
	"syscall"
)

// standAlone starts a program in a process group of its own, so that Ctrl-C stops kith and not the browser with it.
func standAlone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
