// Package link holds the code that links a further device to a person, the handshake behind it, and the questions of a
// device that comes back.
//
// Linking is begun on a device of the person, the old one, which shows a code, and goes on at a home that has not begun,
// the new one, where the code is given. The transport proves the PeerKey of either side; the code pins that of the old
// one and holds a secret, used once, by which the new one proves that it was given the code. The new device commits to its
// keys before it learns the nonce of the old one; both then show six digits that follow from the secret, the nonce and
// both devices' keys, and the person says on the old device whether they are the same. Whoever came in between, with a
// code that was overseen, has one guess in a million. Only then is the new device let in.
//
// The same question gets the same answer, so either side may stop and start again in between.
//
// A device that finds its own at odds with it asks what has become of its person, and so does a person who comes back
// with the recovery words: a home answers whoever speaks with a network key that the person's identity log names, or
// named.
package link
