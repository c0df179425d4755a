// Package content is what people write: the plaintexts inside encrypted payloads, and their limits.
//
// An item is one of Card, Post, Comment, Reaction, Edit, Register, About, Asking, Message or Receipt. As bytes it is
// a CBOR array of its kind and a map with small integers as keys; a reader passes over keys that it does not know,
// and shows nothing of a kind that it does not know, so that newer homes can say more without older ones failing. Decode checks every limit,
// because the author may be hostile: what it returns is safe to store and, after HTML escaping, to show.
//
// Adding a kind of content: a number and a type here with its check, a read model, a page.
package content
