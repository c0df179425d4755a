package replicate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"kith/internal/canon"
	"kith/internal/key"
	"kith/internal/oplog"
)

var update = flag.Bool("update", false, "write the vectors in testdata anew")

func sum(data []byte) [32]byte { return sha256.Sum256(data) }

// filled is n bytes that count up from first.
func filled(n int, first byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

// The names that the vectors use. The signatures in them are arbitrary bytes: the wire format does not look
// at them.
var (
	vectorSpace    = key.SpaceID(filled(32, 0x00))
	vectorPerson   = key.PersonID(filled(32, 0x20))
	vectorDevice   = key.DeviceID(filled(32, 0x40))
	vectorDialer   = key.PeerKey(filled(32, 0x60))
	vectorAcceptor = key.PeerKey(filled(32, 0x80))
	vectorContent  = oplog.Log{Space: vectorSpace, Device: vectorDevice, Incarnation: oplog.Incarnation(filled(16, 0xa0)), Lane: oplog.Content}
	vectorIdentity = oplog.Log{Space: vectorPerson.IdentitySpace(), Device: vectorDevice, Lane: oplog.Control}
	vectorSession  = deriveSession(nonce(filled(32, 1)), nonce(filled(32, 2)), vectorDialer, vectorAcceptor)
	vectorTag      = vectorSession.tag(vectorSpace, fromDialer)
)

// vectorRuns are two runs as they may be stored: one of content, in which a payload was erased, and one of
// identity.
func vectorRuns(t testing.TB) []oplog.Run {
	epoch := oplog.EpochID(filled(16, 0xb0))
	entry := func(h oplog.Header, payload []byte) oplog.Raw {
		h.Version = oplog.Version
		raw, err := canon.Marshal(&h)
		if err != nil {
			t.Fatal(err)
		}
		return oplog.Raw{Header: raw, Payload: payload}
	}
	hash := func(raw oplog.Raw) oplog.EntryID { return sum(raw.Header) }
	content, identity := vectorContent.ID(), vectorIdentity.ID()
	first := entry(oplog.Header{Kind: oplog.KindContent, Log: content, Seq: 7, Prev: oplog.EntryID(filled(32, 0xc0)), Lamport: 1000,
		Time: 1_763_800_000, Epoch: epoch, PayloadLen: 5, PayloadHash: sum([]byte("hello"))}, []byte("hello"))
	second := entry(oplog.Header{Kind: oplog.KindContent, Log: content, Seq: 8, Prev: hash(first), Lamport: 1003,
		Time: 1_763_799_990, Epoch: epoch, PayloadLen: 300, PayloadHash: [32]byte(filled(32, 0xd0)), Deps: []oplog.EntryID{oplog.EntryID(filled(32, 0xe0))}}, nil)
	third := entry(oplog.Header{Kind: oplog.KindIdentity, Log: identity, Seq: 1, Lamport: 1, Time: 1_763_700_000, PayloadHash: sum(nil)}, []byte{})
	return []oplog.Run{
		{Log: vectorContent, First: 7, Entries: []oplog.Raw{first, second}, Signature: key.Signature(filled(64, 0x10))},
		{Log: vectorIdentity, First: 1, Entries: []oplog.Raw{third}, Signature: key.Signature(filled(64, 0x50))},
	}
}

// samples has at least one message of each kind.
func samples(t testing.TB, name tag) map[string]message {
	runs, err := packRuns(name, vectorSpace, 3, vectorRuns(t), largeMessage)
	if err != nil || len(runs) != 1 {
		t.Fatal(err, len(runs))
	}
	runs[0].Final = true
	content, identity := appendLog(nil, vectorContent, vectorSpace), appendLog(nil, vectorIdentity, vectorSpace)
	id := oplog.EntryID(filled(32, 0x33))
	return map[string]message{
		"HELLO":              &helloMessage{Least: 1, Most: 1, Dialed: true, Nonce: nonce(filled(32, 1)), Window: 4 << 20},
		"OFFER":              &offerMessage{Number: 1, Items: append(name[:], filled(16, 0x90)...)},
		"OFFER of nothing":   &offerMessage{Number: 1},
		"ANSWER":             &answerMessage{Number: 1, Answers: []byte{0, 1, 2, 3, 4}},
		"SUMMARY":            &summaryMessage{Tag: name, Digests: filled(4*bucketSize, 0)},
		"FRONTIER":           &frontierMessage{Tag: name, Reply: true, Heads: []wireHead{{Log: content, Seq: 300, ID: id}, {Log: identity, Seq: 1, ID: id}}},
		"FRONTIER by bucket": &frontierMessage{Tag: name, Buckets: 16, Mask: []byte{0x01, 0x80}, More: true, Heads: []wireHead{{Log: content, Seq: oplog.MaxSeq, ID: id}}},
		"WANT":               &wantMessage{Tag: name, Number: 3, Logs: []wireWant{{Log: content, Ranges: []uint64{1, 5, 7, 300}}, {Log: identity, Ranges: []uint64{1, 1}}}},
		"RUNS":               runs[0],
		"RUNS with nothing":  &runsMessage{Tag: name, Want: 3, Final: true},
		"HAVE":               &haveMessage{Tag: name, Pieces: []wirePiece{{Log: content, First: 299, Last: 300, ID: id}}},
		"ACK":                &ackMessage{Tag: name, Pieces: []wireAck{{Log: vectorContent.ID(), First: 7, Last: 8}}},
		"CREDIT":             &creditMessage{Bytes: 262144},
		"KEYREQ":             &keyAskMessage{Tag: name, Epochs: []oplog.EpochID{oplog.EpochID(filled(16, 0xb0))}},
		"KEYS":               &keysMessage{Tag: name, Keys: []wireKey{{Epoch: oplog.EpochID(filled(16, 0xb0)), Generation: 2, History: true, Sealed: filled(40, 0)}}},
		"EPHEMERAL":          &ephemeralMessage{Tag: name, Data: []byte("typing")},
		"ALIVE":              &aliveMessage{},
		"BYE":                &byeMessage{Reason: reasonSlow},
	}
}

// vectors is the form of testdata/messages.json.
type vectors struct {
	Comment  string            `json:"comment"`
	Space    string            `json:"space"`
	Dialer   string            `json:"dialer"`
	Acceptor string            `json:"acceptor"`
	Session  string            `json:"session"`
	Tags     map[string]string `json:"tags"`
	Buckets  string            `json:"buckets"`
	Runs     []vectorRun       `json:"runs"`
	Frames   map[string]string `json:"frames"`
	Refused  map[string]string `json:"refused"`
}

type vectorRun struct {
	Log     string      `json:"log"`
	First   uint64      `json:"first"`
	Entries [][2]string `json:"entries"` // header, payload; "-" where it is not here
}

// refusals are frames' bodies that look like messages, by name and kind.
func refusals(t testing.TB) map[string][]byte {
	body := func(m message) []byte {
		raw, err := encode(m)
		if err != nil {
			t.Fatal(err)
		}
		return append([]byte{byte(m.kind())}, raw...)
	}
	content := appendLog(nil, vectorContent, vectorSpace)
	change := func(m message, change func(m *runsMessage)) []byte {
		runs := *m.(*runsMessage)
		runs.Runs = append([]wireRun(nil), runs.Runs...)
		for i := range runs.Runs {
			runs.Runs[i].Entries = append([]wireEntry(nil), runs.Runs[i].Entries...)
		}
		change(&runs)
		return body(&runs)
	}
	runs := samples(t, vectorTag)["RUNS"]
	return map[string][]byte{
		"ALIVE with a field":                   {byte(kindAlive), 0x81, 0x00},
		"ALIVE with bytes behind":              {byte(kindAlive), 0x80, 0x00},
		"ALIVE of indefinite length":           {byte(kindAlive), 0x9f, 0xff},
		"CREDIT in a longer form":              {byte(kindCredit), 0x81, 0x18, 0x01},
		"CREDIT of nothing":                    body(&creditMessage{}),
		"an unknown kind":                      {16, 0x80},
		"HELLO without versions":               body(&helloMessage{Least: 2, Most: 1, Window: 4 << 20}),
		"OFFER of half an item":                body(&offerMessage{Number: 1, Items: make([]byte, 48)}),
		"ANSWER that is none":                  body(&answerMessage{Answers: []byte{5}}),
		"SUMMARY of three buckets":             body(&summaryMessage{Digests: make([]byte, 24)}),
		"SUMMARY of no buckets":                body(&summaryMessage{}),
		"FRONTIER with a mask too short":       body(&frontierMessage{Buckets: 16, Mask: []byte{1}}),
		"FRONTIER with a head at 0":            body(&frontierMessage{Heads: []wireHead{{Log: content}}}),
		"FRONTIER beyond the last number":      body(&frontierMessage{Heads: []wireHead{{Log: content, Seq: oplog.MaxSeq + 1}}}),
		"FRONTIER with a name cut short":       body(&frontierMessage{Heads: []wireHead{{Log: content[:48], Seq: 1}}}),
		"FRONTIER with identity content":       body(&frontierMessage{Heads: []wireHead{{Log: append(content[:49:49], make([]byte, 32)...), Seq: 1}}}),
		"WANT of nothing":                      body(&wantMessage{Number: 1}),
		"WANT of half a range":                 body(&wantMessage{Logs: []wireWant{{Log: content, Ranges: []uint64{1, 2, 3}}}}),
		"WANT of ranges that overlap":          body(&wantMessage{Logs: []wireWant{{Log: content, Ranges: []uint64{1, 2, 2, 3}}}}),
		"WANT backwards":                       body(&wantMessage{Logs: []wireWant{{Log: content, Ranges: []uint64{2, 1}}}}),
		"HAVE backwards":                       body(&haveMessage{Pieces: []wirePiece{{Log: content, First: 2, Last: 1}}}),
		"ACK of nothing":                       body(&ackMessage{}),
		"KEYREQ for nothing":                   body(&keyAskMessage{}),
		"KEYS with a key too long":             body(&keysMessage{Keys: []wireKey{{Sealed: make([]byte, maxSealed+1)}}}),
		"EPHEMERAL too long":                   body(&ephemeralMessage{Data: make([]byte, MaxEphemeral+1)}),
		"RUNS pushed and final":                body(&runsMessage{Final: true}),
		"RUNS pushed and empty":                body(&runsMessage{}),
		"RUNS of a log that is not named":      change(runs, func(m *runsMessage) { m.Runs[0].Log = 2 }),
		"RUNS of an epoch that is not named":   change(runs, func(m *runsMessage) { m.Runs[0].Entries[0].Epoch = 2 }),
		"RUNS with no entries":                 change(runs, func(m *runsMessage) { m.Runs[0].Entries = nil }),
		"RUNS at the beginning after an entry": change(runs, func(m *runsMessage) { m.Runs[1].Prev = make([]byte, 32) }),
		"RUNS later and after nothing":         change(runs, func(m *runsMessage) { m.Runs[0].Prev = nil }),
		"RUNS beyond the last number":          change(runs, func(m *runsMessage) { m.Runs[0].First = oplog.MaxSeq }),
		"RUNS with a payload that was erased":  change(runs, func(m *runsMessage) { m.Runs[0].Entries[1].Payload = []byte{1} }),
		"RUNS with too many deps":              change(runs, func(m *runsMessage) { m.Runs[0].Entries[0].Deps = make([]byte, (oplog.MaxDeps+1)*depSize) }),
		"RUNS with half a dep":                 change(runs, func(m *runsMessage) { m.Runs[0].Entries[0].Deps = make([]byte, 16) }),
		"RUNS with a run too long": change(runs, func(m *runsMessage) {
			m.Runs[0].Entries = make([]wireEntry, oplog.MaxRunEntries+1)
		}),
	}
}

func makeVectors(t *testing.T) vectors {
	v := vectors{
		Comment: "Bytes in hex. A frame is what crosses the stream. The nonces of the session are 01 02 … 20 (the dialer's) and 02 03 … 21. Refused are messages, without the length.",
		Space:   hex.EncodeToString(vectorSpace[:]), Dialer: hex.EncodeToString(vectorDialer[:]), Acceptor: hex.EncodeToString(vectorAcceptor[:]),
		Session: hex.EncodeToString(vectorSession[:]), Tags: make(map[string]string), Frames: make(map[string]string), Refused: make(map[string]string),
	}
	for what, from := range map[string]direction{"from the dialer": fromDialer, "from the acceptor": fromAcceptor} {
		name := vectorSession.tag(vectorSpace, from)
		v.Tags[what] = hex.EncodeToString(name[:])
	}
	frontier := oplog.Frontier{{Log: vectorContent, Seq: 8, ID: oplog.EntryID(filled(32, 1))}, {Log: vectorIdentity, Seq: 1, ID: oplog.EntryID(filled(32, 2))}}
	v.Buckets = hex.EncodeToString(vectorSession.buckets(frontier, 2))
	for _, run := range vectorRuns(t) {
		one := vectorRun{Log: hex.EncodeToString(appendLog(nil, run.Log, vectorSpace)), First: run.First}
		for _, raw := range run.Entries {
			payload := "-"
			if raw.Payload != nil {
				payload = hex.EncodeToString(raw.Payload)
			}
			one.Entries = append(one.Entries, [2]string{hex.EncodeToString(raw.Header), payload})
		}
		v.Runs = append(v.Runs, one)
	}
	for name, m := range samples(t, vectorTag) {
		framed, err := frame(m)
		if err != nil {
			t.Fatal(err)
		}
		v.Frames[name] = hex.EncodeToString(framed)
	}
	for name, raw := range refusals(t) {
		v.Refused[name] = hex.EncodeToString(raw)
	}
	return v
}

func TestVectors(t *testing.T) {
	path := filepath.Join("testdata", "messages.json")
	made := makeVectors(t)
	if *update {
		raw, err := json.MarshalIndent(made, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(path, append(raw, '\n'), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want vectors
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(made, want) {
		t.Fatal("the wire format is not that of testdata/messages.json; if it is meant to change, run the test with -update")
	}
	// Each frame reads back as what was written.
	for name, m := range samples(t, vectorTag) {
		framed, err := hex.DecodeString(want.Frames[name])
		if err != nil {
			t.Fatal(err)
		}
		k, body, err := newFrameReader(strings.NewReader(string(framed)), func() {}).next(MaxMessage)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := decode(k, body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := frame(got)
		if err != nil || string(again) != string(framed) || got.kind() != m.kind() {
			t.Errorf("%s does not read back as it was written", name)
		}
	}
	for name, text := range want.Refused {
		raw, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(kind(raw[0]), raw[1:]); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The runs come out of their message as they went in.
	m := samples(t, vectorTag)["RUNS"].(*runsMessage)
	got, err := m.unpack(vectorSpace)
	if err != nil || !reflect.DeepEqual(got, vectorRuns(t)) {
		t.Errorf("unpacked %+v, %v", got, err)
	}
}

// Messages that claim much and hold little, or hold as much as there can be, cost memory in proportion.
func TestAllocationIsBounded(t *testing.T) {
	const limit = 24 << 20 // for a message of 1 MiB
	// body is a message's beginning, in hex, and n times what follows.
	body := func(head string, n int, fill string) []byte {
		raw, err := hex.DecodeString(strings.ReplaceAll(head, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		return append(raw, strings.Repeat(fill, n)...)
	}
	name := "50" + strings.Repeat("00", 16)
	cases := map[string]struct {
		k   kind
		raw []byte
	}{
		"a long array and nothing in it": {kindFrontier, body("86"+name+"00 40 f4 f4 9b 00ffffffffffffff", 0, "")},
		"a long string and nothing":      {kindOffer, body("82 01 5b 00ffffffffffffff", 0, "")},
		"small heads":                    {kindFrontier, body("86"+name+"00 40 f4 f4 99 4000", 0x4000, "\x83\x40\x01\x40")},
		"small names":                    {kindRuns, body("86"+name+"00 f4 99 4000", 1, strings.Repeat("\x40", 0x4000)+"\x80\x80")},
		"small runs":                     {kindRuns, body("86"+name+"00 f4 80 80 99 4000", 0x4000, "\x85\x00\x01\x40\x40\x80")},
		"small entries": {kindRuns, body("86"+name+"00 f4 80 80 98 3f", 0x3f, "\x85\x00\x01\x40\x40\x99\x08\x00"+
			strings.Repeat("\x87\x00\x00\x00\x00\x80\x40\xf6", 2048))},
		"small epochs": {kindKeyAsk, body("82"+name+"99 4000", 0x4000, "\x40")},
		"small acks":   {kindAck, body("82"+name+"99 4000", 0x4000, "\x83\x40\x01\x01")},
		"small wants":  {kindWant, body("83"+name+"01 98 3f", 0x3f, "\x82\x40\x99\x40\x00"+strings.Repeat("\x01", 0x4000))},
		"nested":       {kindRuns, []byte(strings.Repeat("\x81", MaxMessage))},
	}
	for what, c := range cases {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := decode(c.k, c.raw)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: accepted as %T", what, m)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > limit {
			t.Errorf("%s: %d bytes for a message of %d", what, n, len(c.raw))
		} else {
			t.Logf("%s: %d bytes for a message of %d: %v", what, n, len(c.raw), err)
		}
	}
}

// A frame that claims a megabyte and holds a byte costs a chunk.
func TestFrameIsNotAllocatedAhead(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := newFrameReader(strings.NewReader("\x00\x10\x00\x00\x05x"), func() {}).next(MaxMessage)
	runtime.ReadMemStats(&after)
	if err == nil || after.TotalAlloc-before.TotalAlloc > 4*readChunk {
		t.Errorf("%d bytes, %v", after.TotalAlloc-before.TotalAlloc, err)
	}
}
