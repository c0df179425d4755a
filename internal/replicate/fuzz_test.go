package replicate

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"

	"kith/internal/oplog"
)

// fuzzKind feeds bytes to the decoder of one kind: it refuses them, or they are the one encoding of a message
// that keeps within all bounds.
func fuzzKind(f *testing.F, k kind) {
	for _, m := range samples(f, vectorTag) {
		if m.kind() == k {
			raw, err := encode(m)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
		}
	}
	for _, raw := range refusals(f) {
		if kind(raw[0]) == k {
			f.Add(raw[1:])
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) >= MaxMessage {
			return
		}
		m, err := decode(k, raw)
		if err != nil {
			if !errors.Is(err, ErrProtocol) {
				t.Fatalf("an error of our own: %v", err)
			}
			return
		}
		again, err := encode(m)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("accepted bytes that encode as %x", again)
		}
		switch m := m.(type) {
		case *runsMessage:
			repack(t, m)
		case *wantMessage:
			for _, want := range m.wants(vectorSpace) {
				if checkRange(want.Range.First, want.Range.Last) != nil {
					t.Fatalf("want %+v", want)
				}
			}
		}
		if effort(m) < 1 {
			t.Fatal("a message that costs nothing")
		}
	})
}

// repack unpacks runs, and packs what can be packed: it must unpack to the same.
func repack(t *testing.T, m *runsMessage) {
	runs, err := m.unpack(vectorSpace)
	if err != nil {
		t.Fatalf("unpack: %v", err)
	}
	for _, run := range runs {
		packed, err := packRuns(vectorTag, vectorSpace, 1, []oplog.Run{run}, largeMessage)
		if err != nil {
			continue // it is no run that would verify
		}
		again, err := packed[0].unpack(vectorSpace)
		if err != nil || !reflect.DeepEqual(again[0], run) {
			t.Fatalf("packed %+v, unpacked %+v, %v", run, again, err)
		}
	}
}

func FuzzHello(f *testing.F)     { fuzzKind(f, kindHello) }
func FuzzOffer(f *testing.F)     { fuzzKind(f, kindOffer) }
func FuzzAnswer(f *testing.F)    { fuzzKind(f, kindAnswer) }
func FuzzSummary(f *testing.F)   { fuzzKind(f, kindSummary) }
func FuzzFrontier(f *testing.F)  { fuzzKind(f, kindFrontier) }
func FuzzWant(f *testing.F)      { fuzzKind(f, kindWant) }
func FuzzRuns(f *testing.F)      { fuzzKind(f, kindRuns) }
func FuzzHave(f *testing.F)      { fuzzKind(f, kindHave) }
func FuzzAck(f *testing.F)       { fuzzKind(f, kindAck) }
func FuzzCredit(f *testing.F)    { fuzzKind(f, kindCredit) }
func FuzzKeyAsk(f *testing.F)    { fuzzKind(f, kindKeyAsk) }
func FuzzKeys(f *testing.F)      { fuzzKind(f, kindKeys) }
func FuzzEphemeral(f *testing.F) { fuzzKind(f, kindEphemeral) }
func FuzzAlive(f *testing.F)     { fuzzKind(f, kindAlive) }
func FuzzBye(f *testing.F)       { fuzzKind(f, kindBye) }

// FuzzFrames feeds bytes to the reader of frames.
func FuzzFrames(f *testing.F) {
	for _, m := range samples(f, vectorTag) {
		framed, err := frame(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(framed, framed...))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		frames := newFrameReader(bytes.NewReader(raw), func() {})
		read := 0
		for {
			k, body, err := frames.next(MaxMessage)
			if err != nil {
				if errors.Is(err, io.EOF) && read != len(raw) {
					t.Fatalf("%d of %d bytes, then the end", read, len(raw))
				}
				return
			}
			read += frameExtra + len(body)
			if len(body)+1 > MaxMessage || raw[read-len(body)-1] != byte(k) {
				t.Fatalf("kind %d, %d bytes", k, len(body))
			}
		}
	})
}
