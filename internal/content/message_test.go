package content

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"testing"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
)

// marks are so many, in order.
func marks(n int) []Mark {
	list := make([]Mark, n)
	for i := range list {
		list[i] = Mark{Log: binary.BigEndian.AppendUint64(make([]byte, 8), uint64(i)), Seq: oplog.MaxSeq}
	}
	return list
}

func TestLimitsOfChats(t *testing.T) {
	log := bytes.Repeat([]byte{1}, 16)
	for name, c := range map[string]struct {
		item Item
		ok   bool
	}{
		"a word":                   {Message{Text: "a"}, true},
		"the longest":              {Message{Text: bytesOf(MaxText)}, true},
		"too long":                 {Message{Text: bytesOf(MaxText + 1)}, false},
		"not UTF-8":                {Message{Text: "\xff"}, false},
		"nothing":                  {Message{}, false},
		"an answer with nothing":   {Message{Reply: oplog.EntryID{1}}, false},
		"photos alone":             {Message{Photos: repeatPhotos(MaxPhotos)}, true},
		"too many photos":          {Message{Photos: repeatPhotos(MaxPhotos + 1)}, false},
		"a file alone":             {Message{Files: []Attachment{testAttachment()}}, true},
		"a file without a name":    {Message{Files: []Attachment{{File: testFile(1)}}}, false},
		"photos and files":         {Message{Photos: repeatPhotos(MaxPhotos), Files: []Attachment{testAttachment()}}, false},
		"there for a year":         {Message{Text: "a", Fades: MaxFading}, true},
		"there for longer":         {Message{Text: "a", Fades: MaxFading + 1}, false},
		"sets the time":            {Message{Sets: true, Fades: 60}, true},
		"sets that messages stay":  {Message{Sets: true}, true},
		"sets the time and speaks": {Message{Sets: true, Text: "a"}, false},
		"sets the time and shows":  {Message{Sets: true, Photos: repeatPhotos(1)}, false},
		"sets the time, answering": {Message{Sets: true, Reply: oplog.EntryID{1}}, false},

		"most marks":      {Receipt{marks(MaxMarks)}, true},
		"too many marks":  {Receipt{marks(MaxMarks + 1)}, false},
		"no mark":         {Receipt{}, false},
		"nothing read":    {Receipt{[]Mark{{Log: log}}}, false},
		"beyond any log":  {Receipt{[]Mark{{Log: log, Seq: oplog.MaxSeq + 1}}}, false},
		"short log":       {Receipt{[]Mark{{Log: log[1:], Seq: 1}}}, false},
		"long log":        {Receipt{[]Mark{{Log: append(log, 1), Seq: 1}}}, false},
		"a log twice":     {Receipt{[]Mark{{Log: log, Seq: 1}, {Log: log, Seq: 2}}}, false},
		"logs descending": {Receipt{[]Mark{marks(2)[1], marks(2)[0]}}, false},
	} {
		raw, err := Encode(c.item)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: written with %v", name, err)
		}
		if !c.ok {
			raw = unchecked(t, c.item)
		}
		if _, err := Decode(raw); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: read with %v", name, err)
		}
		if !c.ok {
			continue
		}
		columns, ok, err := Divide(c.item)
		if err != nil || !ok || !columns.Under.IsZero() {
			t.Errorf("%s: taken apart as %+v, %v, %v", name, columns, ok, err)
		}
		if back, err := Join(c.item.Kind(), columns); err != nil || !reflect.DeepEqual(back, c.item) {
			t.Errorf("%s: put together as %+v, %v", name, back, err)
		}
	}
}

// What a message answers may be erased, and the message stays.
func TestAMessageHangsUnderNothing(t *testing.T) {
	if under, ok := Under(Message{Text: "a", Reply: oplog.EntryID{1}}); ok {
		t.Errorf("it hangs under %v", under)
	}
	if !Replaces(KindReceipt) || Replaces(KindMessage) {
		t.Error("of receipts the newest counts, of messages each")
	}
	// An identifier that is too short is not filled up.
	raw := []byte{0x82, 0x0d, 0xa2, 0x01, 0x61, 0x61, 0x04, 0x42, 0x01, 0x02}
	if item, err := Decode(raw); !errors.Is(err, ErrMalformed) {
		t.Errorf("a reply to two bytes: %+v, %v", item, err)
	}
}

func TestTheLargestOfAChatFits(t *testing.T) {
	photos := repeatPhotos(MaxPhotos)
	for i := range photos {
		photos[i].Alt = bytesOf(MaxAlt)
	}
	epoch := seal.NewEpoch()
	header := oplog.Header{Version: oplog.Version, Kind: oplog.KindContent, Seq: oplog.MaxSeq, Epoch: epoch.ID(), Deps: make([]oplog.EntryID, oplog.MaxDeps)}
	for _, item := range []Item{
		Message{Text: bytesOf(MaxText), Photos: photos, Reply: oplog.EntryID{1}, Fades: MaxFading}, Receipt{marks(MaxMarks)},
	} {
		raw, err := Encode(item)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seal.Payload(epoch, key.SpaceID{1}, header, item.Refs(), raw); err != nil {
			t.Errorf("kind %d: %v", item.Kind(), err)
		}
	}
}
