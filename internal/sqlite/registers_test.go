package sqlite

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"kith/internal/content"
	"kith/internal/ingest"
)

// Whatever the order in which the registers of two devices arrive, the newest of a name is the record; and when it is
// dropped, the one before it is.
func TestTheNewestRegisterCounts(t *testing.T) {
	for seed := range uint64(20) {
		dice := rand.New(rand.NewPCG(seed, 7))
		r := newRoom(t)
		desk := r.author()
		laptop := r.author()
		laptop.person = desk.person
		set := func(id, value string) content.Item {
			return content.Register{Collection: "names", ID: id, Value: []byte(value)}
		}
		// The Lamport times of either log are 1, 2, 3, 4; so the laptop's fourth is the newest of "a".
		all := []written{
			desk.write(set("a", `"one"`)), desk.write(set("b", `"first"`)), desk.write(set("b", `"kept"`)),
			desk.write(content.Register{Collection: "names", ID: "c"}),
			laptop.write(set("d", `0`)), laptop.write(set("a", `"two"`)), laptop.write(set("c", `1`)), laptop.write(set("a", `"three"`)),
		}
		db := openTest(t)
		// Runs of a log may come in any order.
		dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, w := range all {
			put(t, db, w)
		}
		expect := func(want string) {
			t.Helper()
			list, err := db.List(t.Context(), Shared("names"))
			if err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(list)
			if err != nil {
				t.Fatal(err)
			}
			if string(raw) != want {
				t.Errorf("seed %d: the records are %s", seed, raw)
			}
		}
		expect(`[{"ID":"a","Value":"three"},{"ID":"b","Value":"kept"},{"ID":"d","Value":0}]`)
		cut := func(log *author, seq uint64) {
			t.Helper()
			err := db.Update(t.Context(), func(tx ingest.Tx) error {
				_, err := tx.Truncate(r.id, log.head.Log.ID(), seq)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		cut(laptop, 2)
		expect(`[{"ID":"a","Value":"two"},{"ID":"b","Value":"kept"},{"ID":"d","Value":0}]`)
		cut(laptop, 0)
		expect(`[{"ID":"a","Value":"one"},{"ID":"b","Value":"kept"}]`)
		cut(desk, 0)
		expect(`null`)
	}
}

// Two people who write under one name do not come into each other's way; the gate lets in one of them only.
func TestRegistersOfTwoPeople(t *testing.T) {
	r := newRoom(t)
	ada, eve := r.author(), r.author()
	db := openTest(t)
	put(t, db, ada.write(content.Register{Collection: "a", ID: "b", Value: []byte("1")}))
	w := eve.write(content.Register{Collection: "a", ID: "b", Value: []byte("2")})
	put(t, db, written{author: w.author, entries: w.entries}) // kept as an entry, not projected
	var value int
	if found, err := db.Get(t.Context(), Shared("a"), "b", &value); err != nil || !found || value != 1 {
		t.Errorf("%v: the record is %d", err, value)
	}
}
