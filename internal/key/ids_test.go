package key

import (
	"errors"
	"strings"
	"testing"
)

func TestIdentifierText(t *testing.T) {
	id := testRoot(t).Person()
	text := id.String()
	if len(text) != 52 || strings.ToLower(text) != text {
		t.Fatalf("%q", text)
	}
	for _, typed := range []string{text, " " + text + "\n"} {
		if got, err := ParsePersonID(typed); err != nil || got != id {
			t.Errorf("%q: %v, %v", typed, got, err)
		}
	}
	space := SpaceOf([]byte("statement"))
	if got, err := ParseSpaceID(space.String()); err != nil || got != space {
		t.Errorf("space: %v, %v", got, err)
	}
	d := testDevice(1)
	if len(d.ID().String()) != 52 || len(d.Peer().String()) != 52 || d.ID().String() == d.Peer().String() {
		t.Error("device and network key do not print as identifiers of their own")
	}
}

func TestIdentifierTextRefused(t *testing.T) {
	text := testRoot(t).Person().String()
	last := text[len(text)-1]
	for name, typed := range map[string]string{
		"nothing":             "",
		"a character less":    text[:51],
		"a character more":    text + "a",
		"twice":               text + text,
		"upper case":          strings.ToUpper(text),
		"one upper case":      text[:10] + strings.ToUpper(text[10:11]) + text[11:],
		"a digit not in use":  "0" + text[1:],
		"padding":             text + "====",
		"a break inside":      text[:20] + "\n" + text[20:],
		"a space inside":      text[:20] + " " + text[20:],
		"hexadecimal":         strings.Repeat("0f", 32),
		"bits beyond the end": text[:51] + string(rune(last)+1),
		"not ASCII":           "ä" + text[1:],
	} {
		if _, err := ParsePersonID(typed); !errors.Is(err, ErrBadID) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := ParseSpaceID(typed); !errors.Is(err, ErrBadID) {
			t.Errorf("%s, as a space: %v", name, err)
		}
	}
	long := strings.Repeat("a", 1<<20)
	if _, err := ParsePersonID(long); err == nil || len(err.Error()) > 200 {
		t.Error("a long text is accepted, or repeated in full")
	}
}

func TestZeroIdentifiers(t *testing.T) {
	if !(PersonID{}).IsZero() || !(SpaceID{}).IsZero() {
		t.Error("the zero identifier is not zero")
	}
	person := testRoot(t).Person()
	if person.IsZero() || person.IdentitySpace().IsZero() || person.IdentitySpace() != SpaceID(person) {
		t.Error("a person's identifier is zero, or their identity space another")
	}
}

// The same bytes under two contexts are two identifiers.
func TestContextsAreApart(t *testing.T) {
	root := testRoot(t).ID()
	if [32]byte(PersonOf(root)) == [32]byte(SpaceOf(root[:])) {
		t.Error("a person and a space have one identifier")
	}
}

func FuzzParsePersonID(f *testing.F) {
	f.Add(strings.Repeat("a", 52))
	f.Add(strings.Repeat("7", 51) + "q")
	f.Fuzz(func(t *testing.T, typed string) {
		id, err := ParsePersonID(typed)
		if err == nil && id.String() != strings.TrimSpace(typed) {
			t.Errorf("%q is read as %v", typed, id)
		}
	})
}
