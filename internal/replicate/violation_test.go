package replicate

import (
	"testing"
	"testing/synctest"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// What the protocol does not allow ends the session, and the peer is told.
func TestProtocolViolations(t *testing.T) {
	nowhere := tag{9, 9, 9}
	cases := map[string]func(a *actor, v *village){
		"HELLO twice": func(a *actor, v *village) {
			a.send(&helloMessage{Least: 1, Most: 1, Window: bulkWindow})
		},
		"OFFER out of order": func(a *actor, v *village) { a.send(&offerMessage{Number: 7}) },
		"ANSWER to nothing":  func(a *actor, v *village) { a.send(&answerMessage{Number: 7}) },
		"ANSWER too short": func(a *actor, v *village) {
			a.victim.Refresh(v.wall)
			time.Sleep(time.Second)
			a.send(&answerMessage{Number: 2})
		},
		"SUMMARY of nowhere":  func(a *actor, v *village) { a.send(&summaryMessage{Tag: nowhere, Digests: make([]byte, 8)}) },
		"FRONTIER of nowhere": func(a *actor, v *village) { a.send(&frontierMessage{Tag: nowhere}) },
		"WANT of nowhere": func(a *actor, v *village) {
			a.send(&wantMessage{Tag: nowhere, Number: 1, Logs: []wireWant{{Log: make48(oplog.Content), Ranges: []uint64{1, 1}}}})
		},
		"WANT out of order": func(a *actor, v *village) {
			a.send(&wantMessage{Tag: a.tag(v.wall), Number: 2, Logs: []wireWant{{Log: make48(oplog.Content), Ranges: []uint64{1, 1}}}})
		},
		"HAVE of nowhere": func(a *actor, v *village) {
			a.send(&haveMessage{Tag: nowhere, Pieces: []wirePiece{{Log: make48(oplog.Content), First: 1, Last: 1}}})
		},
		"ACK of nowhere":       func(a *actor, v *village) { a.send(&ackMessage{Tag: nowhere, Pieces: []wireAck{{First: 1, Last: 1}}}) },
		"KEYREQ for nowhere":   func(a *actor, v *village) { a.send(&keyAskMessage{Tag: nowhere, Epochs: epochs(1)}) },
		"KEYS of nowhere":      func(a *actor, v *village) { a.send(&keysMessage{Tag: nowhere, Keys: make([]wireKey, 1)}) },
		"EPHEMERAL of nowhere": func(a *actor, v *village) { a.send(&ephemeralMessage{Tag: nowhere}) },
		"FRONTIER of two spaces mixed": func(a *actor, v *village) {
			other, create := v.create(v.people[0])
			v.homes[0].put(other, create, v.add(v.people[0], other, v.people[1]))
			a.victim.Refresh()
			time.Sleep(time.Second)
			a.send(&answerMessage{Number: 2, Answers: []byte{byte(answerDiffer)}})
			a.send(&frontierMessage{Tag: a.tag(v.wall), More: true}, &frontierMessage{Tag: a.tag(other)})
		},
		"FRONTIER without end": func(a *actor, v *village) {
			m := &frontierMessage{Tag: a.tag(v.wall), More: true, Heads: make([]wireHead, maxHeads)}
			for i := range m.Heads {
				m.Heads[i] = wireHead{Log: make48(oplog.Content), Seq: 1}
			}
			a.send(m, m, m)
		},
		"more ranges than allowed": func(a *actor, v *village) {
			v.backlog(v.homes[0], 6_000_000, 10_000) // the window is full before it is served
			log := oplog.Log{Space: v.wall, Device: v.people[0].device.ID(), Lane: oplog.Content}
			want := &wantMessage{Tag: a.tag(v.wall), Logs: []wireWant{{Log: appendLog(nil, log, v.wall)}}}
			for n := range uint64(maxRanges) {
				want.Logs[0].Ranges = append(want.Logs[0].Ranges, 2*n+1, 2*n+1)
			}
			for range maxJobRanges/maxRanges + 2 {
				want.Number++
				a.send(want)
			}
		},
		"RUNS after the final": func(a *actor, v *village) {
			a.send(&frontierMessage{Tag: a.tag(v.wall), Heads: []wireHead{{Log: make48(oplog.Content), Seq: 5}}})
			time.Sleep(time.Second)
			v.homes[0].mu.Lock()
			v.homes[0].sessions[a.victim].slow = time.Minute // so that the want is still in the list
			v.homes[0].mu.Unlock()
			push, _ := packRuns(a.tag(v.wall), v.wall, 0, []oplog.Run{v.content(v.people[1], v.wall, "x")}, largeMessage)
			a.send(push[0])
			time.Sleep(time.Second)
			final := &runsMessage{Tag: a.tag(v.wall), Want: 1, Final: true}
			a.send(final, final)
		},
		"RUNS for the want of another space": func(a *actor, v *village) {
			other, create := v.create(v.people[0])
			v.homes[0].put(other, create, v.add(v.people[0], other, v.people[1]))
			a.victim.Refresh()
			time.Sleep(time.Second)
			a.send(&answerMessage{Number: 2, Answers: []byte{byte(answerDiffer)}})
			a.send(&frontierMessage{Tag: a.tag(v.wall), Heads: []wireHead{{Log: make48(oplog.Content), Seq: 5}}})
			time.Sleep(time.Second)
			a.send(&runsMessage{Tag: a.tag(other), Want: 1})
		},
		"RUNS for no want":   func(a *actor, v *village) { a.send(&runsMessage{Tag: a.tag(v.wall), Want: 1, Final: true}) },
		"CREDIT for nothing": func(a *actor, v *village) { a.send(&creditMessage{Bytes: 1}) },
		"a tag sent back": func(a *actor, v *village) {
			a.send(&frontierMessage{Tag: a.theirs(v.wall)})
		},
		"unknown kind": func(a *actor, v *village) { a.stream.Write([]byte{0, 0, 0, 2, 99, 0x80}) },
		"no kind":      func(a *actor, v *village) { a.stream.Write([]byte{0, 0, 0, 0}) },
		"too long":     func(a *actor, v *village) { a.stream.Write([]byte{0, 0x10, 0, 1, byte(kindOffer)}) },
		"absurd":       func(a *actor, v *village) { a.stream.Write([]byte{0xff, 0xff, 0xff, 0xff, byte(kindOffer)}) },
		"more tags than there are spaces": func(a *actor, v *village) {
			for n := uint64(2); n < 40; n++ {
				a.send(&offerMessage{Number: n, Items: make([]byte, maxOffer*offerItem)})
			}
		},
		"more wants than allowed": func(a *actor, v *village) {
			// Nothing is served while the window is full.
			v.homes[0].put(v.wall, v.content(v.people[0], v.wall, string(make([]byte, 60_000)), string(make([]byte, 60_000))))
			log := oplog.Log{Space: v.wall, Device: v.people[0].device.ID(), Lane: oplog.Content}
			for n := uint64(1); n < maxJobs+100; n++ {
				a.send(&wantMessage{Tag: a.tag(v.wall), Number: n, Logs: []wireWant{{Log: appendLog(nil, log, v.wall), Ranges: []uint64{1, 100}}}})
			}
		},
	}
	for name, misbehave := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVillage(t, 2, 1)
				a := act(v.homes[0], v.people[1], true, link{latency: time.Millisecond, halfClose: true})
				a.open(answerSame, v.wall)
				misbehave(a, v)
				for range 100 { // what is on its way when the session ends does not keep its last word from arriving
					a.send(&aliveMessage{})
				}
				a.mustEnd(ErrProtocol)
				time.Sleep(time.Second)
				if byes := received[*byeMessage](a); len(byes) != 1 || byes[0].Reason != reasonProtocol {
					t.Errorf("told %v", byes)
				}
			})
		})
	}
}

// make48 is the name of a log that nobody writes.
func make48(lane oplog.Lane) []byte {
	return appendLog(nil, oplog.Log{Lane: lane}, key.SpaceID{})
}

func TestFirstMessages(t *testing.T) {
	cases := map[string]struct {
		send message
		want error
	}{
		"not HELLO":            {&aliveMessage{}, ErrProtocol},
		"a later version":      {&helloMessage{Least: Version + 1, Most: Version + 5, Dialed: true, Window: bulkWindow}, ErrVersion},
		"an earlier version":   {&helloMessage{Least: 0, Most: 0, Dialed: true, Window: bulkWindow}, ErrVersion},
		"both accepted":        {&helloMessage{Least: 1, Most: 1, Window: bulkWindow}, ErrProtocol},
		"a window of nothing":  {&helloMessage{Least: 1, Most: 1, Dialed: true}, ErrProtocol},
		"a long first message": {&ephemeralMessage{Data: make([]byte, 500)}, ErrProtocol},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVillage(t, 2, 1)
				a := actUngreeted(v.homes[0], v.people[1], true, link{})
				a.send(c.send)
				a.mustEnd(c.want)
			})
		})
	}
}
