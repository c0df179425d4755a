package access

import "time"

const (
	// attemptBurst is how many wrong passwords may follow one another at once: a person who is not sure which one it
	// was gets that many tries without waiting.
	attemptBurst = 5

	// attemptEvery is how long it takes until another wrong password is let through. That makes about a million
	// guesses in a year: a password of ten characters that is not on a list of common ones stands.
	attemptEvery = 30 * time.Second
)

// attempts limits how often a password may be tried, by a bucket that holds attemptBurst attempts and gains one every
// attemptEvery. The zero value is a full bucket.
type attempts struct {
	used  int       // attempts missing from the bucket
	since time.Time // from when on the next one is being gained
}

// take takes an attempt out of the bucket. If there is none it says how long until there is one.
func (a *attempts) take(now time.Time) (wait time.Duration, ok bool) {
	a.gain(now)
	if a.used >= attemptBurst {
		return a.since.Add(attemptEvery).Sub(now), false
	}
	if a.used == 0 {
		a.since = now
	}
	a.used++
	return 0, true
}

// giveBack returns an attempt that turned out to be right.
func (a *attempts) giveBack() {
	a.used = max(a.used-1, 0)
}

// gain adds what the time that passed brings. A clock that was set back brings nothing and starts anew, so that
// nobody has to wait for the old time to return.
func (a *attempts) gain(now time.Time) {
	if now.Before(a.since) {
		a.since = now
	}
	gained := int64(now.Sub(a.since) / attemptEvery)
	if gained >= int64(a.used) {
		a.used = 0
		return
	}
	a.used -= int(gained)
	a.since = a.since.Add(time.Duration(gained) * attemptEvery)
}
