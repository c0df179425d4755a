package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"kith/internal/sqlite"
)

// feedPage is how many posts are read at once when all are.
const feedPage = 500

// feed gives the IDs of the newest posts of a store.
func feed(ctx context.Context, db *sqlite.DB, limit int) ([]string, error) {
	page, err := db.Feed(ctx, sqlite.FeedQuery{Limit: limit})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(page.Posts))
	for i := range page.Posts {
		ids[i] = page.Posts[i].ID.String()
	}
	return ids, nil
}

// digestOfFeed reads a store's whole feed and gives the hash over the IDs in their order, and how many there are.
func digestOfFeed(ctx context.Context, db *sqlite.DB) (digest string, posts int, err error) {
	hash := sha256.New()
	query := sqlite.FeedQuery{Limit: feedPage}
	for {
		page, err := db.Feed(ctx, query)
		if err != nil {
			return "", 0, err
		}
		for i := range page.Posts {
			hash.Write(page.Posts[i].ID[:])
		}
		posts += len(page.Posts)
		if page.Next.IsZero() {
			return hex.EncodeToString(hash.Sum(nil)), posts, nil
		}
		query.After = page.Next
	}
}
