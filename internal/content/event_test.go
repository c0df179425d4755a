package content

import (
	"errors"
	"strings"
	"testing"

	"kith/internal/oplog"
)

func TestEventsHaveLimits(t *testing.T) {
	good := Event{Title: "Harvest", Start: 1440, End: 1500, Zone: "Europe/Berlin"}
	if _, err := Encode(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Event){
		"no title":                 func(e *Event) { e.Title = " " },
		"a title of two lines":     func(e *Event) { e.Title = "a\nb" },
		"a long title":             func(e *Event) { e.Title = strings.Repeat("x", MaxTitle+1) },
		"a place of two lines":     func(e *Event) { e.Place = "a\rb" },
		"a long place":             func(e *Event) { e.Place = strings.Repeat("x", MaxWhere+1) },
		"a long text":              func(e *Event) { e.Text = strings.Repeat("x", MaxText+1) },
		"an end before its start":  func(e *Event) { e.End = e.Start - 1 },
		"an end at its start":      func(e *Event) { e.End = e.Start },
		"two years":                func(e *Event) { e.End = e.Start + 2*maxSpan },
		"before the calendar":      func(e *Event) { e.Start = minWhen - 1 },
		"after it":                 func(e *Event) { e.Start, e.End = maxWhen+1, 0 },
		"no zone":                  func(e *Event) { e.Zone = "" },
		"a zone with a path in it": func(e *Event) { e.Zone = "../../etc/passwd" },
		"a long zone":              func(e *Event) { e.Zone = strings.Repeat("x", MaxZone+1) },
		"days with a zone":         func(e *Event) { e.Days, e.End = true, 0 },
		"days with hours":          func(e *Event) { e.Days, e.Zone = true, "" },
		"two covers":               func(e *Event) { e.Photos = []Photo{testPhoto(), testPhoto()} },
		"half a person":            func(e *Event) { e.Asked = [][]byte{make([]byte, 31)} },
		"too many people":          func(e *Event) { e.Asked = make([][]byte, MaxAsked+1) },
	} {
		bad := good
		change(&bad)
		if _, err := Encode(bad); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, bad := range map[string]Item{
		"an answer to nothing":        Answer{Answer: AnswerGoing},
		"an answer that is none":      Answer{Event: oplog.EntryID{1}, Answer: 4},
		"a crowd":                     Answer{Event: oplog.EntryID{1}, Answer: AnswerGoing, Guests: MaxGuests + 1},
		"guests of who does not come": Answer{Event: oplog.EntryID{1}, Answer: AnswerNo, Guests: 1},
		"a long note":                 Answer{Event: oplog.EntryID{1}, Answer: AnswerNo, Note: strings.Repeat("x", MaxNote+1)},
		"a pin of nothing":            Pin{How: PinTop},
		"a pin in an unknown way":     Pin{Post: oplog.EntryID{1}, How: 3},
		"a confirmation of nothing":   Confirmation{},
	} {
		if _, err := Encode(bad); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
