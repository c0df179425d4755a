// Package invite holds the invite as people pass it on, and the handshake that turns it into a friendship.
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
package invite
