package content

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kith/internal/blob"
	"kith/internal/canon"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
)

// update writes the files in testdata again. They are published: a change to them is a change of the protocol.
var update = flag.Bool("update", false, "write testdata again")

func testFile(n byte) File {
	return File{Ref: blob.Ref{n}, Key: bytes.Repeat([]byte{n}, blob.KeySize), Size: 1000 * int64(n), Type: "image/jpeg"}
}

func testPhoto() Photo {
	original := testFile(3)
	return Photo{Alt: "a boat", Width: 1600, Height: 1200, Thumb: testFile(1), Screen: testFile(2), Original: &original, Tone: 0x336699}
}

func testAttachment() Attachment {
	poster := testFile(5)
	return Attachment{Name: "regatta.mp4", File: testFile(4), Poster: &poster, Width: 1280, Height: 720, Lasting: 61_500, Wave: []byte{0, 128, 255}}
}

func testMention(n byte, name string) Mention {
	return Mention{Person: bytes.Repeat([]byte{n}, len(key.PersonID{})), Name: name}
}

// mentions are so many different ones.
func mentions(n, name int) (list []Mention) {
	for i := range n {
		list = append(list, testMention(byte(i+1), string(rune('a'+i))+bytesOf(name-1)))
	}
	return list
}

// options are so many, each of a length in bytes.
func options(n, size int) (list []string) {
	for range n {
		list = append(list, bytesOf(size))
	}
	return list
}

// samples are one of each kind, with every field set.
func samples() map[string]Item {
	return map[string]Item{
		"card":    Card{Name: "Ada", About: "I row.", Picture: []byte{0xff, 0xd8}, Birthday: "--02-29"},
		"post":    Post{Text: "hello", Photos: []Photo{testPhoto()}},
		"files":   Post{Files: []Attachment{testAttachment(), {Name: "rota.pdf", File: testFile(6)}}},
		"comment": Comment{Post: oplog.EntryID{1}, Text: "nice"},
		"poll": Post{Text: "When?", Poll: &Poll{Options: []string{"Friday", "Saturday"}, Several: true, Until: 1_800_000_000}, Mentions: []Mention{testMention(7, "Ben")},
			Feeling: "curious", Place: "the boat house", Note: "about rowing", Meant: 1_700_000_000},
		"reply":    Comment{Post: oplog.EntryID{1}, Text: "@Ben, yes", Answers: oplog.EntryID{4}, Photos: []Photo{testPhoto()}, Mentions: []Mention{testMention(7, "Ben")}},
		"vote":     Vote{Poll: oplog.EntryID{5}, Choices: []int{0, 3}},
		"reaction": Reaction{Target: oplog.EntryID{2}, Emoji: "❤️"},
		"edit":     Edit{Target: oplog.EntryID{3}, Text: "better", Photos: []PhotoEdit{{Photo: 1, Alt: "a barge"}, {Photo: 0}}, Mentions: []Mention{testMention(8, "Cleo")}},
		"register": Register{Collection: "friends", ID: "somebody", Value: []byte(`{"since":1}`)},
		"about":    About{Name: "Garden club", Text: "Be kind.", Picture: []byte{0xff, 0xd8}},
		"asking": Asking{Person: key.PersonID{3}, Name: "Cleo", Picture: []byte{0xff, 0xd8}, Places: [][]byte{{4, 127, 0, 0, 1}},
			Answered: true},
		"event": Event{Of: oplog.EntryID{4}, Title: "Harvest", Text: "Bring a basket.", Start: 29_700_000, End: 29_700_120, Zone: "Europe/Berlin",
			Place: "The meadow", Photos: []Photo{testPhoto()}, Asked: [][]byte{bytes.Repeat([]byte{3}, 32)}, Canceled: true},
		"days":         Event{Title: "Camp", Start: 29_700_000 - 29_700_000%1440, End: 29_700_000 - 29_700_000%1440 + 2880, Days: true},
		"answer":       Answer{Event: oplog.EntryID{4}, Answer: AnswerGoing, Guests: 2, Note: "a bit late"},
		"pin":          Pin{Post: oplog.EntryID{1}, How: PinAnnouncement},
		"confirmation": Confirmation{Post: oplog.EntryID{1}},
		"message":      Message{Text: "see you at six", Photos: []Photo{testPhoto()}, Files: []Attachment{testAttachment()}, Reply: oplog.EntryID{4}, Fades: 86_400},
		"receipt":      Receipt{Read: []Mark{{Log: bytes.Repeat([]byte{1}, 16), Seq: 7}, {Log: bytes.Repeat([]byte{2}, 16), Seq: 300}}},
	}
}

func TestRoundTrip(t *testing.T) {
	for name, item := range samples() {
		raw, err := Encode(item)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		back, err := Decode(raw)
		if err != nil || !reflect.DeepEqual(back, item) {
			t.Errorf("%s: %+v came back as %+v, %v", name, item, back, err)
		}
		again, err := Encode(back)
		if err != nil || !bytes.Equal(again, raw) {
			t.Errorf("%s: %x became %x, %v", name, raw, again, err)
		}
	}
}

func TestKindsAndRefs(t *testing.T) {
	all := samples()
	for name, kind := range map[string]Kind{"card": 1, "post": 2, "comment": 3, "reaction": 4, "edit": 5, "register": 6} {
		if all[name].Kind() != kind {
			t.Errorf("%s is of kind %d", name, all[name].Kind())
		}
	}
	if refs := all["post"].Refs(); len(refs) != 3 || refs[0] != (blob.Ref{1}) || refs[2] != (blob.Ref{3}) {
		t.Errorf("a photo with an original has refs %v", refs)
	}
	photo := testPhoto()
	photo.Original = nil
	if refs := (Post{Photos: []Photo{photo, photo}}).Refs(); len(refs) != 4 {
		t.Errorf("two photos without have %d refs", len(refs))
	}
	for _, name := range []string{"card", "comment", "reaction", "edit", "register"} {
		if refs := all[name].Refs(); len(refs) != 0 {
			t.Errorf("%s has refs %v", name, refs)
		}
	}
}

// bytesOf is a valid text of so many bytes.
func bytesOf(n int) string { return strings.Repeat("a", n) }

// Every limit: what reaches it is taken by writer and reader, what goes beyond by neither.
func TestLimits(t *testing.T) {
	post := func(change func(*Photo)) Item {
		p := testPhoto()
		change(&p)
		return Post{Photos: []Photo{p}}
	}
	for name, c := range map[string]struct {
		item Item
		ok   bool
	}{
		"longest name":              {Card{Name: bytesOf(MaxName)}, true},
		"name too long":             {Card{Name: bytesOf(MaxName + 1)}, false},
		"no name":                   {Card{}, false},
		"name not UTF-8":            {Card{Name: "a\xff"}, false},
		"longest about":             {Card{Name: "a", About: bytesOf(MaxAbout)}, true},
		"about too long":            {Card{Name: "a", About: bytesOf(MaxAbout + 1)}, false},
		"about not UTF-8":           {Card{Name: "a", About: "\xc0\x80"}, false},
		"largest picture":           {Card{Name: "a", Picture: make([]byte, MaxPicture)}, true},
		"picture too large":         {Card{Name: "a", Picture: make([]byte, MaxPicture+1)}, false},
		"nothing posted":            {Post{}, false},
		"longest text":              {Post{Text: bytesOf(MaxText)}, true},
		"text too long":             {Post{Text: bytesOf(MaxText + 1)}, false},
		"text not UTF-8":            {Post{Text: "\xed\xa0\x80"}, false},
		"most photos":               {Post{Photos: repeatPhotos(MaxPhotos)}, true},
		"too many photos":           {Post{Photos: repeatPhotos(MaxPhotos + 1)}, false},
		"a photo without original":  {post(func(p *Photo) { p.Original = nil }), true},
		"width 0":                   {post(func(p *Photo) { p.Width = 0 }), false},
		"width negative":            {post(func(p *Photo) { p.Width = -1 }), false},
		"widest":                    {post(func(p *Photo) { p.Width = MaxPixels }), true},
		"too wide":                  {post(func(p *Photo) { p.Width = MaxPixels + 1 }), false},
		"height 0":                  {post(func(p *Photo) { p.Height = 0 }), false},
		"highest":                   {post(func(p *Photo) { p.Height = MaxPixels }), true},
		"too high":                  {post(func(p *Photo) { p.Height = MaxPixels + 1 }), false},
		"white":                     {post(func(p *Photo) { p.Tone = 0xffffff }), true},
		"no colour":                 {post(func(p *Photo) { p.Tone = 0x1000000 }), false},
		"longest alt":               {post(func(p *Photo) { p.Alt = bytesOf(MaxAlt) }), true},
		"alt too long":              {post(func(p *Photo) { p.Alt = bytesOf(MaxAlt + 1) }), false},
		"alt not UTF-8":             {post(func(p *Photo) { p.Alt = "\xff" }), false},
		"short key":                 {post(func(p *Photo) { p.Thumb.Key = p.Thumb.Key[:blob.KeySize-1] }), false},
		"long key":                  {post(func(p *Photo) { p.Screen.Key = append(p.Screen.Key, 0) }), false},
		"no key":                    {post(func(p *Photo) { p.Screen.Key = nil }), false},
		"zero key":                  {post(func(p *Photo) { p.Screen.Key = make([]byte, blob.KeySize) }), false},
		"no ref":                    {post(func(p *Photo) { p.Screen.Ref = blob.Ref{} }), false},
		"no ref to the original":    {post(func(p *Photo) { p.Original.Ref = blob.Ref{} }), false},
		"empty file":                {post(func(p *Photo) { p.Thumb.Size = 0 }), true},
		"negative file":             {post(func(p *Photo) { p.Thumb.Size = -1 }), false},
		"largest file":              {post(func(p *Photo) { p.Original.Size = MaxFile }), true},
		"file too large":            {post(func(p *Photo) { p.Original.Size = MaxFile + 1 }), false},
		"longest type":              {post(func(p *Photo) { p.Thumb.Type = bytesOf(MaxType) }), true},
		"type too long":             {post(func(p *Photo) { p.Original.Type = bytesOf(MaxType + 1) }), false},
		"type not UTF-8":            {post(func(p *Photo) { p.Thumb.Type = "\xff" }), false},
		"longest comment":           {Comment{Post: oplog.EntryID{1}, Text: bytesOf(MaxText)}, true},
		"comment too long":          {Comment{Post: oplog.EntryID{1}, Text: bytesOf(MaxText + 1)}, false},
		"comment on nothing":        {Comment{Text: "a"}, false},
		"empty comment":             {Comment{Post: oplog.EntryID{1}}, false},
		"comment not UTF-8":         {Comment{Post: oplog.EntryID{1}, Text: "\xff"}, false},
		"longest emoji":             {Reaction{Target: oplog.EntryID{1}, Emoji: bytesOf(MaxEmoji)}, true},
		"emoji too long":            {Reaction{Target: oplog.EntryID{1}, Emoji: bytesOf(MaxEmoji + 1)}, false},
		"reaction withdrawn":        {Reaction{Target: oplog.EntryID{1}}, true},
		"longest edit":              {Edit{Target: oplog.EntryID{1}, Text: bytesOf(MaxText), Photos: editOf(MaxPhotos, MaxAlt)}, true},
		"edit too long":             {Edit{Target: oplog.EntryID{1}, Text: bytesOf(MaxText + 1)}, false},
		"edit to photos alone":      {Edit{Target: oplog.EntryID{1}, Photos: editOf(1, 0)}, true},
		"edit to nothing":           {Edit{Target: oplog.EntryID{1}}, false},
		"edit of nothing":           {Edit{Text: "a"}, false},
		"edit with an alt too long": {Edit{Target: oplog.EntryID{1}, Photos: editOf(1, MaxAlt+1)}, false},
		"edit with many photos":     {Edit{Target: oplog.EntryID{1}, Photos: editOf(MaxPhotos+1, 0)}, false},
		"edit with a photo twice":   {Edit{Target: oplog.EntryID{1}, Photos: []PhotoEdit{{Photo: 1}, {Photo: 1}}}, false},
		"edit with photo -1":        {Edit{Target: oplog.EntryID{1}, Photos: []PhotoEdit{{Photo: -1}}}, false},
		"edit not UTF-8":            {Edit{Target: oplog.EntryID{1}, Text: "\xff"}, false},
		"reaction to nothing":       {Reaction{Emoji: "a"}, false},
		"emoji not UTF-8":           {Reaction{Target: oplog.EntryID{1}, Emoji: "\xff"}, false},
		"unknown":                   {Unknown{kind: 9}, false},
		"comment of photos":         {Comment{Post: oplog.EntryID{1}, Photos: repeatPhotos(MaxCommentPhotos)}, true},
		"comment, many photos":      {Comment{Post: oplog.EntryID{1}, Photos: repeatPhotos(MaxCommentPhotos + 1)}, false},
		"comment answers its post":  {Comment{Post: oplog.EntryID{1}, Text: "a", Answers: oplog.EntryID{1}}, false},
		"most mentions":             {Post{Text: "a", Mentions: mentions(MaxMentions, MaxCalled)}, true},
		"too many mentions":         {Post{Text: "a", Mentions: mentions(MaxMentions+1, 3)}, false},
		"one name, two people":      {Comment{Post: oplog.EntryID{1}, Text: "a", Mentions: []Mention{testMention(1, "A"), testMention(2, "A")}}, false},
		"mention of nobody":         {Post{Text: "a", Mentions: []Mention{testMention(0, "A")}}, false},
		"mention without a name":    {Edit{Target: oplog.EntryID{1}, Text: "a", Mentions: []Mention{testMention(1, "")}}, false},
		"mention, name too long":    {Post{Text: "a", Mentions: mentions(1, MaxCalled+1)}, false},
		"mention, short person":     {Post{Text: "a", Mentions: []Mention{{Person: make([]byte, 31), Name: "A"}}}, false},
		"mention, long person":      {Post{Text: "a", Mentions: []Mention{{Person: bytes.Repeat([]byte{1}, 33), Name: "A"}}}, false},
		"largest poll":              {Post{Text: "a", Poll: &Poll{Options: options(MaxOptions, MaxOption), Until: MaxUntil}}, true},
		"poll, no question":         {Post{Photos: repeatPhotos(1), Poll: &Poll{Options: options(2, 1)}}, false},
		"poll of one":               {Post{Text: "a", Poll: &Poll{Options: options(1, 1)}}, false},
		"poll of many":              {Post{Text: "a", Poll: &Poll{Options: options(MaxOptions+1, 1)}}, false},
		"option too long":           {Post{Text: "a", Poll: &Poll{Options: options(2, MaxOption+1)}}, false},
		"option without words":      {Post{Text: "a", Poll: &Poll{Options: options(2, 0)}}, false},
		"poll before 1970":          {Post{Text: "a", Poll: &Poll{Options: options(2, 1), Until: -1}}, false},
		"poll without end":          {Post{Text: "a", Poll: &Poll{Options: options(2, 1), Until: MaxUntil + 1}}, false},
		"vote for all":              {Vote{Poll: oplog.EntryID{1}, Choices: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}, true},
		"vote withdrawn":            {Vote{Poll: oplog.EntryID{1}}, true},
		"vote in nothing":           {Vote{Choices: []int{0}}, false},
		"vote twice for one":        {Vote{Poll: oplog.EntryID{1}, Choices: []int{1, 1}}, false},
		"vote out of order":         {Vote{Poll: oplog.EntryID{1}, Choices: []int{1, 0}}, false},
		"vote for -1":               {Vote{Poll: oplog.EntryID{1}, Choices: []int{-1}}, false},
		"vote for an eleventh":      {Vote{Poll: oplog.EntryID{1}, Choices: []int{MaxOptions}}, false},
		"longest beside":            {Post{Text: "a", Feeling: bytesOf(MaxFeeling), Place: bytesOf(MaxSpot), Note: bytesOf(MaxWarning), Meant: MaxUntil}, true},
		"feeling alone":             {Post{Feeling: "fine"}, false},
		"feeling too long":          {Post{Text: "a", Feeling: bytesOf(MaxFeeling + 1)}, false},
		"place too long":            {Post{Text: "a", Place: bytesOf(MaxSpot + 1)}, false},
		"note too long":             {Post{Text: "a", Note: bytesOf(MaxWarning + 1)}, false},
		"meant before 1970":         {Post{Text: "a", Meant: -1}, false},
		"register":                  {Register{Collection: "own-things", ID: "a", Value: []byte("[1,null]")}, true},
		"register withdrawn":        {Register{Collection: "a", ID: "b"}, true},
		"register, no collection":   {Register{ID: "a"}, false},
		"register, no name":         {Register{Collection: "a"}, false},
		"register, path":            {Register{Collection: "a/b", ID: "c"}, false},
		"register, upper case":      {Register{Collection: "Node", ID: "c"}, false},
		"register, no JSON":         {Register{Collection: "a", ID: "b", Value: []byte("{")}, false},
		"register, name too long":   {Register{Collection: "a", ID: bytesOf(MaxRegisterID + 1)}, false},
		"register, long":            {Register{Collection: bytesOf(MaxCollection + 1), ID: "a"}, false},
		"largest value":             {Register{Collection: "a", ID: "b", Value: []byte(`"` + bytesOf(MaxValue-2) + `"`)}, true},
		"value too long":            {Register{Collection: "a", ID: "b", Value: []byte(`"` + bytesOf(MaxValue-1) + `"`)}, false},
	} {
		raw, err := Encode(c.item)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: written with %v", name, err)
		}
		if _, isUnknown := c.item.(Unknown); isUnknown {
			continue
		}
		if !c.ok {
			raw = unchecked(t, c.item)
		}
		if _, err := Decode(raw); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: read with %v", name, err)
		}
	}
}

func repeatPhotos(n int) []Photo {
	photos := make([]Photo, n)
	for i := range photos {
		photos[i] = testPhoto()
	}
	return photos
}

// unchecked is an item as a hostile author writes it.
func unchecked(t *testing.T, item Item) []byte {
	t.Helper()
	body, err := canon.Marshal(item)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := canon.Marshal(frame{Kind: item.Kind(), Body: body})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// The largest item of each kind fits into an entry: with its refs, encrypted and padded.
func TestTheLargestFits(t *testing.T) {
	photos := make([]Photo, MaxPhotos)
	for i := range photos {
		file := File{Ref: blob.Ref{1}, Key: bytes.Repeat([]byte{1}, blob.KeySize), Size: MaxFile, Type: bytesOf(MaxType)}
		photos[i] = Photo{Alt: bytesOf(MaxAlt), Width: MaxPixels, Height: MaxPixels, Thumb: file, Screen: file, Original: &file, Tone: 0xffffff}
	}
	files := make([]Attachment, MaxFiles)
	for i := range files {
		files[i] = Attachment{
			Name: bytesOf(MaxFileName), File: photos[0].Thumb, Poster: &photos[0].Thumb, Width: MaxPixels, Height: MaxPixels,
			Lasting: MaxLasting, Wave: make([]byte, MaxWave),
		}
	}
	epoch := seal.NewEpoch()
	header := oplog.Header{Version: oplog.Version, Kind: oplog.KindContent, Seq: oplog.MaxSeq, Epoch: epoch.ID(), Deps: make([]oplog.EntryID, oplog.MaxDeps)}
	for name, item := range map[string]Item{
		"post": Post{Text: bytesOf(MaxText), Photos: photos, Mentions: mentions(MaxMentions, MaxCalled), Poll: &Poll{Options: options(MaxOptions, MaxOption), Until: MaxUntil},
			Feeling: bytesOf(MaxFeeling), Place: bytesOf(MaxSpot), Note: bytesOf(MaxWarning), Meant: MaxUntil},
		"files":    Post{Text: bytesOf(MaxText), Photos: photos[MaxFiles:], Files: files},
		"card":     Card{Name: bytesOf(MaxName), About: bytesOf(MaxAbout), Picture: make([]byte, MaxPicture)},
		"comment":  Comment{Post: oplog.EntryID{1}, Text: bytesOf(MaxText), Answers: oplog.EntryID{2}, Photos: photos[:MaxCommentPhotos], Mentions: mentions(MaxMentions, MaxCalled)},
		"reaction": Reaction{Target: oplog.EntryID{1}, Emoji: bytesOf(MaxEmoji)},
		"edit":     Edit{Target: oplog.EntryID{1}, Text: bytesOf(MaxText), Photos: editOf(MaxPhotos, MaxAlt), Mentions: mentions(MaxMentions, MaxCalled)},
	} {
		raw, err := Encode(item)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(raw) > seal.MaxPlaintext || len(item.Refs()) > seal.MaxRefs {
			t.Errorf("%s: %d bytes and %d refs", name, len(raw), len(item.Refs()))
		}
		payload, err := seal.Payload(epoch, key.SpaceID{1}, header, item.Refs(), raw)
		if err != nil || len(payload) > oplog.MaxPayload {
			t.Errorf("%s: a payload of %d bytes, %v", name, len(payload), err)
		}
	}
}

// Later versions say more; this one reads what it knows.
func TestLaterVersions(t *testing.T) {
	frameOf := func(kind Kind, body any) []byte {
		raw, err := canon.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		out, err := canon.Marshal(frame{Kind: kind, Body: raw})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	item, err := Decode(frameOf(KindPost, map[uint64]any{1: "text", 99: map[string]any{"mood": []int{1, 2}}, 200: true}))
	if post, ok := item.(Post); err != nil || !ok || post.Text != "text" {
		t.Errorf("a post that says more: %+v, %v", item, err)
	}
	item, err = Decode(frameOf(KindReaction, map[uint64]any{1: bytes.Repeat([]byte{1}, 32), 2: nil}))
	if reaction, ok := item.(Reaction); err != nil || !ok || reaction.Emoji != "" {
		t.Errorf("null for a field left out: %+v, %v", item, err)
	}
	item, err = Decode(frameOf(77, []any{"anything", 1.5}))
	if unknown, ok := item.(Unknown); err != nil || !ok || unknown.Kind() != 77 || len(unknown.Refs()) != 0 {
		t.Errorf("a kind of its own: %+v, %v", item, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := unchecked(t, Comment{Post: oplog.EntryID{1}, Text: "a"})
	for name, raw := range map[string][]byte{
		"nothing":             nil,
		"null":                {0xf6},
		"no array":            {0xa0},
		"kind alone":          {0x81, 0x03},
		"three elements":      {0x83, 0x03, 0xa0, 0x00},
		"negative kind":       {0x82, 0x20, 0xa0},
		"body no map":         {0x82, 0x03, 0x80},
		"body null":           {0x82, 0x03, 0xf6},
		"body a text":         {0x82, 0x02, 0x61, 0x61},
		"trailing":            append(bytes.Clone(good), 0),
		"cut short":           good[:len(good)-1],
		"tagged":              append([]byte{0xc1}, good...),
		"field twice":         {0x82, 0x02, 0xa2, 0x01, 0x61, 0x61, 0x01, 0x61, 0x62},
		"text for a number":   {0x82, 0x02, 0xa1, 0x02, 0x81, 0xa1, 0x02, 0x61, 0x61},
		"short target":        {0x82, 0x04, 0xa2, 0x01, 0x41, 0x01, 0x02, 0x61, 0x61},
		"promise of a list":   {0x82, 0x02, 0xa1, 0x02, 0x9a, 0xff, 0xff, 0xff, 0xff},
		"width beyond 64 bit": {0x82, 0x02, 0xa1, 0x02, 0x81, 0xa1, 0x02, 0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	} {
		if item, err := Decode(raw); !errors.Is(err, ErrMalformed) || item != nil {
			t.Errorf("%s: %+v, %v", name, item, err)
		}
	}
}

// An identifier has its length, no more and no less: the decoder of CBOR would fill it up or cut it.
func TestLengthsOfIdentifiers(t *testing.T) {
	refused := 0
	for size := range 40 {
		id := append([]byte{0x58, byte(size)}, bytes.Repeat([]byte{1}, size)...)
		reaction := append([]byte{0x82, 0x04, 0xa1, 0x01}, id...)
		comment := append(append([]byte{0x82, 0x03, 0xa2, 0x01}, id...), 0x02, 0x61, 0x61)
		for _, raw := range [][]byte{reaction, comment} {
			if _, err := Decode(raw); (err == nil) != (size == 32) {
				t.Errorf("an ID of %d bytes: %v", size, err)
			} else if err != nil {
				refused++
			}
		}
		photo := testPhoto()
		file := map[uint64]any{1: bytes.Repeat([]byte{1}, size), 2: photo.Thumb.Key, 3: 10, 4: "image/jpeg"}
		body, err := canon.Marshal(map[uint64]any{2: []any{map[uint64]any{2: 10, 3: 10, 4: file, 5: file}}})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := canon.Marshal(frame{Kind: KindPost, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(raw); (err == nil) != (size == 32) {
			t.Errorf("a ref of %d bytes: %v", size, err)
		}
	}
	if refused != 2*39 {
		t.Errorf("%d refused", refused)
	}
}

func TestRandomItems(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(1, 100, 400)
		var item Item
		switch rapid.IntRange(1, 4).Draw(t, "kind") {
		case 1:
			item = Card{Name: text.Draw(t, "name"), About: text.Draw(t, "about")}
		case 2:
			item = Post{Text: text.Draw(t, "text"), Photos: repeatPhotos(rapid.IntRange(1, MaxPhotos).Draw(t, "photos"))}
		case 3:
			item = Comment{Post: oplog.EntryID{1}, Text: text.Draw(t, "text")}
		case 4:
			item = Reaction{Target: oplog.EntryID{1}, Emoji: rapid.StringN(0, 10, MaxEmoji).Draw(t, "emoji")}
		}
		raw, err := Encode(item)
		if err != nil {
			if card, ok := item.(Card); ok && len(card.Name) > MaxName {
				return
			}
			t.Fatal(err)
		}
		back, err := Decode(raw)
		if err != nil || !reflect.DeepEqual(back, item) {
			t.Fatalf("%+v came back as %+v, %v", item, back, err)
		}
	})
}

type itemVector struct {
	Name    string `json:"name"`
	Kind    Kind   `json:"kind"`
	Encoded string `json:"encoded"`
}

func TestVectors(t *testing.T) {
	var made []itemVector
	all := samples()
	for _, name := range []string{"card", "post", "files", "comment", "reaction", "edit", "poll", "reply", "vote", "event", "days", "answer", "message", "receipt", "pin", "confirmation"} {
		raw, err := Encode(all[name])
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, itemVector{name, all[name].Kind(), hex.EncodeToString(raw)})
	}
	got, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const path = "testdata/content.json"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %s\nwant %s, %v", got, want, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, item := range samples() {
		raw, err := Encode(item)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte{0x82, 0x18, 0x4d, 0x80})
	f.Fuzz(func(t *testing.T, raw []byte) {
		item, err := Decode(raw)
		if err != nil {
			if !errors.Is(err, ErrMalformed) || item != nil {
				t.Fatalf("%+v, %v", item, err)
			}
			return
		}
		if _, unknown := item.(Unknown); unknown {
			return
		}
		// What was read can be written, and reads the same: the encoding may have been another one.
		again, err := Encode(item)
		if err != nil {
			t.Fatalf("%+v cannot be written: %v", item, err)
		}
		back, err := Decode(again)
		if err != nil || !sameItem(back, item) {
			t.Fatalf("%+v came back as %+v, %v", item, back, err)
		}
	})
}

// sameItem compares by encoding, in which no elements and an empty list are one.
func sameItem(a, b Item) bool {
	x, errX := Encode(a)
	y, errY := Encode(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// editOf names the first n photos, each with a description of this length.
func editOf(n, alt int) (photos []PhotoEdit) {
	for i := range n {
		photos = append(photos, PhotoEdit{Photo: i, Alt: bytesOf(alt)})
	}
	return photos
}

func TestEditRevisesAPost(t *testing.T) {
	photos := []Photo{{Alt: "one"}, {Alt: "two"}, {Alt: "three"}}
	post := Post{Text: "before", Photos: photos}
	numbers := func(shown []ShownPhoto) (list []int) {
		for _, photo := range shown {
			list = append(list, photo.Number)
		}
		return list
	}
	text, shown, ok := Edit{Text: "after"}.Revise(post)
	if !ok || text != "after" || !reflect.DeepEqual(numbers(shown), []int{0, 1, 2}) || shown[1].Alt != "two" {
		t.Errorf("the text alone: %q, %v, %v", text, shown, ok)
	}
	text, shown, ok = Edit{Photos: []PhotoEdit{{Photo: 2, Alt: "new"}, {Photo: 0}, {Photo: 9}}}.Revise(post)
	if !ok || text != "" || !reflect.DeepEqual(numbers(shown), []int{2, 0}) || shown[0].Alt != "new" || shown[1].Alt != "" {
		t.Errorf("photos in another order: %q, %v, %v", text, shown, ok)
	}
	if _, _, ok := (Edit{Photos: []PhotoEdit{{Photo: 9}}}).Revise(post); ok {
		t.Error("an edit that leaves nothing counts")
	}
}
