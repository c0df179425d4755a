package web_test

import (
	"context"
	"strings"

	"kith/internal/social"
)

// Search looks for a text in what there is, in small letters, as far as the pages need it.
func (h *home) Search(_ context.Context, query social.SearchQuery) (social.SearchResult, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.fail["Search"]; err != nil {
		return social.SearchResult{}, err
	}
	var result social.SearchResult
	words := strings.ToLower(query.Text)
	if query.Who == "" && query.In == "" && words != "" {
		for _, id := range append([]string{h.me.ID}, h.friends...) {
			if p := h.people[id]; strings.Contains(strings.ToLower(p.Name), words) {
				result.People = append(result.People, p)
			}
		}
	}
	for _, post := range h.posts {
		if query.Who != "" && post.Author.ID != query.Who || query.In != "" && post.Audience.Space != query.In ||
			query.Photos && len(post.Photos) == 0 || !query.Since.IsZero() && post.At.Before(query.Since) {
			continue
		}
		found := social.Found{Kind: social.FoundPost, ID: post.ID, Post: post.ID, Author: post.Author, At: post.At, Audience: post.Audience, Photos: len(post.Photos)}
		if len(post.Photos) > 0 {
			found.Photo = &post.Photos[0]
		}
		if found.Text = pieces(post.Text, words); found.Text != nil {
			result.Posts.Items = append(result.Posts.Items, found)
		}
		for _, comment := range post.Comments {
			if text := pieces(comment.Text, words); text != nil && words != "" {
				result.Comments.Items = append(result.Comments.Items, social.Found{
					Kind: social.FoundComment, ID: comment.ID, Post: post.ID, Author: comment.Author, At: comment.At, Audience: post.Audience, Text: text,
				})
			}
		}
	}
	if len(result.Posts.Items) > 5 {
		result.Posts.Items, result.Posts.Next = result.Posts.Items[:5], "123"
	}
	return result, nil
}

// pieces marks a word in a text; nil where it is not there.
func pieces(text, word string) []social.Piece {
	at := strings.Index(strings.ToLower(text), word)
	switch {
	case at < 0:
		return nil
	case word == "":
		return []social.Piece{{Text: text}}
	}
	return []social.Piece{{Text: text[:at]}, {Text: text[at : at+len(word)], Mark: true}, {Text: text[at+len(word):]}}
}
