package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// The sizes of secrets in bytes. A token lives for two minutes and is used once, so 128 bits are ample; a session's
// secret lives for months.
const (
	tokenSize  = 16
	secretSize = 32
)

// newSecret returns size random bytes as unpadded base64url, and the hash under which they are known from then on.
func newSecret(size int) (secret string, hash Hash) {
	b := make([]byte, size)
	rand.Read(b) // never fails: the runtime ends the program when the system has no randomness
	secret = base64.RawURLEncoding.EncodeToString(b)
	return secret, hashSecret(secret)
}

// hashSecret returns the hash of what a browser or a command presented. The text is hashed, not what it decodes to,
// so a secret has exactly one form. Secrets are looked up by this hash: how long a look-up takes says nothing about
// how much of a guess was right.
func hashSecret(secret string) Hash {
	return sha256.Sum256([]byte(secret))
}
