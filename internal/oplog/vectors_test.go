package oplog

import (
	"testing"

	"kith/internal/canon"
)

type logVector struct {
	Space       hexed `json:"space"`
	Device      hexed `json:"device"`
	Incarnation hexed `json:"incarnation"`
	Lane        Lane  `json:"lane"`
	ID          hexed `json:"log_id"`
}

type headerVector struct {
	Name           string  `json:"name"`
	Kind           Kind    `json:"kind"`
	Log            hexed   `json:"log_id"`
	Seq            uint64  `json:"seq"`
	Prev           hexed   `json:"prev"`
	Lamport        uint64  `json:"lamport"`
	Time           int64   `json:"time"`
	Epoch          hexed   `json:"epoch"`
	PayloadLen     uint64  `json:"payload_len"`
	PayloadHash    hexed   `json:"payload_hash"`
	Deps           []hexed `json:"deps"`
	Encoded        hexed   `json:"encoded"`
	ID             hexed   `json:"entry_id"`
	AssociatedData hexed   `json:"associated_data"`
}

type entryVector struct {
	Header  hexed `json:"header"`
	Payload hexed `json:"payload"`
	ID      hexed `json:"entry_id"`
}

type runVector struct {
	SigningSeed hexed         `json:"device_signing_seed"`
	Log         logVector     `json:"log"`
	First       uint64        `json:"first"`
	Entries     []entryVector `json:"entries"`
	Signed      hexed         `json:"signed_bytes"`
	Context     string        `json:"signature_context"`
	Signature   hexed         `json:"signature"`
}

type headVector struct {
	Log logVector `json:"log"`
	Seq uint64    `json:"seq"`
	ID  hexed     `json:"entry_id"`
}

type frontierVector struct {
	Heads  []headVector `json:"heads_sorted"`
	Digest hexed        `json:"digest"`
}

type vectors struct {
	Logs      []logVector      `json:"logs"`
	Headers   []headerVector   `json:"headers"`
	Run       runVector        `json:"run"`
	Frontiers []frontierVector `json:"frontiers"`
}

func vectorOfLog(log Log) logVector {
	id := log.ID()
	return logVector{log.Space[:], log.Device[:], log.Incarnation[:], log.Lane, id[:]}
}

func TestVectors(t *testing.T) {
	d := testDevice(t, 1)
	content, control := testLog(d, Content), testLog(d, Control)
	var made vectors
	made.Logs = []logVector{vectorOfLog(content), vectorOfLog(control)}

	small := Header{Version: Version, Kind: KindControl, Log: control.ID(), Seq: 1, Lamport: 1}
	usual := validHeader()
	usual.Log = content.ID()
	largest := usual
	largest.Seq, largest.Lamport, largest.Time, largest.PayloadLen = MaxSeq, MaxSeq, maxTime, MaxPayload
	for i := range MaxDeps {
		largest.Deps = append(largest.Deps, EntryID{byte(i)})
	}
	for _, c := range []struct {
		name   string
		header Header
	}{{"the least", small}, {"usual", usual}, {"the greatest", largest}} {
		h := c.header
		raw, err := canon.Marshal(&h)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodeHeader(raw)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		ad, err := back.AssociatedData(content.Space)
		if err != nil {
			t.Fatal(err)
		}
		id := idOf(raw)
		v := headerVector{
			Name: c.name, Kind: h.Kind, Log: h.Log[:], Seq: h.Seq, Prev: h.Prev[:], Lamport: h.Lamport, Time: h.Time,
			Epoch: h.Epoch[:], PayloadLen: h.PayloadLen, PayloadHash: h.PayloadHash[:], Deps: []hexed{},
			Encoded: raw, ID: id[:], AssociatedData: ad,
		}
		for i := range h.Deps {
			v.Deps = append(v.Deps, h.Deps[i][:])
		}
		made.Headers = append(made.Headers, v)
	}

	run, entries := testRun(t, 3)
	made.Run = runVector{
		SigningSeed: hexed(repeat(1)), Log: vectorOfLog(run.Log), First: run.First,
		Signed: signedBytes(run.Log.Space, entries[2].ID()), Context: "kith run v1", Signature: run.Signature[:],
	}
	for i := range entries {
		id := entries[i].ID()
		made.Run.Entries = append(made.Run.Entries, entryVector{run.Entries[i].Header, run.Entries[i].Payload, id[:]})
	}

	for _, n := range []int{0, 1, 3} {
		f := testFrontier(n)
		f.Sort()
		digest := f.Digest()
		v := frontierVector{Heads: []headVector{}, Digest: digest[:]}
		for _, head := range f {
			v.Heads = append(v.Heads, headVector{vectorOfLog(head.Log), head.Seq, head.ID[:]})
		}
		made.Frontiers = append(made.Frontiers, v)
	}
	checkVectors(t, "testdata/oplog.json", made)
}
