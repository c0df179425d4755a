package api

import (
	"context"
	"net/http"
	"net/url"

	"kith/internal/social"
)

// Restored says what became of something in the trash that was posted again.
type Restored struct {
	ID   string `json:"id"`   // the new post or comment
	Post string `json:"post"` // the post itself, or the one that the comment hangs under
}

// Emptied says how much was in the trash.
type Emptied struct {
	Deleted int `json:"deleted"`
}

func (s *Server) edit(w http.ResponseWriter, r *http.Request) (any, error) {
	var body social.Edit
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return nil, s.Home.Edit(r.Context(), r.PathValue("id"), body)
}

func (s *Server) restore(ctx context.Context, id string) (Restored, error) {
	again, post, err := s.Home.Restore(ctx, id)
	return Restored{ID: again, Post: post}, err
}

func (s *Server) emptyTrash(ctx context.Context) (Emptied, error) {
	n, err := s.Home.EmptyTrash(ctx)
	return Emptied{n}, err
}

// Edit puts new words in the place of a post or comment.
func (c *Client) Edit(ctx context.Context, id string, edit social.Edit) error {
	return c.do(ctx, http.MethodPut, "entries/"+url.PathEscape(id)+"/text", edit)
}

// Versions returns every version of a post or comment, the newest first.
func (c *Client) Versions(ctx context.Context, id string) (social.History, error) {
	return get[social.History](ctx, c, "entries/"+url.PathEscape(id)+"/versions")
}

// DeleteForGood deletes a post or comment without keeping it in the trash.
func (c *Client) DeleteForGood(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "entries/"+url.PathEscape(id)+"/for-good", nil)
}

// Trash returns what is in the trash.
func (c *Client) Trash(ctx context.Context) ([]social.Trashed, error) {
	return get[[]social.Trashed](ctx, c, "trash")
}

// Restore posts something in the trash again.
func (c *Client) Restore(ctx context.Context, id string) (Restored, error) {
	return ask[Restored](ctx, c, http.MethodPost, "trash/"+url.PathEscape(id)+"/restore", nil)
}

// DeleteTrashed deletes something in the trash for good.
func (c *Client) DeleteTrashed(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "trash/"+url.PathEscape(id), nil)
}

// EmptyTrash deletes everything in the trash for good.
func (c *Client) EmptyTrash(ctx context.Context) (Emptied, error) {
	return ask[Emptied](ctx, c, http.MethodDelete, "trash", nil)
}
