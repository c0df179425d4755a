package content

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"kith/internal/canon"
	"kith/internal/key"
)

func TestGroupsAndRequestsHaveLimits(t *testing.T) {
	asking := Asking{Person: key.PersonID{1}, Name: "Cleo"}
	for name, item := range map[string]Item{
		"a group without a name":       About{Text: "rules"},
		"a name too long":              About{Name: strings.Repeat("a", MaxName+1)},
		"rules too long":               About{Name: "a", Text: strings.Repeat("a", MaxRules+1)},
		"a picture too large":          About{Name: "a", Picture: make([]byte, MaxPicture+1)},
		"a name that is no text":       About{Name: "\xff"},
		"nobody asks":                  Asking{Name: "Cleo"},
		"somebody without a name asks": Asking{Person: key.PersonID{1}},
		"a large face":                 Asking{Person: key.PersonID{1}, Name: "Cleo", Picture: make([]byte, MaxPicture+1)},
		"many places":                  Asking{Person: key.PersonID{1}, Name: "Cleo", Places: make([][]byte, MaxPlaces+1)},
		"an empty place":               Asking{Person: key.PersonID{1}, Name: "Cleo", Places: [][]byte{{}}},
		"a long place":                 Asking{Person: key.PersonID{1}, Name: "Cleo", Places: [][]byte{make([]byte, MaxPlace+1)}},
	} {
		if _, err := Encode(item); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, item := range []Item{
		About{Name: strings.Repeat("a", MaxName), Text: strings.Repeat("a", MaxRules), Picture: bytes.Repeat([]byte{1}, MaxPicture)},
		Asking{Person: key.PersonID{1}, Answered: true},
		asking,
	} {
		raw, err := Encode(item)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(raw); err != nil {
			t.Errorf("%T at its limits: %v", item, err)
		}
	}
}

// An ID that is too short or too long is none.
func TestARequestNamesAWholePerson(t *testing.T) {
	for _, length := range []int{0, 31, 33} {
		body, err := canon.Marshal(map[int]any{1: bytes.Repeat([]byte{1}, length), 2: "Cleo"})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := canon.Marshal([]any{uint64(KindAsking), canonRaw(body)})
		if err != nil {
			t.Fatal(err)
		}
		if item, err := Decode(raw); !errors.Is(err, ErrMalformed) {
			t.Errorf("a person of %d bytes: %+v, %v", length, item, err)
		}
	}
}

// canonRaw passes bytes through that are encoded already.
type canonRaw []byte

func (r canonRaw) MarshalCBOR() ([]byte, error) { return r, nil }
