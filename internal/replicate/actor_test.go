package replicate

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// actor is a peer that speaks the protocol by hand, well or badly.
type actor struct {
	t       testing.TB
	stream  io.ReadWriteCloser
	session sessionKey
	from    direction
	window  uint64 // that it gives in HELLO
	frames  *frameReader

	mu   sync.Mutex
	deaf bool // whether it has stopped reading
	got  []message
	end  error // why its reading ended

	victim *Session
	result chan error
	busy   sync.WaitGroup // what it does beside the test
}

// act has a person dial a home, or be dialed, with HELLO said.
func act(h *home, who *person, dialed bool, l link) *actor {
	a := actUngreeted(h, who, dialed, l)
	a.greet(h, who, dialed)
	return a
}

// actUngreeted leaves HELLO to the test.
func actUngreeted(h *home, who *person, dialed bool, l link) *actor {
	a := &actor{t: h.t, from: fromAcceptor, window: bulkWindow, result: make(chan error, 1)}
	if dialed {
		a.from = fromDialer
	}
	ours, theirs := newStream(l)
	a.stream = ours
	a.frames = newFrameReader(bufio.NewReader(ours), func() {})
	a.victim = h.attach(theirs, who.device.Peer(), !dialed)
	ctx, cancel := context.WithCancelCause(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		err := a.victim.Run(ctx)
		h.detach(a.victim)
		a.result <- err
	})
	h.t.Cleanup(func() {
		cancel(errStopped)
		ours.Close()
		done.Wait()
		a.busy.Wait()
	})
	return a
}

// greet exchanges HELLO and begins to collect what comes.
func (a *actor) greet(h *home, who *person, dialed bool) {
	a.t.Helper()
	hello := &helloMessage{Least: Version, Most: Version, Dialed: dialed, Window: a.window}
	rand.Read(hello.Nonce[:])
	a.send(hello)
	m, err := a.next()
	if err != nil {
		a.t.Fatal(err)
	}
	theirs := m.(*helloMessage)
	if dialed {
		a.session = deriveSession(hello.Nonce, theirs.Nonce, who.device.Peer(), h.who.device.Peer())
	} else {
		a.session = deriveSession(theirs.Nonce, hello.Nonce, h.who.device.Peer(), who.device.Peer())
	}
	a.busy.Go(func() {
		for {
			for a.isDeaf() {
				time.Sleep(time.Second)
			}
			m, err := a.next()
			a.mu.Lock()
			if err != nil {
				a.end = err
				a.mu.Unlock()
				return
			}
			a.got = append(a.got, m)
			a.mu.Unlock()
		}
	})
}

// setDeaf has the actor read nothing after the next message, or go on. A deaf actor is not to be left behind.
func (a *actor) setDeaf(deaf bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.deaf = deaf
}

func (a *actor) isDeaf() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.deaf && a.running()
}

func (a *actor) next() (message, error) {
	k, body, err := a.frames.next(MaxMessage)
	if err != nil {
		return nil, err
	}
	return decode(k, body)
}

// send sends messages, and does not mind if the victim has hung up.
func (a *actor) send(list ...message) {
	a.t.Helper()
	for _, m := range list {
		framed, err := frame(m)
		if err != nil {
			a.t.Fatal(err)
		}
		if _, err := a.stream.Write(framed); err != nil {
			return
		}
	}
}

// tag is the space's tag in what the actor sends; theirs in what it receives.
func (a *actor) tag(space key.SpaceID) tag { return a.session.tag(space, a.from) }

func (a *actor) theirs(space key.SpaceID) tag { return a.session.tag(space, 3-a.from) }

// received lists what came of one kind.
func received[M message](a *actor) []M {
	a.mu.Lock()
	defer a.mu.Unlock()
	var list []M
	for _, m := range a.got {
		if m, ok := m.(M); ok {
			list = append(list, m)
		}
	}
	return list
}

// open goes through the first offers: the actor answers each with the same answer, and offers spaces.
func (a *actor) open(with answer, spaces ...key.SpaceID) {
	a.t.Helper()
	for wait := 0; len(received[*offerMessage](a)) == 0; wait++ {
		if wait == 0 && a.from == fromAcceptor {
			a.offer(spaces...)
		}
		time.Sleep(time.Millisecond)
		if wait > 1000 {
			a.t.Fatal("no offer came")
		}
	}
	for _, m := range received[*offerMessage](a) {
		reply := &answerMessage{Number: m.Number, Answers: make([]byte, len(m.Items)/offerItem)}
		for i := range reply.Answers {
			reply.Answers[i] = byte(with)
		}
		a.send(reply)
	}
	if a.from == fromDialer {
		a.offer(spaces...)
	}
	time.Sleep(100 * time.Millisecond)
}

// acked counts the entries of a log that were acknowledged to the actor.
func (a *actor) acked(log oplog.LogID) uint64 {
	n := uint64(0)
	for _, m := range received[*ackMessage](a) {
		for _, piece := range m.Pieces {
			if piece.Log == log {
				n += piece.Last - piece.First + 1
			}
		}
	}
	return n
}

// offer makes the actor's first offer, with digests that agree with nothing.
func (a *actor) offer(spaces ...key.SpaceID) {
	m := &offerMessage{Number: 1}
	for _, space := range spaces {
		name := a.tag(space)
		m.Items = append(append(m.Items, name[:]...), make([]byte, digestSize)...)
	}
	a.send(m)
}

// verdict waits for the victim's session to end.
func (a *actor) verdict() error {
	a.t.Helper()
	select {
	case err := <-a.result:
		a.result <- err
		return err
	case <-time.After(time.Hour):
		a.t.Fatal("the session goes on")
		return nil
	}
}

// mustEnd fails the test unless the victim ended the session for this reason.
func (a *actor) mustEnd(want error) {
	a.t.Helper()
	if err := a.verdict(); !errors.Is(err, want) {
		a.t.Fatalf("the session ended with %v, not %v", err, want)
	}
}

// running tells whether the session goes on.
func (a *actor) running() bool {
	select {
	case err := <-a.result:
		a.result <- err
		return false
	default:
		return true
	}
}
