package seal

import (
	"encoding/json"
	"testing"

	"kith/internal/key"
	"kith/internal/oplog"
)

const vectorFile = "testdata/seal.json"

type epochVector struct {
	ID                hexed `json:"epoch_id"`
	Key               hexed `json:"epoch_key"`
	History           hexed `json:"history_key"`
	KeyCommitment     hexed `json:"key_commitment"`
	HistoryCommitment hexed `json:"history_commitment"`
}

type parentVector struct {
	Parent epochVector `json:"parent"`
	Child  epochVector `json:"child"`
	Sealed hexed       `json:"sealed_parent"`
}

type payloadVector struct {
	Space     hexed   `json:"space"`
	Epoch     hexed   `json:"epoch_id"`
	EpochKey  hexed   `json:"epoch_key"`
	Log       hexed   `json:"log_id"`
	Seq       uint64  `json:"seq"`
	Salt      hexed   `json:"salt"`
	HKDFInfo  hexed   `json:"hkdf_info"`
	Key       hexed   `json:"cipher_key"`
	Commit    hexed   `json:"key_commitment"`
	AD        hexed   `json:"associated_data"`
	Refs      []hexed `json:"refs"`
	Plaintext hexed   `json:"plaintext"`
	Padded    hexed   `json:"padded"`
	Payload   hexed   `json:"payload"`
}

type wrapVector struct {
	SealingSeed hexed  `json:"recipient_sealing_seed"`
	Space       hexed  `json:"space"`
	Epoch       hexed  `json:"epoch_id"`
	Person      hexed  `json:"person"`
	Generation  uint64 `json:"generation"`
	Info        hexed  `json:"info"`
	Secrets     hexed  `json:"secrets"`
	Wrap        hexed  `json:"wrap"`
}

type bucketVector struct {
	Plaintext  int `json:"plaintext_bytes"`
	Padded     int `json:"padded_bytes"`
	Ciphertext int `json:"ciphertext_bytes"`
}

type vectors struct {
	Epoch    epochVector     `json:"epoch"`
	Parent   parentVector    `json:"parent"`
	Payloads []payloadVector `json:"payloads"`
	Wrap     wrapVector      `json:"wrap"`
	Buckets  []bucketVector  `json:"buckets"`
}

func vectorOfEpoch(e *Epoch) epochVector {
	id := e.ID()
	k, h := e.Commitments()
	return epochVector{id[:], e.Secrets()[:32], e.Secrets()[32:], k[:], h[:]}
}

func makeVectors(t *testing.T) vectors {
	e, child := testEpoch(t, 1), testEpoch(t, 5)
	sealed, err := child.SealParent(e)
	if err != nil {
		t.Fatal(err)
	}
	made := vectors{
		Epoch:  vectorOfEpoch(e),
		Parent: parentVector{vectorOfEpoch(e), vectorOfEpoch(child), sealed},
	}
	header := testHeader(e)
	for _, c := range []struct {
		plain string
		refs  int
	}{{"", 0}, {"what is said to friends", 0}, {"with pictures", 2}} {
		salt := repeat(0x5a, saltSize)
		raw, err := payload(e, testSpace, header, testRefs(c.refs), []byte(c.plain), salt)
		if err != nil {
			t.Fatal(err)
		}
		place := append(append([]byte("kith payload v1"), testSpace[:]...), header.Log[:]...)
		place = append(place, 0, 0, 0, 0, 0, 0, 1, 44) // 300
		out := derive(e.key(), salt, string(place), nil, 64)
		ad, err := payloadAD(testSpace, header, testRefs(c.refs))
		if err != nil {
			t.Fatal(err)
		}
		id := e.ID()
		v := payloadVector{
			Space: testSpace[:], Epoch: id[:], EpochKey: e.key(), Log: header.Log[:], Seq: header.Seq, Salt: salt,
			HKDFInfo: place, Key: out[:32], Commit: out[32:], AD: ad, Refs: []hexed{},
			Plaintext: hexed(c.plain), Padded: pad([]byte(c.plain)), Payload: raw,
		}
		for _, ref := range testRefs(c.refs) {
			v.Refs = append(v.Refs, ref[:])
		}
		made.Payloads = append(made.Payloads, v)
	}
	person, id := key.PersonID(repeat(7, 32)), e.ID()
	to := Recipient{Space: testSpace, Person: person, Generation: 3}
	made.Wrap = wrapVector{
		SealingSeed: repeat(3, 32), Space: testSpace[:], Epoch: id[:], Person: person[:], Generation: 3,
		Info: wrapInfo(e.ID(), to), Secrets: e.Secrets(),
	}
	for _, n := range []int{0, 1, 30, 31, 32, 63, 64, 120, 254, 255, 256, 257, 300, 511, 512, 1000, 4096, 10_000, 16_384, 40_000, MaxPlaintext} {
		padded := len(pad(make([]byte, n)))
		made.Buckets = append(made.Buckets, bucketVector{n, padded, padded + 16})
	}
	return made
}

func TestVectors(t *testing.T) {
	made := makeVectors(t)
	e, d := testEpoch(t, 1), testDevice(t, 1) // its sealing seed is 32 bytes of 3
	to := Recipient{Space: testSpace, Person: key.PersonID(made.Wrap.Person), Generation: made.Wrap.Generation}
	if *update {
		wrap, err := Wrap(e, to, d.SealPublic(), true)
		if err != nil {
			t.Fatal(err)
		}
		made.Wrap.Wrap = wrap // sealing is randomised: the file holds one sample, which has to open
		writeJSON(t, vectorFile, made)
	}
	want := readJSON[vectors](t, vectorFile)
	made.Wrap.Wrap = want.Wrap.Wrap
	got, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	expected, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(expected) {
		t.Errorf("got  %s\nwant %s", got, expected)
	}
	k, h := e.Commitments()
	opened, err := Unwrap(want.Wrap.Wrap, oplog.EpochID(want.Wrap.Epoch), to, d, k, h)
	if err != nil || string(opened.Secrets()) != string(want.Wrap.Secrets) {
		t.Errorf("the sample wrap: %v", err)
	}
	for i, v := range want.Payloads {
		plain, refs, err := OpenPayload(e, key.SpaceID(v.Space), testHeader(e), v.Payload)
		if err != nil || string(plain) != string(v.Plaintext) || len(refs) != len(v.Refs) {
			t.Errorf("payload %d: %v", i, err)
		}
	}
}
