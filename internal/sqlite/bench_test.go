package sqlite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/oplog"
	"kith/internal/replicate"
)

// benchPost is a post of 120 characters.
func benchPost(n int) content.Item {
	return content.Post{Text: fmt.Sprintf("%-120s", fmt.Sprintf("post number %d %s", n, strings.Repeat("and more ", 10)))[:120]}
}

// benchRuns writes posts by 300 authors, in runs of 1 to 16 entries, as mixed as they would come from one who has
// them all.
func benchRuns(b *testing.B, posts int) []written {
	random := rand.New(rand.NewPCG(1, 2))
	space := newRoom(b)
	authors := make([]*author, 300)
	for i := range authors {
		authors[i] = space.author()
	}
	var all []written
	for n := 0; n < posts; {
		items := make([]content.Item, min(1+random.IntN(16), posts-n))
		for i := range items {
			items[i] = benchPost(n)
			n++
		}
		a := authors[random.IntN(len(authors))]
		a.clock = time.Unix(1_700_000_000+int64(n), 0)
		all = append(all, a.write(items...))
	}
	slices.Reverse(all) // newest first
	return all
}

// fill puts runs in, in transactions of at least so many entries.
func fill(b *testing.B, db *DB, runs []written, batch int) {
	for len(runs) > 0 {
		err := db.Update(context.Background(), func(tx ingest.Tx) error {
			for n := 0; n < batch && len(runs) > 0; {
				if err := runs[0].put(tx); err != nil {
					return err
				}
				n += len(runs[0].entries)
				runs = runs[1:]
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBulk(b *testing.B) {
	const posts = 100_000
	runs := benchRuns(b, posts)
	b.ResetTimer()
	var size int64
	for b.Loop() {
		b.StopTimer()
		path := filepath.Join(b.TempDir(), "kith.db")
		for _, suffix := range []string{"", "-wal", "-shm"} {
			os.Remove(path + suffix)
		}
		db, err := Open(context.Background(), path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		fill(b, db, runs, 1000)
		b.StopTimer()
		db.Close()
		info, _ := os.Stat(path)
		size = info.Size()
		b.StartTimer()
	}
	b.ReportMetric(posts*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(size)/posts, "B/entry")
}

func BenchmarkCommit(b *testing.B) { benchCommits(b, openTest(b), newRoom(b).author()) }

// benchCommits puts one post into each transaction.
func benchCommits(b *testing.B, db *DB, me *author) {
	var times []time.Duration
	for b.Loop() {
		w := me.write(benchPost(len(times)))
		start := time.Now()
		if err := db.Update(context.Background(), func(tx ingest.Tx) error { return w.put(tx) }); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	total := time.Duration(0)
	for _, took := range times {
		total += took
	}
	report(b, times)
	b.ReportMetric(float64(len(times))/total.Seconds(), "commits/s")
}

func report(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1000, "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1000, "p99-µs")
}

// BenchmarkLarge reads from, and writes into, a store of a million posts.
func BenchmarkLarge(b *testing.B) {
	const posts = 1_000_000
	db := openTest(b)
	runs := benchRuns(b, posts)
	fill(b, db, runs, 1000)
	ctx := context.Background()
	space, author, log := runs[0].entries[0].Log().Space, runs[0].author, runs[0].entries[0].Log()
	page, err := db.Feed(ctx, FeedQuery{Limit: 50})
	if err != nil {
		b.Fatal(err)
	}
	var ids []oplog.EntryID
	for _, post := range page.Posts {
		ids = append(ids, post.ID)
	}
	deep := page.Next
	for range 20 {
		if page, err = db.Feed(ctx, FeedQuery{After: deep, Limit: 50}); err != nil {
			b.Fatal(err)
		}
		deep = page.Next
	}
	for _, bench := range []struct {
		name string
		do   func() (n int, err error)
		want int
	}{
		{"feed", func() (int, error) {
			page, err := db.Feed(ctx, FeedQuery{Limit: 50})
			return len(page.Posts), err
		}, 50},
		{"feed-deep", func() (int, error) {
			page, err := db.Feed(ctx, FeedQuery{After: deep, Limit: 50})
			return len(page.Posts), err
		}, 50},
		{"wall", func() (int, error) {
			page, err := db.Feed(ctx, FeedQuery{Author: author, Limit: 50})
			return len(page.Posts), err
		}, 50},
		{"threads", func() (int, error) {
			threads, err := db.Threads(ctx, ids, 2)
			return len(threads), err
		}, 0},
		{"reactions", func() (int, error) {
			reactions, err := db.Reactions(ctx, ids)
			return len(reactions), err
		}, 0},
		{"item", func() (int, error) {
			_, found, err := db.Item(ctx, ids[0])
			if !found {
				return 0, err
			}
			return 1, err
		}, 1},
		{"heads-of-300-logs", func() (int, error) {
			heads, err := db.Heads(ctx, space)
			return len(heads), err
		}, 300},
		{"logs-of-300-logs", func() (int, error) {
			logs, err := db.Logs(ctx, space)
			return len(logs), err
		}, 300},
		{"newest-run", func() (int, error) {
			runs, err := db.Runs(ctx, log.ID(), oplog.Range{First: 1, Last: oplog.MaxSeq}, 1)
			return len(runs), err
		}, 1},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var times []time.Duration
			for b.Loop() {
				start := time.Now()
				n, err := bench.do()
				if n != bench.want || err != nil {
					b.Fatalf("%d, %v; want %d", n, err, bench.want)
				}
				times = append(times, time.Since(start))
			}
			report(b, times)
		})
	}
	b.Run("commit", func(b *testing.B) {
		me := newRoom(b).author()
		me.clock = time.Unix(1_750_000_000, 0)
		benchCommits(b, db, me)
	})
	b.Run("serve", func(b *testing.B) { // everything, as to a newcomer
		var logs []replicate.Want
		heads, err := db.Heads(ctx, space)
		if err != nil {
			b.Fatal(err)
		}
		for _, head := range heads {
			logs = append(logs, replicate.Want{Log: head.Log, Range: oplog.Range{First: 1, Last: head.Seq}})
		}
		n := 0
		query := replicate.Query{Space: space, Phase: replicate.PhaseContent, Wants: logs, Bytes: 1 << 20}
		for b.Loop() {
			page, err := db.Page(ctx, query)
			if err != nil {
				b.Fatal(err)
			}
			for _, run := range page.Runs {
				n += len(run.Entries)
			}
			if query.After = page.Next; !page.More {
				query.After = replicate.Cursor{}
			}
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
	})
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "kith.db")
	for b.Loop() {
		db, err := Open(context.Background(), path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
