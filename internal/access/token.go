package access

import (
	"context"
	"time"
)

const (
	// TokenLife is how long a one-time token is good: enough for a slow machine to start a browser.
	TokenLife = 2 * time.Minute

	// maxTokens bounds the tokens that are outstanding at once. Each opening of the page needs one; a program that
	// asks in a loop pushes out its own oldest ones and uses no more memory.
	maxTokens = 32
)

// OneTimeToken returns a new token that signs in once, through SignInToken, within TokenLife. Tokens do not survive a
// restart.
func (g *Gate) OneTimeToken(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	token, hash := newSecret(tokenSize)
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	g.dropTokens(now)
	g.tokens[hash] = now.Add(TokenLife)
	return token, nil
}

// SignInToken uses up a one-time token and starts a session, whose secret it returns. It returns ErrToken if the token
// is not good. Of several calls with the same token one succeeds at most.
func (g *Gate) SignInToken(ctx context.Context, token, userAgent string) (secret string, err error) {
	hash := hashSecret(token)
	g.mu.Lock()
	defer g.mu.Unlock()
	expires, ok := g.tokens[hash]
	delete(g.tokens, hash)
	if !ok || !g.now().Before(expires) {
		return "", ErrToken
	}
	return g.start(ctx, userAgent, "")
}

// dropTokens forgets the tokens that expired, and the oldest ones as long as there is no room for one more.
// The caller holds mu.
func (g *Gate) dropTokens(now time.Time) {
	for hash, expires := range g.tokens {
		if !now.Before(expires) {
			delete(g.tokens, hash)
		}
	}
	for len(g.tokens) >= maxTokens {
		var oldest Hash
		var first time.Time
		for hash, expires := range g.tokens {
			if first.IsZero() || expires.Before(first) {
				oldest, first = hash, expires
			}
		}
		delete(g.tokens, oldest)
	}
}
