package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is how much work it takes to try one password.
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// defaultCost is the second recommended option of RFC 9106, section 4, the one for machines that do not have 2 GiB to
// spare: 64 MiB, three passes, four lanes. It takes about a tenth of a second on a desktop and under a second
// on a small single-board computer.
var defaultCost = cost{memory: 64 << 10, passes: 3, lanes: 4}

const (
	saltSize = 16 // bytes, as RFC 9106, section 3.1, recommends for passwords
	tagSize  = 32 // bytes

	// The bounds of a stored cost. A damaged row must not make the program allocate whatever it says.
	maxMemory = 1 << 20 // KiB: one GiB
	maxPasses = 64
)

// errStoredHash is returned for a stored password that is not in the form that passwordHash.String writes.
var errStoredHash = errors.New("access: the stored password is damaged; set a new one on the command line")

// passwordHash is a hashed password with everything that is needed to check it again.
type passwordHash struct {
	cost cost
	salt [saltSize]byte
	tag  [tagSize]byte
}

func newHash(password []byte, c cost) passwordHash {
	h := passwordHash{cost: c}
	rand.Read(h.salt[:])
	h.tag = h.compute(password)
	return h
}

func (h passwordHash) compute(password []byte) (tag [tagSize]byte) {
	copy(tag[:], argon2.IDKey(password, h.salt[:], h.cost.passes, h.cost.memory, h.cost.lanes, tagSize))
	return tag
}

// matches hashes the password and compares in constant time.
func (h passwordHash) matches(password []byte) bool {
	tag := h.compute(password)
	return subtle.ConstantTimeCompare(tag[:], h.tag[:]) == 1
}

// String gives the form that is stored, the one that other programs write for argon2 too:
// "$argon2id$v=19$m=65536,t=3,p=4$" salt "$" tag, both in unpadded base64.
func (h passwordHash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.memory, h.cost.passes, h.cost.lanes,
		base64.RawStdEncoding.EncodeToString(h.salt[:]), base64.RawStdEncoding.EncodeToString(h.tag[:]))
}

// parseHash reads what String wrote and nothing else: what it accepts is written again byte by byte the same.
func parseHash(encoded string) (passwordHash, error) {
	var h passwordHash
	var version int
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return passwordHash{}, errStoredHash
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return passwordHash{}, errStoredHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.cost.memory, &h.cost.passes, &h.cost.lanes); err != nil {
		return passwordHash{}, errStoredHash
	}
	if h.cost.memory == 0 || h.cost.memory > maxMemory || h.cost.passes == 0 || h.cost.passes > maxPasses || h.cost.lanes == 0 {
		return passwordHash{}, errStoredHash
	}
	if !decodeExactly(h.salt[:], parts[4]) || !decodeExactly(h.tag[:], parts[5]) {
		return passwordHash{}, errStoredHash
	}
	if h.String() != encoded {
		return passwordHash{}, errStoredHash
	}
	return h, nil
}

// decodeExactly reports whether s is the base64 of len(dst) bytes, and stores them.
func decodeExactly(dst []byte, s string) bool {
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil || len(b) != len(dst) {
		return false
	}
	copy(dst, b)
	return true
}
