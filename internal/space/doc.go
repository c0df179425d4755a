// Package space folds the control lane of a space: who is a member, in which role, until where their entries
// count, and which keys the space is written under.
//
// An operation is the plain payload of a control entry. It names identifiers only; names, pictures and rules
// that people read are encrypted content. Fold gives the same State for the same set of operations, in
// whatever order they arrived. It does no cryptography and holds no keys: who is a member converges even
// where a key has not arrived yet.
//
// The formats are those of every kind of space. What Fold decides so far is the life of a space with one
// owner: the owner adds, removes and changes roles; members leave, rotate keys and erase what they wrote.
// Operations that only several admins would need (hand over, grants to keepers) are read and kept, and count
// for nothing yet.
//
// A cut says where somebody's logs end: it is given with a removal, a leave or a demotion, and names logs with their
// last entries that count. Logs that it does not name end before their first entry. Entries beyond the end are
// refused everywhere. Who is added again writes in new incarnations of their logs.
//
// An epoch is a stretch of the space's life under one key, published by a rotation. It may be written under while
// everybody who has or may have its key is still a member.
package space
