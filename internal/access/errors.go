package access

import (
	"errors"
	"fmt"
	"time"
)

// The ways in which the gate says no. Anything else is a fault of the store.
var (
	// ErrToken is returned for a one-time token that is unknown, was used before or is older than TokenLife.
	// It does not say which, because whoever asks may be guessing.
	ErrToken = errors.New("access: this one-time token is not good any more")

	// ErrPassword is returned for a password that is not the one that was set.
	ErrPassword = errors.New("access: this is not the password")

	// ErrNoPassword is returned for a sign-in by password where none was set.
	ErrNoPassword = errors.New("access: no password is set")

	// ErrPasswordLength is returned for a new password shorter than MinPassword characters or longer than
	// MaxPassword bytes.
	ErrPasswordLength = fmt.Errorf("access: a password has at least %d characters and at most %d bytes", MinPassword, MaxPassword)

	// ErrTooManyAttempts is what a LimitError is.
	ErrTooManyAttempts = errors.New("access: too many wrong passwords")

	// ErrNoSession is returned for a session that is unknown, was ended or expired.
	ErrNoSession = errors.New("access: no such session")
)

// LimitError says that too many wrong passwords were tried, and when the next one may be. It is ErrTooManyAttempts
// to errors.Is.
type LimitError struct {
	RetryAfter time.Duration // how long until the next attempt is let through, more than zero
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("%v: next attempt in %s", ErrTooManyAttempts, e.RetryAfter.Round(time.Second))
}

// Unwrap makes a LimitError match ErrTooManyAttempts.
func (e *LimitError) Unwrap() error { return ErrTooManyAttempts }
