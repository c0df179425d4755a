package content

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"kith/internal/canon"
	"kith/internal/oplog"
)

// Kind numbers a kind of content. Numbers are never used again.
type Kind uint64

// The kinds.
const (
	KindCard     Kind = 1
	KindPost     Kind = 2
	KindComment  Kind = 3
	KindReaction Kind = 4
	KindEdit     Kind = 5
	KindRegister Kind = 6
	KindAbout    Kind = 8
	KindAsking   Kind = 9
	KindVote     Kind = 10

	KindEvent        Kind = 11
	KindAnswer       Kind = 12
	KindPin          Kind = 15
	KindConfirmation Kind = 16
	KindMessage      Kind = 13
	KindReceipt      Kind = 14
)

// kind is what has to be known of a kind of content. A new kind is a type, a number and a row of kinds.
type kind struct {
	// decode reads the body and checks its limits.
	decode func(body []byte) (Item, error)
	// ids are the keys of the fields that hold an identifier of 32 bytes. By itself the decoder would fill up one that is
	// too short, and cut one that is too long.
	ids []uint64
	// newest tells that of a person's items of this kind only the newest counts; see Replaces.
	newest bool
	// divide and join are nil for kinds that a store keeps in a way of its own.
	divide func(Item) (Columns, error)
	join   func(Columns) (Item, error)
}

var kinds = map[Kind]kind{
	KindCard:     {decode: decode[Card], newest: true},
	KindPost:     {decode: decode[Post], divide: divide[Post], join: join[Post]},
	KindComment:  {decode: decode[Comment], ids: []uint64{1, 3}, divide: divide[Comment], join: join[Comment]},
	KindReaction: {decode: decode[Reaction], ids: []uint64{1}, newest: true},
	KindEdit:     {decode: decode[Edit], ids: []uint64{1}, newest: true},
	KindRegister: {decode: decode[Register], newest: true},
	KindAbout:    {decode: decode[About]},
	KindAsking:   {decode: decode[Asking], ids: []uint64{1}},
	KindVote:     {decode: decode[Vote], ids: []uint64{1}, newest: true, divide: divide[Vote], join: join[Vote]},

	KindEvent:        {decode: decode[Event], ids: []uint64{1}, divide: divide[Event], join: join[Event]},
	KindAnswer:       {decode: decode[Answer], ids: []uint64{1}, newest: true, divide: divide[Answer], join: join[Answer]},
	KindPin:          {decode: decode[Pin], ids: []uint64{1}, newest: true, divide: divide[Pin], join: join[Pin]},
	KindConfirmation: {decode: decode[Confirmation], ids: []uint64{1}, newest: true, divide: divide[Confirmation], join: join[Confirmation]},
	KindMessage:      {decode: decode[Message], ids: []uint64{4}, divide: divide[Message], join: join[Message]},
	KindReceipt:      {decode: decode[Receipt], newest: true, divide: divide[Receipt], join: join[Receipt]},
}

// checkIDs looks whether the identifiers in a body are as long as they have to be.
func (k kind) checkIDs(body []byte) error {
	if len(k.ids) == 0 {
		return nil
	}
	var fields map[uint64]cbor.RawMessage
	if err := canon.UnmarshalOpen(body, &fields); err != nil {
		return err
	}
	const header = "\x58\x20" // a byte string of 32
	for _, id := range k.ids {
		raw, there := fields[id]
		if there && (len(raw) != len(header)+len(oplog.EntryID{}) || string(raw[:len(header)]) != header) {
			return fmt.Errorf("an identifier that is not 32 bytes long in field %d", id)
		}
	}
	return nil
}
