package seal

import (
	"encoding/binary"
	"fmt"

	"kith/internal/key"
	"kith/internal/oplog"
)

// Recipient is a person, by one generation of their key, in one space.
type Recipient struct {
	Space      key.SpaceID
	Person     key.PersonID
	Generation uint64
}

// Wrap seals an epoch's secrets to the recipient, with the history key or without. The result is 1,168 or
// 1,200 bytes.
func Wrap(e *Epoch, to Recipient, public key.SealPublic, withHistory bool) ([]byte, error) {
	secrets := e.Secrets()
	if !withHistory {
		secrets = secrets[:secretSize]
	}
	return public.Seal(wrapInfo(e.id, to), secrets)
}

// Unwrap opens a wrap and checks it against the commitments of the epoch's rotation.
func Unwrap(wrap []byte, epoch oplog.EpochID, to Recipient, by key.Opener, keyCommitment, historyCommitment Commitment) (*Epoch, error) {
	plain, err := by.Open(wrapInfo(epoch, to), wrap)
	if err != nil {
		return nil, fmt.Errorf("%w: wrap of epoch %v: %w", ErrWrongKey, epoch, err)
	}
	e, err := FromSecrets(epoch, plain)
	if err != nil {
		return nil, err
	}
	if !e.Matches(keyCommitment, historyCommitment) {
		return nil, fmt.Errorf("%w: wrap of epoch %v does not fit its commitment", ErrWrongKey, epoch)
	}
	return e, nil
}

// wrapInfo binds a wrap to suite ‖ space ‖ epoch ‖ recipient ‖ generation, so that it opens in no other place.
func wrapInfo(epoch oplog.EpochID, to Recipient) []byte {
	info := []byte("kith wrap v1")
	info = binary.BigEndian.AppendUint16(info, key.SealSuite)
	info = append(info, to.Space[:]...)
	info = append(info, epoch[:]...)
	info = append(info, to.Person[:]...)
	return binary.BigEndian.AppendUint64(info, to.Generation)
}
