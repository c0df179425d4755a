package sqlite

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"path/filepath"
	"testing"
	"time"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
)

// testTime is when the tests take place: later than anything is written in them, unless a clock is ahead.
var testTime = time.Unix(1_800_000_000, 0)

func openTest(t testing.TB) *DB {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "kith.db"))
}

func openAt(t testing.TB, path string) *DB {
	t.Helper()
	db, err := Open(context.Background(), path, Options{Now: func() time.Time { return testTime }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// room is a space with a key, in which authors write.
type room struct {
	t     testing.TB
	id    key.SpaceID
	epoch *seal.Epoch
}

func newRoom(t testing.TB) *room {
	r := &room{t: t, epoch: seal.NewEpoch()}
	rand.Read(r.id[:])
	return r
}

// author writes one log of a room.
type author struct {
	*room
	device *key.Device
	person key.PersonID
	head   oplog.Head
	clock  time.Time // of the next run
}

func (r *room) author() *author {
	a := &author{room: r, device: key.NewDevice(), clock: time.Unix(1_700_000_000, 0)}
	rand.Read(a.person[:])
	return a.newLog(oplog.Content)
}

// newLog is the same author with another log.
func (a *author) newLog(lane oplog.Lane) *author {
	b := *a
	log := oplog.Log{Space: a.id, Device: a.device.ID(), Lane: lane}
	rand.Read(log.Incarnation[:])
	b.head = oplog.Head{Log: log}
	return &b
}

// written is a run with what was in it.
type written struct {
	author  key.PersonID
	entries []oplog.Verified
	items   []content.Item
}

// write composes one run.
func (a *author) write(items ...content.Item) written {
	a.t.Helper()
	drafts := make([]oplog.Draft, len(items))
	for i, item := range items {
		drafts[i] = oplog.Draft{Kind: oplog.KindContent, Epoch: a.epoch.ID(), Payload: func(h oplog.Header) ([]byte, error) {
			plain, err := content.Encode(item)
			if err != nil {
				return nil, err
			}
			return seal.Payload(a.epoch, a.id, h, item.Refs(), plain)
		}}
	}
	return written{a.person, a.compose(drafts), items}
}

// operate composes a run of control entries with these payloads.
func (a *author) operate(kind oplog.Kind, payloads ...string) written {
	a.t.Helper()
	drafts := make([]oplog.Draft, len(payloads))
	for i, payload := range payloads {
		drafts[i] = oplog.Draft{Kind: kind, Payload: oplog.Plain([]byte(payload))}
	}
	return written{author: a.person, entries: a.compose(drafts)}
}

func (a *author) compose(drafts []oplog.Draft) []oplog.Verified {
	a.t.Helper()
	entries, err := oplog.Compose(a.device, a.head, 0, a.clock, drafts)
	if err != nil {
		a.t.Fatal(err)
	}
	a.head = entries[len(entries)-1].Head()
	a.clock = a.clock.Add(time.Minute)
	return entries
}

// put appends and projects, as the gate does.
func (w written) put(tx ingest.Tx) error {
	if err := tx.Append(w.author, w.entries, false); err != nil {
		return err
	}
	for i := range w.items {
		if err := tx.Project(ingest.Item{Entry: &w.entries[i], Author: w.author, Content: w.items[i]}); err != nil {
			return err
		}
	}
	return nil
}

func put(t testing.TB, db *DB, all ...written) {
	t.Helper()
	err := db.Update(context.Background(), func(tx ingest.Tx) error {
		for _, w := range all {
			if err := w.put(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// attachment is a file with a poster.
func attachment(n uint64, size int64) content.Attachment {
	p := photo(n)
	file := p.Screen
	file.Size, file.Type = size, "video/mp4"
	return content.Attachment{Name: "film.mp4", File: file, Poster: &p.Thumb}
}

// photo has files with refs made from a number.
func photo(n uint64) content.Photo {
	file := func(class uint64) content.File {
		return content.File{Ref: testRef(n, class), Key: bytes.Repeat([]byte{7}, blob.KeySize), Size: int64(1000 * class), Type: "image/jpeg"}
	}
	original := file(3)
	return content.Photo{Alt: "a photo", Width: 4, Height: 3, Thumb: file(1), Screen: file(2), Original: &original}
}

func testRef(n, class uint64) blob.Ref {
	raw := binary.BigEndian.AppendUint64(nil, n)
	return blob.Ref(sha256.Sum256(binary.BigEndian.AppendUint64(raw, class)))
}
