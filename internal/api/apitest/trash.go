package apitest

import (
	"context"
	"slices"
	"time"

	"kith/internal/social"
)

var errNotYours = &social.Error{Code: social.CodeNotAllowed, Message: "Only who wrote this can change it."}

// Edit changes a post or comment of the owner's.
func (h *Home) Edit(ctx context.Context, id string, edit social.Edit) error {
	err := h.enter(ctx, "Edit")
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	var author social.Person
	var text *string
	var edited *time.Time
	if p := h.post(id); p != nil {
		author, text, edited = p.Author, &p.Text, &p.Edited
	} else if p, i := h.comment(id); p != nil {
		author, text, edited = p.Comments[i].Author, &p.Comments[i].Text, &p.Comments[i].Edited
	} else {
		return notFound("post or comment")
	}
	if !author.Me {
		return errNotYours
	}
	if h.versions == nil {
		h.versions = make(map[string][]social.Version)
	}
	h.versions[id] = append([]social.Version{{At: *edited, Text: *text}}, h.versions[id]...)
	*text, *edited = edit.Text, h.now()
	return nil
}

// Versions lists the versions of a post or comment.
func (h *Home) Versions(ctx context.Context, id string) (social.History, error) {
	err := h.enter(ctx, "Versions")
	defer h.mu.Unlock()
	if err != nil {
		return social.History{}, err
	}
	history := social.History{ID: id, Post: id}
	var now social.Version
	if p := h.post(id); p != nil {
		history.Author, now = p.Author, social.Version{At: p.Edited, Text: p.Text}
	} else if p, i := h.comment(id); p != nil {
		history.Post, history.Comment, history.Author = p.ID, true, p.Comments[i].Author
		now = social.Version{At: p.Comments[i].Edited, Text: p.Comments[i].Text}
	} else {
		return social.History{}, notFound("post or comment")
	}
	history.Versions = append([]social.Version{now}, h.versions[id]...)
	return history, nil
}

func (h *Home) toTrash(t social.Trashed) {
	t.Deleted = h.now()
	t.Until = t.Deleted.AddDate(0, 0, social.TrashDays)
	h.trash = append([]social.Trashed{t}, h.trash...)
}

// DeleteForGood deletes without the trash.
func (h *Home) DeleteForGood(ctx context.Context, id string) error {
	err := h.enter(ctx, "DeleteForGood")
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	return h.delete(id, false)
}

// Trash lists what is in the trash.
func (h *Home) Trash(ctx context.Context) ([]social.Trashed, error) {
	err := h.enter(ctx, "Trash")
	defer h.mu.Unlock()
	return slices.Clone(h.trash), err
}

// Restore posts it again.
func (h *Home) Restore(ctx context.Context, id string) (again, post string, err error) {
	err = h.enter(ctx, "Restore")
	defer h.mu.Unlock()
	if err != nil {
		return "", "", err
	}
	i := slices.IndexFunc(h.trash, func(t social.Trashed) bool { return t.ID == id })
	if i < 0 {
		return "", "", notFound("thing in the trash")
	}
	t := h.trash[i]
	h.trash = slices.Delete(h.trash, i, i+1)
	if !t.Comment {
		p := h.add(social.Post{Author: h.profile.Person, Text: t.Text, Photos: t.Photos, CanDelete: true})
		return p.ID, p.ID, nil
	}
	p := h.post(t.Post)
	if p == nil {
		return "", "", &social.Error{Code: social.CodeGone, Message: "The post is gone."}
	}
	c := social.Comment{ID: h.newID(), Post: p.ID, Author: h.profile.Person, At: h.now(), Text: t.Text, CanDelete: true}
	p.Comments = append(p.Comments, c)
	p.CommentCount++
	return c.ID, p.ID, nil
}

// DeleteTrashed deletes for good.
func (h *Home) DeleteTrashed(ctx context.Context, id string) error {
	err := h.enter(ctx, "DeleteTrashed")
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	before := len(h.trash)
	h.trash = slices.DeleteFunc(h.trash, func(t social.Trashed) bool { return t.ID == id })
	if len(h.trash) == before {
		return notFound("thing in the trash")
	}
	return nil
}

// EmptyTrash deletes everything in it.
func (h *Home) EmptyTrash(ctx context.Context) (int, error) {
	err := h.enter(ctx, "EmptyTrash")
	defer h.mu.Unlock()
	if err != nil {
		return 0, err
	}
	n := len(h.trash)
	h.trash = nil
	return n, nil
}
