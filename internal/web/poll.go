package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kith/internal/social"
)

// Voter votes in polls.
type Voter interface {
	Vote(ctx context.Context, post string, choices []int) error
}

// maxOptions of a poll.
const maxOptions = 10

// untilForm is how a browser sends a moment of a field "datetime-local", in the time zone of this computer.
const untilForm = "2006-01-02T15:04"

// pollView is a poll as a page draws it: every answer is a button that chooses it, or takes it back.
type pollView struct {
	Post    string
	Poll    social.Poll
	Options []pollOption
	Words   string // how many voted
}

type pollOption struct {
	social.PollOption
	Place  int
	Share  int    // in percent of those who voted
	After  string // the choices after pressing the button
	People string // who chose it
}

func newPollView(post social.Post) *pollView {
	if post.Poll == nil {
		return nil
	}
	v := &pollView{Post: post.ID, Poll: *post.Poll, Words: count(post.Poll.Voters, "person voted", "people voted")}
	if post.Poll.Voters == 0 {
		v.Words = "Nobody voted so far"
	}
	for i, option := range post.Poll.Options {
		o := pollOption{PollOption: option, Place: i}
		if option.Count > 0 {
			o.Share = max(1, option.Count*100/post.Poll.Voters)
			o.People = names(option.Names, option.Count)
		}
		var after []string
		for j, other := range post.Poll.Options {
			if j == i && !option.Mine || j != i && other.Mine && post.Poll.Several {
				after = append(after, strconv.Itoa(j))
			}
		}
		o.After = strings.Join(after, ",")
		v.Options = append(v.Options, o)
	}
	return v
}

// Shade is the class of the bar of an answer: styles inside the HTML are forbidden, so its length is rounded to five percent.
func (o pollOption) Shade() string { return "bar-" + strconv.Itoa((o.Share+4)/5*5) }

func (s *Server) postVote(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	var choices []int
	for _, one := range strings.Split(values.Get("choices"), ",") {
		if one == "" {
			continue
		}
		choice, err := strconv.Atoi(one)
		if err != nil || len(choices) == maxOptions {
			return errFormBroken
		}
		choices = append(choices, choice)
	}
	id := r.PathValue("id")
	if err := s.home.Vote(r.Context(), id, choices); err != nil {
		return err
	}
	if wantsPart(r) {
		return s.postPart(w, r, http.StatusOK, id)
	}
	http.Redirect(w, r, ownPath("/post/"+id), http.StatusSeeOther)
	return nil
}

// besideOf reads what stands beside a post out of the composer's form.
func besideOf(values url.Values) social.Beside {
	b := social.Beside{
		Feeling: strings.TrimSpace(values.Get("feeling")), Place: strings.TrimSpace(values.Get("place")), Note: strings.TrimSpace(values.Get("note")),
	}
	poll := &social.NewPoll{Several: values.Get("poll-several") != ""}
	filled := 0
	for _, option := range values["poll-option"] {
		if len(poll.Options) == maxOptions {
			break
		}
		if strings.TrimSpace(option) != "" {
			filled = len(poll.Options) + 1
		}
		poll.Options = append(poll.Options, unixLines(option))
	}
	if filled == 0 {
		return b
	}
	poll.Options = poll.Options[:filled]
	if until, err := time.ParseInLocation(untilForm, values.Get("poll-until"), time.Local); err == nil {
		poll.Until = until
	}
	b.Poll = poll
	return b
}

// pollDraft is the unfinished poll in the composer: all of its fields.
type pollDraft struct {
	Options [maxOptions]string
	Several bool
	Until   string
	Open    bool
}

func newPollDraft(p *social.NewPoll) (v pollDraft) {
	if p == nil {
		return v
	}
	copy(v.Options[:], p.Options)
	v.Several, v.Open = p.Several, true
	if !p.Until.IsZero() {
		v.Until = p.Until.Local().Format(untilForm)
	}
	return v
}
