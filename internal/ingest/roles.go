package ingest

import (
	"kith/internal/content"
	"kith/internal/space"
)

// roleFor is the least role that may write an item in a space. It is the second phase of authorisation, for what is known
// only once an entry is decrypted: posts by whom they are for in this space, what a group says of itself by its admins, what
// a chat is called by anybody in it, a no to somebody who asks to join by whoever may let people in. Entries that fall short
// are kept, and are shown to nobody.
func roleFor(create *space.Create, item content.Item) space.Role {
	switch item := item.(type) {
	case content.Post:
		if create.Kind == space.Group || create.Kind == space.Chat { // elsewhere it is the owner, whatever the role: mayShow
			return max(create.Post, create.Publish)
		}
	case content.About:
		if create.Kind == space.Chat { // everybody in it may name it
			return create.Post
		}
		return max(create.Post, space.Admin)
	case content.Asking:
		if item.Answered {
			return max(create.Post, create.Invite)
		}
	}
	return create.Post
}

// roleForAll is the least role that may write all of the items.
func roleForAll(create *space.Create, items []content.Item) space.Role {
	role := create.Post
	for _, item := range items {
		role = max(role, roleFor(create, item))
	}
	return role
}

// mayShow tells whether an item of this kind has a place in a space of that kind at all.
func mayShow(create *space.Create, owner bool, kind content.Kind) bool {
	switch kind {
	case content.KindPost:
		return (owner || create.Kind != space.Wall && create.Kind != space.Audience) && create.Kind != space.Chat
	case content.KindMessage, content.KindReceipt:
		return create.Kind == space.Chat
	case content.KindAbout, content.KindAsking:
		return create.Kind == space.Group || create.Kind == space.Chat
	}
	return true
}
