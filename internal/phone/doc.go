// Package phone opens the pages of a home to the phones and tablets on the home network.
//
// The page of a home listens on loopback, and goes on to. This is a further listener, off until its owner switches it on,
// on one private IPv4 address of this computer. The terms:
//
//   - Network: the home network for which it was switched on, as a prefix such as 192.168.1.0/24. On any other network, such as a
//     café's, nothing listens; the owner can switch it on there as well, and then it is that one.
//   - Pairing: a link with a one-time token, shown as a QR code on the computer. The phone that opens it first is signed in, and
//     listed by name. Package access keeps pairings and sessions, and ends them.
//
// # Plain HTTP, and why
//
// Whoever is on the same network and goes to some length can read along, and can take a phone's session for their own as long as
// it lasts. A certificate of our own would end that only for who compares fingerprints: a browser greets it with a full page of
// warnings, and a family that has learnt to click these away is worse off everywhere else. A certificate that browsers trust
// needs a public name for every home and an authority that hands it out, which is the company in the middle. So it is plain HTTP,
// said plainly where it is switched on, and a phone's session can do less than the computer's: no keys, recovery words,
// backups, devices, passwords or further phones (package web, phone_rules.go). What somebody could take ends when the phone is removed.
package phone
