package replicate

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kith/internal/key"
	"kith/internal/oplog"
)

// A rangeSet is a set of numbers, whatever is put in and taken out.
func TestRangeSet(t *testing.T) {
	const most = 40
	logs := []oplog.Log{{Lane: oplog.Content}, {Lane: oplog.Control}}
	rapid.Check(t, func(r *rapid.T) {
		var set rangeSet
		model := [2][most + 1]bool{}
		piece := func() (int, oplog.Range) {
			first := rapid.IntRange(1, most).Draw(r, "first")
			return rapid.IntRange(0, 1).Draw(r, "log"), oplog.Range{First: uint64(first), Last: uint64(rapid.IntRange(first, most).Draw(r, "last"))}
		}
		r.Repeat(map[string]func(*rapid.T){
			"add": func(*rapid.T) {
				log, p := piece()
				set.add(logs[log], p)
				for i := p.First; i <= p.Last; i++ {
					model[log][i] = true
				}
			},
			"remove": func(*rapid.T) {
				log, p := piece()
				any := slices.Contains(model[log][p.First:p.Last+1], true)
				if set.remove(logs[log].ID(), p) != any {
					r.Fatalf("remove %v of log %d: not %v", p, log, any)
				}
				for i := p.First; i <= p.Last; i++ {
					model[log][i] = false
				}
			},
			"removeLog": func(*rapid.T) {
				log, _ := piece()
				set.removeLog(logs[log].ID())
				model[log] = [most + 1]bool{}
			},
			"subtract": func(*rapid.T) {
				log, p := piece()
				var got, want []uint64
				for _, left := range set.subtract([]Want{{Log: logs[log], Range: p}}) {
					for i := left.Range.First; i <= left.Range.Last; i++ {
						got = append(got, i)
					}
				}
				for i := p.First; i <= p.Last; i++ {
					if !model[log][i] {
						want = append(want, i)
					}
				}
				if !slices.Equal(got, want) {
					r.Fatalf("%v without the set is %v, not %v", p, got, want)
				}
			},
			"": func(*rapid.T) {
				got, count := [2][most + 1]bool{}, 0
				for log := range logs {
					for i := 1; i <= most; i++ {
						if model[log][i] && !model[log][i-1] {
							count++
						}
					}
				}
				for _, want := range set.wants() {
					for i := want.Range.First; i <= want.Range.Last; i++ {
						got[slices.Index(logs, want.Log)][i] = true
					}
				}
				if got != model || set.count != count || set.empty() != (count == 0) {
					r.Fatalf("holds %v in %d ranges, not %v in %d", got, set.count, model, count)
				}
			},
		})
	})
}

func TestTags(t *testing.T) {
	w := newWriter(t)
	space, _ := w.create(people(1)[0])
	other, _ := w.create(people(1)[0])
	here, there := nonce{1}, nonce{2}
	a, b := people(2)[0].device.Peer(), people(2)[1].device.Peer()
	session := deriveSession(here, there, a, b)
	seen := make(map[tag]string)
	for what, got := range map[string]tag{
		"the space":              session.tag(space, fromDialer),
		"the other direction":    session.tag(space, fromAcceptor),
		"another space":          session.tag(other, fromDialer),
		"another nonce":          deriveSession(nonce{3}, there, a, b).tag(space, fromDialer),
		"another acceptor nonce": deriveSession(here, nonce{3}, a, b).tag(space, fromDialer),
		"nonces exchanged":       deriveSession(there, here, a, b).tag(space, fromDialer),
		"another peer":           deriveSession(here, there, a, key.PeerKey{7}).tag(space, fromDialer),
		"peers exchanged":        deriveSession(here, there, b, a).tag(space, fromDialer),
	} {
		if before, ok := seen[got]; ok {
			t.Errorf("%s has the tag of %s", what, before)
		}
		seen[got] = what
	}
}

// Buckets hold each log once, and a difference shows in its bucket only.
func TestBuckets(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(r, "logs")
		var frontier oplog.Frontier
		for i := range n {
			frontier = append(frontier, oplog.Head{Log: oplog.Log{Device: key.DeviceID{byte(i), byte(i >> 8)}, Lane: oplog.Content}, Seq: uint64(i + 1)})
		}
		buckets := bucketsFor(n)
		if !validBuckets(buckets) || buckets > n {
			r.Fatalf("%d buckets for %d logs", buckets, n)
		}
		before := vectorSession.buckets(frontier, buckets)
		changed := rapid.IntRange(0, n-1).Draw(r, "changed")
		other := slices.Clone(frontier)
		switch rapid.IntRange(0, 2).Draw(r, "change") {
		case 0:
			other[changed].Seq++
		case 1:
			other[changed].ID[3] ^= 1
		case 2:
			other = slices.Delete(other, changed, changed+1)
		}
		slices.Reverse(other) // the order of a frontier does not matter
		mask, any := differing(before, vectorSession.buckets(other, buckets))
		if !any {
			r.Fatal("the change does not show")
		}
		total := 0
		for bucket := range buckets {
			if inMask(mask, bucket) != (bucket == bucketOf(frontier[changed].Log.ID(), buckets)) {
				r.Fatalf("bucket %d of %d in mask %x", bucket, buckets, mask)
			}
			only := make([]byte, maskSize(buckets))
			only[bucket/8] = 1 << (bucket % 8)
			total += len(masked(frontier, buckets, only))
		}
		if total != n {
			r.Fatalf("%d logs in all buckets, of %d", total, n)
		}
	})
	if bucketsFor(1<<30) != maxBuckets || bucketsFor(0) != 1 {
		t.Error("the number of buckets is not bounded")
	}
}

// The window never lets more through than the peer allowed.
func TestFlow(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f := newFlow()
		if f.open() {
			r.Fatal("open before the peer allowed anything")
		}
		allowed := rapid.IntRange(MaxMessage, largestWindow).Draw(r, "allowed")
		f.allow(allowed)
		now := time.Unix(0, 0)
		out := 0
		for range 200 {
			now = now.Add(time.Duration(rapid.IntRange(0, 1000).Draw(r, "ms")) * time.Millisecond)
			if size := rapid.IntRange(1, MaxMessage).Draw(r, "size"); f.fits(size) {
				f.send(size, now)
				out += size
			}
			if out > allowed {
				r.Fatalf("%d bytes are out, of %d", out, allowed)
			}
			if back := rapid.IntRange(0, out).Draw(r, "back"); back > 0 {
				if err := f.giveBack(back, now); err != nil {
					r.Fatal(err)
				}
				out -= back
			}
			if n := f.message(); n < smallMessage || n > largeMessage {
				r.Fatalf("messages of %d bytes", n)
			}
			if f.limit < leastWindow || f.limit > largestWindow {
				r.Fatalf("a limit of %d bytes", f.limit)
			}
		}
		if err := f.giveBack(out+1, now); !errors.Is(err, ErrProtocol) {
			r.Fatalf("more came back than was sent: %v", err)
		}
	})
}

func TestThrottle(t *testing.T) {
	now := time.Unix(0, 0)
	th := newThrottle(now)
	if th.take(talkBurst, now) != 0 {
		t.Error("the burst had to wait")
	}
	if wait := th.take(talkRate, now); wait != time.Second {
		t.Errorf("a second's worth waits for %v", wait)
	}
	if wait := th.take(talkRate, now.Add(time.Second)); wait != time.Second {
		t.Errorf("the next waits for %v", wait)
	}
	if th.take(talkBurst, now.Add(time.Hour)) != 0 || th.take(1, now.Add(time.Hour)) == 0 {
		t.Error("the bucket does not fill up to the burst, or beyond it")
	}
}

func TestKnownHeads(t *testing.T) {
	var k knownHeads
	log := func(i int) oplog.LogID { return oplog.LogID{byte(i), byte(i >> 8)} }
	for i := range 10 * maxKnown {
		k.mark(log(i), 5)
		if !k.has(log(i), 5) || k.has(log(i), 6) {
			t.Fatal("the last is not known")
		}
		if len(k.recent)+len(k.older) > maxKnown {
			t.Fatalf("%d logs are remembered", len(k.recent)+len(k.older))
		}
	}
	k.mark(log(1), 7)
	k.mark(log(1), 3)
	if !k.has(log(1), 7) {
		t.Error("what is known was forgotten")
	}
}

// Batches are of one queue and one space, of about a thousand entries, and the queues take turns.
func TestArrivals(t *testing.T) {
	var a arrivals
	a.init()
	here, there := &sharedSpace{}, &sharedSpace{}
	put := func(name string, space *sharedSpace, want uint64, entries, size int) {
		p := &parcel{space: space, want: want, size: size, runs: []oplog.Run{{Entries: make([]oplog.Raw, entries)}}}
		p.runs[0].Entries[0].Header = []byte(name)
		a.put(p)
	}
	put("live 1", here, 0, 1, 100)
	put("live 2", here, 0, 1, 100)
	put("live there", there, 0, 1, 100)
	put("live many", there, 0, ingestEntries, 100)
	put("live after", there, 0, 1, 100)
	put("live late", there, 0, 1, 100)
	for n := range 4 {
		put(fmt.Sprint("bulk ", n+1), here, 7, 1, ingestBytes/2)
	}
	a.put(&parcel{space: here, want: 7, size: 30, final: true})
	var got [][]string
	for batch := a.next(); len(batch) > 0; batch = a.next() {
		var names []string
		for _, p := range batch {
			if p.runs == nil {
				names = append(names, "final")
				continue
			}
			names = append(names, string(p.runs[0].Entries[0].Header))
		}
		got = append(got, names)
	}
	want := [][]string{
		{"live 1", "live 2"}, {"bulk 1", "bulk 2"}, {"live there", "live many"}, {"bulk 3", "bulk 4"},
		{"live after", "live late"}, {"final"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("batches %q", got)
	}
	put("before", here, 0, 1, 100)
	a.put(&parcel{space: here, keys: make([]SealedKey, 1)})
	put("after", here, 0, 1, 100)
	for _, keys := range []bool{false, true, false} {
		if batch := a.next(); len(batch) != 1 || (batch[0].keys != nil) != keys {
			t.Errorf("a batch of %d, keys %v", len(batch), batch[0].keys)
		}
	}
}

func TestMailbox(t *testing.T) {
	var m mailbox
	m.init()
	run := func(context.Context) error { return nil }
	if !m.ask(pushQueue+1, run) {
		t.Error("a single large push was refused")
	}
	if m.ask(1, run) {
		t.Error("more was taken than fits")
	}
	calls, _, _ := m.take(true)
	for _, call := range calls {
		if err := call(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for n := range maxMail + 1 {
		if m.ask(0, run) != (n < maxMail) {
			t.Fatalf("call %d", n)
		}
	}
	m.renew()
	m.renew(vectorSpace, vectorSpace)
	if calls, refresh, all := m.take(false); len(calls) != 0 || len(refresh) != 0 || all {
		t.Error("what came after a Refresh overtook it")
	}
	if calls, refresh, all := m.take(true); len(calls) != maxMail || len(refresh) != 1 || !all {
		t.Errorf("%d calls, %v, %v", len(calls), refresh, all)
	}
	// What the box has no room for is made up for by another offer.
	s := New(nil, nil, Config{})
	large := oplog.Run{Entries: []oplog.Raw{{Payload: make([]byte, pushQueue)}}}
	s.Push(vectorSpace, []oplog.Run{large})
	if s.mail.refresh != nil {
		t.Error("a push that fits was not taken")
	}
	s.Push(vectorSpace, []oplog.Run{large})
	if _, ok := s.mail.refresh[vectorSpace]; !ok || s.Stats().Dropped != 1 {
		t.Error("a push that was dropped is lost")
	}
	m.close()
	m.renew()
	if m.ask(0, run); len(m.calls) != 0 || m.refreshAll {
		t.Error("something was kept after the end")
	}
}
