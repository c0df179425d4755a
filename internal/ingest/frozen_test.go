package ingest_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/space"
)

// A key that nobody hands out stops nobody for good: after a while a member who wants to write begins an epoch of their own,
// which the others can be handed.
func TestAKeyThatNobodyHandsOut(t *testing.T) {
	ada, ben, cleo := newPerson(t), newPerson(t), newPerson(t)
	group := ada.group()
	for _, p := range []*person{ben, cleo} {
		ada.appoints(group, p, space.Writer)
	}
	ada.writes(group, content.Post{Text: "under a key that is lost"})
	for _, p := range []*person{ben, cleo} {
		p.takes(ada.runs(group)...)
	}
	write := func(p *person, text string) error {
		return p.gate.Publish(t.Context(), func(w *ingest.Writing) error {
			_, err := w.Items(group, content.Post{Text: text})
			return err
		})
	}
	for _, later := range []time.Duration{0, 5 * time.Minute, 9 * time.Minute} {
		ben.ahead = later
		if err := write(ben, "too early"); !errors.Is(err, ingest.ErrNoKey) {
			t.Fatalf("after %v: %v", later, err)
		}
	}
	ben.ahead = 11 * time.Minute
	must(t, write(ben, "here we are"))
	if err := write(cleo, "without Ben's key"); !errors.Is(err, ingest.ErrNoKey) {
		t.Errorf("Cleo does not wait: %v", err)
	}
	cleo.takes(ben.runs(group)...)
	cleo.takesKeys(ben, group)
	cleo.ahead = time.Hour // a key has come, so that the time begins anew
	must(t, write(cleo, "under Ben's key"))
	ben.takes(cleo.runs(group)...)
	if got := ben.reads(); !slices.Equal(got, []string{"under Ben's key", "here we are"}) {
		t.Errorf("Ben reads %q", got)
	}
	ada.takes(cleo.runs(group)...)
	ada.takesKeys(cleo, group)
	if got := ada.reads(); len(got) != 3 {
		t.Errorf("Ada reads %q", got)
	}
}
