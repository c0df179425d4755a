// Package identity folds a person's identity log: which devices speak for whom.
//
// A person is a root key, made from recovery words, and the devices that it let in. Their operations stand in
// the control lane of a pseudo-space named by the PersonID, in plain: found (by the root: its public keys and
// the first device), add a device, remove a device, resign. Each device comes with a certificate that covers its
// signing, network and sealing keys and that the device itself has signed. A person key, numbered by
// generation, is sealed to each device and to the root; it changes when a device is removed, and each
// generation holds the one before. Spaces seal their keys to the person key.
//
// Which operations count is decided by the rule of package tenure, with devices as subjects: the root outranks all of
// them, and a device those that it let in. Fold gives the same Person for the same set of operations, in whatever order
// they arrived.
package identity
