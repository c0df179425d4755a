package link

import "kith/internal/invite"

// Code is the form of the code that links a device. Its fields are those of an invite: the person, the old device, the
// secret, the expiry, and where the old device is.
var Code = invite.Form{Prefix: "kith-device1-", Domain: "kith link code v1"}

// Help is the form of the code by which a friend helps somebody come back: Person is who comes back, Peer the friend's
// device, and there are the addresses where it is. The secret means nothing: the recovery key proves who comes.
var Help = invite.Form{Prefix: "kith-help1-", Domain: "kith help code v1"}

const standardLink = "http://127.0.0.1:7480/welcome/link#"

// LinkOf is the code of a link as an address of the new home's own page on the standard port. The code stands behind
// "#", so that a browser does not send it anywhere.
func LinkOf(code string) string { return standardLink + code }
