package village

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"kith/internal/social"
	"kith/internal/village/art"
)

// portraitSize is the side of a generated face, in pixels.
const portraitSize = 320

// Resident is somebody who lives in the village.
type Resident struct {
	Name  string
	About string
	seed  uint64 // of their face
}

// Residents lists everybody, in the order in which they move in.
func Residents() []Resident {
	return []Resident{
		{"Ruth Hallgren", "Grandmother of three, keeper of too many tomatoes.", 41},
		{"Daniel Hallgren", "Bakes on Sundays. Repairs bicycles the other days.", 24},
		{"Leila Haddad", "Teacher, early swimmer, takes the photos nobody else takes.", 14},
		{"Sam Okoye", "Boats, tea, bad puns. Usually on the lake.", 52},
	}
}

// Clock is the time in the village: some while ago, as long as its past is being written.
type Clock struct {
	mu  sync.Mutex
	ago time.Duration
}

// Now is the time in the village.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(-c.ago)
}

// set moves the clock to some while ago.
func (c *Clock) set(ago time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ago = ago
}

// Street is the homes of the residents, in their order.
type Street struct {
	Homes    []*social.Home
	Clock    *Clock
	Progress func(string) // told what is going on, a line at a time

	ids  []string // of the residents, as pages name them
	club string   // the ID of their group
}

// MoveIn finishes the first run of every home.
func (s *Street) MoveIn(ctx context.Context) error {
	residents := Residents()
	s.ids = make([]string, len(s.Homes))
	group, ctx := errgroup.WithContext(ctx)
	for i, home := range s.Homes {
		group.Go(func() error {
			var face bytes.Buffer
			if err := png.Encode(&face, art.Portrait(residents[i].seed, portraitSize)); err != nil {
				return err
			}
			err := home.Begin(ctx, social.Setup{Name: residents[i].Name, Picture: &face, Reach: social.ReachHome})
			if err != nil {
				return fmt.Errorf("%s moves in: %w", residents[i].Name, err)
			}
			err = home.EditProfile(ctx, social.ProfileEdit{Name: residents[i].Name, About: residents[i].About})
			if err != nil {
				return fmt.Errorf("%s moves in: %w", residents[i].Name, err)
			}
			if err := home.PutOffRecovery(ctx); err != nil { // nobody writes down the words of a demo
				return err
			}
			profile, err := home.Profile(ctx)
			s.ids[i] = profile.ID
			return err
		})
	}
	return group.Wait()
}

// Befriend makes everybody everybody's friend, each pair by an invite of its own.
func (s *Street) Befriend(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range s.Homes {
		for j := i + 1; j < len(s.Homes); j++ {
			group.Go(func() error { return s.invite(ctx, i, j) })
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	s.Progress("everybody is everybody's friend")
	return nil
}

func (s *Street) invite(ctx context.Context, host, guest int) error {
	names := Residents()
	invite, err := s.Homes[host].Invite(ctx, social.InviteOptions{LetIn: true, Label: names[guest].Name})
	if err != nil {
		return fmt.Errorf("%s invites %s: %w", names[host].Name, names[guest].Name, err)
	}
	if _, err := s.Homes[guest].Accept(ctx, invite.Message); err != nil {
		return fmt.Errorf("%s accepts: %w", names[guest].Name, err)
	}
	for _, side := range []struct{ home, other int }{{host, guest}, {guest, host}} {
		err := until(ctx, func() (bool, error) {
			friends, err := s.Homes[side.home].Friends(ctx)
			for _, friend := range friends {
				if friend.ID == s.ids[side.other] {
					return true, nil
				}
			}
			return false, err
		})
		if err != nil {
			return fmt.Errorf("%s and %s: %w", names[host].Name, names[guest].Name, err)
		}
	}
	return nil
}

const (
	// lookAgain is how often something that is about to happen is looked for.
	lookAgain = 10 * time.Millisecond
	// patience is how long it may take at most, on a slow and busy machine.
	patience = 60 * time.Second
)

// until waits for something to become true.
func until(ctx context.Context, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("nothing happened within %v", patience))
	defer cancel()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
