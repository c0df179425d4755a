package social

import (
	"context"
	"slices"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/oplog"
	"kith/internal/sqlite"
)

const (
	// maxVoices are shown by face at an answer of a poll.
	maxVoices = 8
	// maxVotes are counted of one poll: more people than any space holds.
	maxVotes = 5000
)

// NewPoll is a poll to publish with a post. In a draft it may be unfinished: answers without words are left out when it is
// published.
type NewPoll struct {
	Options []string  `json:"options"`
	Several bool      `json:"several,omitempty"` // one may choose more than one
	Until   time.Time `json:"until,omitzero"`    // when it ends; zero: never
}

// Poll is a poll as far as the votes that arrived here.
type Poll struct {
	Options []PollOption `json:"options"`
	Several bool         `json:"several,omitempty"`
	Until   time.Time    `json:"until,omitzero"`
	Ended   bool         `json:"ended,omitempty"`
	Voters  int          `json:"voters"`
	Voted   bool         `json:"voted,omitempty"` // the owner did
}

// PollOption is one of the answers.
type PollOption struct {
	Text  string   `json:"text"`
	Count int      `json:"count"`
	Mine  bool     `json:"mine,omitempty"`
	Faces []Person `json:"faces,omitempty"` // the last ones who chose it, at most 8
	Names []string `json:"names,omitempty"` // of all who chose it, in the order in which they did
}

// filled is the poll as it is to be published; nil where there is none.
func (p *NewPoll) filled(now time.Time) (*content.Poll, error) {
	if p == nil {
		return nil, nil
	}
	poll := &content.Poll{Several: p.Several}
	for _, option := range p.Options {
		option = cleanText(option)
		switch {
		case option == "":
			continue
		case len(option) > content.MaxOption:
			return nil, fail(CodeTooLarge, "One of the answers to your question is too long. A few words are best; the rest can go into the text. Your draft is safe.", nil)
		case slices.Contains(poll.Options, option):
			return nil, fail(CodeBadInput, "Two of the answers to your question are the same. Your draft is safe; change one of them.", nil)
		}
		poll.Options = append(poll.Options, option)
	}
	if len(poll.Options) == 0 {
		return nil, nil
	}
	if len(poll.Options) < content.MinOptions {
		return nil, fail(CodeBadInput, "A poll needs two answers at least. Your draft is safe; add another one.", nil)
	}
	if len(poll.Options) > content.MaxOptions {
		return nil, fail(CodeTooLarge, "A poll holds up to 10 answers. Your draft is safe; take some out.", nil)
	}
	if !p.Until.IsZero() {
		if !p.Until.After(now) {
			return nil, fail(CodeBadInput, "The end of your poll has passed already. Your draft is safe; choose a later one, or none.", nil)
		}
		poll.Until = min(p.Until.Unix(), content.MaxUntil)
	}
	return poll, nil
}

// Vote chooses answers of the poll in a post, by their places from 0, in the stead of what the owner chose before. None takes
// the vote back.
func (h *Home) Vote(ctx context.Context, post string, choices []int) error {
	item, err := h.item(ctx, post)
	if err != nil {
		return err
	}
	body, ok := item.Content.(content.Post)
	if !ok || body.Poll == nil {
		return errNoPost
	}
	poll := body.Poll
	if poll.Until != 0 && h.now().Unix() > poll.Until {
		return fail(CodeExpired, "This poll is over. Your vote was not changed.", nil)
	}
	choices = slices.Compact(slices.Sorted(slices.Values(choices)))
	if len(choices) > 1 && !poll.Several {
		return fail(CodeBadInput, "In this poll one chooses one answer. Your vote was not changed.", nil)
	}
	for _, choice := range choices {
		if choice < 0 || choice >= len(poll.Options) {
			return fail(CodeBadInput, "This is none of the answers. Your vote was not changed.", nil)
		}
	}
	err = h.publishSoon(ctx, func(w *ingest.Writing) error {
		_, err := w.Items(item.Space, content.Vote{Poll: item.ID, Choices: choices})
		return err
	})
	return explain("vote", err)
}

// votes reads what was chosen in the polls among posts, by post.
func (h *Home) votes(ctx context.Context, items []sqlite.Item, hidden hiddenPeople) (map[oplog.EntryID][]sqlite.Item, error) {
	all := make(map[oplog.EntryID][]sqlite.Item)
	for i := range items {
		post, ok := items[i].Content.(content.Post)
		if !ok || post.Poll == nil {
			continue
		}
		page, err := h.db.Items(ctx, sqlite.ItemQuery{
			Kind: content.KindVote, Space: items[i].Space, Under: items[i].ID, Limit: maxVotes, Oldest: true,
		})
		if err != nil {
			return nil, err
		}
		all[items[i].ID] = slices.DeleteFunc(page.Items, func(vote sqlite.Item) bool { return hidden.blocked(vote.Author) })
	}
	return all, nil
}

// poll counts the votes of a poll.
func (v *view) poll(post oplog.EntryID, poll *content.Poll) *Poll {
	if poll == nil {
		return nil
	}
	shown := &Poll{Several: poll.Several, Options: make([]PollOption, len(poll.Options))}
	if poll.Until != 0 {
		shown.Until = time.Unix(poll.Until, 0)
		shown.Ended = v.h.now().After(shown.Until)
	}
	for i, option := range poll.Options {
		shown.Options[i].Text = option
	}
	for _, item := range v.votes[post] {
		vote, ok := item.Content.(content.Vote)
		if !ok || poll.Until != 0 && item.At.Unix() > poll.Until {
			continue
		}
		chosen := poll.Counts(vote)
		if len(chosen) == 0 {
			continue
		}
		shown.Voters++
		who, mine := v.people[item.Author], item.Author == v.me
		shown.Voted = shown.Voted || mine
		for _, choice := range chosen {
			option := &shown.Options[choice]
			option.Count++
			option.Mine = option.Mine || mine
			option.Names = append(option.Names, who.Name)
			option.Faces = append(option.Faces, who)
			option.Faces = option.Faces[max(0, len(option.Faces)-maxVoices):]
		}
	}
	return shown
}
