// Package backup puts a whole home into one file, and makes a folder of it again.
//
// # The file
//
// A backup is a tar archive (POSIX pax) whose names are those of the folder:
//
//	kith-backup.json   first: {"format": 1, "made": RFC 3339, "originals": bool}
//	kith.db            a copy of the database, as it was at one moment
//	kith.toml          the settings, if there are any
//	keys/NAME          the private keys
//	blobs/ab/REF       the encrypted pictures that were whole, as package blob keeps them
//	kith-end.json      last: {"files": n, "sha256": hex} over all files before it
//
// The hash is of, for each file in order, its name, a space, its length in decimal digits, a newline, and its bytes. With
// it a file that was cut off or changed is told from a whole one before anything is used. It authenticates nobody.
//
// With a passphrase the archive is inside a file of the age format (https://age-encryption.org/v1) with one scrypt
// recipient: "age -d kith-backup.age | tar x" opens it too, if kith is not at hand.
//
// # What is in it
//
// The private keys: whoever has the file, and its passphrase if it has one, can read everything and write as the owner.
// Browsers that were signed in are not in it; they sign in anew. What was deleted before is not in it, what is deleted
// afterwards stays in it.
//
// # A restored home
//
// The copy of the database says that it is one, so that the home begins new logs when it starts, and does not write
// again in places where what it wrote after the backup stands already. What it had written since comes back
// from friends' homes. The home that the backup is of must not run beside it: both are one computer to everybody else.
package backup
