package content

import (
	"bytes"
	"fmt"

	"kith/internal/blob"
	"kith/internal/oplog"
)

const (
	// MaxFading, in seconds, is for how long a message that disappears may be there at most: a year.
	MaxFading = 366 * 24 * 60 * 60
	// MaxMarks of one receipt: a log for each device of whoever is in the chat.
	MaxMarks = 256
)

// Message is one message of a chat.
//
// One that fades is to be gone so many seconds after it was written: its author's home asks for it to be erased then, and
// every other home drops it by itself. One that Sets says nothing else but for how long the following ones are there; with
// zero seconds they stay.
type Message struct {
	Text   string        `cbor:"1,keyasint,omitempty"`
	Photos []Photo       `cbor:"2,keyasint,omitempty"`
	Files  []Attachment  `cbor:"3,keyasint,omitempty"` // documents, voice notes
	Reply  oplog.EntryID `cbor:"4,keyasint,omitzero"`  // what it answers, in the same space or, of two people, in another one of theirs
	Fades  uint64        `cbor:"5,keyasint,omitempty"` // seconds, at most MaxFading; 0: it stays
	Sets   bool          `cbor:"6,keyasint,omitempty"`
}

// Receipt says up to where a person has read what others wrote in a chat. Of a person the newest counts, and what an earlier
// one said is in it.
type Receipt struct {
	Read []Mark `cbor:"1,keyasint"` // ascending by log, each once
}

// Mark is a place in a log: everything up to there.
type Mark struct {
	_   struct{} `cbor:",toarray"`
	Log []byte   // an oplog.LogID
	Seq uint64   // at least 1
}

// Kind is KindMessage.
func (Message) Kind() Kind { return KindMessage }

// Kind is KindReceipt.
func (Receipt) Kind() Kind { return KindReceipt }

// Refs lists every file of every photo, and every attached file.
func (m Message) Refs() []blob.Ref { return refs(m.Media()) }

// Refs is empty.
func (Receipt) Refs() []blob.Ref { return nil }

// Media is the message's photos and files.
func (m Message) Media() ([]Photo, []Attachment) { return m.Photos, m.Files }

func (m Message) check() error {
	empty := m.Text == "" && len(m.Photos) == 0 && len(m.Files) == 0
	if m.Sets && (!empty || !m.Reply.IsZero()) || !m.Sets && empty {
		return fmt.Errorf("%w: a message with nothing in it, or one that sets the time with something", ErrMalformed)
	}
	if m.Fades > MaxFading {
		return fmt.Errorf("%w: a message that fades after %d s", ErrMalformed, m.Fades)
	}
	return firstError(checkText("text", m.Text, MaxText), checkMedia(m.Media()))
}

func (r Receipt) check() error {
	if len(r.Read) == 0 || len(r.Read) > MaxMarks {
		return fmt.Errorf("%w: a receipt with %d marks", ErrMalformed, len(r.Read))
	}
	for i, mark := range r.Read {
		if len(mark.Log) != len(oplog.LogID{}) || mark.Seq == 0 || mark.Seq > oplog.MaxSeq {
			return fmt.Errorf("%w: a mark at %d in a log whose name has %d bytes", ErrMalformed, mark.Seq, len(mark.Log))
		}
		if i > 0 && bytes.Compare(r.Read[i-1].Log, mark.Log) >= 0 {
			return fmt.Errorf("%w: marks out of order", ErrMalformed)
		}
	}
	return nil
}

// divide keeps what a message answers with the rest: it does not hang under it, and stays when that is erased.
func (m Message) divide() (string, oplog.EntryID, Message) {
	rest := m
	rest.Text = ""
	return m.Text, oplog.EntryID{}, rest
}

func (m Message) join(text string, _ oplog.EntryID) Message {
	m.Text = text
	return m
}

func (r Receipt) divide() (string, oplog.EntryID, Receipt) { return "", oplog.EntryID{}, r }

func (r Receipt) join(string, oplog.EntryID) Receipt { return r }
