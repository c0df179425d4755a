package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"kith/internal/oplog"
)

const (
	// threadComments hang under the post whose page is measured.
	threadComments = 300
	// postTime is for how long posts are published, one after the other.
	postTime = 3 * time.Second
)

type feedCmd struct {
	place
	Posts    int    `default:"1000000" help:"How many posts the home holds."`
	Authors  int    `default:"338" help:"How many people wrote them, each on a wall of their own."`
	Requests int    `default:"300" help:"How often each page is asked for; searches, as many terms."`
	Profile  string `placeholder:"FOLDER" type:"existingdir" help:"Write profiles of the measuring here, for go tool pprof."`
}

func (*feedCmd) Help() string {
	return `A home holds posts of some 120 characters by many friends, each on a wall of their own; every one was signed, encrypted and
taken in through the gate. Its pages are asked for over HTTP by a browser that is signed in, one request at a time:
the home page, the walls of friends, a post with 300 comments, and searches for words of which each is looked for
once, from the most frequent to the rarest. Words are drawn by how frequent they are in real texts (Zipf).

post_per_s is how many posts one client publishes by the composer's form, one after the other, each durable before
the next: into the home while it is empty, and when it is full. of_empty is the ratio.

The browser's side and the home share this process. disk_bytes_per_post is the database with everything in it;
index_behind_s is how long after the last post the index of words was complete.`
}

// feedFigures is the result.
type feedFigures struct {
	Posts         int     `json:"posts"`
	Authors       int     `json:"authors"`
	Requests      int     `json:"requests"`
	HomeP50       float64 `json:"home_p50_ms"`
	HomeP99       float64 `json:"home_p99_ms"`
	HomeBytes     int     `json:"home_bytes"`
	ProfileP50    float64 `json:"profile_p50_ms"`
	ProfileP99    float64 `json:"profile_p99_ms"`
	ThreadP50     float64 `json:"thread_p50_ms"`
	ThreadP99     float64 `json:"thread_p99_ms"`
	SearchP50     float64 `json:"search_p50_ms"`
	SearchP99     float64 `json:"search_p99_ms"`
	SearchTerms   int     `json:"search_terms"`
	SearchFound   int     `json:"search_found"` // posts, of all searches together: ten of each at most
	PostEmpty     float64 `json:"post_per_s_empty"`
	PostFull      float64 `json:"post_per_s"`
	OfEmpty       float64 `json:"of_empty"`
	BuildPerS     float64 `json:"build_per_s"` // signing and taking in
	IndexBehind   float64 `json:"index_behind_s"`
	DiskPerPost   float64 `json:"disk_bytes_per_post"`
	Processors    int     `json:"processors"`
	ProcessorTime float64 `json:"measuring_cpu_s"`
}

func (c *feedCmd) Run(l *lab) error {
	if c.Posts < feedTop || c.Authors < 1 || c.Requests < 1 {
		return fmt.Errorf("at least %d posts, one author, one request: %w", feedTop, errUsage)
	}
	return c.within(l, func(ctx context.Context, dir string) (err error) {
		h, err := l.openHome(ctx, filepath.Join(dir, "home"), "Ada")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, h.close()) }()
		site, err := newSite(ctx, h, l.log())
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, site.close()) }()
		f := feedFigures{Posts: c.Posts, Authors: c.Authors, Requests: c.Requests, Processors: runtime.NumCPU()}
		if f.PostEmpty, err = site.posting(ctx, postTime); err != nil {
			return err
		}
		l.progress("%.0f posts/s into the empty home", f.PostEmpty)
		built, err := l.fillHome(ctx, h, c)
		if err != nil {
			return fmt.Errorf("build the home: %w", err)
		}
		f.BuildPerS, f.IndexBehind = built.perSecond, built.behind.Seconds()
		info, err := os.Stat(filepath.Join(dir, "home", "kith.db"))
		if err != nil {
			return err
		}
		f.DiskPerPost = round(float64(info.Size())/float64(c.Posts), 1)
		stop, err := startProfile(profileName(c.Profile, "feed"))
		if err != nil {
			return err
		}
		used := cpuTime()
		err = c.measure(ctx, l, site, built, &f)
		f.ProcessorTime = round((cpuTime() - used).Seconds(), 2)
		if err = errors.Join(err, stop()); err != nil {
			return err
		}
		return l.result(f)
	})
}

// measure asks for the pages.
func (c *feedCmd) measure(ctx context.Context, l *lab, site *site, built *filledHome, f *feedFigures) error {
	dice := rand.New(rand.NewPCG(seed, 1))
	pages := []struct {
		name     string
		path     func(i int) string
		p50, p99 *float64
	}{
		{"home", func(int) string { return "/" }, &f.HomeP50, &f.HomeP99},
		{"profile", func(int) string { return "/people/" + built.people[dice.IntN(len(built.people))].String() }, &f.ProfileP50, &f.ProfileP99},
		{"thread", func(int) string { return "/post/" + built.thread.String() }, &f.ThreadP50, &f.ThreadP99},
		{"search", func(i int) string { return "/fragment/search?q=" + built.terms[i%len(built.terms)] + "+" }, &f.SearchP50, &f.SearchP99},
	}
	for _, page := range pages {
		if page.name == "search" {
			f.SearchTerms = min(c.Requests, len(built.terms))
		}
		var times []time.Duration
		for i := -min(10, c.Requests); i < c.Requests; i++ {
			start := time.Now()
			body, err := site.get(ctx, page.path(max(i, 0)), http.StatusOK)
			if err != nil {
				return err
			}
			if i < 0 {
				continue // to warm up
			}
			times = append(times, time.Since(start))
			switch page.name {
			case "home":
				f.HomeBytes = len(body)
			case "search":
				f.SearchFound += hits(body)
			}
		}
		*page.p50, *page.p99 = milliseconds(median(times)), milliseconds(percentile(times, 99))
		l.progress("%s: p50 %.2f ms, p99 %.2f ms", page.name, *page.p50, *page.p99)
	}
	var err error
	if f.PostFull, err = site.posting(ctx, postTime); err != nil {
		return err
	}
	f.OfEmpty = round(f.PostFull/f.PostEmpty, 2)
	l.progress("%.0f posts/s into the full home, %.2f of the empty one", f.PostFull, f.OfEmpty)
	return nil
}

// filledHome is a home with what can be asked of it.
type filledHome struct {
	people    []fmt.Stringer
	thread    oplog.EntryID
	terms     []string
	perSecond float64
	behind    time.Duration
}
