package social

import (
	"context"
	"time"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/sqlite"
)

const (
	// photosPage is how many photos a page has at least where there are as many, and maxPhotosPage how many at most, but
	// for the last ones of a post.
	photosPage, maxPhotosPage = 60, 200
	// photoPosts is how many posts are read at once.
	photoPosts = 30
)

// PostedPhoto is a photo with where and when it was posted.
type PostedPhoto struct {
	Photo
	Post   string    `json:"post"`
	Number int       `json:"number"` // its place among the photos of the post as they are shown, from 1
	Of     int       `json:"of"`     // how many the post has
	Author Person    `json:"author"`
	At     time.Time `json:"at"` // when it was posted
}

// PhotoPage is a page of photos, those posted last first.
type PhotoPage struct {
	Photos []PostedPhoto `json:"photos"`
	Next   string        `json:"next,omitempty"` // cursor of the following page; empty: there are no more
}

// Photos lists the photos that the owner gets to see, of everybody or of one person. Those of whom the owner muted are
// among them only if that is the person.
func (h *Home) Photos(ctx context.Context, person, cursor string, limit int) (PhotoPage, error) {
	if _, err := h.me(); err != nil {
		return PhotoPage{}, err
	}
	query := sqlite.FeedQuery{Limit: photoPosts}
	var err error
	if person != "" {
		if query.Author, err = h.personID(person); err != nil {
			return PhotoPage{}, err
		}
	}
	if query.After, err = sqlite.ParseCursor(cursor); err != nil {
		return PhotoPage{}, fail(CodeBadInput, "This page of photos does not exist. Go back to the newest ones.", err)
	}
	if limit <= 0 {
		limit = photosPage
	}
	page, err := h.photoPage(ctx, query, min(limit, maxPhotosPage))
	if err != nil {
		return PhotoPage{}, explain("list photos", err)
	}
	return page, nil
}

func (h *Home) photoPage(ctx context.Context, query sqlite.FeedQuery, limit int) (page PhotoPage, err error) {
	see, err := h.sight(ctx)
	if err != nil {
		return page, err
	}
	authors := make(map[key.PersonID]Person)
	for range maxFeedLooks {
		found, err := h.db.Pictured(ctx, query)
		if err != nil {
			return page, err
		}
		seen, err := see.filter(ctx, found.Posts, query.Author.IsZero())
		if err != nil {
			return page, err
		}
		more, err := h.postedPhotos(ctx, seen, authors)
		if err != nil {
			return page, err
		}
		page.Photos = append(page.Photos, more...)
		if query.After = found.Next; query.After.IsZero() || len(page.Photos) >= limit {
			break
		}
	}
	page.Next = query.After.String()
	return page, nil
}

// postedPhotos lists the photos of posts.
func (h *Home) postedPhotos(ctx context.Context, posts []sqlite.Item, authors map[key.PersonID]Person) (list []PostedPhoto, err error) {
	var ids []oplog.EntryID
	var people []key.PersonID
	for i := range posts {
		ids = append(ids, posts[i].ID)
		if _, known := authors[posts[i].Author]; !known {
			people = append(people, posts[i].Author)
		}
	}
	edits, err := h.db.Edits(ctx, ids)
	if err != nil {
		return nil, err
	}
	more, err := h.people(ctx, people)
	if err != nil {
		return nil, err
	}
	for id, person := range more {
		authors[id] = person
	}
	for i := range posts {
		item := &posts[i]
		body, ok := item.Content.(content.Post)
		if !ok {
			continue
		}
		var edit content.Edit
		if e, edited := edits[item.ID]; edited {
			edit, _ = e.Content.(content.Edit)
		}
		_, photos := postAs(body, &edit)
		var screens []blob.Ref
		for _, photo := range photos {
			screens = append(screens, photo.Screen.Ref)
		}
		here, err := h.db.BlobHere(ctx, screens)
		if err != nil {
			return nil, err
		}
		for n := range photos {
			photo := &photos[n]
			list = append(list, PostedPhoto{
				Photo: showPhoto(photoID(item.ID, photo.Number), &photo.Photo, here[photo.Screen.Ref]),
				Post:  item.ID.String(), Number: n + 1, Of: len(photos), Author: authors[item.Author], At: item.At,
			})
		}
	}
	return list, nil
}
