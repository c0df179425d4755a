package content

import (
	"fmt"

	"kith/internal/canon"
	"kith/internal/oplog"
)

// Columns is an item as a store keeps it: its words, and what it hangs under, apart from the rest, so that they can be
// looked for without decoding anything, and nothing is stored twice.
type Columns struct {
	Text  string        // what was written; "" for none
	Under oplog.EntryID // the post of a comment, the event of an answer; zero where the item stands by itself
	Rest  []byte        // canonical CBOR of the item without these two; nil where they are everything
}

// divided is a kind of item that can be taken apart and put together again. Fields for the text and for what the item
// hangs under are left out of the CBOR when they are empty.
type divided[T any] interface {
	Item
	// divide returns the text, what the item hangs under, and the item without the two.
	divide() (text string, under oplog.EntryID, rest T)
	// join is the opposite.
	join(text string, under oplog.EntryID) T
}

// divide makes the function of the table of kinds that takes an item of type T apart.
func divide[T divided[T]](item Item) (Columns, error) {
	text, under, rest := item.(T).divide()
	raw, err := canon.Marshal(rest)
	if err != nil {
		return Columns{}, fmt.Errorf("content: take kind %d apart: %w", item.Kind(), err)
	}
	if len(raw) == 1 { // a map of nothing
		raw = nil
	}
	return Columns{text, under, raw}, nil
}

// join makes the function that puts it together again.
func join[T divided[T]](c Columns) (Item, error) {
	var rest T
	if c.Rest != nil {
		if err := canon.Unmarshal(c.Rest, &rest); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
	}
	if text, under, _ := rest.divide(); text != "" || !under.IsZero() {
		return nil, fmt.Errorf("%w: a text stored twice", ErrMalformed)
	}
	item := rest.join(c.Text, c.Under)
	if err := item.check(); err != nil {
		return nil, err
	}
	return item, nil
}

// Divide takes an item apart for a store; false for kinds that are stored in another way. The error is of an item that
// Encode would refuse.
func Divide(item Item) (c Columns, ok bool, err error) {
	k, known := kinds[item.Kind()]
	if !known || k.divide == nil {
		return Columns{}, false, nil
	}
	c, err = k.divide(item)
	return c, err == nil, err
}

// Join puts together what Divide took apart. The error is ErrMalformed.
func Join(kind Kind, c Columns) (Item, error) {
	k, known := kinds[kind]
	if !known || k.join == nil {
		return nil, fmt.Errorf("%w: kind %d is not stored in columns", ErrMalformed, kind)
	}
	return k.join(c)
}

// Replaces tells whether, of a person's items of this kind under one other, only the newest counts, by Lamport time, ties
// by EntryID: reactions, edits, votes, answers. A card counts once in a space, a register once under a name.
func Replaces(kind Kind) bool { return kinds[kind].newest }

// Under is what an item hangs under: it goes when that is erased. False for what stands by itself.
func Under(item Item) (oplog.EntryID, bool) {
	switch item := item.(type) {
	case Reaction:
		return item.Target, true
	case Edit:
		return item.Target, true
	}
	if c, ok := item.(hanging); ok {
		under := c.under()
		return under, !under.IsZero()
	}
	return oplog.EntryID{}, false
}

type hanging interface{ under() oplog.EntryID }

func (c Comment) under() oplog.EntryID { return c.Post }

func (c Comment) divide() (string, oplog.EntryID, Comment) {
	rest := c
	rest.Text, rest.Post = "", oplog.EntryID{}
	return c.Text, c.Post, rest
}

func (c Comment) join(text string, under oplog.EntryID) Comment {
	c.Text, c.Post = text, under
	return c
}

func (p Post) divide() (string, oplog.EntryID, Post) {
	rest := p
	rest.Text = ""
	return p.Text, oplog.EntryID{}, rest
}

func (p Post) join(text string, _ oplog.EntryID) Post {
	p.Text = text
	return p
}
