package node

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
)

// machineFiles hold an ID of the machine, on systems that have one. The ID only ever leaves this function hashed.
var machineFiles = []string{"/etc/machine-id", "/var/lib/dbus/machine-id"}

// folderMark describes where this folder lives: the machine, and the lock file's identity on its disk. A folder that
// was copied or restored has another mark, because its files were made anew. It is no secret.
func folderMark(lockFile string) (string, error) {
	info, err := os.Stat(lockFile)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	h.Write([]byte("kith folder v1\n" + machineID() + "\n" + fileIdentity(info) + "\n"))
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

func machineID() string {
	for _, path := range machineFiles {
		if raw, err := os.ReadFile(path); err == nil {
			return strings.TrimSpace(string(raw))
		}
	}
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}
