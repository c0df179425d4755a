package web_test

import (
	"context"
	"slices"
	"strings"

	"kith/internal/social"
)

// wrote finds what a person may have written: its author, and where its text, its photos and its time of editing are.
func (h *home) wrote(id string) (post *social.Post, comment *social.Comment) {
	for _, p := range h.posts {
		if p.ID == id {
			return p, nil
		}
		for i := range p.Comments {
			if p.Comments[i].ID == id {
				return p, &p.Comments[i]
			}
		}
	}
	return nil, nil
}

func (h *home) Edit(_ context.Context, id string, edit social.Edit) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Edit"); err != nil {
		return err
	}
	if c, i := h.findMessage(id); c != nil {
		c.messages[i].Text, c.messages[i].Edited = strings.TrimSpace(edit.Text), h.now()
		h.tell(social.EventMessage, id, c.ID)
		return nil
	}
	post, comment := h.wrote(id)
	if post == nil {
		return problem(social.CodeNotFound, "This is not here any more.")
	}
	text := strings.TrimSpace(edit.Text)
	if text == "" && (comment != nil || len(post.Photos) == 0) {
		return problem(social.CodeBadInput, "There would be nothing left of this. Write something, or delete it instead.")
	}
	if h.versions == nil {
		h.versions = make(map[string][]social.Version)
	}
	now := h.now()
	if comment != nil {
		h.versions[id] = append([]social.Version{{At: comment.At, Text: comment.Text}}, h.versions[id]...)
		comment.Text, comment.Edited = text, now
	} else {
		h.versions[id] = append([]social.Version{{At: post.At, Text: post.Text, Photos: slices.Clone(post.Photos)}}, h.versions[id]...)
		post.Text, post.Edited = text, now
		for i, photo := range edit.Photos {
			post.Photos[i].Alt = photo.Alt
		}
	}
	h.tell(social.EventChanged, post.ID, "")
	return nil
}

func (h *home) Versions(_ context.Context, id string) (social.History, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	post, comment := h.wrote(id)
	switch {
	case post == nil:
		return social.History{}, problem(social.CodeNotFound, "This is not here any more.")
	case comment != nil:
		return social.History{ID: id, Post: post.ID, Comment: true, Author: h.people[comment.Author.ID],
			Versions: append([]social.Version{{At: comment.Edited, Text: comment.Text}}, h.versions[id]...)}, nil
	}
	return social.History{ID: id, Post: id, Author: h.people[post.Author.ID],
		Versions: append([]social.Version{{At: post.Edited, Text: post.Text, Photos: post.Photos}}, h.versions[id]...)}, nil
}

// keepInTrash keeps what the owner wrote and is about to delete.
func (h *home) keepInTrash(id string) {
	post, comment := h.wrote(id)
	kept := social.Trashed{ID: id, Deleted: h.now(), Until: h.now().AddDate(0, 0, social.TrashDays)}
	switch {
	case post == nil || comment != nil && comment.Author.ID != "me":
		return
	case comment != nil:
		kept.Comment, kept.Post, kept.Text, kept.At = true, post.ID, comment.Text, comment.At
	default:
		kept.Text, kept.Photos, kept.At = post.Text, post.Photos, post.At
	}
	h.trash = append([]social.Trashed{kept}, h.trash...)
}

func (h *home) DeleteForGood(_ context.Context, id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("DeleteForGood"); err != nil {
		return err
	}
	if h.unsend(id) {
		return nil
	}
	return h.remove(id)
}

func (h *home) Trash(context.Context) ([]social.Trashed, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.trash), h.fail["Trash"]
}

func (h *home) fromTrash(id string) (social.Trashed, error) {
	i := slices.IndexFunc(h.trash, func(t social.Trashed) bool { return t.ID == id })
	if i < 0 {
		return social.Trashed{}, problem(social.CodeNotFound, "This is not in your trash any more.")
	}
	t := h.trash[i]
	h.trash = slices.Delete(h.trash, i, i+1)
	return t, nil
}

func (h *home) Restore(_ context.Context, id string) (again, post string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Restore"); err != nil {
		return "", "", err
	}
	t, err := h.fromTrash(id)
	if err != nil {
		return "", "", err
	}
	if t.Comment {
		c, err := h.comment(t.Post, "me", t.Text, h.now())
		return c.ID, t.Post, err
	}
	p := &social.Post{ID: h.id("p"), Author: h.people["me"], At: h.now(), Text: t.Text, Photos: t.Photos, Audience: h.audience(), Delivery: h.delivered()}
	h.posts = append([]*social.Post{p}, h.posts...)
	h.tell(social.EventPost, p.ID, "")
	return p.ID, p.ID, nil
}

func (h *home) DeleteTrashed(_ context.Context, id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("DeleteTrashed"); err != nil {
		return err
	}
	_, err := h.fromTrash(id)
	return err
}

func (h *home) EmptyTrash(context.Context) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("EmptyTrash"); err != nil {
		return 0, err
	}
	n := len(h.trash)
	h.trash = nil
	return n, nil
}

func (h *home) DismissTaken(_ context.Context, id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("DismissTaken"); err != nil {
		return err
	}
	for _, p := range h.posts {
		p.Taken = slices.DeleteFunc(p.Taken, func(t social.Taken) bool { return t.ID == id })
	}
	return nil
}
