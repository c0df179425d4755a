package sqlite

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"time"

	"pgregory.net/rapid"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
)

// live lists what was not erased, of the kind of T.
func live[T content.Item](w *world) []*fact {
	var list []*fact
	for _, f := range w.facts {
		if _, ok := f.Content.(T); ok && !w.erased[f.ID] {
			list = append(list, f)
		}
	}
	return list
}

func (w *world) spaceOf(id oplog.EntryID) key.SpaceID {
	for _, f := range w.facts {
		if f.ID == id {
			return f.Space
		}
	}
	return key.SpaceID{}
}

func (w *world) check(t *rapid.T, db *DB) {
	ctx := context.Background()
	for _, f := range w.facts {
		item, found, err := db.Item(ctx, f.ID)
		if err != nil || found == w.erased[f.ID] || found && !reflect.DeepEqual(item, f.Item) {
			t.Fatalf("Item = %+v, %v, %v; want %+v, erased %v", item, found, err, f.Item, w.erased[f.ID])
		}
	}
	everyone := []key.PersonID{{}}
	for i := range people {
		everyone = append(everyone, w.authors[2*i].person)
	}
	for _, author := range everyone {
		w.checkFeed(t, db, author)
	}
	w.checkThreads(t, db)
	w.checkReactions(t, db)
	w.checkCards(t, db, everyone[1:])
	w.checkBlobs(t, db)
}

// checkFeed reads a feed page by page. Among equals of the order the store is free.
func (w *world) checkFeed(t *rapid.T, db *DB, author key.PersonID) {
	want := make(map[oplog.EntryID]*fact)
	for _, f := range live[content.Post](w) {
		if author.IsZero() || f.Author == author {
			want[f.ID] = f
		}
	}
	var cursor Cursor
	last := int64(1 << 62)
	for {
		again, err := ParseCursor(cursor.String())
		if err != nil || again != cursor {
			t.Fatalf("cursor %v comes back as %v, %v", cursor, again, err)
		}
		page, err := db.Feed(context.Background(), FeedQuery{Author: author, After: cursor, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, post := range page.Posts {
			f := want[post.ID]
			if f == nil || !reflect.DeepEqual(post, f.Item) {
				t.Fatalf("post %+v, want %+v", post, f)
			}
			if f.order > last {
				t.Fatal("a newer post below an older one")
			}
			last = f.order
			delete(want, post.ID)
		}
		if cursor = page.Next; cursor.IsZero() {
			break
		}
		if len(page.Posts) != 2 {
			t.Fatalf("%d posts on a page that another follows", len(page.Posts))
		}
	}
	if len(want) > 0 {
		t.Fatalf("%d posts are not in the feed", len(want))
	}
}

func (w *world) checkThreads(t *rapid.T, db *DB) {
	var ids []oplog.EntryID
	comments := make(map[oplog.EntryID][]*fact)
	for _, f := range w.facts {
		ids = append(ids, f.ID)
	}
	ids = append(ids, oplog.EntryID{1})
	for _, f := range live[content.Comment](w) {
		if post := f.Content.(content.Comment).Post; w.spaceOf(post) == f.Space {
			comments[post] = append(comments[post], f)
		}
	}
	threads, err := db.Threads(context.Background(), ids, 2)
	if err != nil || len(threads) != len(comments) {
		t.Fatalf("%d threads, %v; want %d", len(threads), err, len(comments))
	}
	for post, want := range comments {
		all, err := db.Comments(context.Background(), post, 1000)
		if err != nil || len(all) != len(want) || threads[post].Count != len(want) || len(threads[post].Comments) != min(2, len(want)) {
			t.Fatalf("%d comments and %d of %d, %v; want %d", len(all), len(threads[post].Comments), threads[post].Count, err, len(want))
		}
		if !reflect.DeepEqual(all[max(0, len(all)-2):], threads[post].Comments) {
			t.Fatal("a thread does not end in the newest comments")
		}
		last := int64(0)
		for _, comment := range all {
			i := slices.IndexFunc(want, func(f *fact) bool { return f.ID == comment.ID })
			if i < 0 || !reflect.DeepEqual(comment, want[i].Item) || want[i].order < last {
				t.Fatalf("comment %+v is not what was written, or out of order", comment)
			}
			last = want[i].order
		}
	}
}

func (w *world) checkReactions(t *rapid.T, db *DB) {
	type slot struct {
		target oplog.EntryID
		person key.PersonID
	}
	newest := make(map[slot]*fact)
	for _, f := range live[content.Reaction](w) {
		target := f.Content.(content.Reaction).Target
		if w.spaceOf(target) != f.Space {
			continue
		}
		if at := (slot{target, f.Author}); newest[at] == nil || f.newer(newest[at]) {
			newest[at] = f
		}
	}
	want := make(map[slot]Reaction)
	ids := []oplog.EntryID{{1}}
	for _, f := range w.facts {
		ids = append(ids, f.ID)
	}
	for at, f := range newest {
		if emoji := f.Content.(content.Reaction).Emoji; emoji != "" {
			want[at] = Reaction{Person: f.Author, Emoji: emoji, At: f.At}
		}
	}
	reactions, err := db.Reactions(context.Background(), ids)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[slot]Reaction)
	for target, list := range reactions {
		for _, r := range list {
			got[slot{target, r.Person}] = r
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("reactions %v, want %v", got, want)
	}
}

func (w *world) checkCards(t *rapid.T, db *DB, everyone []key.PersonID) {
	newest := make(map[key.PersonID]map[key.SpaceID]*fact)
	for _, f := range live[content.Card](w) {
		if newest[f.Author] == nil {
			newest[f.Author] = make(map[key.SpaceID]*fact)
		}
		if before := newest[f.Author][f.Space]; before == nil || f.newer(before) {
			newest[f.Author][f.Space] = f
		}
	}
	cards, err := db.Cards(context.Background(), everyone)
	if err != nil || len(cards) != len(newest) {
		t.Fatalf("%d cards, %v; want %d", len(cards), err, len(newest))
	}
	for person, bySpace := range newest {
		latest := slices.MaxFunc(slices.Collect(maps.Values(bySpace)), func(a, b *fact) int { return cmp.Compare(a.order, b.order) })
		if !slices.ContainsFunc(slices.Collect(maps.Values(bySpace)), func(f *fact) bool {
			return f.order == latest.order && reflect.DeepEqual(f.Content, cards[person])
		}) {
			t.Fatalf("card %+v is not the newest", cards[person])
		}
	}
	for _, person := range everyone {
		for _, room := range w.rooms {
			card, found, err := db.CardIn(context.Background(), person, room.id)
			want := newest[person][room.id]
			if err != nil || found != (want != nil) || found && !reflect.DeepEqual(card, want.Content) {
				t.Fatalf("CardIn = %+v, %v, %v; want %+v", card, found, err, want)
			}
		}
	}
}

func (w *world) checkBlobs(t *rapid.T, db *DB) {
	ctx := context.Background()
	named := make(map[blob.Ref]map[oplog.EntryID]key.SpaceID)
	note := func(ref blob.Ref, f *fact) {
		if named[ref] == nil {
			named[ref] = make(map[oplog.EntryID]key.SpaceID)
		}
		if f != nil {
			named[ref][f.ID] = f.Space
		}
	}
	for ref := range w.here {
		note(ref, nil)
	}
	wanted := make(map[blob.Ref]bool)
	for _, f := range live[content.Post](w) {
		for _, photo := range f.Content.(content.Post).Photos {
			for _, file := range []*content.File{&photo.Thumb, &photo.Screen, photo.Original} {
				note(file.Ref, f)
				if !w.here[file.Ref] && file != photo.Original {
					wanted[file.Ref] = true
				}
			}
		}
	}
	list, err := db.WantedBlobs(ctx, 1000)
	if err != nil || len(list) != len(wanted) {
		t.Fatalf("%d blobs wanted, %v; want %d", len(list), err, len(wanted))
	}
	for _, want := range list {
		if !wanted[want.Ref] || want.Size != 1000*int64(want.Class) || len(want.Spaces) != len(spacesOf(named[want.Ref])) {
			t.Fatalf("wanted %+v", want)
		}
	}
	unused := make(map[blob.Ref]bool)
	refs, err := db.UnusedBlobs(ctx, testTime.Add(time.Second), 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range refs {
		unused[ref] = true
	}
	for ref, posts := range named {
		spaces, err := db.BlobSpaces(ctx, ref)
		if err != nil || !maps.Equal(setOf(spaces), spacesOf(posts)) || len(setOf(spaces)) != len(spaces) {
			t.Fatalf("BlobSpaces = %v, %v; want those of %v", spaces, err, posts)
		}
		in, err := db.BlobPosts(ctx, ref)
		if err != nil || !maps.Equal(setOf(in), setOf(slices.Collect(maps.Keys(posts)))) {
			t.Fatalf("BlobPosts = %v, %v; want %v", in, err, posts)
		}
		if unused[ref] != (len(posts) == 0) {
			t.Fatalf("unused is %v with %d posts", unused[ref], len(posts))
		}
	}
	here, err := db.BlobHere(ctx, slices.Collect(maps.Keys(named)))
	if err != nil {
		t.Fatal(err)
	}
	for ref := range named {
		if here[ref] != w.here[ref] {
			t.Fatalf("here is %v, want %v", here[ref], w.here[ref])
		}
	}
}

func spacesOf(posts map[oplog.EntryID]key.SpaceID) map[key.SpaceID]bool {
	return setOf(slices.Collect(maps.Values(posts)))
}

func setOf[T comparable](list []T) map[T]bool {
	set := make(map[T]bool)
	for _, v := range list {
		set[v] = true
	}
	return set
}
