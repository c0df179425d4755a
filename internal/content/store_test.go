package content

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"kith/internal/canon"
	"kith/internal/oplog"
)

func TestWhatIsTakenApartIsPutTogether(t *testing.T) {
	divided := 0
	for name, item := range samples() {
		columns, ok, err := Divide(item)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !ok {
			continue
		}
		divided++
		if under, hangs := Under(item); hangs != !columns.Under.IsZero() || under != columns.Under {
			t.Errorf("%s hangs under %v, and is stored under %v", name, under, columns.Under)
		}
		if columns.Text != "" && strings.Contains(string(columns.Rest), columns.Text) {
			t.Errorf("%s: the text is stored twice", name)
		}
		again, err := Join(item.Kind(), columns)
		if err != nil || !reflect.DeepEqual(again, item) {
			t.Errorf("%s: %+v came back as %+v, %v", name, item, again, err)
		}
	}
	if divided < 3 {
		t.Errorf("only %d samples were taken apart", divided)
	}
	if columns, _, err := Divide(Post{Text: "hello"}); err != nil || columns.Rest != nil {
		t.Errorf("the rest of a post that is a text: %x, %v", columns.Rest, err)
	}
}

func TestColumnsThatAreNoItem(t *testing.T) {
	whole, err := canon.Marshal(Post{Text: "hello"})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		kind Kind
		Columns
	}{
		"a post with nothing in it":     {KindPost, Columns{}},
		"a text stored twice":           {KindPost, Columns{Text: "hello", Rest: whole}},
		"a rest that is no CBOR":        {KindPost, Columns{Text: "hello", Rest: []byte{0xff}}},
		"a comment under nothing":       {KindComment, Columns{Text: "hello"}},
		"a comment without words":       {KindComment, Columns{Under: oplog.EntryID{1}}},
		"a kind that is stored by hand": {KindCard, Columns{Text: "Ada"}},
		"a kind that nobody knows":      {77, Columns{Text: "Ada"}},
	} {
		if item, err := Join(test.kind, test.Columns); !errors.Is(err, ErrMalformed) || item != nil {
			t.Errorf("%s: %v, %v", name, item, err)
		}
	}
}

func TestFilesHaveLimits(t *testing.T) {
	for name, change := range map[string]func(*Attachment){
		"no name":             func(a *Attachment) { a.Name = "" },
		"a long name":         func(a *Attachment) { a.Name = strings.Repeat("n", MaxFileName+1) },
		"a folder":            func(a *Attachment) { a.Name = "../rota.pdf" },
		"a folder of Windows": func(a *Attachment) { a.Name = `..\rota.pdf` },
		"a line break":        func(a *Attachment) { a.Name = "a\nb" },
		"not UTF-8":           func(a *Attachment) { a.Name = "\xff" },
		"no file":             func(a *Attachment) { a.File = File{} },
		"a poster nowhere":    func(a *Attachment) { a.Poster = new(File) },
		"lasts less than 0":   func(a *Attachment) { a.Lasting = -1 },
		"lasts two days":      func(a *Attachment) { a.Lasting = 2 * MaxLasting },
		"too wide":            func(a *Attachment) { a.Width = MaxPixels + 1 },
		"a long wave":         func(a *Attachment) { a.Wave = make([]byte, MaxWave+1) },
	} {
		a := testAttachment()
		change(&a)
		if _, err := Encode(Post{Files: []Attachment{a}}); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	files := make([]Attachment, MaxFiles+1)
	for i := range files {
		files[i] = testAttachment()
	}
	if _, err := Encode(Post{Files: files}); !errors.Is(err, ErrMalformed) {
		t.Errorf("%d files: %v", len(files), err)
	}
	if n := len((Post{Photos: repeatPhotos(2), Files: files[:2]}).Refs()); n != 2*3+2*2 {
		t.Errorf("%d refs", n)
	}
}
