package social

import (
	"context"
	"errors"
	"fmt"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/link"
	"kith/internal/media"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// fail makes an Error for a person.
func fail(code, message string, cause error) *Error {
	return &Error{Code: code, Message: message, Err: cause}
}

// explain turns an error from below into one that a person can be told. An Error stays as it is. doing says, for
// the log, what was under way.
func explain(doing string, err error) error {
	var told *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &told):
		return told
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fail(CodeBusy, "That took too long and was stopped. Nothing was lost; please try again.", err)
	case errors.Is(err, sqlite.ErrFull):
		return fail(CodeInternal, "The disk of this computer is full, so that could not be kept. Nothing that was there is lost. Make some room and try again.", err)
	case errors.Is(err, ingest.ErrNobody):
		return errNotStarted
	case errors.Is(err, ingest.ErrNoKey), errors.Is(err, ingest.ErrUnknownSpace):
		return fail(CodeBusy, "This page has not arrived in full yet. It will be ready when one of its people's homes is on; then try again.", err)
	case errors.Is(err, ingest.ErrNotMember):
		return fail(CodeNotAllowed, "You are no longer among those who may do this there. What you have stays on this computer.", err)
	case errors.Is(err, ingest.ErrRemoved):
		return fail(CodeNotAllowed, "This computer is no longer one of yours, so nothing can be written here. What is here stays readable. To use it again, start kith in an empty folder and link it.", err)
	case errors.Is(err, ingest.ErrClosed):
		return fail(CodeNotAllowed, "This has been closed. What is there stays, and nothing new can be written.", err)
	case errors.Is(err, space.ErrTooLarge):
		return fail(CodeTooLarge, "Too many people have come and gone here for the key to change once more. What is there is safe; begin anew with the people of now.", err)
	case errors.Is(err, content.ErrMalformed):
		return fail(CodeTooLarge, "That is more than one post can hold. Shorten it a little, or make two of it.", err)
	}
	return fail(CodeInternal, "Something went wrong on this computer. Nothing that you had written before is lost.", fmt.Errorf("%s: %w", doing, err))
}

var errNotStarted = fail(CodeNotStarted, "This home has not been set up yet. Open its page and tell it your name.", nil)

// explainPicture says what is wrong with a picture that somebody gave us.
func explainPicture(err error) error {
	words := media.Explain(err)
	switch {
	case words == "":
		return explain("prepare a picture", err)
	case errors.Is(err, media.ErrTooLarge):
		return fail(CodeTooLarge, words, err)
	}
	return fail(CodeBadInput, words, err)
}

// explainCode says what is wrong with an invite as it was pasted in a text.
func explainCode(text string, err error) error {
	switch {
	case errors.Is(err, invite.ErrNone) && link.Code.In(text):
		return fail(CodeBadInput, "This is a code that links a computer of somebody's own, not an invite. It belongs onto the first page of an empty kith; never give it to anybody else.", err)
	case errors.Is(err, invite.ErrNone) && link.Help.In(text):
		return fail(CodeBadInput, "This is a code that helps a friend come back, not an invite. It belongs beside their recovery words, on the first page of an empty kith.", err)
	case errors.Is(err, invite.ErrNone):
		return fail(CodeBadInput, "There is no invite in this text. An invite begins with “kith1-”; paste the whole message that you were sent.", err)
	case errors.Is(err, invite.ErrNewer):
		return fail(CodeBadInput, "This invite was made by a newer kith. Get the newest kith and try again.", err)
	}
	return fail(CodeBadInput, "This invite is incomplete or was changed on the way. Copy the whole message again, or ask for a new invite.", err)
}
