package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"kith/internal/api"
	"kith/internal/social"
)

const (
	// latest names the newest post.
	latest = "latest"

	// leastPrefix is how many characters of an ID have to be given.
	leastPrefix = 4

	// searched is in how many of the newest posts an ID that was not given in full is looked for, and searchedPage how
	// many of them are read at once.
	searched     = 500
	searchedPage = 100

	// searchedComments is in how many posts all comments are read, when the last ones under each post don't have it.
	searchedComments = 50
)

// entry is a post or comment that a person named on the command line.
type entry struct {
	id      string
	post    string // the post it is or hangs under
	author  social.Person
	text    string
	comment bool
}

// findEntry finds what a person means: "latest", the ID of a post or comment, or its first characters.
func findEntry(ctx context.Context, c *api.Client, name string) (entry, error) {
	if name == latest {
		feed, err := c.Feed(ctx, "", 1)
		if err != nil {
			return entry{}, err
		}
		if len(feed.Posts) == 0 {
			return entry{}, &social.Error{Code: social.CodeNotFound, Message: "There is no post so far."}
		}
		return ofPost(feed.Posts[0]), nil
	}
	if len(name) < leastPrefix {
		return entry{}, usagef("%q is too short: give at least %d characters of the ID that kith feed shows, or “%s”", name, leastPrefix, latest)
	}
	post, err := c.Post(ctx, name)
	if err == nil {
		return ofPost(post), nil
	}
	if !isNoSuch(err) {
		return entry{}, err
	}
	comment, err := c.CommentByID(ctx, name)
	if err == nil {
		return ofComment(comment), nil
	}
	if !isNoSuch(err) {
		return entry{}, err
	}
	return findByPrefix(ctx, c, strings.ToLower(name))
}

// isNoSuch reports whether an error says that there is nothing by this name: an ID in part is none to the home.
func isNoSuch(err error) bool {
	var told *social.Error
	return errors.As(err, &told) && (told.Code == social.CodeNotFound || told.Code == social.CodeBadInput)
}

func ofPost(p social.Post) entry {
	return entry{id: p.ID, post: p.ID, author: p.Author, text: p.Text}
}

func ofComment(c social.Comment) entry {
	return entry{id: c.ID, post: c.Post, author: c.Author, text: c.Text, comment: true}
}

// findByPrefix looks through the newest posts and the comments under them.
func findByPrefix(ctx context.Context, c *api.Client, prefix string) (entry, error) {
	found := make(map[string]entry)
	add := func(e entry) {
		if strings.HasPrefix(e.id, prefix) {
			found[e.id] = e
		}
	}
	var folded []string // posts with more comments than a feed shows
	cursor, seen := "", 0
	for seen < searched {
		feed, err := c.Feed(ctx, cursor, searchedPage)
		if err != nil {
			return entry{}, err
		}
		for _, p := range feed.Posts {
			add(ofPost(p))
			for _, comment := range p.Comments {
				add(ofComment(comment))
			}
			if p.CommentCount > len(p.Comments) {
				folded = append(folded, p.ID)
			}
		}
		seen += len(feed.Posts)
		if cursor = feed.Next; cursor == "" {
			break
		}
	}
	if len(found) == 0 {
		for _, id := range folded[:min(len(folded), searchedComments)] {
			p, err := c.Post(ctx, id)
			if isNoSuch(err) {
				continue // deleted a moment ago
			}
			if err != nil {
				return entry{}, err
			}
			for _, comment := range p.Comments {
				add(ofComment(comment))
			}
		}
	}
	switch len(found) {
	case 0:
		return entry{}, &social.Error{Code: social.CodeNotFound,
			Message: fmt.Sprintf("No recent post or comment begins with %q. kith feed shows them with their IDs.", prefix)}
	case 1:
		for _, e := range found {
			return e, nil
		}
	}
	return entry{}, usagef("%d posts or comments begin with %q: give more of the ID", len(found), prefix)
}

// findPerson finds a friend by name or ID, or by how either begins.
func findPerson(friends []social.Person, name string) (social.Person, error) {
	for _, matches := range []func(p social.Person) bool{
		func(p social.Person) bool { return p.ID == name },
		func(p social.Person) bool { return strings.EqualFold(p.Name, name) },
		func(p social.Person) bool {
			return len(p.Name) >= len(name) && strings.EqualFold(p.Name[:len(name)], name) ||
				len(name) >= leastPrefix && strings.HasPrefix(p.ID, name)
		},
	} {
		var found []social.Person
		for _, p := range friends {
			if name != "" && matches(p) {
				found = append(found, p)
			}
		}
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			var ids []string
			for _, p := range found {
				ids = append(ids, clean(p.Name)+" ("+short(p.ID)+")")
			}
			return social.Person{}, usagef("%q can be %s: give the ID instead", name, strings.Join(ids, " or "))
		}
	}
	return social.Person{}, &social.Error{Code: social.CodeNotFound,
		Message: fmt.Sprintf("None of your friends is called %q. kith friends lists them.", name)}
}

// findByID finds the one of a list whose ID is or begins with what a person gave.
func findByID[T any](list []T, id func(T) string, given, thing string) (T, error) {
	var found []T
	for _, item := range list {
		if id(item) == given {
			return item, nil
		}
		if len(given) >= leastPrefix && strings.HasPrefix(id(item), given) {
			found = append(found, item)
		}
	}
	var none T
	switch len(found) {
	case 0:
		return none, &social.Error{Code: social.CodeNotFound, Message: fmt.Sprintf("There is no %s %q.", thing, given)}
	case 1:
		return found[0], nil
	}
	return none, usagef("%d of them begin with %q: give more of the ID", len(found), given)
}
