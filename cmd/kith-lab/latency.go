package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"kith/internal/social"
)

type latencyCmd struct {
	place
	Posts   int           `default:"500" help:"How many posts count."`
	WarmUp  int           `default:"50" help:"How many posts go before and don't count."`
	Gap     time.Duration `default:"10ms" help:"The pause after each post, once it has arrived."`
	Profile string        `placeholder:"FOLDER" type:"existingdir" help:"Write profiles of both homes here, for go tool pprof."`
}

func (*latencyCmd) Help() string {
	return `Two homes, each a process of its own on loopback, befriended by a real invite. One publishes, one post after another; the
clock runs from the call until a query of the friend's store gives the post. By then both commits are on the disk.
Beside it stands commit_p50_ms, the time of one small commit to the same store in the same run: no post can arrive
before two commits, one after the other, are through.

synchronous is observed, not asked for: "full" if, when a commit returned, none of it was left for the system to write.`
}

// latencyFigures is the result.
type latencyFigures struct {
	Posts        int     `json:"posts"`
	P50          float64 `json:"p50_ms"`
	P99          float64 `json:"p99_ms"`
	Max          float64 `json:"max_ms"`
	PublishP50   float64 `json:"publish_p50_ms"` // until Publish returns: durable at home
	PublishP99   float64 `json:"publish_p99_ms"`
	PageP50      float64 `json:"page_p50_ms"` // until the friend's home has all that a page shows of the post
	CommitP50    float64 `json:"commit_p50_ms"`
	CommitP99    float64 `json:"commit_p99_ms"`
	OfTwoCommits float64 `json:"of_two_commits"` // two commits ÷ p50: 1 would be nothing but the disk
	Synchronous  string  `json:"synchronous"`
	Filesystem   string  `json:"filesystem"`
}

func (c *latencyCmd) Run(l *lab) error {
	if c.Posts < 1 || c.WarmUp < 0 {
		return fmt.Errorf("%d posts and %d to warm up: %w", c.Posts, c.WarmUp, errUsage)
	}
	return c.within(l, func(ctx context.Context, dir string) (err error) {
		fs, err := filesystem(dir)
		if err != nil {
			return err
		}
		p := &pair{l: l, gap: c.Gap, store: filepath.Join(dir, "ada", "kith.db")}
		if err := p.meet(ctx, dir, profileName(c.Profile, "friend")); err != nil {
			return errors.Join(err, p.part())
		}
		stop, err := startProfile(profileName(c.Profile, "publisher"))
		if err != nil {
			return errors.Join(err, p.part())
		}
		times, err := p.talk(ctx, c.WarmUp, c.Posts)
		if err = errors.Join(err, stop(), p.part()); err != nil {
			return err
		}
		return l.result(times.figures(c.Posts, fs))
	})
}

// pair is a home and its friend's.
type pair struct {
	l      *lab
	gap    time.Duration
	store  string // the file of the home's own store
	home   *home
	friend *child
}

// meet starts both and makes them friends.
func (p *pair) meet(ctx context.Context, dir, profile string) (err error) {
	if p.home, err = p.l.openHome(ctx, filepath.Join(dir, "ada"), "Ada"); err != nil {
		return err
	}
	if p.friend, err = p.l.again(ctx, "friend", "--home", filepath.Join(dir, "ben"), "--profile", profile); err != nil {
		return err
	}
	invite, err := p.home.Invite(ctx, social.InviteOptions{LetIn: true})
	if err != nil {
		return err
	}
	if err := p.friend.tell(friendAsk{Invite: invite.Message}); err != nil {
		return err
	}
	var met friendFound
	if err := p.friend.hear(ctx, &met); err != nil {
		return err
	}
	p.l.progress("the two are friends")
	return nil
}

// part stops both.
func (p *pair) part() error {
	var errs []error
	if p.friend != nil {
		errs = append(errs, p.friend.end())
	}
	if p.home != nil {
		errs = append(errs, p.home.close())
	}
	return errors.Join(errs...)
}

// latencies are the times of each post, and of a commit after it.
type latencies struct {
	found, shown, published, commit []time.Duration
	left                            []uint64 // pages that a commit left to be written
}

// talk publishes posts one after another; the first few do not count.
func (p *pair) talk(ctx context.Context, warmUp, posts int) (*latencies, error) {
	var all latencies
	for i := range warmUp + posts {
		if i == warmUp {
			all = latencies{}
			p.l.progress("warm; %d posts follow", posts)
		}
		if err := p.say(ctx, i, &all); err != nil {
			return nil, fmt.Errorf("post %d: %w", i, err)
		}
	}
	return &all, nil
}

// say publishes a post and waits until it was found.
func (p *pair) say(ctx context.Context, i int, all *latencies) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("the post did not arrive in time"))
	defer cancel()
	text := fmt.Sprintf("%d %s", i, strings.Repeat("a word or two ", 8))
	start := time.Now()
	post, err := p.home.Publish(ctx, social.NewPost{Text: text})
	if err != nil {
		return err
	}
	all.published = append(all.published, time.Since(start))
	var found friendFound
	for found.ID != post.ID {
		if err := p.friend.hear(ctx, &found); err != nil {
			return err
		}
	}
	// Both processes read the one clock of the machine.
	all.found = append(all.found, found.Found.Sub(start))
	all.shown = append(all.shown, found.Shown.Sub(start))
	if err := pause(ctx, p.gap); err != nil {
		return err
	}
	start = time.Now()
	if err := p.home.node.DB().Put(ctx, "lab", "commit", i); err != nil {
		return err
	}
	all.commit = append(all.commit, time.Since(start))
	if left, known := unwritten(p.store + "-wal"); known {
		all.left = append(all.left, left)
	}
	return pause(ctx, p.gap)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t *latencies) figures(posts int, fs string) latencyFigures {
	p50, commit := median(t.found), median(t.commit)
	return latencyFigures{
		Posts: posts, P50: milliseconds(p50), P99: milliseconds(percentile(t.found, 99)), Max: milliseconds(percentile(t.found, 100)),
		PublishP50: milliseconds(median(t.published)), PublishP99: milliseconds(percentile(t.published, 99)),
		PageP50:   milliseconds(median(t.shown)),
		CommitP50: milliseconds(commit), CommitP99: milliseconds(percentile(t.commit, 99)),
		OfTwoCommits: round(2*float64(commit)/float64(p50), 2), Synchronous: t.synchronous(), Filesystem: fs,
	}
}

// synchronous tells how durable a commit was when it returned. Half of them decide: another commit of the home may be
// under way when the first is looked at, and a checkpoint leaves nothing behind whatever the setting.
func (t *latencies) synchronous() string {
	switch {
	case len(t.left) == 0:
		return "unknown"
	case median(t.left) == 0:
		return "full"
	}
	return "less than full"
}
