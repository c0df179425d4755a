package media

import (
	"errors"
	"fmt"
)

// The kinds of refusal. Test for them with [errors.Is]; [Explain] has the words for a person.
var (
	// ErrNotAPicture says that the content is of no type that this package knows.
	ErrNotAPicture = errors.New("not a picture")
	// ErrDamaged says that the content starts like a picture and can't be read to its end.
	ErrDamaged = errors.New("damaged picture")
	// ErrTooLarge says that the picture has more bytes or pixels, or would need more memory, than allowed.
	ErrTooLarge = errors.New("picture is too large")
	// ErrUnsupported says that it is a picture, or a video, of a kind that kith can't read. The error is an
	// [UnsupportedError].
	ErrUnsupported = errors.New("unsupported kind of picture")
	// ErrRendition says that a received rendition is not one: of another type, outside its bounds, or with
	// anything in it that this package does not write. Whoever made it is to blame.
	ErrRendition = errors.New("not an acceptable rendition")
)

// UnsupportedError tells which format it is that kith can't read. It is an [ErrUnsupported].
type UnsupportedError struct {
	Format string // as people know it: "HEIC", "AVIF", "video", …
}

// Error implements error.
func (e *UnsupportedError) Error() string { return fmt.Sprintf("%v: %s", ErrUnsupported, e.Format) }

// Is reports whether target is ErrUnsupported.
func (e *UnsupportedError) Is(target error) bool { return target == ErrUnsupported }

// Explain returns what to tell a person about an error of this package: what is wrong and what to do. It
// returns "" for other errors, such as a disk that can't be read.
func Explain(err error) string {
	var unsupported *UnsupportedError
	switch {
	case errors.Is(err, ErrRendition): // first, because it may wrap another kind
		return "This picture did not arrive in a form that is safe to show."
	case errors.As(err, &unsupported):
		return explainUnsupported(unsupported.Format)
	case errors.Is(err, ErrTooLarge):
		return fmt.Sprintf("This picture is too large. Pictures can have up to %d MB and %d megapixels; "+
			"please make it smaller and try again.", UploadLimits.Bytes>>20, UploadLimits.Pixels/1e6)
	case errors.Is(err, ErrDamaged):
		return "This picture is damaged or incomplete: it could not be read to its end. " +
			"Please try to copy it again from where it came from."
	case errors.Is(err, ErrNotAPicture):
		return "This file is not a picture. Photos can be JPEG, PNG, GIF or WebP files."
	}
	return ""
}

func explainUnsupported(format string) string {
	switch format {
	case formatHEIC:
		return "This is a HEIC photo, which most browsers can't show. On an iPhone choose Settings, Camera, " +
			"Formats, Most Compatible; or send the photo to yourself as a JPEG and add that one."
	case formatVideo:
		return "This is a video. Only pictures can be added so far."
	}
	return fmt.Sprintf("This is a picture in the format %s, which can't be read here. "+
		"Please save it as JPEG or PNG and add that one.", format)
}
