// Package invite holds the invite as people pass it on, and the handshake that turns it into a friendship or a
// membership of a space; and the offer, by which a member's home tells a person's home that it was let into a space.
//
// An invite is a short code: who invites (the PersonID), at which device (its PeerKey), at which addresses, with
// which one-time secret, until when. It is passed on as a text to paste, as a link, or as a QR picture of the link.
// Parse finds it in whatever people paste around it.
//
// The handshake is a short exchange of messages on a stream whose two ends the transport has authenticated. The
// PeerKey in the code proves the inviter. The invited proves to hold the secret by an HMAC over both peer keys and
// fresh nonces, so that nobody who watches or replays learns or gains anything. First the invited looks (and
// is told who invites), then accepts (and tells who they are); the accepting is repeated until an answer that ends
// it has come, and the same question gets the same answer, so either side may stop and start again in between.
//
// An offer needs no secret: it is told to a peer whom both transport and identity log have proven to be that person's,
// and it is a hint. What proves it is the space itself, which the receiver then folds.
package invite
