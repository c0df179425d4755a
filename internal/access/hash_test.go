package access

import (
	"encoding/hex"
	"strings"
	"testing"
)

func TestHashAtTheRealCost(t *testing.T) {
	h := newHash([]byte(goodPassword), defaultCost)
	again, err := parseHash(h.String())
	if err != nil || again != h {
		t.Fatalf("parseHash(%s) = %v", h, err)
	}
	if !again.matches([]byte(goodPassword)) || again.matches([]byte(otherPassword)) {
		t.Error("it does not tell passwords apart")
	}
	if !strings.HasPrefix(h.String(), "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Errorf("stored as %s", h)
	}
	if again := newHash([]byte(goodPassword), defaultCost); again.salt == h.salt || again.tag == h.tag {
		t.Error("the same salt twice")
	}
}

// referenceTag was computed with the reference implementation's command:
// printf password | argon2 somesaltsomesalt -id -t 2 -k 256 -p 1 -l 32
const referenceTag = "cab746b4621993fdc91ec50787980b414a90a692f0bc68dfe19f9c25b3cba9ec"

func TestHashAgainstTheReference(t *testing.T) {
	h := passwordHash{cost: cost{memory: 256, passes: 2, lanes: 1}}
	copy(h.salt[:], "somesaltsomesalt")
	tag := h.compute([]byte("password"))
	if got := hex.EncodeToString(tag[:]); got != referenceTag {
		t.Errorf("tag %s, want %s", got, referenceTag)
	}
}

func TestParseHashIsStrict(t *testing.T) {
	good := newHash([]byte(goodPassword), cheap).String()
	if _, err := parseHash(good); err != nil {
		t.Fatal(err)
	}
	replace := func(old, new string) string {
		bad := strings.Replace(good, old, new, 1)
		if bad == good {
			t.Fatalf("%q is not in %q", old, good)
		}
		return bad
	}
	for _, bad := range []string{
		"", "$", "$$$$$", good + "$", good + " ", " " + good, good[1:], good[:len(good)-1],
		replace("argon2id", "argon2i"), replace("v=19", "v=16"), replace("v=19", "v=019"), replace("v=19", "v=19 "),
		replace("m=32", "m=0"), replace("m=32", "m=1048577"), replace("m=32", "m=+32"), replace("m=32", "m=032"),
		replace("m=32", "m=4294967328"), replace("t=1", "t=0"), replace("t=1", "t=65"), replace("p=1", "p=0"),
		replace("p=1", "p=256"), replace("p=1", "p=1,x=2"), replace("m=32,t=1", "t=1,m=32"),
	} {
		if _, err := parseHash(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add(newHash([]byte(goodPassword), cheap).String())
	f.Add(newHash([]byte(goodPassword), defaultCost).String())
	f.Add("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$dGFn")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parseHash(s)
		if err != nil {
			return
		}
		if h.String() != s {
			t.Errorf("%q was accepted and is written %q", s, h)
		}
		if h.cost.memory > maxMemory || h.cost.passes > maxPasses || h.cost.lanes == 0 {
			t.Errorf("%q asks for %+v", s, h.cost)
		}
	})
}
