package web_test

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"kith/internal/social"
)

// Files of the home in memory, by the item and their number.

// shelf is the files that there are.
type shelf map[string]*shelved

type shelved struct {
	state social.FileState
	bytes []byte
}

// shelve puts a file beside an item; without bytes it is not here.
func (h *home) shelve(item string, number int, name, kind string, content []byte, from ...string) {
	if h.files == nil {
		h.files = make(shelf)
	}
	state := social.FileState{Item: item, Number: number, By: h.people["ben"], At: h.now().Add(-time.Hour), From: from}
	state.File = social.File{Name: name, Type: kind, Size: int64(len(content)), Path: fmt.Sprintf("/file/%s/%d", item, number), Here: content != nil}
	if content == nil {
		state.Size, state.Asked = 90<<20, true
	}
	h.files[state.Path] = &shelved{state, content}
}

func (h *home) shelved(item string, number int) (*shelved, error) {
	f, ok := h.files[fmt.Sprintf("/file/%s/%d", item, number)]
	if !ok {
		return nil, problem(social.CodeNotFound, "There is no such file here. What it belonged to may have been deleted.")
	}
	return f, nil
}

func (h *home) OpenFile(_ context.Context, item string, number int) (social.OpenFile, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f, err := h.shelved(item, number)
	if err != nil {
		return social.OpenFile{}, err
	}
	if !f.state.Here {
		return social.OpenFile{}, problem(social.CodeUnreachable, "This file is not on this computer.")
	}
	return social.OpenFile{File: f.state.File, Modified: f.state.At, Content: file{bytes.NewReader(f.bytes)}}, nil
}

func (h *home) FileState(_ context.Context, item string, number int) (social.FileState, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f, err := h.shelved(item, number)
	if err != nil {
		return social.FileState{}, err
	}
	return f.state, h.fail["FileState"]
}

func (h *home) WantFile(_ context.Context, item string, number int) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("WantFile"); err != nil {
		return err
	}
	f, err := h.shelved(item, number)
	if err != nil {
		return err
	}
	f.state.Coming = true
	h.tell(social.EventChanged, item, "")
	return nil
}
