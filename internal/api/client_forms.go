package api

import (
	"context"
	"io"
	"mime/multipart"
	"net/http"

	"kith/internal/social"
)

// PhotoFile is a photo to post.
type PhotoFile struct {
	Alt     string // describes the photo for those who can't see it
	Content io.Reader
}

// Publish publishes a post for the owner's friends. Photos are read while they are sent.
func (c *Client) Publish(ctx context.Context, text string, photos []PhotoFile) (social.Post, error) {
	return c.PublishTo(ctx, "", text, photos)
}

// PublishTo publishes a post for one of Audiences, named by its Space; "" is the owner's friends.
func (c *Client) PublishTo(ctx context.Context, to, text string, photos []PhotoFile) (social.Post, error) {
	return sendForm[social.Post](ctx, c, "posts", func(form *multipart.Writer) error {
		if err := form.WriteField(fieldText, text); err != nil {
			return err
		}
		if to != "" {
			if err := form.WriteField(fieldTo, to); err != nil {
				return err
			}
		}
		for _, p := range photos {
			if err := form.WriteField(fieldAlt, p.Alt); err != nil {
				return err
			}
			if err := writeFile(form, fieldPhoto, p.Content); err != nil {
				return err
			}
		}
		return nil
	})
}

// Begin finishes the first run.
func (c *Client) Begin(ctx context.Context, setup social.Setup) (social.Profile, error) {
	return sendForm[social.Profile](ctx, c, "begin", func(form *multipart.Writer) error {
		if err := form.WriteField(fieldName, setup.Name); err != nil {
			return err
		}
		if setup.Reach != "" {
			if err := form.WriteField(fieldReach, setup.Reach); err != nil {
				return err
			}
		}
		if setup.Picture == nil {
			return nil
		}
		return writeFile(form, fieldPicture, setup.Picture)
	})
}

// writeFile sends a file. What it is called on this computer is nobody's business.
func writeFile(form *multipart.Writer, field string, content io.Reader) error {
	part, err := form.CreateFormFile(field, field)
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, content); err != nil {
		return err
	}
	return nil
}

// sendForm posts a form that fill writes, and reads the answer. fill has returned when sendForm does.
func sendForm[T any](ctx context.Context, c *Client, path string, fill func(*multipart.Writer) error) (answer T, err error) {
	r, w := io.Pipe()
	form := multipart.NewWriter(w)
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := fill(form)
		if err == nil {
			err = form.Close()
		}
		w.CloseWithError(err) // a nil error is the end of the form
	}()
	resp, err := c.send(ctx, http.MethodPost, path, form.FormDataContentType(), r)
	r.Close() // a refusal may come before everything was read
	<-done
	if err != nil {
		return answer, err
	}
	return readAnswer[T](resp)
}
