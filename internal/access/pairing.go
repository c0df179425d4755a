package access

import (
	"context"
	"time"
)

const (
	// PairingLife is how long a pairing is good: enough to fetch the phone from the next room.
	PairingLife = 5 * time.Minute

	// MaxPhoneName is how many bytes of the name of a phone are kept.
	MaxPhoneName = 64

	// maxPairings bounds the pairings that are outstanding at once.
	maxPairings = 8
)

// pairing is a token that is outstanding.
type pairing struct {
	name    string
	expires time.Time
}

// PairingToken returns a new token that signs in one phone, through Pair, until it expires. name is how the phone is listed; "" becomes
// "Phone". Tokens do not survive a restart.
func (g *Gate) PairingToken(ctx context.Context, name string) (token string, expires time.Time, err error) {
	if err := ctx.Err(); err != nil {
		return "", time.Time{}, err
	}
	if name = cleanText(name, MaxPhoneName); name == "" {
		name = "Phone"
	}
	token, hash := newSecret(tokenSize)
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	for old, p := range g.pairings {
		if !now.Before(p.expires) {
			delete(g.pairings, old)
		}
	}
	if len(g.pairings) >= maxPairings {
		clear(g.pairings) // nobody pairs that many phones at once; the newest is the one that is on a screen
	}
	expires = now.Add(PairingLife)
	g.pairings[hash] = pairing{name, expires}
	return token, expires, nil
}

// Pairable reports whether a token is still good for Pair, and uses nothing up.
func (g *Gate) Pairable(token string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	p, ok := g.pairings[hashSecret(token)]
	return ok && g.now().Before(p.expires)
}

// Pair uses up a pairing token and starts the session of a phone, whose secret it returns. It returns ErrToken if the token is not
// good. If askPassword, the password has to be right as well, or it returns ErrPassword, ErrNoPassword or a *LimitError, and
// the token stays good.
func (g *Gate) Pair(ctx context.Context, token, password string, askPassword bool, userAgent string) (secret string, err error) {
	if !g.Pairable(token) {
		return "", ErrToken // before anything costs time or an attempt: strangers can ask
	}
	if askPassword {
		done, err := g.takeTurn(ctx)
		if err != nil {
			return "", err
		}
		err = g.verify(ctx, password)
		done()
		if err != nil {
			return "", err
		}
	}
	hash := hashSecret(token)
	g.mu.Lock()
	defer g.mu.Unlock()
	p, ok := g.pairings[hash]
	delete(g.pairings, hash)
	if !ok || !g.now().Before(p.expires) {
		return "", ErrToken
	}
	return g.start(ctx, userAgent, p.name)
}

// DropPairings makes every outstanding pairing token worthless.
func (g *Gate) DropPairings() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.pairings)
}
