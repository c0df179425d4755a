// Package identity folds a person's identity log: which devices speak for whom.
//
// A person is a root key, made from recovery words, and the devices that it let in. Their operations stand in
// the control lane of a pseudo-space named by the PersonID, in plain: found (by the root: its public keys and
// the first device), add a device, remove a device. Each device comes with a certificate that covers its
// signing, network and sealing keys and that the device itself has signed. A person key, numbered by
// generation, is sealed to each device and to the root; it changes when a device is removed, and each
// generation holds the one before. Spaces seal their keys to the person key.
//
// Fold gives the same Person for the same set of operations, in whatever order they arrived.
package identity
