package backup

import "errors"

// What callers can tell apart. Anything else is a fault of the disk or of the connection.
var (
	// ErrNotABackup says that a file is something else.
	ErrNotABackup = errors.New("backup: this is not a backup of kith")
	// ErrNewer says that a newer kith made the file.
	ErrNewer = errors.New("backup: this was made by a newer kith")
	// ErrDamaged says that a file was cut off or changed.
	ErrDamaged = errors.New("backup: this is damaged or not complete")
	// ErrPassphraseNeeded says that a file is encrypted and no passphrase was given.
	ErrPassphraseNeeded = errors.New("backup: a passphrase is needed")
	// ErrPassphrase says that the passphrase is not the one that the file was made with.
	ErrPassphrase = errors.New("backup: this is not the passphrase")
	// ErrNotEmpty says that there is something in the folder that a home was to be made in.
	ErrNotEmpty = errors.New("backup: the folder is not empty")

	errChanged = errors.New("the file became shorter while it was read")
)
