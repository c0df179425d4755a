package seal

import (
	"fmt"
	"math/bits"
)

// pad appends 0x80 and zeros (ISO/IEC 7816-4) up to a bucket, so that a length tells little.
func pad(plaintext []byte) []byte {
	padded := make([]byte, bucket(len(plaintext)+1))
	copy(padded, plaintext)
	padded[len(plaintext)] = 0x80
	return padded
}

func unpad(padded []byte) ([]byte, error) {
	for i := len(padded) - 1; i >= 0; i-- {
		switch padded[i] {
		case 0:
		case 0x80:
			return padded[:i], nil
		default:
			return nil, fmt.Errorf("%w: padding", ErrPayload)
		}
	}
	return nil, fmt.Errorf("%w: padding", ErrPayload)
}

// bucket rounds a length up: to multiples of 32 up to 256 bytes, where most posts and comments are, and
// beyond as Padmé does (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with
// PURBs", 2019), which adds at most 12 %.
func bucket(n int) int {
	if n <= 256 {
		return (n + 31) &^ 31
	}
	e := bits.Len(uint(n)) - 1
	s := bits.Len(uint(e))
	mask := 1<<(e-s) - 1
	return (n + mask) &^ mask
}
