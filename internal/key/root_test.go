package key

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tyler-smith/go-bip39"
)

func TestWords(t *testing.T) {
	seen := make(map[string]bool)
	for range 100 {
		w := NewWords()
		list := w.Reveal()
		if len(list) != WordCount {
			t.Fatalf("%d words", len(list))
		}
		text := strings.Join(list, " ")
		if seen[text] {
			t.Fatal("the same words twice")
		}
		seen[text] = true
		back, err := ParseWords(text)
		if err != nil || !slices.Equal(back.Reveal(), list) {
			t.Fatalf("new words do not read back: %v", err)
		}
	}
}

// As people type them.
func TestWordsCaseAndSpacing(t *testing.T) {
	want := testRoot(t).Person()
	for _, typed := range []string{
		strings.ToUpper(testWords),
		"  " + strings.ReplaceAll(testWords, " ", "   ") + "\n",
		strings.ReplaceAll(testWords, " ", "\r\n"),
		strings.ReplaceAll(testWords, " ", "\t"),
		strings.ReplaceAll(testWords, " ", "\u00a0"),
		strings.ReplaceAll(testWords, "abandon", "Abandon"),
	} {
		w, err := ParseWords(typed)
		if err != nil || w.Root().Person() != want {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

func TestWordsRefused(t *testing.T) {
	list := strings.Fields("legal winner thank year wave sausage worth useful legal winner thank yellow")
	if _, err := ParseWords(strings.Join(list, " ")); err != nil {
		t.Fatal(err)
	}
	change := func(do func([]string) []string) string { return strings.Join(do(slices.Clone(list)), " ") }
	for name, typed := range map[string]string{
		"nothing":            "",
		"eleven":             change(func(l []string) []string { return l[:11] }),
		"thirteen":           change(func(l []string) []string { return append(l, "zoo") }),
		"a wrong last word":  change(func(l []string) []string { l[11] = "year"; return l }),
		"two swapped":        change(func(l []string) []string { l[3], l[4] = l[4], l[3]; return l }),
		"not in the list":    change(func(l []string) []string { l[5] = "sausages"; return l }),
		"four letters":       change(func(l []string) []string { l[5] = "saus"; return l }),
		"commas":             strings.Join(list, ", "),
		"twenty-four of 256": strings.Repeat("abandon ", 23) + "art",
	} {
		_, err := ParseWords(typed)
		if !errors.Is(err, ErrWords) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, word := range append(slices.Clone(list), "sausages") {
			if word != "year" && strings.Contains(err.Error(), word) {
				t.Errorf("%s: the error repeats a word: %v", name, err)
			}
		}
	}
}

// A checksum of four bits notices 15 of 16 slips. Count over every swap of two neighbours and every replaced word.
func TestWordsChecksumNotices(t *testing.T) {
	slips, unnoticed := 0, 0
	for range 40 {
		list := NewWords().Reveal()
		for i := range list {
			for _, other := range []string{"zoo", "abandon", "kitten", list[(i+1)%WordCount]} {
				changed := slices.Clone(list)
				if other == list[(i+1)%WordCount] {
					changed[(i+1)%WordCount] = list[i]
				}
				changed[i] = other
				if slices.Equal(changed, list) {
					continue
				}
				slips++
				if _, err := ParseWords(strings.Join(changed, " ")); err == nil {
					unnoticed++
				}
			}
		}
	}
	if slips < 1500 || unnoticed*8 > slips {
		t.Errorf("%d of %d slips went unnoticed", unnoticed, slips)
	}
}

// The stretching of BIP-39 itself, against its published vector; the vectors of this package go on from there.
func TestStretching(t *testing.T) {
	want := "5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc19a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4"
	if got := hexed(bip39.NewSeed(testWords, "")); strings.Trim(mustJSON(t, got), `"`) != want {
		t.Errorf("got %x", []byte(got))
	}
}

func TestRootKeysAreApart(t *testing.T) {
	a, b := testRoot(t), NewWords().Root()
	if a.Person() == b.Person() || a.ID() == b.ID() || a.Network() == b.Network() || string(a.SealPublic()) == string(b.SealPublic()) {
		t.Error("two sets of words share a key")
	}
	if PeerKey(a.ID()) == a.Network() {
		t.Error("the root signs and connects with one key")
	}
	if a.Person() != PersonOf(a.ID()) {
		t.Error("the person is not named after the root")
	}
	if !a.Network().Verify(DomainRecovery, []byte("m"), a.SignNetwork(DomainRecovery, []byte("m"))) {
		t.Error("the recovery network key does not sign")
	}
	if !Verify(a.ID(), DomainRun, []byte("m"), a.Sign(DomainRun, []byte("m"))) {
		t.Error("the root does not sign")
	}
}

func TestZeroWords(t *testing.T) {
	if got := (Words{}).Reveal(); len(got) != 0 {
		t.Errorf("no words are %q", got)
	}
}

func FuzzParseWords(f *testing.F) {
	f.Add(testWords)
	f.Add("legal winner thank year wave sausage worth useful legal winner thank yellow")
	f.Add("zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong")
	f.Fuzz(func(t *testing.T, typed string) {
		w, err := ParseWords(typed)
		if err != nil {
			if !errors.Is(err, ErrWords) || len(err.Error()) > 200 {
				t.Errorf("%v", err)
			}
			return
		}
		text := strings.Join(w.Reveal(), " ")
		if text != strings.Join(strings.Fields(strings.ToLower(typed)), " ") {
			t.Errorf("%q is read as other words", typed)
		}
		entropy, err := bip39.EntropyFromMnemonic(text)
		if err != nil || len(entropy) != wordsEntropy/8 {
			t.Errorf("%d bytes of entropy, %v", len(entropy), err)
		}
	})
}
