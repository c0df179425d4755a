package replicate

import (
	"crypto/rand"
	"runtime"
	"testing"
	"time"

	"kith/internal/oplog"
)

// benchRuns are n entries by 300 authors, in runs of mixed length, with payloads as posts of 120 characters have
// them when they are encrypted and padded.
func benchRuns(b *testing.B, v *village, n int) []oplog.Run {
	length := mixed(newRand(7))
	var runs []oplog.Run
	for i := 0; n > 0; i++ {
		payloads := make([][]byte, min(length(), n))
		for j := range payloads {
			payloads[j] = make([]byte, 256)
			rand.Read(payloads[j])
		}
		n -= len(payloads)
		runs = append(runs, v.run(v.people[i%len(v.people)].device, v.wall, oplog.Content, oplog.KindContent, payloads...))
	}
	return runs
}

// BenchmarkFirstSync fetches a space for the first time, and beside it verifies the same runs without a session:
// that is the most that a session could reach on one core.
func BenchmarkFirstSync(b *testing.B) {
	const entries = 50_000
	v := newVillage(b, 300, 2)
	a := v.homes[0]
	runs := benchRuns(b, v, entries)
	a.put(v.wall, runs...)
	b.ResetTimer()
	var verifying, syncing time.Duration
	var stats Stats
	for range b.N {
		start := time.Now()
		for i := range runs {
			if _, err := oplog.Verify(&runs[i], oplog.EntryID{}); err != nil {
				b.Fatal(err)
			}
		}
		verifying += time.Since(start)
		receiver := newHome(b, v.people[1])
		receiver.meet(v.identities...)
		receiver.put(v.wall, v.control...)
		runtime.GC()
		start = time.Now()
		c := connect(a, receiver, link{})
		for receiver.entries(v.wall) < a.entries(v.wall) {
			time.Sleep(time.Millisecond)
		}
		syncing += time.Since(start)
		stats = c.b.Stats()
		c.stop()
	}
	b.ReportMetric(float64(b.N*entries)/syncing.Seconds(), "entries/s")
	b.ReportMetric(float64(b.N*entries)/verifying.Seconds(), "verified/s")
	b.ReportMetric(float64(stats.BytesIn)/entries, "wire-B/entry")
	b.ReportMetric(float64(len(runs)), "runs")
}

// BenchmarkPack packs and unpacks a message of runs.
func BenchmarkPack(b *testing.B) {
	v := newVillage(b, 10, 0)
	runs := benchRuns(b, v, 900)
	b.Run("pack", func(b *testing.B) {
		for b.Loop() {
			if _, err := packRuns(tag{}, v.wall, 1, runs, MaxMessage); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*900)/b.Elapsed().Seconds(), "entries/s")
	})
	messages, err := packRuns(tag{}, v.wall, 1, runs, MaxMessage)
	if err != nil {
		b.Fatal(err)
	}
	framed, err := frame(messages[0])
	if err != nil {
		b.Fatal(err)
	}
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			if _, err := frame(messages[0]); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*900)/b.Elapsed().Seconds(), "entries/s")
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			m, err := decode(kindRuns, framed[frameExtra:])
			if err != nil {
				b.Fatal(err)
			}
			if _, err := m.(*runsMessage).unpack(v.wall); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*900)/b.Elapsed().Seconds(), "entries/s")
	})
}

// BenchmarkPush takes an entry from the author's store to the friend's, over a session that is open.
func BenchmarkPush(b *testing.B) {
	v := newVillage(b, 2, 2)
	x, y := v.homes[0], v.homes[1]
	c := connect(x, y, link{})
	for c.b.Stats().Open != 0 || c.b.Stats().MessagesIn < 3 {
		time.Sleep(time.Millisecond)
	}
	for b.Loop() {
		run := v.content(x.who, v.wall, "a short post")
		before := c.b.Stats().Accepted
		x.publish(v.wall, run)
		for c.b.Stats().Accepted == before {
			runtime.Gosched()
		}
	}
	c.stop()
}
