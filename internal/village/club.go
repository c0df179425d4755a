package village

import (
	"context"
	"fmt"

	"kith/internal/social"
)

// clubSince is how long ago the club was founded: before anything in the script.
const clubSince = 6*day + 9*hour

// Found makes the village's club: Ruth's, with Daniel as a second admin, and everybody in it.
func (s *Street) Found(ctx context.Context) error {
	s.Clock.set(clubSince)
	defer s.Clock.set(0)
	club, err := s.Homes[ruth].CreateGroup(ctx, social.NewGroup{
		Name: "Garden club", About: "Seeds, slugs and second helpings. Whoever borrows the big shears brings them back.",
	})
	if err != nil {
		return fmt.Errorf("the club: %w", err)
	}
	s.club = club.ID
	for who := range s.Homes {
		if who == ruth {
			continue
		}
		if err := s.joinClub(ctx, who); err != nil {
			return fmt.Errorf("%s joins the club: %w", Residents()[who].Name, err)
		}
	}
	if err := s.Homes[ruth].PromoteInGroup(ctx, s.club, s.ids[daniel]); err != nil {
		return fmt.Errorf("a second admin: %w", err)
	}
	for who := range s.Homes {
		err := until(ctx, func() (bool, error) {
			group, err := s.Homes[who].Group(ctx, s.club)
			for _, member := range group.Members {
				if member.ID == s.ids[daniel] && member.Role == social.RoleAdmin {
					return len(group.Members) == len(s.Homes), err
				}
			}
			return false, err
		})
		if err != nil {
			return fmt.Errorf("%s hears of the second admin: %w", Residents()[who].Name, err)
		}
	}
	s.Progress("the garden club has " + fmt.Sprint(len(s.Homes)) + " members and two admins")
	return nil
}

// joinClub lets Ruth add somebody, who says yes.
func (s *Street) joinClub(ctx context.Context, who int) error {
	if err := s.Homes[ruth].AddToGroup(ctx, s.club, s.ids[who]); err != nil {
		return err
	}
	err := until(ctx, func() (bool, error) {
		offers, err := s.Homes[who].Offers(ctx)
		return len(offers) > 0, err
	})
	if err != nil {
		return err
	}
	if err := s.Homes[who].AnswerOffer(ctx, s.club, true); err != nil {
		return err
	}
	return until(ctx, func() (bool, error) {
		groups, err := s.Homes[who].Groups(ctx)
		return len(groups) > 0 && groups[0].MayPost, err
	})
}
