// Package tenure decides which of the operations on something shared count: on a space, whose members are people, and
// on a person's identity, whose members are devices.
//
// A tenure is the right of one subject to act, granted by one operation that counts. It has a role, and a parent: the
// tenure under which its grant was written. The root tenure is there from the beginning. Every operation is written
// under one tenure of its author. It may grant tenures, and it may end or lower tenures of somebody (an ender).
//
// # Seniority
//
// The root has depth 0, and a tenure the depth of its parent + 1; a grant of a seat keeps the depth of its parent. Of
// two tenures the one of lesser depth is senior; of equal depth, the one whose parent is senior; of one parent's, the one
// whose grant has the lesser sequence number, then the lesser EntryID; of one entry's, the one of the lesser subject.
//
// # The rule
//
// An ender is against a subject. It has a cap, the role that it leaves, and a cut: for logs, the last entry before it;
// a log that it does not name is cut before its first entry. It applies to a tenure of the subject that is junior to the
// tenure under which the ender was written, unless the grant of that tenure names it as known and overridden, or is by
// the same entry. A subject's own ender, a leave, applies to the tenure under which it was written as well.
//
// An operation counts if its tenure's role suffices, and for each ender that applies to that tenure the operation is
// within the cut, or the cap suffices. Own enders are judged by those of others alone: two devices that leave at once
// both have left.
//
// So validity flows from senior to junior, and nothing depends on what came first, on clocks, or on the past of an
// operation. Whoever refuses or drops entries beyond a cut folds the same as whoever holds them; hence what is held in
// the end does not depend on the order of arrival either.
package tenure
