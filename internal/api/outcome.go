package api

import (
	"context"
	"errors"
	"net/http"

	"kith/internal/access"
	"kith/internal/social"
)

// The exit codes of the command line. They are part of what kith promises: scripts rely on them.
const (
	ExitDone       = 0 // it was done
	ExitTrouble    = 1 // something went wrong in this home or on this computer
	ExitUsage      = 2 // the command can't be understood, or something given to it can't be used
	ExitNotRunning = 3 // no home is running in this folder
	ExitNotFound   = 4 // no such post, comment, friend or invite, or it is gone
	ExitNotAllowed = 5 // it is there, and not the owner's to change; or the home is not set up for it
	ExitInvite     = 6 // the invite can't be used: used, expired, taken back, refused, one's own
	ExitLater      = 7 // another home is not on, or too much at once: later it may work
	ExitInterrupt  = 130
)

// outcome is what an error is to the other side.
type outcome struct {
	status int // of HTTP
	exit   int // of the command line
}

// outcomes has every code of social.Error. It is the one place where codes turn into numbers for the command line.
var outcomes = map[string]outcome{
	social.CodeBadInput:       {http.StatusUnprocessableEntity, ExitUsage},
	social.CodeTooLarge:       {http.StatusRequestEntityTooLarge, ExitUsage},
	social.CodeNotFound:       {http.StatusNotFound, ExitNotFound},
	social.CodeGone:           {http.StatusGone, ExitNotFound},
	social.CodeNotAllowed:     {http.StatusForbidden, ExitNotAllowed},
	social.CodeNotStarted:     {http.StatusConflict, ExitNotAllowed},
	social.CodeAlreadyFriends: {http.StatusConflict, ExitInvite},
	social.CodeOwnInvite:      {http.StatusConflict, ExitInvite},
	social.CodeUsed:           {http.StatusConflict, ExitInvite},
	social.CodeExpired:        {http.StatusGone, ExitInvite},
	social.CodeRevoked:        {http.StatusGone, ExitInvite},
	social.CodeRefused:        {http.StatusForbidden, ExitInvite},
	social.CodeUnreachable:    {http.StatusServiceUnavailable, ExitLater},
	social.CodeBusy:           {http.StatusTooManyRequests, ExitLater},
	social.CodeInternal:       {http.StatusInternalServerError, ExitTrouble},
}

// ErrNotRunning says that no home answers in a folder.
var ErrNotRunning = errors.New("api: no home is running in this folder")

// Status returns the status of HTTP for an error, 500 for one that is not a social.Error.
func Status(err error) int { return outcomeOf(err).status }

// ExitCode returns the exit code of the command line for an error, ExitDone for nil.
func ExitCode(err error) int {
	switch {
	case err == nil:
		return ExitDone
	case errors.Is(err, ErrNotRunning):
		return ExitNotRunning
	case errors.Is(err, context.Canceled):
		return ExitInterrupt
	}
	return outcomeOf(err).exit
}

func outcomeOf(err error) outcome {
	var known *social.Error
	if errors.As(err, &known) {
		if o, ok := outcomes[known.Code]; ok {
			return o
		}
	}
	return outcomes[social.CodeInternal]
}

// told makes of any error one that a person can be told. What is not meant for people keeps its text to itself: that goes
// to the log.
func told(err error) *social.Error {
	var known *social.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, access.ErrPasswordLength):
		return &social.Error{Code: social.CodeBadInput, Err: err,
			Message: "A password needs at least ten characters. Four words that only you would put together are a good one."}
	}
	return &social.Error{Code: social.CodeInternal, Err: err,
		Message: "Something went wrong in this home. What you had saved before is safe. Please try again; if it happens again, the log of kith says more."}
}
