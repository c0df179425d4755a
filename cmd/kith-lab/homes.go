package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"kith/internal/api"
	"kith/internal/social"
)

const (
	// processes is how many the friends' homes are spread over.
	processes = 2
	// atOnce is how many homes do something at the same time.
	atOnce = 4
)

// homesCmd is many homes in one process. Each has posts on its wall and accepts one invite.
type homesCmd struct {
	Folder string `required:"" help:"Where the folders of the homes are made."`
	Count  int    `required:"" help:"How many homes."`
	Posts  int    `required:"" help:"How many posts each wall has."`
}

// homesAsk is what it is told: the invites, one for each home.
type homesAsk struct {
	Invites []string `json:"invites"`
}

func (c *homesCmd) Run(l *lab) (err error) {
	ctx, up := l.parent()
	homes := make([]*home, c.Count)
	defer func() {
		for _, h := range homes {
			if h != nil {
				err = errors.Join(err, h.close())
			}
		}
	}()
	err = each(ctx, c.Count, func(ctx context.Context, i int) (err error) {
		// The home must outlive the group.
		name := fmt.Sprintf("Friend %d", i+1)
		if homes[i], err = l.openHome(context.WithoutCancel(ctx), filepath.Join(c.Folder, fmt.Sprint(i)), name); err != nil {
			return err
		}
		for n := range c.Posts {
			text := fmt.Sprintf("%s writes for the %dth time, of nothing in particular.", name, n+1)
			if _, err := homes[i].Publish(ctx, social.NewPost{Text: text}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := up.tell(struct{}{}); err != nil {
		return err
	}
	var ask homesAsk
	if err := up.hear(ctx, &ask); err != nil {
		return err
	}
	if len(ask.Invites) != c.Count {
		return fmt.Errorf("%d invites for %d homes", len(ask.Invites), c.Count)
	}
	err = each(ctx, c.Count, func(ctx context.Context, i int) error { return homes[i].accept(ctx, ask.Invites[i]) })
	if err != nil {
		return err
	}
	if err := up.tell(struct{}{}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// each calls do for the numbers up to n, a few at a time.
func each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range n {
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}

// village is the friends' homes, in processes of their own.
type village struct {
	streets []*child
	counts  []int // homes in each
}

// village opens homes. What is open is to be ended, also after an error.
func (l *lab) village(ctx context.Context, dir string, homes, posts int) (*village, error) {
	v := &village{}
	for i := range processes {
		count := homes * (i + 1) / processes
		if count -= homes * i / processes; count == 0 {
			continue
		}
		street, err := l.again(ctx, "homes", "--folder", filepath.Join(dir, fmt.Sprint("street-", i)),
			"--count", fmt.Sprint(count), "--posts", fmt.Sprint(posts))
		if err != nil {
			return v, err
		}
		v.streets, v.counts = append(v.streets, street), append(v.counts, count)
	}
	return v, v.answers(ctx)
}

// answers waits for all streets to have done what they were told.
func (v *village) answers(ctx context.Context) error {
	for _, street := range v.streets {
		if err := street.hear(ctx, &struct{}{}); err != nil {
			return err
		}
	}
	return nil
}

// befriend invites everybody to a home.
func (v *village) befriend(ctx context.Context, host *api.Client) error {
	for i, street := range v.streets {
		var ask homesAsk
		for range v.counts[i] {
			invite, err := host.Invite(ctx, social.InviteOptions{LetIn: true})
			if err != nil {
				return err
			}
			ask.Invites = append(ask.Invites, invite.Message)
		}
		if err := street.tell(ask); err != nil {
			return err
		}
	}
	return v.answers(ctx)
}

// end closes all homes.
func (v *village) end() error {
	var errs []error
	for _, street := range v.streets {
		errs = append(errs, street.end())
	}
	return errors.Join(errs...)
}
