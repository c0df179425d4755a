package api

import (
	"context"
	"io"
	"net/http"

	"kith/internal/social"
)

// trailerWhole is the trailer with which the answer to a backup says that it is all there: without it the connection broke,
// or the home could not finish.
const trailerWhole = "Kith-Whole"

// backup answers with a backup as it is made. What goes wrong before its first byte is a refusal as any other; what goes wrong
// later shows by the missing trailer.
func (s *Server) backup(w http.ResponseWriter, r *http.Request) (any, error) {
	var options social.BackupOptions
	if err := readJSON(w, r, &options); err != nil {
		return nil, err
	}
	out := &lateHeader{w: w}
	if err := s.Home.Backup(r.Context(), options, out); err != nil {
		if !out.begun {
			return nil, err
		}
		s.Log.Error("a backup could not be finished", "error", err)
		return written, nil
	}
	w.Header().Set(trailerWhole, "1")
	return written, nil
}

// lateHeader announces the bytes of a file when the first of them comes, and not before.
type lateHeader struct {
	w     http.ResponseWriter
	begun bool
}

func (l *lateHeader) Write(p []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.w.Header().Set("Content-Type", "application/octet-stream")
		l.w.Header().Set("Trailer", trailerWhole)
	}
	return l.w.Write(p)
}

// Backup writes a backup of the running home to w. After an error w holds a part of one, or nothing.
func (c *Client) Backup(ctx context.Context, options social.BackupOptions, w io.Writer) error {
	resp, err := c.sendJSON(ctx, http.MethodPost, "backup", options)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if kind := resp.Header.Get("Content-Type"); kind != "application/octet-stream" {
		return refusal(resp)
	}
	if _, err := io.Copy(w, &answerReader{ctx, resp.Body}); err != nil {
		return err
	}
	if resp.Trailer.Get(trailerWhole) == "" {
		return &social.Error{Code: social.CodeInternal,
			Message: "The home could not finish the backup; its log says why. Nothing in the home was changed. Please try again."}
	}
	return nil
}

// answerReader reads an answer and says in people's words when it breaks off.
type answerReader struct {
	ctx context.Context
	r   io.Reader
}

func (a *answerReader) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if err != nil && err != io.EOF {
		err = unanswered(a.ctx, err)
	}
	return n, err
}
