package access

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// MinPassword is the least number of characters (Unicode code points) of a new password.
	MinPassword = 10

	// MaxPassword is the greatest number of bytes of a password: more than any person types, little enough to be
	// normalized and hashed without a thought.
	MaxPassword = 1024
)

// HasPassword reports whether a password is set.
func (g *Gate) HasPassword(ctx context.Context) (bool, error) {
	encoded, err := g.store.Password(ctx)
	if err != nil {
		return false, fmt.Errorf("access: reading the password: %w", err)
	}
	return encoded != "", nil
}

// SignInPassword starts a session, whose secret it returns, if the password is the right one. Otherwise it returns
// ErrPassword, ErrNoPassword or a *LimitError.
func (g *Gate) SignInPassword(ctx context.Context, password, userAgent string) (secret string, err error) {
	done, err := g.takeTurn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	if err := g.verify(ctx, password); err != nil {
		return "", err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.start(ctx, userAgent, "")
}

// SetPassword sets the password, or changes it: then old must be the one that was set before, and the limit on
// attempts holds as it does for signing in. It returns ErrPasswordLength, ErrPassword or a *LimitError. Sessions stay
// open; a page that wants to end the other ones calls EndAll.
func (g *Gate) SetPassword(ctx context.Context, old, new string) error {
	if err := checkLength(new); err != nil {
		return err
	}
	done, err := g.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer done()
	if err := g.verify(ctx, old); err != nil && !errors.Is(err, ErrNoPassword) {
		return err
	}
	return g.replace(ctx, new)
}

// ResetPassword sets the password without asking for the old one, or removes it if new is "". Before that it ends
// every session and outstanding token. It is for whoever holds the folder: the command line, never the page.
func (g *Gate) ResetPassword(ctx context.Context, new string) error {
	if new != "" {
		if err := checkLength(new); err != nil {
			return err
		}
	}
	done, err := g.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer done()
	if err := g.EndAll(ctx, ""); err != nil {
		return err
	}
	if err := g.replace(ctx, new); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.attempts = attempts{} // the attempts on the old password say nothing about this one
	return nil
}

// verify returns nil if the password is the one that was set. A password that is right but was hashed at another cost
// than today's is hashed anew. The caller has the turn.
func (g *Gate) verify(ctx context.Context, password string) error {
	encoded, err := g.store.Password(ctx)
	if err != nil {
		return fmt.Errorf("access: reading the password: %w", err)
	}
	if encoded == "" {
		return ErrNoPassword
	}
	stored, err := parseHash(encoded)
	if err != nil {
		return err
	}
	if err := g.takeAttempt(); err != nil {
		return err
	}
	if len(password) > MaxPassword || !stored.matches(normalize(password)) {
		return ErrPassword
	}
	g.giveBackAttempt()
	if stored.cost != g.cost {
		return g.replace(ctx, password)
	}
	return nil
}

// replace hashes and stores a password; "" removes it. The caller has the turn.
func (g *Gate) replace(ctx context.Context, password string) error {
	encoded := ""
	if password != "" {
		encoded = newHash(normalize(password), g.cost).String()
	}
	if err := g.store.SetPassword(ctx, encoded); err != nil {
		return fmt.Errorf("access: storing the password: %w", err)
	}
	return nil
}

// takeTurn waits until nobody else works with the password. One at a time bounds the memory that hashing takes, and
// lets no sign-in or change come between the steps of another.
func (g *Gate) takeTurn(ctx context.Context) (done func(), err error) {
	select {
	case g.turn <- struct{}{}:
		return func() { <-g.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (g *Gate) takeAttempt() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if wait, ok := g.attempts.take(g.now()); !ok {
		return &LimitError{RetryAfter: wait}
	}
	return nil
}

func (g *Gate) giveBackAttempt() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.attempts.giveBack()
}

func checkLength(password string) error {
	if len(password) > MaxPassword || utf8.RuneCountInString(password) < MinPassword {
		return ErrPasswordLength
	}
	return nil
}

// normalize gives the bytes to hash. Keyboards and systems write the same letter as one code point or as two;
// Unicode's form NFC makes them one (RFC 8265, section 4.2, asks for the same).
func normalize(password string) []byte {
	return norm.NFC.Bytes([]byte(password))
}
