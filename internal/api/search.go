package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"kith/internal/social"
)

// Searcher finds what there is to read.
type Searcher interface {
	Search(ctx context.Context, query social.SearchQuery) (social.SearchResult, error)
}

// search reads what is looked for from the query of the address: q, who, in, since and until (RFC 3339), photos, kind,
// after and limit.
func (s *Server) search(_ http.ResponseWriter, r *http.Request) (any, error) {
	values := r.URL.Query()
	query := social.SearchQuery{
		Text: values.Get("q"), Who: values.Get("who"), In: values.Get("in"), Photos: values.Get("photos") != "",
		Kind: values.Get("kind"), After: values.Get("after"),
	}
	var err error
	for name, at := range map[string]*time.Time{"since": &query.Since, "until": &query.Until} {
		if text := values.Get(name); text != "" {
			if *at, err = time.Parse(time.RFC3339, text); err != nil {
				return nil, &social.Error{Code: social.CodeBadInput, Message: "A time to search from or until is written like 2026-07-14T12:00:00Z.", Err: err}
			}
		}
	}
	if _, query.Limit, err = page(r); err != nil {
		return nil, err
	}
	return s.Home.Search(r.Context(), query)
}

// Search finds people, posts and comments.
func (c *Client) Search(ctx context.Context, query social.SearchQuery) (social.SearchResult, error) {
	values := make(url.Values)
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("q", query.Text)
	set("who", query.Who)
	set("in", query.In)
	set("kind", query.Kind)
	set("after", query.After)
	if query.Photos {
		set("photos", "yes")
	}
	if !query.Since.IsZero() {
		set("since", query.Since.Format(time.RFC3339))
	}
	if !query.Until.IsZero() {
		set("until", query.Until.Format(time.RFC3339))
	}
	if query.Limit > 0 {
		set("limit", strconv.Itoa(query.Limit))
	}
	return get[social.SearchResult](ctx, c, "search?"+values.Encode())
}
