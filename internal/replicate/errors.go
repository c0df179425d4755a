package replicate

import (
	"errors"
	"fmt"
)

// What Run returns when a session does not end well. The error that it wraps says more.
var (
	// ErrProtocol: the peer sent what the protocol does not allow.
	ErrProtocol = errors.New("replicate: the peer broke the protocol")
	// ErrVersion: the two have no version of the protocol in common.
	ErrVersion = errors.New("replicate: no protocol version in common")
	// ErrStranger: the peer's device is not known to us, and could not show that it should be.
	ErrStranger = errors.New("replicate: the peer's device is not known")
	// ErrSlow: the peer did not read, write or answer in time.
	ErrSlow = errors.New("replicate: the peer was too slow")
	// ErrMisbehaved: the peer kept sending entries or keys that do not verify.
	ErrMisbehaved = errors.New("replicate: the peer kept sending forged or useless entries")
	// ErrLocal: our own node is in trouble. The peer is not to blame.
	ErrLocal = errors.New("replicate: our own store failed")
	// ErrEnded: the peer ended the session and gave a reason.
	ErrEnded = errors.New("replicate: the peer ended the session")
	// ErrUnwelcome comes with ErrEnded: the peer does not know this device, or not any more.
	ErrUnwelcome = errors.New("replicate: the peer does not know this device")
)

// errDone ends a session in good order.
var errDone = errors.New("replicate: done")

// reason is why a session ends, as told in BYE.
type reason uint64

const (
	reasonDone       reason = 0
	reasonProtocol   reason = 1
	reasonVersion    reason = 2
	reasonStranger   reason = 3
	reasonSlow       reason = 4
	reasonMisbehaved reason = 5
	reasonTrouble    reason = 6
)

func (r reason) String() string {
	switch r {
	case reasonDone:
		return "it is done"
	case reasonProtocol:
		return "it says that we broke the protocol"
	case reasonVersion:
		return "it speaks another version"
	case reasonStranger:
		return "it does not know this device"
	case reasonSlow:
		return "it says that we were too slow"
	case reasonMisbehaved:
		return "it says that our entries do not verify"
	case reasonTrouble:
		return "it is in trouble itself"
	}
	return fmt.Sprintf("reason %d", uint64(r))
}

// reasonOf is what we tell the peer about an error; false where there is nobody left to tell.
func reasonOf(err error) (reason, bool) {
	switch {
	case errors.Is(err, ErrProtocol):
		return reasonProtocol, true
	case errors.Is(err, ErrVersion):
		return reasonVersion, true
	case errors.Is(err, ErrStranger):
		return reasonStranger, true
	case errors.Is(err, ErrSlow):
		return reasonSlow, true
	case errors.Is(err, ErrMisbehaved):
		return reasonMisbehaved, true
	case errors.Is(err, ErrLocal):
		return reasonTrouble, true
	case errors.Is(err, ErrEnded), errors.Is(err, errDone), errors.Is(err, errStream):
		return 0, false
	}
	return reasonDone, true // our own context ended
}

// errStream says that the stream itself failed.
var errStream = errors.New("replicate: stream")

// broken is an ErrProtocol with what was wrong.
func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrProtocol, fmt.Errorf(format, args...))
}

// trouble is an ErrLocal.
func trouble(doing string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrLocal, doing, err)
}
