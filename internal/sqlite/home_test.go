package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"kith/internal/access"
	"kith/internal/access/accesstest"
	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/replicate"
	"kith/internal/space"
)

func TestAccessStore(t *testing.T) {
	paths := make(map[access.Store]string)
	open := func(t *testing.T, path string) access.Store {
		db := openAt(t, path)
		paths[db] = path
		return db
	}
	accesstest.TestStore(t,
		func(t *testing.T) access.Store { return open(t, filepath.Join(t.TempDir(), "kith.db")) },
		func(t *testing.T, s access.Store) access.Store {
			if err := s.(*DB).Close(); err != nil {
				t.Fatal(err)
			}
			return open(t, paths[s])
		})
}

func TestRecords(t *testing.T) {
	db := openTest(t)
	type draft struct {
		Text string
		N    []int
	}
	ctx := t.Context()
	if found, err := db.Get(ctx, "drafts", "one", &draft{}); found || err != nil {
		t.Errorf("Get of nothing = %v, %v", found, err)
	}
	want := draft{"a 'text'; DROP TABLE records", []int{1, 2}}
	for _, id := range []string{"two", "one"} {
		if err := db.Put(ctx, "drafts", id, want); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Put(ctx, "others", "one", 1); err != nil {
		t.Fatal(err)
	}
	var got draft
	if found, err := db.Get(ctx, "drafts", "one", &got); !found || err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Get = %+v, %v, %v", got, found, err)
	}
	if _, err := db.Get(ctx, "others", "one", &got); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a number as a draft: %v", err)
	}
	list, err := db.List(ctx, "drafts")
	if err != nil || len(list) != 2 || list[0].ID != "one" || list[1].ID != "two" {
		t.Errorf("List = %v, %v", list, err)
	}
	if err := db.Put(ctx, "drafts", "bad", func() {}); err == nil {
		t.Error("a function was stored")
	}
	// In one step with entries, or not at all.
	ada := newRoom(t).author()
	post := ada.write(content.Post{Text: "one"})
	fails := errors.New("fails")
	for _, outcome := range []error{fails, nil} {
		err := db.Update(ctx, func(tx ingest.Tx) error {
			if err := tx.DeleteRecord("drafts", "one"); err != nil {
				return err
			}
			if err := tx.PutRecord("drafts", "two", draft{Text: "new"}); err != nil {
				return err
			}
			if err := post.put(tx); err != nil {
				return err
			}
			return outcome
		})
		if !errors.Is(err, outcome) {
			t.Fatal(err)
		}
		list, err := db.List(ctx, "drafts")
		if err != nil || (len(list) == 1) != (outcome == nil) {
			t.Errorf("List = %v, %v after %v", list, err, outcome)
		}
	}
	if err := db.Delete(ctx, "drafts", "two"); err != nil {
		t.Error(err)
	}
	if err := db.Delete(ctx, "drafts", "two"); err != nil {
		t.Error("deleting nothing:", err)
	}
}

func TestMeta(t *testing.T) {
	db := openTest(t)
	for _, value := range []string{"", "a mark", "another", ""} {
		if err := db.SetMeta(t.Context(), "mark", value); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Meta(t.Context(), "mark"); got != value || err != nil {
			t.Errorf("Meta = %q, %v; want %q", got, err, value)
		}
	}
}

func TestSpaces(t *testing.T) {
	db := openTest(t)
	a, b := newRoom(t).author(), newRoom(t).author()
	put(t, db, b.write(content.Post{Text: "in a space that is not listed so far"}))
	want := []Space{{ID: b.id, AwaitedFrom: a.person}, {ID: a.id, Kind: space.Wall, Owner: a.person, Joined: testTime}}
	for _, s := range want {
		if err := db.PutSpace(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	check := func() {
		t.Helper()
		got, err := db.Spaces(t.Context())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Spaces = %+v, %v; want %+v", got, err, want)
		}
	}
	check()
	want[0] = Space{ID: b.id, Kind: space.Audience, Owner: b.person, Joined: testTime, Ended: testTime.Add(time.Hour)}
	if err := db.PutSpace(t.Context(), want[0]); err != nil {
		t.Fatal(err)
	}
	check()
	if got, found, err := db.Space(t.Context(), b.id); !found || err != nil || got != want[0] {
		t.Errorf("Space = %+v, %v, %v", got, found, err)
	}
	if err := db.DropSpace(t.Context(), b.id); err != nil {
		t.Fatal(err)
	}
	want = want[1:]
	check()
	if _, found, err := db.Space(t.Context(), b.id); found || err != nil {
		t.Errorf("a dropped space: %v, %v", found, err)
	}
}

func TestPeers(t *testing.T) {
	db := openTest(t)
	ctx := t.Context()
	ada, bob := newRoom(t).author(), newRoom(t).author()
	phone, desk := key.PeerKey{1}, key.PeerKey{2}
	for i := range maxAddresses + 4 {
		if err := db.PutAddress(ctx, phone, fmt.Sprintf("/ip4/10.0.0.%d/tcp/4001", i), testTime.Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.PutAddress(ctx, phone, "/ip4/10.0.0.9/tcp/4001", testTime.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	list, err := db.Addresses(ctx, phone)
	if err != nil || len(list) != maxAddresses || list[0] != "/ip4/10.0.0.9/tcp/4001" || list[1] != "/ip4/10.0.0.19/tcp/4001" || slices.Contains(list, "/ip4/10.0.0.0/tcp/4001") {
		t.Errorf("Addresses = %v, %v", list, err)
	}
	if list, err := db.Addresses(ctx, desk); err != nil || len(list) > 0 {
		t.Errorf("addresses of another peer: %v, %v", list, err)
	}
	for _, seen := range []struct {
		peer key.PeerKey
		at   time.Time
	}{{phone, testTime}, {desk, testTime.Add(time.Minute)}, {desk, testTime.Add(time.Second)}} {
		if err := db.Seen(ctx, seen.peer, ada.person, seen.at); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.LastSeen(ctx, []key.PersonID{ada.person, bob.person})
	if want := map[key.PersonID]time.Time{ada.person: testTime.Add(time.Minute)}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("LastSeen = %v, %v; want %v", got, err, want)
	}
}

func TestDelivery(t *testing.T) {
	db := openTest(t)
	ctx := t.Context()
	h := newHistory(newRoom(t), 1, 1, 1, 1, 1, 1, 1, 1, 1)
	update(t, db, func(tx ingest.Tx) error { return tx.Append(h.person, h.entries, false) })
	ids := []oplog.EntryID{{7}}
	for _, e := range h.entries {
		ids = append(ids, e.ID())
	}
	log := h.head.Log.ID()
	ada, bob := key.PersonID{1}, key.PersonID{2}
	has := func(peer byte, person key.PersonID, first, last uint64, news bool) {
		t.Helper()
		piece := replicate.Held{Log: log, Range: oplog.Range{First: first, Last: last}}
		got, err := db.PeerHas(ctx, key.PeerKey{peer}, person, []replicate.Held{piece, {Log: oplog.LogID{1}, Range: piece.Range}})
		if err != nil || (len(got) == 1 && got[0] == piece) != news {
			t.Errorf("PeerHas(%d to %d) = %v, %v; want news: %v", first, last, got, err, news)
		}
	}
	want := func(who ...string) { // for each entry
		t.Helper()
		have, err := db.Delivery(ctx, ids)
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range ids[1:] {
			text := ""
			for _, person := range []key.PersonID{ada, bob} {
				if slices.Contains(have[id], person) {
					text += map[key.PersonID]string{ada: "a", bob: "b"}[person]
				}
			}
			if text != who[i] || len(have[id]) != len(text) {
				t.Errorf("entry %d is at %v, want %q", i+1, have[id], who[i])
			}
		}
	}
	want("", "", "", "", "", "", "", "", "")
	has(1, ada, 8, 9, true)
	has(2, ada, 9, 9, true) // another device of hers
	has(3, bob, 2, 3, true)
	want("", "b", "b", "", "", "", "", "a", "a")
	has(1, ada, 8, 9, false)
	has(1, ada, 8, 8, false)
	has(1, ada, 4, 5, true)
	has(1, ada, 5, 7, true) // joins both
	has(3, bob, 1, 1, true) // touches
	has(3, bob, 1, 3, false)
	has(3, bob, 3, 9, true)
	has(3, bob, 1, 9, false)
	want("b", "b", "b", "ab", "ab", "ab", "ab", "ab", "ab")
	has(3, bob, 0, 3, false)
	has(3, bob, 5, 4, false)
	has(3, bob, 5, 1<<63, false)
	if err := db.Check(ctx); err != nil {
		t.Error(err)
	}
}

func TestUnusedBlobsAreForgotten(t *testing.T) {
	db := openTest(t)
	ctx := t.Context()
	ada := newRoom(t).author()
	lone, used := testRef(9, 1), testRef(1, 1)
	if err := db.MarkBlobs(ctx, []blob.Ref{lone, used}, true); err != nil {
		t.Fatal(err)
	}
	if refs, err := db.UnusedBlobs(ctx, testTime, 10); err != nil || len(refs) > 0 {
		t.Errorf("%v, %v are unused already", refs, err)
	}
	put(t, db, ada.write(content.Post{Photos: []content.Photo{photo(1)}}))
	refs, err := db.UnusedBlobs(ctx, testTime.Add(time.Second), 10)
	if err != nil || !slices.Equal(refs, []blob.Ref{lone}) {
		t.Errorf("UnusedBlobs = %v, %v; want %v", refs, err, lone)
	}
	dropped, err := db.ForgetBlobs(ctx, []blob.Ref{used, lone, testRef(5, 5)})
	if err != nil || !slices.Equal(dropped, []blob.Ref{lone}) {
		t.Errorf("ForgetBlobs = %v, %v; want %v", dropped, err, lone)
	}
	if wanted, err := db.WantedBlobs(ctx, 10); err != nil || len(wanted) != 1 || wanted[0].Ref != testRef(1, 2) {
		t.Errorf("WantedBlobs = %v, %v", wanted, err)
	}
	if err := db.MarkBlob(ctx, used, false); err != nil { // its file was damaged
		t.Fatal(err)
	}
	if wanted, err := db.WantedBlobs(ctx, 10); err != nil || len(wanted) != 2 {
		t.Errorf("WantedBlobs = %v, %v", wanted, err)
	}
	if wanted, err := db.WantedBlobs(ctx, 1); err != nil || len(wanted) != 1 || wanted[0].Ref != used {
		t.Errorf("WantedBlobs = %v, %v", wanted, err)
	}
	counts, err := db.Counts(ctx)
	if err != nil || counts.Entries != 1 || counts.Blobs != 0 || counts.Wanted != 2 || counts.Bytes < 4096 {
		t.Errorf("Counts = %+v, %v", counts, err)
	}
}

func TestNewestPostsFilesAreWantedFirst(t *testing.T) {
	db := openTest(t)
	ada := newRoom(t).author()
	var runs []written
	for n := range uint64(5) {
		runs = append(runs, ada.write(content.Post{Photos: []content.Photo{photo(n)}}))
	}
	slices.Reverse(runs)
	put(t, db, runs...)
	wanted, err := db.WantedBlobs(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []blob.Ref{testRef(4, 1), testRef(4, 2), testRef(3, 1), testRef(3, 2), testRef(2, 1)} {
		if wanted[i].Ref != want || !slices.Equal(wanted[i].Spaces, []key.SpaceID{ada.id}) {
			t.Errorf("%d: wanted %+v", i, wanted[i])
		}
	}
}

func TestLargeFilesAreFetchedOnDemand(t *testing.T) {
	db, ctx := openTest(t), t.Context()
	ada := newRoom(t).author()
	small, large := attachment(1, content.MaxCarried), attachment(2, content.MaxCarried+1)
	put(t, db, ada.write(content.Post{Files: []content.Attachment{small, large}}))
	wants := func(when string, want ...blob.Ref) {
		t.Helper()
		wanted, err := db.WantedBlobs(ctx, 10)
		var refs []blob.Ref
		for _, w := range wanted {
			refs = append(refs, w.Ref)
		}
		if err != nil || !slices.Equal(refs, want) {
			t.Errorf("%s: wanted %v, %v; want %v", when, refs, err, want)
		}
	}
	wants("at first", small.File.Ref, small.Poster.Ref, large.Poster.Ref)
	if err := db.WantBlob(ctx, large.File.Ref); err != nil {
		t.Fatal(err)
	}
	wants("on demand", small.File.Ref, small.Poster.Ref, large.Poster.Ref, large.File.Ref)
	here := []blob.Ref{small.File.Ref, small.Poster.Ref, large.Poster.Ref, large.File.Ref}
	if err := db.MarkBlobs(ctx, here, true); err != nil {
		t.Fatal(err)
	}
	if err := db.WantBlob(ctx, large.File.Ref); err != nil {
		t.Fatal(err)
	}
	wants("when all is here")
	if err := db.MarkBlobs(ctx, here, false); err != nil { // a disk damaged them
		t.Fatal(err)
	}
	wants("after damage", small.File.Ref, small.Poster.Ref, large.Poster.Ref)
	if wanted, err := db.WantedBlobs(ctx, 10); err != nil || wanted[0].Class != Attached || wanted[1].Class != Poster {
		t.Errorf("WantedBlobs = %+v, %v", wanted, err)
	}
}
