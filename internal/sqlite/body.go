package sqlite

import (
	"fmt"

	"zombiezen.com/go/sqlite"

	"kith/internal/canon"
	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
)

// body is an item as its columns hold it. The text is a column of its own, so that most items are read without
// decoding anything, and nothing is stored twice.
type body struct {
	text   string
	extra  []byte         // canonical CBOR; nil where the text is everything
	parent *oplog.EntryID // of what hangs under another item
}

// personExtra is what a card holds besides the name.
type personExtra struct {
	_        struct{} `cbor:",toarray"`
	About    string
	Picture  []byte
	Birthday string
}

// cardExtra is what a group says of itself besides the name.
type cardExtra struct {
	_       struct{} `cbor:",toarray"`
	About   string
	Picture []byte
}

// askingExtra is what a request to join holds besides the name.
type askingExtra struct {
	_        struct{} `cbor:",toarray"`
	Person   key.PersonID
	Picture  []byte
	Places   [][]byte
	Answered bool
}

// editExtra is what an edit holds besides the words.
type editExtra struct {
	_        struct{} `cbor:",toarray"`
	Photos   []content.PhotoEdit
	Mentions []content.Mention
}

// bodyOf takes an item apart; false for kinds that have no columns.
func bodyOf(item content.Item) (b body, ok bool, err error) {
	switch item := item.(type) {
	case content.Card:
		b.text = item.Name
		if item.About != "" || len(item.Picture) > 0 || item.Birthday != "" {
			b.extra, err = canon.Marshal(personExtra{About: item.About, Picture: item.Picture, Birthday: item.Birthday})
		}
	case content.Reaction:
		b.text, b.parent = item.Emoji, &item.Target
	case content.Edit:
		b.text, b.parent = item.Text, &item.Target
		if len(item.Photos) > 0 || len(item.Mentions) > 0 {
			b.extra, err = canon.Marshal(editExtra{Photos: item.Photos, Mentions: item.Mentions})
		}
	case content.Register:
		b.text, b.extra = item.Collection+registerMark+item.ID, item.Value
	case content.About:
		b.text = item.Name
		if item.Text != "" || len(item.Picture) > 0 {
			b.extra, err = canon.Marshal(cardExtra{About: item.Text, Picture: item.Picture})
		}
	case content.Asking:
		b.text = item.Name
		b.extra, err = canon.Marshal(askingExtra{Person: item.Person, Picture: item.Picture, Places: item.Places, Answered: item.Answered})
	default:
		c, ok, err := content.Divide(item)
		if err != nil || !ok {
			return body{}, false, err
		}
		b.text, b.extra = c.Text, c.Rest
		if !c.Under.IsZero() {
			b.parent = &c.Under
		}
	}
	return b, err == nil, err
}

// item puts an item together again.
func (b body) item(kind content.Kind) (content.Item, error) {
	switch kind {
	case content.KindCard:
		var extra personExtra
		if err := b.decode(&extra); err != nil {
			return nil, err
		}
		card := content.Card{Name: b.text, About: extra.About, Birthday: extra.Birthday}
		if len(extra.Picture) > 0 {
			card.Picture = extra.Picture
		}
		return card, nil
	case content.KindReaction, content.KindEdit:
		return b.answer(kind)
	case content.KindRegister:
		register, err := b.register()
		if err != nil {
			return nil, err
		}
		return register, nil
	case content.KindAbout:
		var extra cardExtra
		if err := b.decode(&extra); err != nil {
			return nil, err
		}
		about := content.About{Name: b.text, Text: extra.About}
		if len(extra.Picture) > 0 {
			about.Picture = extra.Picture
		}
		return about, nil
	case content.KindAsking:
		var extra askingExtra
		if err := b.decode(&extra); err != nil {
			return nil, err
		}
		asking := content.Asking{Person: extra.Person, Name: b.text, Places: extra.Places, Answered: extra.Answered}
		if len(extra.Picture) > 0 {
			asking.Picture = extra.Picture
		}
		if len(asking.Places) == 0 {
			asking.Places = nil
		}
		return asking, nil
	}
	columns := content.Columns{Text: b.text, Rest: b.extra}
	if b.parent != nil {
		columns.Under = *b.parent
	}
	item, err := content.Join(kind, columns)
	if err != nil {
		return nil, fmt.Errorf("%w: an item of kind %d: %w", ErrCorrupt, kind, err)
	}
	return item, nil
}

// answer puts together a reaction or an edit.
func (b body) answer(kind content.Kind) (content.Item, error) {
	if b.parent == nil {
		return nil, fmt.Errorf("%w: an item of kind %d without a parent", ErrCorrupt, kind)
	}
	if kind == content.KindReaction {
		return content.Reaction{Target: *b.parent, Emoji: b.text}, nil
	}
	var extra editExtra
	if err := b.decode(&extra); err != nil {
		return nil, err
	}
	edit := content.Edit{Target: *b.parent, Text: b.text}
	if len(extra.Photos) > 0 {
		edit.Photos = extra.Photos
	}
	if len(extra.Mentions) > 0 {
		edit.Mentions = extra.Mentions
	}
	return edit, nil
}

func (b body) decode(extra any) error {
	if b.extra == nil {
		return nil
	}
	if err := canon.Unmarshal(b.extra, extra); err != nil {
		return fmt.Errorf("%w: the rest of an item: %w", ErrCorrupt, err)
	}
	return nil
}

// scanBody reads the columns text, extra and parent_id.
func scanBody(row *sqlite.Stmt, col int) (b body, err error) {
	b.text, b.extra = row.ColumnText(col), columnBytes(row, col+1)
	if !row.ColumnIsNull(col + 2) {
		b.parent = new(oplog.EntryID)
		err = columnID(row, col+2, b.parent[:])
	}
	return b, err
}
