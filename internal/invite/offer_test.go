package invite

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

func TestPlaceRoundTrip(t *testing.T) {
	create := space.NewCreate(space.Group, key.PersonID{7}, space.HistoryJoining)
	create.Publish = space.Admin
	about := content.About{Name: "Garden club", Text: "Be kind.", Picture: []byte{0xff, 0xd8}}
	place, err := NewPlace(create, &about, 12)
	if err != nil {
		t.Fatal(err)
	}
	var wire bytes.Buffer
	if err := Write(&wire, &Offer{Space: key.SpaceOf(place.Create), Place: place}); err != nil {
		t.Fatal(err)
	}
	var got Offer
	if err := Read(&wire, &got); err != nil {
		t.Fatal(err)
	}
	id, gotCreate, gotAbout, err := got.Place.Read()
	if err != nil || id != got.Space || !reflect.DeepEqual(gotCreate, create) || !reflect.DeepEqual(gotAbout, about) || got.Place.Members != 12 {
		t.Errorf("came back as %v %+v %+v, %v", id, gotCreate, gotAbout, err)
	}
	silent, err := NewPlace(create, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, about, err := silent.Read(); err != nil || about.Name != "" {
		t.Errorf("a place that says nothing says %+v, %v", about, err)
	}
}

func TestHostilePlaces(t *testing.T) {
	create := space.NewCreate(space.Group, key.PersonID{7}, space.HistoryAll)
	good, err := NewPlace(create, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	leave, err := space.Encode(&space.Leave{})
	if err != nil {
		t.Fatal(err)
	}
	card, err := content.Encode(content.Card{Name: "Mallory"})
	if err != nil {
		t.Fatal(err)
	}
	for name, place := range map[string]Place{
		"nothing":           {},
		"another operation": {Create: leave},
		"not CBOR":          {Create: []byte("create")},
		"a card":            {Create: good.Create, About: card},
		"garbage about it":  {Create: good.Create, About: []byte{1, 2, 3}},
		"too much about it": {Create: good.Create, About: make([]byte, maxAbout+1)},
	} {
		if _, _, _, err := place.Read(); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProofRoundTrip(t *testing.T) {
	id := key.SpaceID{3}
	run := oplog.Run{
		Log:   oplog.Log{Space: id, Device: key.DeviceID{1}, Incarnation: oplog.Incarnation{2}, Lane: oplog.Control},
		First: 5, Entries: []oplog.Raw{{Header: []byte("header"), Payload: []byte("payload")}}, Signature: key.Signature{9},
	}
	identity := run
	identity.Log.Space = key.PersonID{4}.IdentitySpace()
	offer := &Offer{Space: id, Proof: WireRuns([]oplog.Run{run}), Authors: []Author{{Person: key.PersonID{4}, Identity: WireRuns([]oplog.Run{identity})}}}
	got, err := offer.ReadProof()
	if err != nil || !reflect.DeepEqual(got, []oplog.Run{identity, run}) {
		t.Errorf("came back as %+v, %v", got, err)
	}
	many := make([]Run, MaxProof+1)
	uneven := []Run{{Headers: [][]byte{{1}}}}
	for name, bad := range map[string]*Offer{
		"too many runs":         {Proof: many},
		"too many authors":      {Authors: make([]Author, MaxProof+1)},
		"too long an identity":  {Authors: []Author{{Identity: make([]Run, MaxIdentityRuns+1)}}},
		"a header too many":     {Proof: uneven},
		"an entry too many":     {Proof: []Run{{Headers: make([][]byte, oplog.MaxRunEntries+1), Payloads: make([][]byte, oplog.MaxRunEntries+1)}}},
		"an author's, likewise": {Authors: []Author{{Identity: uneven}}},
	} {
		if _, err := bad.ReadProof(); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCodesThatLeadToASpace(t *testing.T) {
	c := sample()
	c.Space = true
	got, err := Parse(c.String())
	if err != nil || !got.Space || !same(got, c) {
		t.Errorf("came back as %+v, %v", got, err)
	}
	c.Space, c.Addresses = false, nil
	if got, err = Parse(c.String()); err != nil || got.Space {
		t.Errorf("came back as %+v, %v", got, err)
	}
}
