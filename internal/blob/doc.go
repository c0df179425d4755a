// Package blob keeps files as ciphertext that anybody can verify and only the holder of a key can read.
//
// # Terms
//
//   - A file is what a person shares: a photo, a video. It is sealed under a random [Key] of its own, never
//     under one derived from its content, so that equal files make unequal blobs.
//   - A blob is the ciphertext of one file.
//   - A piece is a run of a blob's bytes: 256 KiB, the last one shorter, larger in very large blobs. Pieces
//     are what travels and what is verified.
//   - A [Manifest] says how long a blob is and lists the hashes of its pieces.
//   - A [Ref] is the hash of a manifest, and so the address of the blob.
//   - A [Store] is a folder of blobs, whole and partial. It needs no keys and sees no plaintext.
//
// A machine without the key (a keeper, a friend's friend) verifies, stores and serves pieces by the ref
// alone. The key and the ref travel inside an encrypted post.
//
// # Ciphertext
//
// A blob is a file in the age format (https://age-encryption.org/v1, as filippo.io/age writes it) with one
// stanza of our own that has neither arguments nor a body, because the file key travels in the post:
//
//	offset  bytes  content
//	     0     22  "age-encryption.org/v1\n"
//	    22     15  "-> kith-blob-1\n"
//	    37      1  "\n" (the empty body of the stanza)
//	    38     48  "--- ", 43 characters of unpadded base64, "\n": HMAC-SHA-256 of bytes 0 to 40 under
//	               HKDF-SHA-256(file key, info "header")
//	    86     16  random nonce
//	   102   ≥ 16  chunks: 64 KiB of plaintext each (the last 0 to 64 KiB; 0 only in an empty file), sealed by
//	               ChaCha20-Poly1305 under HKDF-SHA-256(file key, salt nonce, info "payload") with the chunk
//	               counter (11 bytes, big-endian) and a last-chunk byte (0 or 1) as nonce; 16 bytes of tag each
//
// The file key has 16 random bytes. The HMAC over the header binds a blob to one key: nobody can make a
// blob that opens as one picture for some and as another for others. A chunk can be read alone, so a
// [Reader] seeks, and truncation is noticed because the last chunk is marked.
//
// # Manifest
//
// A manifest is a CBOR array (RFC 8949, core deterministic encoding) of four elements:
//
//	version     unsigned, 1
//	size        unsigned, bytes of ciphertext, [MinSize] to [MaxSize]
//	piece size  unsigned; the only valid value follows from size, see [PieceSizeFor]
//	hashes      byte string, 32 bytes for each piece, in order
//
// A piece's hash is SHA-256("kith blob piece v1" ‖ 0x00 ‖ piece); the ref is
// SHA-256("kith blob manifest v1" ‖ 0x00 ‖ manifest). Decoding is strict: bytes that do not encode to
// themselves again are refused, so one manifest has one ref.
//
// # On disk
//
// See [Store] for the layout and for what survives a crash.
package blob
