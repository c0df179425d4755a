package replicate

import (
	"crypto/rand"
	"errors"
	"slices"
	"sort"
	"testing"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// The people of the tests write real, signed entries, but their membership is simpler than that of the product:
//
//	identity  signed by the root:   device ID ‖ network key     this device speaks for me
//	control   by the owner's device: 'C' ‖ owner ‖ nonce         create; its hash is the SpaceID
//	                                 'A' or 'R' ‖ person         add, remove
//	content   by a member's device:  any bytes

// person is somebody with one device.
type person struct {
	name   string
	root   *key.Root
	id     key.PersonID
	device *key.Device
}

func newPerson(name string) *person {
	root := key.NewWords().Root()
	return &person{name: name, root: root, id: root.Person(), device: key.NewDevice()}
}

// writer continues logs.
type writer struct {
	t     testing.TB
	heads map[oplog.LogID]oplog.Head
	clock uint64 // the greatest Lamport time, over all spaces
}

func newWriter(t testing.TB) *writer {
	return &writer{t: t, heads: make(map[oplog.LogID]oplog.Head)}
}

// run writes one run of payloads.
func (w *writer) run(by key.Signer, space key.SpaceID, lane oplog.Lane, kind oplog.Kind, payloads ...[]byte) oplog.Run {
	w.t.Helper()
	log := oplog.Log{Space: space, Device: by.ID(), Lane: lane}
	head := w.heads[log.ID()]
	head.Log = log
	drafts := make([]oplog.Draft, len(payloads))
	for i, payload := range payloads {
		drafts[i] = oplog.Draft{Kind: kind, Payload: oplog.Plain(payload)}
		if kind == oplog.KindContent {
			drafts[i].Epoch = testEpoch
		}
	}
	entries, err := oplog.Compose(by, head, w.clock, time.Now(), drafts)
	if err != nil {
		w.t.Fatal(err)
	}
	run, err := oplog.RunOf(entries)
	if err != nil {
		w.t.Fatal(err)
	}
	w.heads[log.ID()] = entries[len(entries)-1].Head()
	w.clock = w.heads[log.ID()].Lamport
	return run
}

var testEpoch = oplog.EpochID{1, 2, 3}

// identity is the run that makes the person's device known.
func (w *writer) identity(p *person) oplog.Run {
	device, peer := p.device.ID(), p.device.Peer()
	return w.run(p.root, p.id.IdentitySpace(), oplog.Control, oplog.KindIdentity, append(device[:], peer[:]...))
}

// create makes a space.
func (w *writer) create(owner *person) (key.SpaceID, oplog.Run) {
	statement := append([]byte{'C'}, owner.id[:]...)
	statement = append(statement, make([]byte, 16)...)
	rand.Read(statement[len(statement)-16:])
	space := key.SpaceOf(statement)
	return space, w.run(owner.device, space, oplog.Control, oplog.KindControl, statement)
}

func (w *writer) add(owner *person, space key.SpaceID, who *person) oplog.Run {
	return w.run(owner.device, space, oplog.Control, oplog.KindControl, append([]byte{'A'}, who.id[:]...))
}

func (w *writer) removeMember(owner *person, space key.SpaceID, who *person) oplog.Run {
	return w.run(owner.device, space, oplog.Control, oplog.KindControl, append([]byte{'R'}, who.id[:]...))
}

func (w *writer) content(by *person, space key.SpaceID, texts ...string) oplog.Run {
	payloads := make([][]byte, len(texts))
	for i, text := range texts {
		payloads[i] = []byte(text)
	}
	return w.run(by.device, space, oplog.Content, oplog.KindContent, payloads...)
}

// storedRun is a run in a home.
type storedRun struct {
	run     oplog.Run
	lamport uint64 // of its head
	head    oplog.Head
	prev    oplog.EntryID // before its first entry
}

func (r *storedRun) cursor() Cursor { return Cursor{Lamport: r.lamport, Log: r.head.Log.ID()} }

// storedLog is a log in a home, maybe with gaps.
type storedLog struct {
	log  oplog.Log
	runs []*storedRun // by sequence number
}

func (l *storedLog) head() oplog.Head { return l.runs[len(l.runs)-1].head }

func (l *storedLog) held() []oplog.Range {
	var held []oplog.Range
	for _, r := range l.runs {
		if n := len(held); n > 0 && held[n-1].Last+1 == r.run.First {
			held[n-1].Last = r.run.Last()
			continue
		}
		held = append(held, oplog.Range{First: r.run.First, Last: r.run.Last()})
	}
	return held
}

// place is where a run goes: the index of the first run that starts behind it.
func (l *storedLog) place(first uint64) int {
	return sort.Search(len(l.runs), func(i int) bool { return l.runs[i].run.First > first })
}

// errBadRun is a run that no honest peer sends.
var errBadRun = errors.New("not genuine")

// verify checks a run against the log, and whether it is all there already.
func (l *storedLog) verify(run *oplog.Run) (entries []oplog.Verified, duplicate bool, err error) {
	at := l.place(run.First)
	var anchor oplog.EntryID
	if at > 0 {
		before := l.runs[at-1]
		if before.run.Last() >= run.Last() {
			return nil, true, nil
		}
		if before.run.Last() >= run.First {
			return nil, false, errBadRun
		}
	}
	if at < len(l.runs) && l.runs[at].run.First == run.Last()+1 {
		anchor = l.runs[at].prev
	}
	entries, err = oplog.Verify(run, anchor)
	if err != nil {
		return nil, false, err
	}
	if at > 0 && l.runs[at-1].run.Last()+1 == run.First && l.runs[at-1].head.ID != entries[0].Header().Prev {
		return nil, false, errBadRun
	}
	return entries, false, nil
}

// insert puts a verified run in.
func (l *storedLog) insert(run oplog.Run, entries []oplog.Verified) *storedRun {
	last := &entries[len(entries)-1]
	stored := &storedRun{run: run, lamport: last.Header().Lamport, head: last.Head(), prev: entries[0].Header().Prev}
	l.runs = slices.Insert(l.runs, l.place(run.First), stored)
	return stored
}
