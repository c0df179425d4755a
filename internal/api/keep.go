package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"kith/internal/social"
)

// Rememberer is posts that the owner put aside, this day in earlier years, and everybody's photos.
type Rememberer interface {
	Save(ctx context.Context, post string, on bool) error
	Saved(ctx context.Context, cursor string, limit int) (social.Feed, error)
	OnThisDay(ctx context.Context) ([]social.Memory, error)
	Photos(ctx context.Context, person, cursor string, limit int) (social.PhotoPage, error)
}

// keepRoutes is what the server answers to about them.
func (s *Server) keepRoutes() []route {
	return []route{
		{"PUT posts/{id}/saved", switched(s.Home.Save)},
		{"GET saved", s.saved},
		{"GET on-this-day", read(s.Home.OnThisDay)},
		{"GET photos", s.photos},
	}
}

func (s *Server) saved(_ http.ResponseWriter, r *http.Request) (any, error) {
	cursor, limit, err := page(r)
	if err != nil {
		return nil, err
	}
	return s.Home.Saved(r.Context(), cursor, limit)
}

func (s *Server) photos(_ http.ResponseWriter, r *http.Request) (any, error) {
	cursor, limit, err := page(r)
	if err != nil {
		return nil, err
	}
	return s.Home.Photos(r.Context(), r.URL.Query().Get("of"), cursor, limit)
}

// Save puts a post aside, or takes it out again.
func (c *Client) Save(ctx context.Context, post string, on bool) error {
	return c.do(ctx, http.MethodPut, "posts/"+url.PathEscape(post)+"/saved", onOrOff{on})
}

// Saved returns a page of the posts that the owner put aside.
func (c *Client) Saved(ctx context.Context, cursor string, limit int) (social.Feed, error) {
	return get[social.Feed](ctx, c, "saved?"+url.Values{"cursor": {cursor}, "limit": {strconv.Itoa(limit)}}.Encode())
}

// OnThisDay returns what was posted on this day of earlier years.
func (c *Client) OnThisDay(ctx context.Context) ([]social.Memory, error) {
	return get[[]social.Memory](ctx, c, "on-this-day")
}

// Photos returns a page of photos, of everybody or of one person.
func (c *Client) Photos(ctx context.Context, person, cursor string, limit int) (social.PhotoPage, error) {
	return get[social.PhotoPage](ctx, c, "photos?"+url.Values{"of": {person}, "cursor": {cursor}, "limit": {strconv.Itoa(limit)}}.Encode())
}
