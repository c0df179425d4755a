package social

import (
	"context"
	"errors"
	"strings"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/media"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/sqlite"
)

var (
	errNoEvent      = fail(CodeNotFound, "This event is not here any more. Whoever made it may have deleted it.", nil)
	errNotYourEvent = fail(CodeNotAllowed, "Only who made this event, or in a group an admin, can change it. Nothing was changed.", nil)
)

// CreateEvent makes an event on the owner's wall, for one of their lists of friends, or in a group; to is as in NewPost.
func (h *Home) CreateEvent(ctx context.Context, to string, edit EventEdit) (Post, error) {
	p, err := h.profile(ctx)
	if err != nil {
		return Post{}, explain("make an event", err)
	}
	var event content.Event
	if err := h.readEvent(ctx, &event, &edit); err != nil {
		return Post{}, err
	}
	space, err := h.target(ctx, p, to)
	if err != nil {
		return Post{}, explain("make an event", err)
	}
	if err := h.readAsked(ctx, &event, edit.Asked, space); err != nil {
		return Post{}, err
	}
	if err := h.readCover(ctx, &event, &edit); err != nil {
		return Post{}, err
	}
	var id oplog.EntryID
	err = h.publishing(ctx, "make an event", func(w *ingest.Writing) error {
		// Who makes an event comes to it, until they say otherwise.
		entries, err := w.Items(space, event)
		if err != nil {
			return err
		}
		id = entries[0].ID()
		_, err = w.Items(space, content.Answer{Event: id, Answer: content.AnswerGoing})
		return err
	})
	if err != nil {
		return Post{}, err
	}
	h.forgetEvents() // the node tells of it in a moment; who looks before sees it already
	return h.Post(ctx, id.String())
}

// readEvent reads what can be said wrong in an edit.
func (h *Home) readEvent(_ context.Context, event *content.Event, edit *EventEdit) error {
	event.Title, event.Place = oneLine(edit.Title), oneLine(edit.Place)
	event.Text = cleanText(edit.Text)
	switch {
	case event.Title == "":
		return fail(CodeBadInput, "Give the event a title. Nothing else is lost.", nil)
	case len(event.Title) > content.MaxTitle || len(event.Place) > content.MaxWhere:
		return fail(CodeTooLarge, "The title and the place are a line each. Shorten them a little; nothing else is lost.", nil)
	}
	if err := checkLength(event.Text, content.MaxText); err != nil {
		return err
	}
	return readTimes(event, edit)
}

// oneLine makes one line of a text.
func oneLine(text string) string { return strings.Join(strings.Fields(cleanText(text)), " ") }

// readAsked finds who is asked especially. Only who can see an event can be asked.
func (h *Home) readAsked(ctx context.Context, event *content.Event, asked []string, in key.SpaceID) error {
	event.Asked = nil
	if len(asked) == 0 {
		return nil
	}
	if len(asked) > content.MaxAsked {
		return fail(CodeTooLarge, "That is more people than can be asked especially. Ask nobody, and it is for everybody.", nil)
	}
	state, err := h.node.Gate().State(ctx, in)
	if err != nil {
		return explain("ask people", err)
	}
	for _, text := range asked {
		id, err := h.personID(text)
		if err != nil {
			return err
		}
		if state.Role(id) == 0 {
			return fail(CodeBadInput, "One of the people whom you ask can't see this event. Take them out, or choose others to show it to. Nothing was changed.", nil)
		}
		if !event.Asks(id) {
			event.Asked = append(event.Asked, id[:])
		}
	}
	return nil
}

// readCover prepares a new cover, if there is one.
func (h *Home) readCover(ctx context.Context, event *content.Event, edit *EventEdit) error {
	if edit.Cover == nil {
		if edit.RemoveCover {
			event.Photos = nil
		}
		return nil
	}
	prepared, err := media.Prepare(ctx, edit.Cover, media.UploadLimits)
	if err != nil {
		return explainPicture(err)
	}
	photo, err := h.storePhoto(ctx, prepared)
	if err != nil {
		return explain("keep a cover", err)
	}
	event.Photos = []content.Photo{photo.Photo}
	return nil
}

// eventAt finds an event by the ID that pages use, as it stands now.
func (h *Home) eventAt(ctx context.Context, id string) (*plan, *space.State, error) {
	item, err := h.item(ctx, id)
	if err != nil {
		return nil, nil, errNoEvent
	}
	if e, ok := item.Content.(content.Event); !ok || !e.Of.IsZero() {
		return nil, nil, errNoEvent
	}
	state, err := h.node.Gate().State(ctx, item.Space)
	if err != nil {
		return nil, nil, explain("find an event", err)
	}
	plans, err := h.plansOf(ctx, []sqlite.Item{item}, map[key.SpaceID]*space.State{item.Space: state})
	if err != nil {
		return nil, nil, explain("find an event", err)
	}
	return plans[item.ID], state, nil
}

// ChangeEvent changes an event. Everybody who can see it sees what was changed.
func (h *Home) ChangeEvent(ctx context.Context, id string, edit EventEdit) error {
	return h.changeEvent(ctx, id, func(event *content.Event, in key.SpaceID) error {
		if err := h.readEvent(ctx, event, &edit); err != nil {
			return err
		}
		if err := h.readAsked(ctx, event, edit.Asked, in); err != nil {
			return err
		}
		return h.readCover(ctx, event, &edit)
	})
}

// CancelEvent says that an event does not take place, or, with on false, that it does after all. It stays to be seen.
func (h *Home) CancelEvent(ctx context.Context, id string, on bool) error {
	return h.changeEvent(ctx, id, func(event *content.Event, _ key.SpaceID) error {
		event.Canceled = on
		return nil
	})
}

func (h *Home) changeEvent(ctx context.Context, id string, change func(*content.Event, key.SpaceID) error) error {
	p, state, err := h.eventAt(ctx, id)
	if err != nil {
		return err
	}
	if !p.mayChange(state, h.node.Person()) {
		return errNotYourEvent
	}
	next := p.now
	if err := change(&next, p.root.Space); err != nil {
		return err
	}
	next.Of = p.root.ID
	if len(eventChanges(&p.now, &next)) == 0 {
		return nil
	}
	return h.publishing(ctx, "change an event", func(w *ingest.Writing) error {
		_, err := w.Items(p.root.Space, next)
		return err
	})
}

// AnswerEvent says whether the owner comes to an event; the empty answer takes back what they said. guests are whom they
// bring along.
func (h *Home) AnswerEvent(ctx context.Context, id, answer string, guests int, note string) error {
	p, state, err := h.eventAt(ctx, id)
	if err != nil {
		return err
	}
	if state.Closed || state.Role(h.node.Person()) == 0 {
		return fail(CodeNotAllowed, "Nobody answers here any more. Nothing was changed.", nil)
	}
	item := content.Answer{Event: p.root.ID, Note: cleanText(note)}
	switch answer {
	case "":
		item.Note = ""
	case AnswerGoing:
		item.Answer = content.AnswerGoing
	case AnswerMaybe:
		item.Answer = content.AnswerMaybe
	case AnswerNo:
		item.Answer = content.AnswerNo
	default:
		return fail(CodeBadInput, "Say that you are going, maybe, or not. Nothing was changed.", nil)
	}
	if len(item.Note) > content.MaxNote {
		return fail(CodeTooLarge, "The note is too long. A line or two fit; a comment holds more. Nothing was changed.", nil)
	}
	if guests < 0 || guests > content.MaxGuests {
		return fail(CodeBadInput, "Up to 99 guests can be brought along. Nothing was changed.", nil)
	}
	if item.Answer == content.AnswerGoing || item.Answer == content.AnswerMaybe {
		item.Guests = uint(guests)
	}
	_, err = h.write(ctx, p.root.Space, item)
	if errors.Is(err, ingest.ErrUnknownSpace) {
		return errNoEvent
	}
	return explain("answer", err)
}
