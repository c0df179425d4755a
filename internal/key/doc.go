// Package key holds typed identifiers and the secrets behind them.
//
// A person is named by PersonID, the hash of a root public key that follows from recovery words.
// A device is named by DeviceID, its Ed25519 public signing key, and is reached under PeerKey, its
// Ed25519 public network key. A space is named by SpaceID, the hash of its create statement.
//
// Secrets stay inside their types: Root (from the words), Device (of this machine) and PersonKey
// (shared by a person's devices). They sign, seal and open; none hands out its bytes, they cannot be
// compared with ==, and they print as "redacted". The only way to disk is a file of mode 0600.
//
// Signatures are Ed25519ctx (RFC 8032, section 5.1) with the Domain as context, so that a signature
// made for one purpose is worth nothing for another. Sealing is HPKE (RFC 9180) in base mode with
// X-Wing (ML-KEM-768 and X25519), HKDF-SHA256 and ChaCha20-Poly1305; it costs 1,136 bytes over the
// plaintext and proves nothing about who sealed.
package key
