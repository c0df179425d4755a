package social

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/media"
	"kith/internal/oplog"
	"kith/internal/sqlite"
)

// filePath is where pages find files. After it come the item's ID and the file's number.
const filePath = "/file/"

// maxHolders is how many people are named who may have a file.
const maxHolders = 12

// File is a file beside a text: a document, a film, a voice note.
type File struct {
	Name    string `json:"name"`
	Type    string `json:"type"` // media type, as its author says
	Size    int64  `json:"size"` // in bytes
	Path    string `json:"path"` // URL path
	Poster  string `json:"poster,omitempty"`
	Width   int    `json:"width,omitempty"` // of a film, in pixels; 0 where it is not known
	Height  int    `json:"height,omitempty"`
	Lasting int64  `json:"lasting,omitempty"` // of a film or sound, in milliseconds
	Wave    []byte `json:"wave,omitempty"`    // of a voice note: its loudness over time
	Here    bool   `json:"here"`              // all of it is on this computer
	// Asked: it is too large to go to everybody, and comes to who asks for it (Home.WantFile).
	Asked bool `json:"asked,omitempty"`
}

// FileState is a file, and where it is while it is not here.
type FileState struct {
	File
	Item   string    `json:"item"` // the ID of what it belongs to
	Number int       `json:"number"`
	By     Person    `json:"by"`
	At     time.Time `json:"at"`
	Coming bool      `json:"coming,omitempty"` // it is being fetched, or waits for a home that has it
	From   []string  `json:"from,omitempty"`   // the people connected now whose homes may have it; at most 12
}

// OpenFile is a file that can be read. The caller closes Content.
type OpenFile struct {
	File
	Modified time.Time
	Content  io.ReadSeekCloser
}

var errNoFile = fail(CodeNotFound, "There is no such file here. What it belonged to may have been deleted.", nil)

// plainName takes out of a file's name what would make it look like another one: marks that turn the direction of writing.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) || unicode.IsControl(r) {
			return '_'
		}
		return r
	}, name)
}

// showFiles makes views of the files of an item; here tells which are on this computer.
func showFiles(entry oplog.EntryID, files []content.Attachment, here map[blob.Ref]bool) (shown []File) {
	for i := range files {
		a := &files[i]
		f := File{
			Name: plainName(a.Name), Type: a.File.Type, Size: a.File.Size, Path: filePath + entry.String() + "/" + strconv.Itoa(i),
			Width: a.Width, Height: a.Height, Lasting: a.Lasting, Wave: a.Wave, Here: here[a.File.Ref], Asked: !a.Carried(),
		}
		if a.Poster != nil {
			f.Poster = picturePath + photoID(entry, i) + "." + sizePoster
		}
		shown = append(shown, f)
	}
	return shown
}

// attached finds a file by the ID of its item and its number, from 0.
func (h *Home) attached(ctx context.Context, id string, number int) (sqlite.Item, content.Attachment, error) {
	item, err := h.item(ctx, id)
	if err != nil {
		return sqlite.Item{}, content.Attachment{}, errNoFile
	}
	_, files := content.MediaOf(item.Content)
	if number < 0 || number >= len(files) {
		return sqlite.Item{}, content.Attachment{}, errNoFile
	}
	return item, files[number], nil
}

// FileState tells of a file whether it is here, and who may have it if it is not.
func (h *Home) FileState(ctx context.Context, id string, number int) (FileState, error) {
	item, file, err := h.attached(ctx, id, number)
	if err != nil {
		return FileState{}, err
	}
	ref := file.File.Ref
	here, err := h.db.BlobHere(ctx, []blob.Ref{ref})
	if err != nil {
		return FileState{}, explain("look for a file", err)
	}
	_, files := content.MediaOf(item.Content)
	state := FileState{File: showFiles(item.ID, files, here)[number], Item: item.ID.String(), Number: number, At: item.At}
	people, err := h.people(ctx, []key.PersonID{item.Author})
	if err != nil {
		return FileState{}, explain("look for a file", err)
	}
	if state.By = people[item.Author]; state.Here {
		return state, nil
	}
	if state.Coming, err = h.db.BlobComing(ctx, ref); err != nil {
		return FileState{}, explain("look for a file", err)
	}
	state.From, err = h.onlineIn(ctx, item.Space)
	return state, explain("look for a file", err)
}

// onlineIn names the members of a space whose homes are connected, other than the owner, at most maxHolders.
func (h *Home) onlineIn(ctx context.Context, id key.SpaceID) ([]string, error) {
	state, err := h.node.Gate().State(ctx, id)
	if err != nil {
		return nil, err
	}
	var online []key.PersonID
	for _, person := range h.node.Connected() {
		if person != h.node.Person() && state.Role(person) != 0 && len(online) < maxHolders {
			online = append(online, person)
		}
	}
	people, err := h.people(ctx, online)
	var names []string
	for _, person := range people {
		names = append(names, person.Name)
	}
	slices.Sort(names)
	return names, err
}

// WantFile fetches a file that comes only to who asks for it, from whichever member's home has it and is on. It comes in
// its own time.
func (h *Home) WantFile(ctx context.Context, id string, number int) error {
	_, file, err := h.attached(ctx, id, number)
	if err != nil {
		return err
	}
	return explain("fetch a file", h.node.WantFile(ctx, file.File.Ref))
}

// OpenFile opens a file that is here in full. The reader works until ctx ends.
func (h *Home) OpenFile(ctx context.Context, id string, number int) (OpenFile, error) {
	item, file, err := h.attached(ctx, id, number)
	if err != nil {
		return OpenFile{}, err
	}
	r, err := h.openBlob(ctx, &file.File)
	if err != nil {
		return OpenFile{}, err
	}
	_, files := content.MediaOf(item.Content)
	shown := showFiles(item.ID, files, map[blob.Ref]bool{file.File.Ref: true})[number]
	shown.Size = r.Size() // what is there, whatever its author says
	return OpenFile{File: shown, Modified: item.At, Content: nopCloser{r}}, nil
}

var errFileComing = fail(CodeUnreachable, "This file is not on this computer. It comes as soon as one of the homes that have it is on.", nil)

// openBlob opens an encrypted file that is here in full. One that should be here and is not, or is damaged, is fetched
// again.
func (h *Home) openBlob(ctx context.Context, file *content.File) (*blob.Reader, error) {
	manifest, held, err := h.node.Blobs().Held(file.Ref)
	if errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrCorrupt) || err == nil && !held.Full() {
		if err := h.node.LostFile(ctx, file.Ref); err != nil {
			return nil, explain("fetch a file again", err)
		}
		return nil, errFileComing
	}
	if err != nil {
		return nil, explain("open a file", err)
	}
	var secret blob.Key
	if err := secret.UnmarshalBinary(file.Key); err != nil {
		return nil, errNoFile
	}
	r, err := blob.Open(ctx, h.node.Blobs(), manifest, secret)
	if err != nil {
		return nil, errNoFile
	}
	return r, nil
}

// checkedPicture opens an encrypted picture that is here in full.
func (h *Home) checkedPicture(ctx context.Context, file *content.File, limits media.Limits, modified time.Time) (Picture, error) {
	r, err := h.openBlob(ctx, file)
	if errors.Is(err, errFileComing) || errors.Is(err, errNoFile) {
		return Picture{}, errNoPicture
	}
	if err != nil {
		return Picture{}, err
	}
	if _, err := media.Check(r, file.Type, limits); err != nil {
		return Picture{}, errNoPicture
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return Picture{}, explain("open a picture", err)
	}
	return Picture{Type: file.Type, Modified: modified, Content: nopCloser{r}}, nil
}
