package apitest

import (
	"context"
	"strings"

	"kith/internal/social"
)

// Search finds posts and comments that contain a text, and people whose name does.
func (h *Home) Search(ctx context.Context, query social.SearchQuery) (social.SearchResult, error) {
	err := h.enter(ctx, "Search")
	defer h.mu.Unlock()
	var result social.SearchResult
	if err != nil {
		return result, err
	}
	if query.Text == "" && query.Who == "" && query.In == "" && !query.Photos {
		return result, &social.Error{Code: social.CodeBadInput, Message: "Say what to look for."}
	}
	for _, p := range h.posts {
		if query.Who != "" && p.Author.ID != query.Who || query.In != "" && p.Audience.Space != query.In || query.Photos && len(p.Photos) == 0 ||
			!query.Since.IsZero() && p.At.Before(query.Since) || !query.Until.IsZero() && !p.At.Before(query.Until) {
			continue
		}
		if strings.Contains(p.Text, query.Text) {
			result.Posts.Items = append(result.Posts.Items, social.Found{
				Kind: social.FoundPost, ID: p.ID, Post: p.ID, Author: p.Author, At: p.At, Audience: p.Audience, Text: []social.Piece{{Text: p.Text, Mark: true}},
			})
		}
	}
	return result, nil
}
