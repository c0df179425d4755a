package content

import (
	"fmt"

	"kith/internal/blob"
	"kith/internal/oplog"
)

const (
	// MinOptions and MaxOptions of a poll.
	MinOptions, MaxOptions = 2, 10
	// MaxOption, in bytes, of one of them.
	MaxOption = 200
	// MaxUntil, in seconds since 1970, is the end of the year 9999.
	MaxUntil = 253402300799
)

// Poll is a question to whoever can see the post that holds it; the question is the post's text. It stays as it was first
// written when the post is edited: nobody's vote comes to stand for something else.
type Poll struct {
	Options []string `cbor:"1,keyasint"`
	Several bool     `cbor:"2,keyasint,omitempty"` // one may choose more than one
	// Until is when it ends, in seconds since 1970; 0: never. A vote counts if its own time is not later. That is the
	// clock of who votes, so that the end is a courtesy and not a lock.
	Until int64 `cbor:"3,keyasint,omitempty"`
}

// Vote is what somebody chose in a poll of the same space. The newest of a person counts; one without choices withdraws.
type Vote struct {
	Poll    oplog.EntryID `cbor:"1,keyasint,omitzero"`  // the post that holds it
	Choices []int         `cbor:"2,keyasint,omitempty"` // places of options, from 0, ascending
}

// Kind is KindVote.
func (Vote) Kind() Kind { return KindVote }

// Refs is empty.
func (Vote) Refs() []blob.Ref { return nil }

// Counts tells which options a vote counts for: none where the poll does not have what was chosen, or where more was chosen than
// may be.
func (p *Poll) Counts(v Vote) []int {
	if len(v.Choices) > 1 && !p.Several {
		return nil
	}
	for _, choice := range v.Choices {
		if choice >= len(p.Options) {
			return nil
		}
	}
	return v.Choices
}

func (p *Poll) check() error {
	if len(p.Options) < MinOptions || len(p.Options) > MaxOptions || p.Until < 0 || p.Until > MaxUntil {
		return fmt.Errorf("%w: a poll of %d options until %d", ErrMalformed, len(p.Options), p.Until)
	}
	for _, option := range p.Options {
		if option == "" {
			return fmt.Errorf("%w: an option without words", ErrMalformed)
		}
		if err := checkText("option", option, MaxOption); err != nil {
			return err
		}
	}
	return nil
}

func (v Vote) check() error {
	if v.Poll.IsZero() || len(v.Choices) > MaxOptions {
		return fmt.Errorf("%w: a vote with %d choices", ErrMalformed, len(v.Choices))
	}
	before := -1
	for _, choice := range v.Choices {
		if choice <= before || choice >= MaxOptions {
			return fmt.Errorf("%w: a vote for option %d behind %d", ErrMalformed, choice, before)
		}
		before = choice
	}
	return nil
}

func (v Vote) under() oplog.EntryID { return v.Poll }

func (v Vote) divide() (string, oplog.EntryID, Vote) {
	rest := v
	rest.Poll = oplog.EntryID{}
	return "", v.Poll, rest
}

func (v Vote) join(_ string, under oplog.EntryID) Vote {
	v.Poll = under
	return v
}
