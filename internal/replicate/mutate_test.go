package replicate

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"kith/internal/oplog"
)

// 10,000 mutated messages: the node lives, and what it keeps is genuine to the byte.
func TestMutatedMessages(t *testing.T) {
	messages := scaled(10_000)
	v := newVillage(t, 4, 0)
	genuine := v.posts(12, func() int { return 3 })
	genuine = append(genuine, v.add(v.people[0], v.wall, v.people[2]))
	var packed []*runsMessage
	for n := range genuine {
		some, err := packRuns(tag{}, v.wall, 0, genuine[n:min(n+3, len(genuine))], largeMessage)
		if err != nil {
			t.Fatal(err)
		}
		packed = append(packed, some...)
	}
	known := make(map[string]bool)
	for _, run := range slices.Concat(genuine, v.control, v.identities) {
		for _, raw := range run.Entries {
			known[string(raw.Header)] = true
			known[string(raw.Header)+string(raw.Payload)] = true
		}
	}
	sessions, ended, mutated, kept := 0, 0, 0, 0
	for mutated < messages {
		synctest.Test(t, func(t *testing.T) {
			r := newRand(uint64(sessions))
			sessions++
			h := newHome(t, v.people[0])
			h.meet(v.identities...)
			h.put(v.wall, v.control...)
			a := act(h, v.people[1], r.IntN(2) == 0, link{})
			a.open(answer(r.IntN(5)), v.wall)
			n, end := a.mutations(r, a.corpus(v, genuine, packed), 50)
			mutated += n
			if end {
				ended++
			}
			synctest.Wait()
			h.mu.Lock()
			defer h.mu.Unlock()
			for _, log := range h.logs {
				for _, stored := range log.runs {
					if stored.run.Log.Lane == oplog.Content {
						kept++
					}
					for _, raw := range stored.run.Entries {
						if !known[string(raw.Header)] || raw.Payload != nil && !known[string(raw.Header)+string(raw.Payload)] {
							t.Errorf("entry %x was accepted", raw.Header)
						}
					}
				}
			}
		})
	}
	t.Logf("%d mutated messages ended %d of %d sessions; %d genuine runs between them were kept", mutated, ended, sessions, kept)
	if ended == 0 || ended == sessions || kept == 0 {
		t.Error("the mutations do not reach anything")
	}
}

// mutations sends so many mutated messages, or until the session ends.
func (a *actor) mutations(r *rand.Rand, corpus []message, most int) (sent int, ended bool) {
	for sent < most {
		if time.Sleep(time.Millisecond); !a.running() {
			return sent, true
		}
		m := corpus[r.IntN(len(corpus))]
		if runs, ok := m.(*runsMessage); ok && runs.Want == 0 {
			switch r.IntN(6) {
			case 0: // as it is: what comes after is to find something
				a.send(m)
				continue
			case 1, 2, 3, 4:
				a.send(twist(r, runs))
				sent++
				continue
			}
		}
		framed, err := frame(m)
		if err != nil {
			a.t.Fatal(err)
		}
		if _, err := a.stream.Write(mutate(r, framed)); err != nil {
			return sent, true
		}
		sent++
	}
	return sent, false
}

// twist changes what the form of runs allows to be changed.
func twist(r *rand.Rand, m *runsMessage) message {
	raw, err := encode(m)
	if err != nil {
		panic(err)
	}
	decoded, err := decode(kindRuns, raw) // a copy
	if err != nil {
		panic(err)
	}
	m = decoded.(*runsMessage)
	run := &m.Runs[r.IntN(len(m.Runs))]
	entry := &run.Entries[r.IntN(len(run.Entries))]
	flip := func(b []byte) {
		if len(b) > 0 {
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		}
	}
	switch r.IntN(13) {
	case 0:
		flip(run.Signature[:])
	case 1:
		flip(entry.Payload)
	case 2:
		flip(run.Prev)
	case 3:
		entry.Lamport += uint64(r.Int64())
	case 4:
		entry.Time += r.Int64() - 1<<40
	case 5:
		entry.Kind = oplog.Kind(r.IntN(5))
	case 6:
		entry.Epoch = 0
	case 7:
		entry.Deps = make([]byte, depSize)
	case 8:
		entry.Payload, entry.Erased = nil, &wireErased{Len: r.Uint64(), Hash: sum(entry.Payload)}
	case 9:
		run.Entries = run.Entries[:len(run.Entries)-1]
	case 10:
		slices.Reverse(run.Entries)
	case 11:
		run.First += uint64(r.IntN(3)) + 1
		run.Prev = make([]byte, depSize)
	case 12:
		flip(m.Logs[r.IntN(len(m.Logs))])
	}
	return m
}

// corpus is what an honest peer might send now.
func (a *actor) corpus(v *village, genuine []oplog.Run, packed []*runsMessage) []message {
	var corpus []message
	for _, m := range samples(a.t, a.tag(v.wall)) {
		if _, runs := m.(*runsMessage); !runs {
			corpus = append(corpus, m)
		}
	}
	for _, want := range []uint64{0, 0, 0, 1} {
		for _, m := range packed {
			one := *m
			one.Tag, one.Want = a.tag(v.wall), want
			corpus = append(corpus, &one)
		}
	}
	frontier := &frontierMessage{Tag: a.tag(v.wall)}
	for _, run := range genuine {
		frontier.Heads = append(frontier.Heads, wireHead{Log: appendLog(nil, run.Log, v.wall), Seq: run.Last()})
	}
	return append(corpus, frontier)
}

// mutate changes a frame a little: bits, bytes, pieces, its length.
func mutate(r *rand.Rand, framed []byte) []byte {
	m := append([]byte(nil), framed...)
	for range 1 + r.IntN(3) {
		at := lengthSize + r.IntN(len(m)-lengthSize)
		switch r.IntN(6) {
		case 0:
			m[at] ^= 1 << r.IntN(8)
		case 1:
			m[at] = byte(r.IntN(256))
		case 2:
			m = slices.Insert(m, at, byte(r.IntN(256)))
		case 3:
			if len(m) > frameExtra+1 {
				m = slices.Delete(m, at, at+1)
			}
		case 4: // a piece of it again
			m = slices.Insert(m, at, slices.Clone(m[at:at+r.IntN(len(m)-at)])...)
		case 5:
			if at > frameExtra {
				m = m[:at]
			}
		}
	}
	binary.BigEndian.PutUint32(m, uint32(len(m)-lengthSize))
	if r.IntN(50) == 0 {
		m[r.IntN(lengthSize)] ^= 1 << r.IntN(8)
	}
	return m
}
