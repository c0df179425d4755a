// Package access decides who may open the page of a home.
//
// The page listens on the loopback interface only, but every program and every person with an account on
// the machine can reach that. So the page asks for proof, and there are two proofs:
//
//   - A one-time token: a secret that the program hands out when it opens the browser for its owner. Whoever can
//     read the folder of the home can ask the program for one, and nobody else can.
//   - A password, where the owner has set one.
//
// Either of them starts a session. The terms:
//
//   - Token: 128 random bits in unpadded base64url (22 characters), good for one sign-in within two minutes. It
//     lives in memory only, as its SHA-256.
//   - Pairing: a one-time token, good for PairingLife, that signs in a phone on the home network and nothing else. With it can
//     go the password.
//   - Session: one signed-in browser. It ends 90 days after its last use, or when the owner ends it.
//   - Secret: what the browser keeps of its session, 256 random bits in unpadded base64url (43 characters). Only
//     its SHA-256 is stored, so that a copy of the database opens nothing.
//   - Password: at least ten characters, stored as an argon2id hash (RFC 9106) together with the parameters it was
//     made with, so that later versions can raise them.
//   - Attempt: one try of a password. Attempts are limited for the home as a whole, because all of them come
//     from the same address. The limit never locks the owner out: a one-time token always works.
//
// A Gate holds all of it and may be used by any number of goroutines. It starts none.
package access
