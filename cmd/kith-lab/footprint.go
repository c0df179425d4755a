package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"kith/internal/api"
	"kith/internal/social"
)

type footprintCmd struct {
	place
	Binary  string        `placeholder:"FILE" type:"existingfile" help:"Measure this kith. If not given, one is built as it is released."`
	Starts  int           `default:"7" help:"How often to start it."`
	Friends int           `default:"50" help:"How many friends the home has in the end."`
	Posts   int           `default:"3" help:"How many posts each of them has written."`
	Settle  time.Duration `default:"8s" help:"How long to wait before memory is read; in the second half of it, processor time is counted."`
}

func (*footprintCmd) Help() string {
	return `binary_mb is the program as it is released. ready_ms is from its start in an empty folder until its page answers.
rss_idle_mb is its resident memory, once its owner has told their name and it was left alone. Another home makes friends,
whose homes are in two other processes, and has what is on their walls: rss_50_friends_mb is its memory then, and
rss_50_friends_restarted_mb the same after it was stopped and started and all are connected again.

Of resident memory, some 20 MB are the program's own code, which the system can drop and read again.`
}

// footprintFigures is the result.
type footprintFigures struct {
	Binary    float64  `json:"binary_mb"`
	Ready     float64  `json:"ready_ms"`
	ReadyMax  float64  `json:"ready_max_ms"`
	Idle      *float64 `json:"rss_idle_mb"`
	IdleOwn   *float64 `json:"rss_idle_anon_mb"` // without what is read from files: the code
	IdleCPU   *float64 `json:"cpu_idle_percent"` // of one processor
	With      *float64 `json:"rss_50_friends_mb"`
	WithOwn   *float64 `json:"rss_50_friends_anon_mb"`
	WithPeak  *float64 `json:"peak_50_friends_mb"`
	Restarted *float64 `json:"rss_50_friends_restarted_mb"`
	WithCPU   *float64 `json:"cpu_50_friends_restarted_percent"`
	Friends   int      `json:"friends"`
	Seconds   float64  `json:"befriend_s"` // until all were friends and everything was there
}

func (c *footprintCmd) Run(l *lab) error {
	if c.Starts < 1 || c.Friends < 1 || c.Posts < 0 {
		return fmt.Errorf("%d starts, %d friends, %d posts: %w", c.Starts, c.Friends, c.Posts, errUsage)
	}
	return c.within(l, func(ctx context.Context, dir string) error {
		var f footprintFigures
		binary, err := c.binary(ctx, l, dir)
		if err != nil {
			return err
		}
		info, err := os.Stat(binary)
		if err != nil {
			return err
		}
		f.Binary = round(float64(info.Size())/mega, 1)
		if err := c.starts(ctx, l, binary, dir, &f); err != nil {
			return err
		}
		if err := c.idle(ctx, l, binary, dir, &f); err != nil {
			return err
		}
		if err := c.friends(ctx, l, binary, dir, &f); err != nil {
			return err
		}
		return l.result(f)
	})
}

// binary is the program to measure, built if nobody gave one.
func (c *footprintCmd) binary(ctx context.Context, l *lab, dir string) (string, error) {
	if c.Binary != "" {
		return c.Binary, nil
	}
	l.progress("building kith as it is released")
	binary := filepath.Join(dir, "kith"+exe)
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "kith/cmd/kith")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stdout, build.Stderr = l.stderr, l.stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("go build (in a checkout of kith; or give --binary): %w", err)
	}
	return binary, nil
}

// starts measures how long the program takes to answer.
func (c *footprintCmd) starts(ctx context.Context, l *lab, binary, dir string, f *footprintFigures) error {
	var times []time.Duration
	for i := range c.Starts {
		home, took, err := l.startKith(ctx, binary, filepath.Join(dir, fmt.Sprint("start-", i)))
		if err != nil {
			return err
		}
		times = append(times, took)
		if err := home.end(); err != nil {
			return err
		}
	}
	f.Ready, f.ReadyMax = milliseconds(median(times)), milliseconds(percentile(times, 100))
	l.progress("ready after %.0f ms, the slowest of %d after %.0f ms", f.Ready, c.Starts, f.ReadyMax)
	return nil
}

// idle measures the memory of a home that was left alone.
func (c *footprintCmd) idle(ctx context.Context, l *lab, binary, dir string, f *footprintFigures) (err error) {
	home, _, err := l.startKith(ctx, binary, filepath.Join(dir, "alone"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, home.end()) }()
	if _, err := home.client.Begin(ctx, social.Setup{Name: "Ada", Reach: social.ReachHome}); err != nil {
		return err
	}
	if f.IdleCPU, err = home.settle(ctx, c.Settle); err != nil {
		return err
	}
	f.Idle, f.IdleOwn = home.memory("VmRSS"), home.memory("RssAnon")
	l.progress("idle: %s MB", told(f.Idle))
	return nil
}

// onLoopback keeps a home to this machine: there it lets in as many from one address as come, and elsewhere as many as
// may live in one house.
var onLoopback = []string{"--listen", "127.0.0.1:0"}

// friends measures the memory of a home with friends.
func (c *footprintCmd) friends(ctx context.Context, l *lab, binary, dir string, f *footprintFigures) (err error) {
	folder := filepath.Join(dir, "ada")
	home, _, err := l.startKith(ctx, binary, folder, onLoopback...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, home.end()) }()
	if _, err := home.client.Begin(ctx, social.Setup{Name: "Ada", Reach: social.ReachHome}); err != nil {
		return err
	}
	village, err := l.village(ctx, dir, c.Friends, c.Posts)
	defer func() { err = errors.Join(err, village.end()) }()
	if err != nil {
		return err
	}
	l.progress("%d other homes are on", c.Friends)
	begun := time.Now()
	if err := village.befriend(ctx, home.client); err != nil {
		return err
	}
	if err := c.complete(ctx, home.client); err != nil {
		return err
	}
	f.Friends, f.Seconds = c.Friends, round(time.Since(begun).Seconds(), 1)
	l.progress("%d friends, everything is there", c.Friends)
	if err := pause(ctx, c.Settle); err != nil {
		return err
	}
	f.With, f.WithOwn, f.WithPeak = home.memory("VmRSS"), home.memory("RssAnon"), home.memory("VmHWM")

	if err := home.end(); err != nil {
		return err
	}
	if home, _, err = l.startKith(ctx, binary, folder, onLoopback...); err != nil {
		return err
	}
	if err := c.complete(ctx, home.client); err != nil {
		return err
	}
	if f.WithCPU, err = home.settle(ctx, c.Settle); err != nil {
		return err
	}
	f.Restarted = home.memory("VmRSS")
	l.progress("with friends: %s MB; after a restart: %s MB", told(f.With), told(f.Restarted))
	return nil
}

// complete waits until every friend's home is connected and every post of theirs is there.
func (c *footprintCmd) complete(ctx context.Context, client *api.Client) error {
	online, posts := 0, 0
	err := until(ctx, "every friend connected and every post there", func() (bool, error) {
		status, err := client.Status(ctx)
		if err != nil {
			return false, err
		}
		if online = status.Online; online < c.Friends {
			return false, nil
		}
		posts, err = countPosts(ctx, client)
		return posts == c.Friends*c.Posts, err
	})
	if err != nil {
		return fmt.Errorf("%w; %d of %d friends are on, %d of %d posts here", err, online, c.Friends, posts, c.Friends*c.Posts)
	}
	return nil
}

// countPosts counts the posts in the whole feed.
func countPosts(ctx context.Context, client *api.Client) (int, error) {
	posts, cursor := 0, ""
	for {
		feed, err := client.Feed(ctx, cursor, 0)
		if err != nil {
			return 0, err
		}
		posts += len(feed.Posts)
		if cursor = feed.Next; cursor == "" {
			return posts, nil
		}
	}
}

// told writes a figure for a person.
func told(figure *float64) string {
	if figure == nil {
		return "unknown"
	}
	return fmt.Sprint(*figure)
}
