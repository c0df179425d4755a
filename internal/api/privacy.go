package api

import (
	"context"
	"net/http"
	"net/url"

	"kith/internal/social"
)

// Safekeeper tells who sees what, and that somebody is who they seem.
type Safekeeper interface {
	Privacy(ctx context.Context) (social.Privacy, error)
	Safety(ctx context.Context, person string) (social.Safety, error)
	Verify(ctx context.Context, person string, on bool) error
}

// privacyRoutes is what the server answers to about that.
func (s *Server) privacyRoutes() []route {
	return []route{
		{"GET privacy", read(s.Home.Privacy)},
		{"GET people/{id}/safety", readOne(s.Home.Safety)},
		{"PUT people/{id}/verified", switched(s.Home.Verify)},
	}
}

// Privacy returns who sees what.
func (c *Client) Privacy(ctx context.Context) (social.Privacy, error) {
	return get[social.Privacy](ctx, c, "privacy")
}

// Safety returns the safety number with somebody.
func (c *Client) Safety(ctx context.Context, person string) (social.Safety, error) {
	return get[social.Safety](ctx, c, "people/"+url.PathEscape(person)+"/safety")
}

// Verify notes that the number was compared in person, or takes that back.
func (c *Client) Verify(ctx context.Context, person string, on bool) error {
	return c.do(ctx, http.MethodPut, "people/"+url.PathEscape(person)+"/verified", onOrOff{on})
}
