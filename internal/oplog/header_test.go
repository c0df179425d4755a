package oplog

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"kith/internal/canon"
	"kith/internal/key"
)

func validHeader() Header {
	return Header{
		Version: Version, Kind: KindContent, Log: LogID{1}, Seq: 300, Prev: EntryID{2}, Lamport: 100_000,
		Time: 1_700_000_000, Epoch: testEpoch, PayloadLen: 500, PayloadHash: sha256.Sum256(nil),
	}
}

func TestHeaderBounds(t *testing.T) {
	deps := func(n int) []EntryID { return make([]EntryID, n) }
	for name, c := range map[string]struct {
		change func(*Header)
		ok     bool
	}{
		"as it is":                     {func(*Header) {}, true},
		"version 0":                    {func(h *Header) { h.Version = 0 }, false},
		"version 2":                    {func(h *Header) { h.Version = 2 }, false},
		"kind 0":                       {func(h *Header) { h.Kind = 0 }, false},
		"kind 4":                       {func(h *Header) { h.Kind = 4 }, false},
		"content without epoch":        {func(h *Header) { h.Epoch = EpochID{} }, false},
		"control with epoch":           {func(h *Header) { h.Kind = KindControl }, false},
		"control":                      {func(h *Header) { h.Kind, h.Epoch = KindControl, EpochID{} }, true},
		"identity with epoch":          {func(h *Header) { h.Kind = KindIdentity }, false},
		"identity":                     {func(h *Header) { h.Kind, h.Epoch = KindIdentity, EpochID{} }, true},
		"number 0":                     {func(h *Header) { h.Seq, h.Prev = 0, EntryID{} }, false},
		"number 1 with a prev":         {func(h *Header) { h.Seq = 1 }, false},
		"number 1":                     {func(h *Header) { h.Seq, h.Prev = 1, EntryID{} }, true},
		"number 2 without a prev":      {func(h *Header) { h.Seq, h.Prev = 2, EntryID{} }, false},
		"greatest number":              {func(h *Header) { h.Seq, h.Lamport = MaxSeq, MaxSeq }, true},
		"beyond the greatest number":   {func(h *Header) { h.Seq, h.Lamport = MaxSeq+1, MaxSeq+1 }, false},
		"number of all ones":           {func(h *Header) { h.Seq, h.Lamport = ^uint64(0), ^uint64(0) }, false},
		"Lamport time as number":       {func(h *Header) { h.Lamport = h.Seq }, true},
		"Lamport time below number":    {func(h *Header) { h.Lamport = h.Seq - 1 }, false},
		"greatest Lamport time":        {func(h *Header) { h.Lamport = MaxSeq }, true},
		"beyond greatest Lamport time": {func(h *Header) { h.Lamport = MaxSeq + 1 }, false},
		"before 1970":                  {func(h *Header) { h.Time = -1 }, false},
		"1970":                         {func(h *Header) { h.Time = 0 }, true},
		"year 9999":                    {func(h *Header) { h.Time = maxTime }, true},
		"year 10000":                   {func(h *Header) { h.Time = maxTime + 1 }, false},
		"longest payload":              {func(h *Header) { h.PayloadLen = MaxPayload }, true},
		"payload too long":             {func(h *Header) { h.PayloadLen = MaxPayload + 1 }, false},
		"payload length of all ones":   {func(h *Header) { h.PayloadLen = ^uint64(0) }, false},
		"most deps":                    {func(h *Header) { h.Deps = deps(MaxDeps) }, true},
		"too many deps":                {func(h *Header) { h.Deps = deps(MaxDeps + 1) }, false},
	} {
		h := validHeader()
		c.change(&h)
		raw, err := canon.Marshal(&h)
		if err != nil {
			t.Fatal(err)
		}
		_, err = decodeHeader(raw)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The sizes that the limits and the figures in the specification rest on.
func TestHeaderSize(t *testing.T) {
	size := func(h Header) int {
		raw, err := canon.Marshal(&h)
		if err != nil {
			t.Fatal(err)
		}
		return len(raw)
	}
	least := Header{Version: 1, Kind: KindControl, Log: LogID{1}, Seq: 1, Lamport: 1}
	most := validHeader()
	most.Seq, most.Lamport, most.Time, most.PayloadLen = MaxSeq, MaxSeq, maxTime, MaxPayload
	full := most
	full.Deps = make([]EntryID, MaxDeps)
	usual := validHeader()
	usual.Lamport = 20_000
	if a, b, c := size(least), size(usual), size(validHeader()); a != 110 || b != 120 || c != 122 {
		t.Errorf("a bare header has %d, %d or %d bytes, want 110, 120, 122", a, b, c)
	}
	if a, b := size(most), size(full); a != 138 || b != 682 || b > maxHeader {
		t.Errorf("the longest headers have %d and %d bytes, want 138 and 682", a, b)
	}
}

func TestHeaderTooLong(t *testing.T) {
	if _, err := decodeHeader(make([]byte, maxHeader+1)); !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v", err)
	}
	if KindOf(make([]byte, 1<<20)) != 0 || KindOf(nil) != 0 || KindOf([]byte{0xf6}) != 0 {
		t.Error("a kind was read out of nothing")
	}
}

func TestKindOf(t *testing.T) {
	run, _ := testRun(t, 1)
	if got := KindOf(run.Entries[0].Header); got != KindContent {
		t.Errorf("kind %d", got)
	}
}

// Associated data binds to everything of the header but the payload's length and hash, and to the space.
func TestAssociatedData(t *testing.T) {
	space := key.SpaceID{9}
	ad := func(h Header, space key.SpaceID) string {
		raw, err := h.AssociatedData(space)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	want := ad(validHeader(), space)
	h := validHeader()
	h.PayloadLen, h.PayloadHash = 0, [32]byte{}
	if ad(h, space) != want {
		t.Error("the payload's length or hash is in it")
	}
	if h.PayloadLen = 7; h.PayloadLen != 7 || ad(h, space) != want || h.PayloadLen != 7 {
		t.Error("the header was changed")
	}
	for name, change := range map[string]func(*Header){
		"kind":    func(h *Header) { h.Kind = KindControl },
		"log":     func(h *Header) { h.Log[15] ^= 1 },
		"seq":     func(h *Header) { h.Seq++ },
		"prev":    func(h *Header) { h.Prev[31] ^= 1 },
		"lamport": func(h *Header) { h.Lamport++ },
		"time":    func(h *Header) { h.Time++ },
		"epoch":   func(h *Header) { h.Epoch[15] ^= 1 },
		"deps":    func(h *Header) { h.Deps = []EntryID{{1}} },
	} {
		h := validHeader()
		change(&h)
		if ad(h, space) == want {
			t.Errorf("the %s is not in it", name)
		}
	}
	if ad(validHeader(), key.SpaceID{8}) == want || space != (key.SpaceID{9}) {
		t.Error("the space is not in it, or was changed")
	}
}

func FuzzHeader(f *testing.F) {
	for _, h := range []Header{validHeader(), {Version: 1, Kind: KindControl, Log: LogID{1}, Seq: 1, Lamport: 1, Deps: make([]EntryID, 3)}} {
		raw, err := canon.Marshal(&h)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := decodeHeader(raw)
		if err != nil {
			if !errors.Is(err, ErrMalformed) || KindOf(raw) != 0 {
				t.Errorf("%v", err)
			}
			return
		}
		again, err := canon.Marshal(&h)
		if err != nil || !bytes.Equal(again, raw) || len(raw) > 682 {
			t.Errorf("%x is read as %x, %v", raw, again, err)
		}
	})
}
