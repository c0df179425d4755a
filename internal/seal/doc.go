// Package seal holds the keys of spaces: it makes them, hands them on and encrypts payloads with them.
//
// An epoch is a stretch of a space's life under one key. It has two secrets of 32 random bytes: the epoch
// key E, which encrypts payloads, and the history key H, which opens the (E, H) of the epochs before it.
// Whoever is handed E alone reads from this epoch on; whoever is handed both reads back as well. The signed
// rotation that starts an epoch publishes a commitment to each, so that a member who is handed a key by
// another member can tell that it is the right one.
//
// A wrap is an epoch's secrets sealed to one person for one generation of their key. It is handed out on
// request and is not an entry of any log.
package seal
