// Package space folds the control lane of a space: who is a member, in which role, until where their entries
// count, and which keys the space is written under.
//
// An operation is the plain payload of a control entry. It names identifiers only; names, pictures and rules
// that people read are encrypted content. Fold gives the same State for the same set of operations, in
// whatever order they arrived. It does no cryptography and holds no keys: who is a member converges even
// where a key has not arrived yet.
//
// Which operations count is decided by the rule of package tenure. A grant is an add, a change of role or a handing over;
// what takes away is a removal, a change to a lesser role, a leave or a handing over. Every log is written under one
// tenure, which its incarnation names. So who was removed and is added again writes in new logs, and the old ones never
// open again.
//
// A cut says where somebody's logs end: it is given with whatever takes away, and names logs with their
// last entries that count. Logs that it does not name end before their first entry. Entries beyond the end are
// refused everywhere.
//
// An epoch is a stretch of the space's life under one key, published by a rotation. It may be written under while
// its author knew of everybody's departure, and everybody who has or may have its key is still a member.
package space
