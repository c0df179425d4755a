package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// memory of a process in MB, out of a line of /proc/…/status: VmRSS is what it has resident now, VmHWM the most that
// it ever had. 0 is this process. nil where the system does not tell.
func memory(pid int, line string) *float64 {
	who := "self"
	if pid != 0 {
		who = strconv.Itoa(pid)
	}
	status, err := os.ReadFile("/proc/" + who + "/status")
	if err != nil {
		return nil
	}
	for scanner := bufio.NewScanner(bytes.NewReader(status)); scanner.Scan(); {
		value, ok := strings.CutPrefix(scanner.Text(), line+":")
		if !ok {
			continue
		}
		kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 64)
		if err != nil {
			return nil
		}
		mb := round(kib*1024/mega, 1)
		return &mb
	}
	return nil
}

// ticks is how many units of processor time in /proc make a second, on every Linux.
const ticks = 100

// processorTime is what a process has used so far, to the hundredth of a second. false where the system does not tell.
func processorTime(pid int) (time.Duration, bool) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false
	}
	// The name, in parentheses, may hold anything; behind it the fields are counted from the third (proc(5)).
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return 0, false
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, false
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / ticks, err == nil
}

// filesystems are the names of the numbers that statfs(2) gives.
var filesystems = map[int64]string{
	0xef53: "ext4", 0x58465342: "xfs", 0x9123683e: "btrfs", 0x2fc12fc1: "zfs", 0xf2f52010: "f2fs", 0xca451a4e: "bcachefs",
	0x01021994: "tmpfs", 0x858458f6: "ramfs", 0x794c7630: "overlayfs", 0x6969: "nfs", 0xff534d42: "cifs", 0xfe534d42: "smb2",
	0x65735546: "fuse", 0x01021997: "9p", 0x4d44: "vfat", 0x2011bab0: "exfat", 0x5346544e: "ntfs",
}

// filesystem names the type of the file system that a folder is on.
func filesystem(dir string) (string, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return "", fmt.Errorf("the file system of %s: %w", dir, err)
	}
	kind := int64(uint32(stat.Type)) // of 32 bits, whatever the width of the field
	if name, ok := filesystems[kind]; ok {
		return name, nil
	}
	return fmt.Sprintf("0x%x", kind), nil
}
