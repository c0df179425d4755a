package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

type syncCmd struct {
	place
	Entries int    `default:"50000" help:"How many posts the space has."`
	Authors int    `default:"300" help:"How many people wrote them."`
	Longest int    `default:"256" help:"How many posts the longest run has. The lengths are spread evenly over the orders of magnitude."`
	Repeat  int    `default:"3" help:"How often to fetch; figures are medians."`
	Profile string `placeholder:"FOLDER" type:"existingdir" help:"Write profiles of both homes here, for go tool pprof: of the processors, and of the memory at the end."`
}

func (*syncCmd) Help() string {
	return `A home holds a space with posts of 120 characters by many people; everything in it is signed, encrypted and stored as in any
space. A member who has nothing so far fetches it: the clock starts at the dial. first50_s is when the feed of the
store gives exactly the newest 50, all_s when it gives all. Both homes are processes of their own on loopback.

Beside it stands sqlite_rows_per_s, measured before each fetch: the same entries, verified and decrypted beforehand, put
into a fresh store by batches of 1,000, as fast as it takes them.

wire_bytes_per_entry is what came over the connection, encryption and all, identities and membership included;
disk_bytes_per_entry is the receiver's database after a checkpoint, with the same included, and
disk_bytes_per_entry_alone that of the posts by themselves.

The times on the processors (…_cpu_s) say what a busy machine hides.`
}

// syncFigures is the result.
type syncFigures struct {
	Entries      int      `json:"entries"`
	Authors      int      `json:"authors"`
	Runs         int      `json:"runs"`
	Repeat       int      `json:"repeat"`
	First50      float64  `json:"first50_s"`
	All          float64  `json:"all_s"`
	EntriesPerS  float64  `json:"entries_per_s"`
	SQLitePerS   float64  `json:"sqlite_rows_per_s"`
	OfSQLite     float64  `json:"of_sqlite"`
	WirePerEntry float64  `json:"wire_bytes_per_entry"`
	DiskPerEntry float64  `json:"disk_bytes_per_entry"`
	DiskAlone    float64  `json:"disk_bytes_per_entry_alone"` // without identities, membership and whatever else a home has
	PeakRSS      *float64 `json:"peak_rss_mb"`
	ReceiverCPU  float64  `json:"receiver_cpu_s"` // both together cannot be more than all_s × processors
	SourceCPU    float64  `json:"source_cpu_s"`
	SQLiteCPU    float64  `json:"sqlite_cpu_s"` // of the bare store, for as many
	Processors   int      `json:"processors"`
}

// fetch is what one fetching came to.
type fetch struct {
	received
	store     filled // the bare store before it
	wire      int64  // bytes
	disk      int64
	sourceCPU float64
}

func (f filled) perSecond() float64 { return float64(f.rows) / f.took.Seconds() }

func (c *syncCmd) Run(l *lab) error {
	if c.Entries < feedTop || c.Authors < 1 || c.Longest < 1 || c.Longest > longestRun || c.Repeat < 1 {
		return fmt.Errorf("at least %d entries, one author, runs of 1 to %d, once: %w", feedTop, longestRun, errUsage)
	}
	return c.within(l, func(ctx context.Context, dir string) error {
		source, err := l.build(ctx, dir, c)
		if err != nil {
			return fmt.Errorf("build the space: %w", err)
		}
		var all []fetch
		for i := range c.Repeat {
			one, err := c.fetch(ctx, l, source, i)
			if err != nil {
				return err
			}
			all = append(all, one)
			l.progress("fetched: newest %d after %.3f s, all after %.2f s; %.0f rows/s by the store alone", feedTop, one.First50, one.All, one.store.perSecond())
		}
		return l.result(c.figures(source, all))
	})
}

// fetch measures the bare store, and then one receiver.
func (c *syncCmd) fetch(ctx context.Context, l *lab, source *built, i int) (f fetch, err error) {
	if f.store, err = source.rows(ctx); err != nil {
		return f, fmt.Errorf("fill a store: %w", err)
	}
	from, err := l.again(ctx, "source", "--home", source.dir, "--profile", profileName(c.Profile, fmt.Sprint("source-", i+1)))
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, from.end()) }()
	var at sourceOpen
	if err := from.hear(ctx, &at); err != nil {
		return f, err
	}
	wire, err := newWire(at.Address)
	if err != nil {
		return f, err
	}
	defer wire.close()
	receiver := source.receivers[i]
	to, err := l.again(ctx, "receive", "--home", receiver, "--profile", profileName(c.Profile, fmt.Sprint("receiver-", i+1)))
	if err != nil {
		return f, err
	}
	err = to.tell(receiveAsk{
		Space: source.space.String(), Owner: source.owner.String(), Peer: at.Peer, Address: wire.address(), Posts: c.Entries,
		Newest: source.newest, Feed: source.feed,
	})
	if err == nil {
		err = to.hear(ctx, &f.received)
	}
	f.wire = wire.bytes()
	if err = errors.Join(err, to.end()); err != nil {
		return f, err
	}
	// The store is closed now, and with it everything is in the one file.
	info, err := os.Stat(filepath.Join(receiver, "kith.db"))
	if err != nil {
		return f, err
	}
	f.disk = info.Size()
	if err := from.tell(struct{}{}); err != nil {
		return f, err
	}
	var used sourceUsed
	if err := from.hear(ctx, &used); err != nil {
		return f, err
	}
	f.sourceCPU = used.CPU - at.CPU
	return f, os.RemoveAll(receiver)
}

func (c *syncCmd) figures(source *built, all []fetch) syncFigures {
	entries := float64(c.Entries)
	seconds := medianOf(all, func(f fetch) float64 { return f.All })
	f := syncFigures{
		Entries: c.Entries, Authors: c.Authors, Runs: source.runs, Repeat: c.Repeat,
		First50:      round(medianOf(all, func(f fetch) float64 { return f.First50 }), 3),
		All:          round(seconds, 3),
		EntriesPerS:  per(c.Entries, time.Duration(seconds*float64(time.Second))),
		SQLitePerS:   round(medianOf(all, func(f fetch) float64 { return f.store.perSecond() }), 0),
		OfSQLite:     round(medianOf(all, func(f fetch) float64 { return entries / f.All / f.store.perSecond() }), 2),
		WirePerEntry: round(medianOf(all, func(f fetch) float64 { return float64(f.wire) / entries }), 1),
		DiskPerEntry: round(medianOf(all, func(f fetch) float64 { return float64(f.disk) / entries }), 1),
		DiskAlone:    round(medianOf(all, func(f fetch) float64 { return f.store.perEntry }), 1),
		ReceiverCPU:  round(medianOf(all, func(f fetch) float64 { return f.CPU }), 2),
		SourceCPU:    round(medianOf(all, func(f fetch) float64 { return f.sourceCPU }), 2),
		SQLiteCPU:    round(medianOf(all, func(f fetch) float64 { return f.store.cpu.Seconds() }), 2),
		Processors:   runtime.NumCPU(),
	}
	if all[0].PeakRSS != nil {
		peak := medianOf(all, func(f fetch) float64 { return *f.PeakRSS })
		f.PeakRSS = &peak
	}
	return f
}
